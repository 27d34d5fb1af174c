//! Notifications, who has read them, and who follows which topic.

use crate::{
    error::Result,
    keys::{RoomKey, UserKey},
};
use async_trait::async_trait;
use carewire_protocol::{
    NotificationId, TenantId, Timestamp, TopicName, UserId, notification::Notification,
};

/// Which notifications of a user to read, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NotificationPage {
    /// Only those not read yet.
    pub unread_only: bool,
    /// Only ids before this one.
    pub before: Option<NotificationId>,
    /// At most this many.
    pub limit: u32,
}

/// Notifications, who has read them, and who follows which topic.
///
/// A user's notifications are those of their own room, and those of a topic with ids within a
/// time in which they followed it.
#[async_trait]
pub trait NotificationRows: Send {
    /// Stores a notification for the members of a room, `notifications:` or `topic:`.
    async fn insert_notification(&mut self, room: &RoomKey, row: &Notification) -> Result<()>;
    /// A user's notifications.
    async fn notifications(
        &mut self,
        user: &UserKey,
        page: &NotificationPage,
    ) -> Result<Vec<Notification>>;
    /// How many of a user's notifications are unread.
    async fn unread_notifications(&mut self, user: &UserKey) -> Result<u64>;
    /// Marks one of a user's notifications as read. Yields whether it was not read before; `None`
    /// where the user has no such notification.
    async fn read_notification(
        &mut self,
        user: &UserKey,
        id: &NotificationId,
        at: Timestamp,
    ) -> Result<Option<bool>>;
    /// Marks all of a user's notifications up to one as read. Yields those that were not.
    async fn read_notifications(
        &mut self,
        user: &UserKey,
        up_to: Option<&NotificationId>,
        at: Timestamp,
    ) -> Result<Vec<NotificationId>>;
    /// The topics that a user follows, in the order of their names.
    async fn topics(&mut self, user: &UserKey) -> Result<Vec<TopicName>>;
    /// Who follows a topic, in the order of their ids.
    async fn followers(&mut self, tenant: &TenantId, topic: &TopicName) -> Result<Vec<UserId>>;
    /// Lets a user follow a topic from here on: ids after this text are theirs.
    async fn follow_topic(&mut self, user: &UserKey, topic: &TopicName, from: &str) -> Result<()>;
    /// Ends that: ids after this text are not theirs.
    async fn unfollow_topic(&mut self, user: &UserKey, topic: &TopicName, to: &str) -> Result<()>;
}
