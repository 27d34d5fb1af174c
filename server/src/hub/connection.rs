//! One connection as the hub knows it.

use super::{frame::Frame, outbox::Outbox};
use crate::{
    auth::Identity,
    keys::{RoomKey, UserKey},
};
use carewire_protocol::{
    ClientId, ConnectionId, EventType, RoomId, Timestamp,
    frame::{EventHead, encode_event},
};
use litemap::LiteMap;
use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// A connection's number: grows with every connection of this process and names it inside.
pub type Number = u64;

/// One authenticated connection.
#[derive(Debug)]
pub struct Connection {
    /// Names it inside.
    pub number: Number,
    /// Names it outside.
    pub id: ConnectionId,
    /// The device.
    pub client: ClientId,
    /// Since when.
    pub connected_at: Timestamp,
    /// What waits to be written.
    pub outbox: Arc<Outbox>,
    /// What its timers have already said.
    pub told: Mutex<Told>,
    identity: RwLock<Identity>,
    key: UserKey,
    rooms: Mutex<Rooms>,
    heard: AtomicU64,
    wrote: AtomicU64,
    drained: AtomicU64,
}

/// What the timers of a connection have already said.
#[derive(Debug, Default)]
pub struct Told {
    /// For which expiry `auth:expiring` was sent.
    pub expiring: Option<Timestamp>,
    /// `auth:idle` was sent for the idleness since then.
    pub idle: Option<Duration>,
    /// When the last ping was queued.
    pub pinged: Option<Duration>,
}

#[derive(Debug, Default)]
struct Rooms {
    names: LiteMap<RoomId, ()>,
    /// Those whose reply has not been queued yet, and what is to be said after it.
    held: LiteMap<RoomId, Option<Frame>>,
    ended: bool,
}

impl Rooms {
    fn names(&self) -> Vec<RoomId> {
        self.names.keys().cloned().collect()
    }
}

/// What a connection is made of.
#[derive(Debug)]
pub struct NewConnection {
    /// Names it inside.
    pub number: Number,
    /// Names it outside.
    pub id: ConnectionId,
    /// The device.
    pub client: ClientId,
    /// Whose it is.
    pub identity: Identity,
    /// The wall clock.
    pub at: Timestamp,
    /// The clock that intervals are measured with.
    pub now: Duration,
    /// What waits for it.
    pub outbox: Arc<Outbox>,
}

impl Connection {
    /// A connection that is in no room yet.
    pub fn new(new: NewConnection) -> Self {
        let now = millis(new.now);
        Self {
            number: new.number,
            id: new.id,
            client: new.client,
            connected_at: new.at,
            outbox: new.outbox,
            told: Mutex::default(),
            key: new.identity.key(),
            identity: RwLock::new(new.identity),
            rooms: Mutex::default(),
            heard: AtomicU64::new(now),
            wrote: AtomicU64::new(now),
            drained: AtomicU64::new(now),
        }
    }

