//! Rooms, members and fan-out: the only way by which anything reaches more than one connection.

pub mod catch_up;
pub mod connection;
pub mod fan_out;
pub mod frame;
pub mod live;
pub mod outbox;
pub mod room;
pub mod stream;
#[cfg(test)]
mod tests;

pub use connection::{Connection, NewConnection, Number, event_frame};
pub use fan_out::Added;
pub use frame::{Frame, Frames};
pub use outbox::{Close, Next, Outbox, OutboxLimits};
pub use room::{Audience, Flow, Member, Person, Room, RoomState, Typing};

use crate::{
    backplane::Addressee,
    keys::{RoomKey, UserKey},
    planted::{self, Bug},
};
use carewire_protocol::{Timestamp, room::Participant, room_id::RoomKind};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// Everybody who is connected to this node, and every room they are in.
#[derive(Debug, Default)]
pub struct Hub {
    rooms: Mutex<BTreeMap<RoomKey, Arc<Room>>>,
    connections: Mutex<Connections>,
    replays: AtomicU64,
}

#[derive(Debug, Default)]
struct Connections {
    by_number: BTreeMap<Number, Arc<Connection>>,
    by_user: BTreeMap<UserKey, Vec<Number>>,
}

/// Why a connection was not registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unconnected {
    /// The same device has opened a newer one.
    Replaced,
    /// The user has as many as they may have.
    TooMany,
}

/// How a connection enters a room.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// The newest offset of the log, as it was read.
    pub head: u64,
    /// The offset after which events follow, where one was asked for. Otherwise whoever is new
    /// begins at the head, and whoever is in the room already stays where they are.
    pub position: Option<u64>,
    /// The wall clock.
    pub at: Timestamp,
}

/// What entering a room brought about.
#[derive(Debug)]
pub struct Entered {
    /// The user, where members are announced and this is their first connection there.
    pub first: Option<Participant>,
    /// How many people are there now.
    pub people: usize,
}

/// A handle that keeps a room from being forgotten.
#[derive(Debug)]
pub struct OpenRoom {
    room: Arc<Room>,
    hub: Arc<Hub>,
}

impl std::ops::Deref for OpenRoom {
    type Target = Room;
    fn deref(&self) -> &Room {
        &self.room
    }
}

impl Drop for OpenRoom {
    fn drop(&mut self) {
        self.room.state_as_it_is().openings -= 1;
        self.hub.forget_vacant(&self.room);
    }
}

/// What leaving a room brought about.
#[derive(Debug, Default)]
pub struct Exited {
    /// The connection was in the room.
    pub was_member: bool,
    /// It was the user's last one there.
    pub last: bool,
    /// The user was typing on it.
    pub was_typing: bool,
    /// The alarm that was set for its live rows.
    pub alarm: Option<Duration>,
}

