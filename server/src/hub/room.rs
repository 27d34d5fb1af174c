//! One room on this node: its members, who is typing, and the way events reach them.

use super::{
    connection::{Connection, Number},
    fan_out::FanOut,
    frame::Frames,
    stream::Stream,
};
use crate::keys::RoomKey;
use carewire_protocol::{PrivateText, Role, Timestamp, UserId, room::Participant};
use litemap::LiteMap;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// A room that has members on this node, or is about to.
#[derive(Debug)]
pub struct Room {
    /// Its name.
    pub key: RoomKey,
    state: Mutex<RoomState>,
}

/// What changes in a room.
#[derive(Debug, Default)]
pub struct RoomState {
    /// The newest offset that was fanned out here; 0 when none was yet.
    pub head: u64,
    /// The connections in it. Most rooms have one, and a node of a tree has room for eleven.
    pub members: LiteMap<Number, Box<Member>>,
    /// The people in it where members are announced, those whose last connection just dropped
    /// included.
    pub people: BTreeMap<UserId, Person>,
    /// Who is typing, on which connection, until when.
    pub typing: BTreeMap<UserId, Typing>,
    /// When anything was last delivered, for `/stats`.
    pub active_at: Timestamp,
    /// What is about to be told.
    pub(super) fan_out: FanOut,
    /// How many are about to enter; see [`Hub::open`](super::Hub::open).
    pub(super) openings: u32,
}

/// A connection in a room.
#[derive(Debug)]
pub struct Member {
    /// The connection.
    pub connection: Arc<Connection>,
    /// The newest offset queued for it.
    pub position: u64,
    /// How it gets events.
    pub flow: Flow,
    /// Which live rows it gets, in the room of a template.
    pub(super) stream: Option<Box<Stream>>,
}

/// How a member gets events.
#[derive(Debug)]
pub enum Flow {
    /// Its reply has not been queued yet; ephemeral events wait for that.
    Held(Vec<Frames>),
    /// It reads the log until it has caught up. The number tells a rewound replay from an older one.
    Replaying(u64),
    /// It gets events as they are fanned out.
    Live,
}

/// A person in a room.
#[derive(Debug)]
pub struct Person {
    /// Their role when they joined.
    pub role: Role,
    /// Their name when they joined.
    pub name: Option<PrivateText>,
    /// Since when.
    pub joined_at: Timestamp,
    /// With how many connections.
    pub connections: u32,
    /// When they count as gone, once the last connection dropped.
    pub leaves_at: Option<Duration>,
}

/// A typing start that has not been stopped.
#[derive(Debug, Clone, Copy)]
pub struct Typing {
    /// On which connection.
    pub connection: Number,
    /// Until when.
    pub until: Duration,
}

/// Who is to get an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audience {
    /// Every member.
    Everyone,
    /// Every member but this user; only for ephemeral events.
    AllBut(UserId),
    /// Every member but this connection; only for ephemeral events.
    AllButConnection(Number),
}

impl Room {
    /// An empty room.
    pub fn new(key: RoomKey) -> Self {
        Self {
            key,
            state: Mutex::default(),
        }
    }

    /// The room's state, after everything that was to be told. The lock is never held across an
    /// await.
    pub fn state(&self) -> MutexGuard<'_, RoomState> {
        let mut state = self.state_as_it_is();
        state.send_waiting();
        state
    }

    /// Whether a connection is in it.
    pub(super) fn has_member(&self, number: Number) -> bool {
        self.state_as_it_is().members.contains_key(&number)
    }

    /// The room's state while events wait to be told: for whoever neither moves a member nor
    /// queues anything for one.
    pub(super) fn state_as_it_is(&self) -> MutexGuard<'_, RoomState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RoomState {
    /// Whether the room can be forgotten.
    pub fn is_vacant(&self) -> bool {
        self.openings == 0
            && self.members.is_empty()
            && self.people.is_empty()
            && self.typing.is_empty()
            && self.fan_out.is_done()
    }

    /// The live members that miss something up to the newest offset known here.
    pub fn behind(&self) -> Vec<Number> {
        let behind = self
            .members
            .iter()
            .filter(|(_, member)| matches!(member.flow, Flow::Live) && member.position < self.head);
        behind.map(|(number, _)| *number).collect()
    }

    /// The people in it, in the order of their ids.
    pub fn participants(&self) -> impl Iterator<Item = Participant> + '_ {
        self.people
            .iter()
            .map(|(user, person)| person.participant(user))
    }
}

impl Person {
    /// As the contract shows them.
    pub fn participant(&self, user: &UserId) -> Participant {
        Participant {
            user_id: user.clone(),
            name: self.name.clone(),
            role: self.role.clone(),
            joined_at: self.joined_at,
            connections: self.connections,
        }
    }
}