    /// Whose it is. The tenant and user never change; role and expiry do with a refresh.
    pub fn identity(&self) -> Identity {
        self.identity
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Replaces what a refreshed token says.
    pub fn set_identity(&self, identity: Identity) {
        *self
            .identity
            .write()
            .unwrap_or_else(PoisonError::into_inner) = identity;
    }

    /// The user.
    pub fn user(&self) -> &UserKey {
        &self.key
    }

    /// A room of this connection's tenant.
    pub fn room(&self, room: &RoomId) -> RoomKey {
        RoomKey::new(&self.key.tenant, room.clone())
    }

    fn rooms_lock(&self) -> MutexGuard<'_, Rooms> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The rooms it is in.
    pub fn rooms(&self) -> Vec<RoomId> {
        self.rooms_lock().names()
    }

    /// Those of its rooms that something concerns.
    pub fn rooms_where(&self, concerned: impl Fn(&RoomId) -> bool) -> Vec<RoomId> {
        let rooms = self.rooms_lock();
        let names = rooms.names.iter().map(|(room, ())| room);
        names.filter(|room| concerned(room)).cloned().collect()
    }

    /// How many rooms it is in.
    pub fn room_count(&self) -> usize {
        self.rooms_lock().names.len()
    }

    /// Whether it is in a room.
    pub fn is_in(&self, room: &RoomId) -> bool {
        self.rooms_lock().names.contains_key(room)
    }

    /// Notes a room that it enters. `false`: it has ended, and enters nothing any more.
    pub(super) fn add_room(&self, room: &RoomId) -> bool {
        let mut rooms = self.rooms_lock();
        if !rooms.ended {
            rooms.names.insert(room.clone(), ());
        }
        !rooms.ended
    }

    /// Notes a room that it leaves.
    pub(super) fn remove_room(&self, room: &RoomId) {
        self.rooms_lock().names.remove(room);
    }

    /// The reply that leads to a room is on its way.
    pub(super) fn hold(&self, room: &RoomId) {
        let mut rooms = self.rooms_lock();
        if !rooms.held.contains_key(room) {
            rooms.held.insert(room.clone(), None);
        }
    }

    /// The reply is queued: says what had to wait for it.
    pub(super) fn release(&self, room: &RoomId) {
        let mut rooms = self.rooms_lock();
        if let Some(Some(frame)) = rooms.held.remove(room) {
            self.outbox.push(frame);
        }
        if rooms.held.is_empty() {
            // An idle connection keeps no room for what is rare.
            rooms.held = LiteMap::new();
        }
    }

    /// Queues an event about a room that it has been taken out of, after the reply that led to
    /// the room: or the client would believe the reply.
    pub fn tell_of_room<E: EventType>(&self, at: Timestamp, room: &RoomId, event: &E) {
        let frame = event_frame(None, None, at, event);
        let mut rooms = self.rooms_lock();
        match rooms.held.get_mut(room) {
            Some(waiting) => *waiting = Some(frame),
            None => self.outbox.push(frame),
        }
    }

    /// The connection is over. Yields the rooms that it has to be taken out of; a command that is
    /// still on its way can enter no other.
    pub fn end(&self) -> Vec<RoomId> {
        let mut rooms = self.rooms_lock();
        rooms.ended = true;
        rooms.names()
    }

    /// Whether it is over.
    pub fn has_ended(&self) -> bool {
        self.rooms_lock().ended
    }

    /// Queues an event that belongs to this connection alone.
    pub fn tell<E: EventType>(&self, at: Timestamp, event: &E) {
        self.outbox.push(event_frame(None, None, at, event));
    }

    /// Something arrived.
    pub fn note_heard(&self, now: Duration) {
        self.heard.store(millis(now), Ordering::Relaxed);
    }

    /// The socket took bytes. `after_waiting`: it had been full, so the peer must have read.
    pub fn note_wrote(&self, now: Duration, after_waiting: bool) {
        self.wrote.store(millis(now), Ordering::Relaxed);
        if after_waiting {
            self.drained.store(millis(now), Ordering::Relaxed);
        }
    }

    /// When something last arrived.
    pub fn heard(&self) -> Duration {
        Duration::from_millis(self.heard.load(Ordering::Relaxed))
    }

    /// When something was last written.
    pub fn wrote(&self) -> Duration {
        Duration::from_millis(self.wrote.load(Ordering::Relaxed))
    }

    /// When the peer last showed that it is alive: by sending, or by reading from a full socket.
    pub fn alive(&self) -> Duration {
        self.heard()
            .max(Duration::from_millis(self.drained.load(Ordering::Relaxed)))
    }
}

/// An event as a frame. It is not retained; those come from the store.
pub fn event_frame<E: EventType>(
    room: Option<&RoomId>,
    origin: Option<&ClientId>,
    timestamp: Timestamp,
    event: &E,
) -> Frame {
    let head = EventHead {
        name: E::NAME,
        room,
        epoch: None,
        offset: None,
        origin,
        timestamp,
    };
    Frame::text(&encode_event(&head, event))
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
