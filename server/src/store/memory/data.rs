//! The tables. Copied when written: a transaction shares with what is committed all that it does
//! not touch, so beginning one and keeping a view cost the same however much is stored.

use super::{calls::StoredCall, live::Live, notifications::Following, whiteboard::Whiteboard};
use crate::{
    keys::{RoomKey, UserKey},
    store::rows::{
        AuditRow, ConversationRow, EventRow, Floor, KeyRow, LeaseRow, Log, NamedEvent, RecordKey,
        StatusRow, Subject, ThreadRow, UserRow,
    },
};
use carewire_protocol::{
    CallId, Key, MessageId, NotificationId, ReportId, TemplateId, TenantId, ThreadId, Timestamp,
    TopicName, UserId, VisitId,
    message::{Message, MessageStatus},
    notification::Notification,
    room::Receipts,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// A table that is shared until it is written.
pub(super) type Table<K, V> = Arc<BTreeMap<K, V>>;

/// A room's log and messages.
#[derive(Debug, Clone, Default)]
pub(super) struct Room {
    pub(super) log: Log,
    pub(super) changed: u64,
    pub(super) events: BTreeMap<u64, EventRow>,
    pub(super) messages: BTreeMap<MessageId, StoredMessage>,
    pub(super) cursors: BTreeMap<UserId, Receipts>,
}

#[derive(Debug, Clone)]
pub(super) struct StoredMessage {
    /// With its reactions.
    pub(super) message: Message,
    pub(super) external_id: Option<String>,
    pub(super) statuses: BTreeMap<UserId, MessageStatus>,
}

#[derive(Debug, Clone)]
pub(super) struct StoredKey {
    pub(super) row: KeyRow,
    pub(super) at: Timestamp,
    /// Grows with every key: the oldest are found first.
    pub(super) number: u64,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Data {
    pub(super) rooms: Table<RoomKey, Arc<Room>>,
    pub(super) keys: Table<UserKey, Arc<BTreeMap<Key, StoredKey>>>,
    pub(super) users: Table<UserKey, (UserRow, StatusRow)>,
    /// A provider, and whom they care for.
    pub(super) care: Arc<BTreeSet<(UserKey, UserId)>>,
    pub(super) visits: Arc<BTreeSet<(TenantId, VisitId)>>,
    pub(super) threads: Table<(TenantId, ThreadId), ThreadRow>,
    /// The owner of each.
    pub(super) reports: Table<(TenantId, ReportId), Option<UserId>>,
    pub(super) report_states: Table<(TenantId, ReportId), NamedEvent>,
    pub(super) templates: Table<(TenantId, TemplateId), Option<UserId>>,
    pub(super) live: Table<(TenantId, TemplateId), Arc<Live>>,
    /// By number.
    pub(super) audit: Table<u64, AuditRow>,
    /// Until when each lasts.
    pub(super) emergencies: Table<(UserKey, UserId), Timestamp>,
    /// With the room of each.
    pub(super) notifications: Table<(TenantId, NotificationId), (RoomKey, Notification)>,
    pub(super) reads: Table<(UserKey, NotificationId), Timestamp>,
    pub(super) followings: Table<(UserKey, TopicName), Vec<Following>>,
    pub(super) whiteboards: Table<RoomKey, Arc<Whiteboard>>,
    pub(super) calls: Table<(TenantId, CallId), StoredCall>,
    pub(super) leases: Table<RecordKey, LeaseRow>,
    /// Members by circle.
    pub(super) members: Table<(TenantId, String), Arc<BTreeMap<UserId, Floor>>>,
    /// With the circle of each.
    pub(super) conversations: Table<RoomKey, (ConversationRow, String)>,
    pub(super) directory_changes: Table<Subject, u64>,
    pub(super) newest_key: u64,
    pub(super) newest_token: u64,
    pub(super) newest_log_mark: u64,
    pub(super) newest_directory_mark: u64,
}

impl Data {
    pub(super) fn room(&self, room: &RoomKey) -> Option<&Room> {
        self.rooms.get(room).map(|room| &**room)
    }

    /// A room to be written, made at need.
    pub(super) fn room_mut(&mut self, room: &RoomKey) -> &mut Room {
        let rooms = Arc::make_mut(&mut self.rooms);
        Arc::make_mut(rooms.entry(room.clone()).or_default())
    }

    /// The rooms of a tenant.
    pub(super) fn rooms_of<'a, 't>(
        &'a self,
        tenant: &'t TenantId,
    ) -> impl Iterator<Item = (&'a RoomKey, &'a Room)> + use<'a, 't> {
        // No range: the first room in the order of names is not known.
        self.rooms
            .iter()
            .filter(move |(key, _)| key.tenant == *tenant)
            .map(|(key, room)| (key, &**room))
    }

    /// The room that a message is in.
    pub(super) fn room_of_message(&self, tenant: &TenantId, id: &MessageId) -> Option<&RoomKey> {
        self.rooms_of(tenant)
            .find(|(_, room)| room.messages.contains_key(id))
            .map(|(key, _)| key)
    }

    pub(super) fn message(&self, tenant: &TenantId, id: &MessageId) -> Option<&StoredMessage> {
        self.rooms_of(tenant)
            .find_map(|(_, room)| room.messages.get(id))
    }

    /// A message to be written, if there is one.
    pub(super) fn message_mut(
        &mut self,
        tenant: &TenantId,
        id: &MessageId,
    ) -> Option<&mut StoredMessage> {
        let room = self.room_of_message(tenant, id)?.clone();
        self.room_mut(&room).messages.get_mut(id)
    }

    /// How many messages of others a user has not read, after a floor.
    pub(super) fn unread(&self, room: &RoomKey, user: &UserId, floor: &str) -> u64 {
        let Some(room) = self.room(room) else {
            return 0;
        };
        let read = room.cursors.get(user).and_then(|to| to.read.as_ref());
        let unread = room.messages.iter().filter(|(id, stored)| {
            id.as_str() > floor
                && read.is_none_or(|read| *id > read)
                && stored.message.sender_id != *user
                && stored.message.deleted_at.is_none()
        });
        unread.count() as u64
    }
}
