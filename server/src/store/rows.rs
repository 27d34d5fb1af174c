//! What a database must be able to do: one method a statement, and no meaning beyond it.

use crate::{
    error::Result,
    keys::{RoomKey, UserKey},
};
use async_trait::async_trait;
use carewire_protocol::{
    ClientId, Key, MessageId, Platform, PrivateJson, PrivateText, ReportId, Role, TemplateId,
    TenantId, ThreadId, Timestamp, UserId, VisitId,
    message::{Message, MessageStatus},
    presence::PresenceStatus,
    room::Receipts,
};
use std::collections::BTreeMap;

/// The state of a room's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Log {
    /// The newest offset; 0 before the first event.
    pub head: u64,
    /// The newest offset that is no longer kept; 0 while everything is.
    pub floor: u64,
    /// The size of what is kept.
    pub bytes: u64,
    /// Grows with every event; see [`Rows::advance`].
    pub stamp: u64,
}

/// A retained event.
#[derive(Debug, Clone, PartialEq)]
pub struct EventRow {
    /// Its place in the log.
    pub offset: u64,
    /// When it happened.
    pub at: Timestamp,
    /// Its name on the wire.
    pub name: String,
    /// The device that caused it.
    pub origin: Option<ClientId>,
    /// The message it is about, so that a deletion finds it.
    pub message_id: Option<MessageId>,
    /// Its payload.
    pub data: PrivateJson,
}

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

/// A person as the server knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRow {
    /// Their role.
    pub role: Role,
    /// Their name.
    pub name: Option<PrivateText>,
    /// A backend said so; what tokens say does not replace it.
    pub declared: bool,
}

/// A person's presence, as far as it outlives their connections.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StatusRow {
    /// The status they set.
    pub status: Option<PresenceStatus>,
    /// The words beside it.
    pub custom_status: Option<PrivateText>,
    /// When their last connection ended.
    pub last_seen: Option<Timestamp>,
}

/// A thread.
#[derive(Debug, Clone, PartialEq)]
pub struct ThreadRow {
    /// Its title.
    pub title: Option<PrivateText>,
    /// Where it takes place.
    pub platform: Platform,
    /// Any JSON of the application.
    pub metadata: Option<PrivateJson>,
    /// Who made it; a backend when absent.
    pub creator: Option<UserId>,
}

/// A command that has taken effect.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyRow {
    /// The command's name.
    pub name: String,
    /// What its reply is made of.
    pub reply: String,
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

/// The statements of a database connection. Reads and writes share one trait so that a unit of
/// work sees its own writes; a connection from [`Store::read`](super::Store::read) refuses writes.
#[async_trait]
pub trait Rows: Send {
    /// Begins a transaction.
    async fn begin(&mut self) -> Result<()>;
    /// Makes it durable.
    async fn commit(&mut self) -> Result<()>;
    /// Undoes it.
    async fn rollback(&mut self) -> Result<()>;
    /// Closes the connection.
    async fn close(&mut self) -> Result<()>;

    /// The state of a room's log.
    async fn log(&mut self, room: &RoomKey) -> Result<Log>;
    /// Adds one to the head and `bytes` to the size; the stamp becomes `now` or one more than it
    /// was, whichever is larger. Yields the state after that.
    async fn advance(&mut self, room: &RoomKey, bytes: u64, now: Timestamp) -> Result<Log>;
    /// Stores an event.
    async fn insert_event(&mut self, room: &RoomKey, event: &EventRow) -> Result<()>;
    /// Events after an offset, in order, at most `limit`.
    async fn events_after(
        &mut self,
        room: &RoomKey,
        offset: u64,
        limit: u32,
    ) -> Result<Vec<EventRow>>;
    /// The events about a message.
    async fn events_of_message(
        &mut self,
        room: &RoomKey,
        message: &MessageId,
    ) -> Result<Vec<EventRow>>;
    /// Replaces the payload of an event.
    async fn set_event_data(
        &mut self,
        room: &RoomKey,
        offset: u64,
        data: &PrivateJson,
    ) -> Result<()>;
    /// Forgets events up to an offset and sets the floor.
    async fn trim(&mut self, room: &RoomKey, floor: u64) -> Result<()>;
    /// Rooms that keep events, after this one in the order of their names, at most `limit`.
    async fn rooms_with_events(
        &mut self,
        after: Option<&RoomKey>,
        limit: u32,
    ) -> Result<Vec<RoomKey>>;
    /// The offset before the first event that happened at `since` or later; the head when none did.
    async fn offset_before(&mut self, room: &RoomKey, since: Timestamp) -> Result<u64>;

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
    /// Deletes messages sent before a time, at most `limit`. Yields how many.
    async fn delete_messages_before(&mut self, before: Timestamp, limit: u32) -> Result<u64>;

