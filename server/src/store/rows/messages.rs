//! Messages, reactions, and how far they have come.

use crate::{error::Result, keys::RoomKey};
use async_trait::async_trait;
use carewire_protocol::{
    MessageId, Platform, PrivateText, TenantId, Timestamp, UserId,
    message::{Message, MessageStatus},
    room::Receipts,
};
use std::collections::BTreeMap;

/// Which messages of a room to read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MessagePage {
    /// Only ids before this one.
    pub before: Option<MessageId>,
    /// Only ids after this one; the oldest come instead of the newest.
    pub after: Option<MessageId>,
    /// Only answers to this one.
    pub reply_to: Option<MessageId>,
    /// Only ids after this text.
    pub floor: String,
    /// At most this many.
    pub limit: u32,
}

/// Messages, reactions, and how far they have come.
#[async_trait]
pub trait MessageRows: Send {
    /// Stores a message.
    async fn insert_message(
        &mut self,
        tenant: &TenantId,
        message: &Message,
        external_id: Option<&str>,
    ) -> Result<()>;
    /// A message with its reactions; its `status` is `sent`.
    async fn message(&mut self, tenant: &TenantId, id: &MessageId) -> Result<Option<Message>>;
    /// The message that another platform calls so.
    async fn message_by_external_id(
        &mut self,
        tenant: &TenantId,
        platform: &Platform,
        external_id: &str,
    ) -> Result<Option<MessageId>>;
    /// Messages with their reactions, oldest first; their `status` is `sent`.
    async fn messages(&mut self, room: &RoomKey, page: &MessagePage) -> Result<Vec<Message>>;
    /// Replaces a message's body.
    async fn set_body(
        &mut self,
        tenant: &TenantId,
        id: &MessageId,
        body: &PrivateText,
        at: Timestamp,
    ) -> Result<()>;
    /// Empties a message and marks it deleted.
    async fn blank_message(
        &mut self,
        tenant: &TenantId,
        id: &MessageId,
        at: Timestamp,
    ) -> Result<()>;
    /// Adds or removes a reaction. Yields whether that changed anything.
    async fn set_reaction(
        &mut self,
        tenant: &TenantId,
        message: &MessageId,
        emoji: &str,
        user: &UserId,
        added: bool,
    ) -> Result<bool>;
    /// Sets how far a message has come on another platform.
    async fn set_message_status(
        &mut self,
        tenant: &TenantId,
        message: &MessageId,
        user: &UserId,
        status: &MessageStatus,
    ) -> Result<()>;
    /// How far a message has come on other platforms.
    async fn message_statuses(
        &mut self,
        tenant: &TenantId,
        message: &MessageId,
    ) -> Result<BTreeMap<UserId, MessageStatus>>;
    /// Deletes messages sent before a time with all that is kept about them, the oldest first, at
    /// most `limit`. Yields how many.
    async fn delete_messages_before(&mut self, before: Timestamp, limit: u32) -> Result<u64>;
    /// How far everyone in a room has received and read.
    async fn cursors(&mut self, room: &RoomKey) -> Result<BTreeMap<UserId, Receipts>>;
    /// How far one user has received and read.
    async fn cursor(&mut self, room: &RoomKey, user: &UserId) -> Result<Receipts>;
    /// Sets how far a user has received and read.
    async fn set_cursor(&mut self, room: &RoomKey, user: &UserId, to: &Receipts) -> Result<()>;
    /// How many messages of others a user has not read, after a floor.
    async fn unread(&mut self, room: &RoomKey, user: &UserId, floor: &str) -> Result<u64>;
}
