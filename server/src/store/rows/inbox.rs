//! Who shares a conversation, and the inbox.

use crate::{
    error::Result,
    keys::{RoomKey, UserKey},
};
use async_trait::async_trait;
use carewire_protocol::{MessageId, Platform, TenantId, Timestamp, UserId};

/// What a member may not read: everything up to here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Floor {
    /// Of the log.
    pub offset: u64,
    /// Of the messages: ids up to this text. Empty: all may be read.
    pub message: String,
}

/// A member of a thread, a visit or a chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberRow {
    /// Who.
    pub user: UserId,
    /// Where their reading begins.
    pub floor: Floor,
}

/// An entry of the inbox.
#[derive(Debug, Clone, PartialEq)]
pub struct ConversationRow {
    /// Its room.
    pub room: RoomKey,
    /// Where it takes place.
    pub platform: Platform,
    /// The newest message.
    pub last_message: Option<MessageId>,
    /// When something last happened.
    pub updated_at: Timestamp,
}

/// Who shares a conversation, and the inbox.
#[async_trait]
pub trait InboxRows: Send {
    /// The members of a circle, in the order of their ids.
    async fn members(&mut self, tenant: &TenantId, circle: &str) -> Result<Vec<MemberRow>>;
    /// One member of a circle.
    async fn member(
        &mut self,
        tenant: &TenantId,
        circle: &str,
        user: &UserId,
    ) -> Result<Option<MemberRow>>;
    /// Adds a member; leaves one that is there as it is.
    async fn add_member(&mut self, tenant: &TenantId, circle: &str, row: &MemberRow) -> Result<()>;
    /// Removes a member.
    async fn remove_member(&mut self, tenant: &TenantId, circle: &str, user: &UserId)
    -> Result<()>;
    /// Whether two users belong to a circle together.
    async fn share_a_circle(&mut self, tenant: &TenantId, a: &UserId, b: &UserId) -> Result<bool>;
    /// Stores an entry of the inbox.
    async fn put_conversation(&mut self, row: &ConversationRow, circle: &str) -> Result<()>;
    /// An entry of the inbox.
    async fn conversation(&mut self, room: &RoomKey) -> Result<Option<ConversationRow>>;
    /// A user's conversations with unread messages of others, the most recently active first, at
    /// most `limit`.
    async fn unread_conversations(
        &mut self,
        user: &UserKey,
        limit: u32,
    ) -> Result<Vec<(RoomKey, Platform, u64)>>;
    /// A user's conversations, the most recently active first, after a place in that order, each
    /// with the user's floor.
    async fn conversations(
        &mut self,
        user: &UserKey,
        platform: Option<&Platform>,
        after: Option<(Timestamp, String)>,
        limit: u32,
    ) -> Result<Vec<(ConversationRow, Floor)>>;
}