    /// How far everyone in a room has received and read.
    async fn cursors(&mut self, room: &RoomKey) -> Result<BTreeMap<UserId, Receipts>>;
    /// How far one user has received and read.
    async fn cursor(&mut self, room: &RoomKey, user: &UserId) -> Result<Receipts>;
    /// Sets how far a user has received and read.
    async fn set_cursor(&mut self, room: &RoomKey, user: &UserId, to: &Receipts) -> Result<()>;
    /// How many messages of others a user has not read, after a floor.
    async fn unread(&mut self, room: &RoomKey, user: &UserId, floor: &str) -> Result<u64>;

    /// The command that took effect under a key.
    async fn key(&mut self, user: &UserKey, key: &Key) -> Result<Option<KeyRow>>;
    /// Stores a key.
    async fn insert_key(
        &mut self,
        user: &UserKey,
        key: &Key,
        row: &KeyRow,
        at: Timestamp,
    ) -> Result<()>;
    /// Forgets keys from before a time, at most `limit`. Yields how many.
    async fn delete_keys_before(&mut self, before: Timestamp, limit: u32) -> Result<u64>;

    /// A user.
    async fn user(&mut self, user: &UserKey) -> Result<Option<UserRow>>;
    /// Stores a user. A declared one is replaced only by a declared one.
    async fn put_user(&mut self, user: &UserKey, row: &UserRow) -> Result<()>;
    /// A user's set status.
    async fn status(&mut self, user: &UserKey) -> Result<StatusRow>;
    /// Stores a user's set status.
    async fn put_status(
        &mut self,
        user: &UserKey,
        status: &PresenceStatus,
        custom: Option<&PrivateText>,
    ) -> Result<()>;
    /// Stores when a user was last seen.
    async fn put_last_seen(&mut self, user: &UserKey, at: Timestamp) -> Result<()>;

    /// Whether a provider cares for a patient.
    async fn cares(
        &mut self,
        tenant: &TenantId,
        provider: &UserId,
        patient: &UserId,
    ) -> Result<bool>;
    /// Adds or removes a provider to a patient's care team.
    async fn set_care(
        &mut self,
        tenant: &TenantId,
        provider: &UserId,
        patient: &UserId,
        cares: bool,
    ) -> Result<()>;
    /// Whether a visit exists.
    async fn visit_exists(&mut self, tenant: &TenantId, visit: &VisitId) -> Result<bool>;
    /// Stores a visit.
    async fn put_visit(&mut self, tenant: &TenantId, visit: &VisitId) -> Result<()>;
    /// A thread.
    async fn thread(&mut self, tenant: &TenantId, thread: &ThreadId) -> Result<Option<ThreadRow>>;
    /// Stores a thread.
    async fn put_thread(
        &mut self,
        tenant: &TenantId,
        thread: &ThreadId,
        row: &ThreadRow,
    ) -> Result<()>;
    /// The owner of a report; `None` where there is no such report.
    async fn report_owner(
        &mut self,
        tenant: &TenantId,
        report: &ReportId,
    ) -> Result<Option<Option<UserId>>>;
    /// The owner of a template; `None` where there is no such template.
    async fn template_owner(
        &mut self,
        tenant: &TenantId,
        template: &TemplateId,
    ) -> Result<Option<Option<UserId>>>;

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
