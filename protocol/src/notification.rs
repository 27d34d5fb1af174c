//! Notifications to people and topics, kept until they are read.

use crate::{
    ErrorReply, NotificationId, NotificationKind, PrivateJson, PrivateText, Timestamp, TopicName,
    limits, session::Empty,
};

domain! {
    "Notifications"
    commands {
        "notification:list" => List -> ListReply, State checked;
        "notification:read" => Read -> Empty, Keyed;
        "notification:readAll" => ReadAll -> ReadAllReply, Keyed;
        "notification:getUnreadCount" => GetUnreadCount -> UnreadCountReply, State;
        "notification:subscribe" => Subscribe -> Empty, State checked;
        "notification:unsubscribe" => Unsubscribe -> Empty, State checked;
    }
    events {
        "notification:new" => New(NewEvent), Retained;
        "notification:read" => Read(ReadEvent), Ephemeral;
        "notification:subscribed" => Subscribed(SubscribedEvent), Ephemeral;
        "notification:unsubscribed" => Unsubscribed(UnsubscribedEvent), Ephemeral;
    }
}

open_enum! {
    /// How much it matters.
    pub enum Priority {
        /// Can wait.
        Low = "low",
        /// As usual.
        Normal = "normal",
        /// Soon.
        High = "high",
        /// Now.
        Urgent = "urgent",
    }
}

wire! {
    /// Asks for one's notifications, the newest first.
    #[derive(Default)]
    pub struct List {
        /// Only those not read yet.
        pub unread_only: Option<bool>,
        /// Where the former page ended.
        pub cursor: Option<String>,
        /// How many: 1 to 100, 50 when left out.
        pub limit: Option<u32>,
    }

    /// A page of notifications.
    pub struct ListReply {
        /// The newest first.
        pub notifications: Vec<Notification>,
        /// Set when there are more.
        pub cursor: Option<String>,
    }

    /// Marks a notification as read.
    pub struct Read {
        /// Which.
        pub notification_id: NotificationId,
    }

    /// Marks all notifications as read.
    #[derive(Default)]
    pub struct ReadAll {
        /// The newest that was shown, so that one arriving meanwhile stays unread.
        pub up_to: Option<NotificationId>,
    }

    /// Marked.
    #[derive(Copy)]
    pub struct ReadAllReply {
        /// How many were unread before.
        pub marked_count: u64,
    }

    /// Asks how many are unread.
    #[derive(Copy, Default)]
    pub struct GetUnreadCount {}

    /// How many are unread.
    #[derive(Copy)]
    pub struct UnreadCountReply {
        /// Those of topics included.
        pub unread_count: u64,
    }

    /// Subscribes the user to topics, on all devices and for the future.
    pub struct Subscribe {
        /// Which.
        pub topics: Vec<TopicName>,
    }

    /// Ends such subscriptions.
    pub struct Unsubscribe {
        /// Which.
        pub topics: Vec<TopicName>,
    }

    /// A notification.
    pub struct Notification {
        /// The notification.
        pub id: NotificationId,
        /// What it is about.
        pub kind: NotificationKind,
        /// Its heading.
        pub title: PrivateText,
        /// Its text.
        pub message: PrivateText,
        /// How much it matters.
        pub priority: Priority,
        /// The topic it was sent to, where that is not one person.
        pub topic: Option<TopicName>,
        /// Any JSON of the application.
        pub data: Option<PrivateJson>,
        /// When it was stored.
        pub created_at: Timestamp,
        /// When it was read.
        pub read_at: Option<Timestamp>,
    }

    /// A notification was stored.
    pub struct NewEvent {
        /// The notification.
        pub notification: Notification,
    }

    /// Another of one's devices marked notifications as read.
    pub struct ReadEvent {
        /// Which.
        pub notification_ids: Vec<NotificationId>,
        /// How many remain unread.
        pub unread_count: u64,
    }

    /// The user is now subscribed.
    pub struct SubscribedEvent {
        /// To which topics.
        pub topics: Vec<TopicName>,
    }

    /// The user is no longer subscribed.
    pub struct UnsubscribedEvent {
        /// To which topics.
        pub topics: Vec<TopicName>,
    }
}

impl List {
    fn check(&self) -> Result<(), ErrorReply> {
        limits::check_page(self.limit).map(drop)
    }
}

impl Subscribe {
    fn check(&self) -> Result<(), ErrorReply> {
        limits::check_filled_list("topics", self.topics.len())
    }
}

impl Unsubscribe {
    fn check(&self) -> Result<(), ErrorReply> {
        limits::check_filled_list("topics", self.topics.len())
    }
}
