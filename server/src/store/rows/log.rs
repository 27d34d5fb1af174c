//! The logs of rooms, and the keys of commands that have taken effect.

use crate::{
    error::Result,
    keys::{RoomKey, UserKey},
};
use async_trait::async_trait;
use carewire_protocol::{ClientId, Key, MessageId, PrivateJson, RoomId, TenantId, Timestamp};

/// The state of a room's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Log {
    /// The newest offset; 0 before the first event.
    pub head: u64,
    /// The newest offset that is no longer kept; 0 while everything is.
    pub floor: u64,
    /// The size of what is kept.
    pub bytes: u64,
    /// Grows with every event; see [`LogRows::advance`].
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

/// A command that has taken effect.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyRow {
    /// The command's name.
    pub name: String,
    /// What its reply is made of.
    pub reply: String,
}

/// The logs of rooms, and the keys of commands that have taken effect.
#[async_trait]
pub trait LogRows: Send {
    /// The state of a room's log.
    async fn log(&mut self, room: &RoomKey) -> Result<Log>;
    /// The states of the logs of several rooms, in their order.
    async fn logs(&mut self, tenant: &TenantId, rooms: &[RoomId]) -> Result<Vec<Log>>;
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
}