impl Hub {
    fn rooms(&self) -> MutexGuard<'_, BTreeMap<RoomKey, Arc<Room>>> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn connections(&self) -> MutexGuard<'_, Connections> {
        self.connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// A number for a new replay.
    fn next_replay(&self) -> u64 {
        self.replays.fetch_add(1, Ordering::Relaxed)
    }

    /// Registers a connection. Yields the older ones of the same device, which it replaces. Which
    /// is older is decided by when it was opened, so that whoever was slow to authenticate does
    /// not end what came after it.
    pub fn connect(
        &self,
        connection: &Arc<Connection>,
        most: usize,
    ) -> Result<Vec<Arc<Connection>>, Unconnected> {
        let mut connections = self.connections();
        let numbers = connections.by_user.get(connection.user());
        let (same, others): (Vec<_>, Vec<_>) = numbers
            .into_iter()
            .flatten()
            .filter_map(|number| connections.by_number.get(number).cloned())
            .filter(|other| !other.outbox.is_closed())
            .partition(|other| other.client == connection.client);
        if same.iter().any(|other| other.number > connection.number) {
            return Err(Unconnected::Replaced);
        }
        if others.len() >= most {
            return Err(Unconnected::TooMany);
        }
        connections
            .by_user
            .entry(connection.user().clone())
            .or_default()
            .push(connection.number);
        connections
            .by_number
            .insert(connection.number, Arc::clone(connection));
        Ok(same)
    }

    /// Forgets a connection. It must have left its rooms.
    pub fn disconnect(&self, connection: &Connection) {
        let mut connections = self.connections();
        connections.by_number.remove(&connection.number);
        if let Some(numbers) = connections.by_user.get_mut(connection.user()) {
            numbers.retain(|number| *number != connection.number);
            if numbers.is_empty() {
                connections.by_user.remove(connection.user());
            }
        }
    }

    /// A connection by its number.
    pub fn connection(&self, number: Number) -> Option<Arc<Connection>> {
        self.connections().by_number.get(&number).cloned()
    }

    /// A user's connections, oldest first.
    pub fn connections_of(&self, user: &UserKey) -> Vec<Arc<Connection>> {
        let connections = self.connections();
        let numbers = connections.by_user.get(user).into_iter().flatten();
        numbers
            .filter_map(|number| connections.by_number.get(number).cloned())
            .collect()
    }

    /// Whether a user is connected.
    pub fn is_connected(&self, user: &UserKey) -> bool {
        self.connections().by_user.contains_key(user)
    }

    /// Every connection, oldest first.
    pub fn all_connections(&self) -> Vec<Arc<Connection>> {
        self.connections().by_number.values().cloned().collect()
    }

    /// The connections that an event without a room is for, oldest first.
    pub fn addressed(&self, to: &Addressee) -> Vec<Arc<Connection>> {
        let mut connections = self.all_connections();
        connections.retain(|connection| match to {
            Addressee::Role(tenant, role) => {
                connection.user().tenant == *tenant && connection.identity().role == *role
            }
            Addressee::Connection(tenant, id) => {
                connection.user().tenant == *tenant && connection.id == *id
            }
            Addressee::Device(user, client) => {
                *connection.user() == *user && connection.client == *client
            }
        });
        connections
    }

    /// How many connections and how many users there are.
    pub fn counts(&self) -> (usize, usize) {
        let connections = self.connections();
        (connections.by_number.len(), connections.by_user.len())
    }

    /// Every room.
    pub fn all_rooms(&self) -> Vec<Arc<Room>> {
        self.rooms().values().cloned().collect()
    }

    /// How many rooms of each kind there are.
    pub fn rooms_by_kind(&self) -> BTreeMap<RoomKind, usize> {
        let mut kinds = BTreeMap::new();
        for key in self.rooms().keys() {
            *kinds.entry(key.room.kind()).or_default() += 1;
        }
        kinds
    }

    /// A room that somebody here is in.
    pub fn room(&self, key: &RoomKey) -> Option<Arc<Room>> {
        self.rooms().get(planted::place(key).as_ref()).cloned()
    }

    /// A room, made where it is missing. While the handle lives the room is not forgotten, so
    /// whoever opens it before reading the log hears of everything committed after that reading.
    pub fn open(self: &Arc<Self>, key: &RoomKey) -> OpenRoom {
        let mut rooms = self.rooms();
        let room = rooms
            .entry(planted::place(key).into_owned())
            .or_insert_with(|| Arc::new(Room::new(key.clone())));
        room.state_as_it_is().openings += 1;
        OpenRoom {
            room: Arc::clone(room),
            hub: Arc::clone(self),
        }
    }

    /// Forgets a room that nobody is in or about to enter.
    fn forget_vacant(&self, room: &Arc<Room>) {
        if planted::is(Bug::RoomsNeverForgotten) {
            return;
        }
        let mut rooms = self.rooms();
        // Another room may have its name by now.
        let is_here = rooms
            .get(&room.key)
            .is_some_and(|here| Arc::ptr_eq(here, room));
        if is_here && room.state().is_vacant() {
            rooms.remove(&room.key);
        }
    }

    /// Sends what a room has to tell. Yields whoever misses something before it.
    pub fn finish_fan_out(&self, room: &Arc<Room>) -> Vec<Number> {
        let behind = room.finish_fan_out();
        self.forget_vacant(room);
        behind
    }

    /// Puts a connection into a room, held until [`Hub::unhold`]. Entering again only moves the
    /// position; a connection that has ended enters nothing.
    pub fn enter(&self, room: &Room, connection: &Arc<Connection>, entry: Entry) -> Entered {
        let mut state = room.state();
        state.head = state.head.max(entry.head);
        let mut entered = Entered {
            first: None,
            people: state.people.len(),
        };
        let name = &room.key.room;
        connection.hold(name);
        let flow = Flow::Held(Vec::new());
        if let Some(member) = state.members.get_mut(&connection.number) {
            if let Some(position) = entry.position {
                member.position = position;
                member.flow = flow;
            }
            return entered;
        }
        if !connection.add_room(name) {
            return entered;
        }
        let member = Member {
            connection: Arc::clone(connection),
            position: entry.position.unwrap_or(entry.head),
            flow,
            stream: None,
        };
        state.members.insert(connection.number, Box::new(member));
        if name.kind().is_announced() {
            let user = &connection.user().user;
            let is_first = !state.people.contains_key(user);
            let person = state.people.entry(user.clone()).or_insert_with(|| {
                let identity = connection.identity();
                Person {
                    role: identity.role,
                    name: identity.name,
                    joined_at: entry.at,
                    connections: 0,
                    leaves_at: None,
                }
            });
            person.connections += 1;
            person.leaves_at = None;
            entered.first = is_first.then(|| person.participant(user));
            entered.people = state.people.len();
        }
        entered
    }

    /// The reply of a join is queued: events may follow. Yields whether the member has to catch
    /// up from the log first.
    pub fn unhold(&self, key: &RoomKey, connection: &Connection) -> bool {
        connection.release(&key.room);
        let Some(room) = self.room(key) else {
            return false;
        };
        let mut state = room.state();
        let head = state.head;
        let Some(member) = state.members.get_mut(&connection.number) else {
            return false;
        };
        let Flow::Held(waiting) = &mut member.flow else {
            return false;
        };
        for frame in waiting.drain(..) {
            connection.outbox.push(frame);
        }
        let behind = member.position < head;
        member.flow = Flow::Live;
        behind
    }

    /// Takes a connection out of a room. `linger`: the person stays listed until they have been
    /// gone for a while.
    pub fn exit(&self, key: &RoomKey, connection: &Connection, linger: bool) -> Exited {
        connection.remove_room(&key.room);
        let Some(room) = self.room(key) else {
            return Exited::default();
        };
        let mut state = room.state();
        let Some(member) = state.members.remove(&connection.number) else {
            drop(state);
            self.forget_vacant(&room);
            return Exited::default();
        };
        let alarm = member.stream.and_then(|stream| stream.alarm());
        let user = &connection.user().user;
        let mut last = false;
        if let Some(person) = state.people.get_mut(user) {
            person.connections -= 1;
            last = person.connections == 0;
            if last && !linger {
                state.people.remove(user);
            }
        }
        let was_typing = state
            .typing
            .get(user)
            .is_some_and(|typing| typing.connection == connection.number);
        if was_typing {
            state.typing.remove(user);
        }
        drop(state);
        self.forget_vacant(&room);
        Exited {
            was_member: true,
            last,
            was_typing,
            alarm,
        }
    }

    /// Whether a connection is in a room.
    pub fn is_member(&self, key: &RoomKey, connection: &Connection) -> bool {
        self.room(key)
            .is_some_and(|room| room.has_member(connection.number))
    }
}
