//! What connects the nodes: everything that is to reach members of a room goes through here,
//! those of the same node included. It may lose and repeat: retained events are in the log.

mod local;

/// What of the directory changed.
pub use crate::store::Subject as Change;
pub use local::Local;

use crate::{
    hub::{Audience, Frame},
    keys::{RoomKey, UserKey},
    store::Committed,
};
use carewire_protocol::{ClientId, ConnectionId, Role, TenantId};

/// Something that nodes tell each other.
#[derive(Debug, Clone)]
pub enum Signal {
    /// A retained event, or live rows are durable.
    Committed(Committed),
    /// An ephemeral event for a room.
    Told {
        /// The room.
        room: RoomKey,
        /// The event as it travels.
        frame: Frame,
        /// Who is to get it.
        audience: Audience,
    },
    /// An event for connections, whatever rooms they are in.
    Addressed {
        /// Whose.
        to: Addressee,
        /// The event as it travels.
        frame: Frame,
    },
    /// The directory changed: memberships are decided anew.
    DirectoryChanged(Change),
}

/// Connections that are not named by a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Addressee {
    /// Everyone of a role in a tenant.
    Role(TenantId, Role),
    /// One connection of a tenant.
    Connection(TenantId, ConnectionId),
    /// One device of a user.
    Device(UserKey, ClientId),
}

/// A way to reach every node, this one included.
pub trait Backplane: Send + Sync + 'static {
    /// Tells every node.
    fn publish(&self, signal: Signal);
    /// Whether it works now.
    fn is_up(&self) -> bool;
    /// Whether it is sure to bring everything, once and in order. Where it is not, the node asks
    /// the store what it missed; see [`repair`](crate::repair).
    fn is_lossless(&self) -> bool {
        false
    }
}

/// Takes what the backplane brings.
pub trait Receiver: Send + Sync + 'static {
    /// Must not block.
    fn receive(&self, signal: Signal);
}
