//! What a node keeps in memory, by kind: all of it goes when everybody has gone.

use crate::core::Core;

/// How much a node keeps of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Census {
    /// Connections.
    pub connections: usize,
    /// Users with a connection.
    pub users: usize,
    /// Rooms.
    pub rooms: usize,
    /// Users who are listed as present.
    pub present: usize,
    /// Whose presence somebody follows.
    pub followed: usize,
    /// People who were told of a conversation just now.
    pub inbox: usize,
    /// Devices that hold a place in a call.
    pub places: usize,
    /// Charts that somebody looks at.
    pub charts: usize,
    /// Deadlines that are about somebody.
    pub timers: usize,
}

impl Core {
    /// Counts what this node keeps.
    pub fn census(&self) -> Census {
        let (connections, users) = self.hub.counts();
        let (present, followed) = self.presences.counts();
        Census {
            connections,
            users,
            rooms: self.hub.all_rooms().len(),
            present,
            followed,
            inbox: self.inbox.len(),
            places: self.places.len(),
            charts: self.viewers.len(),
            timers: self.timers.len(),
        }
    }
}
