//! What can happen in a world at a time of its own.

use crate::{
    faults::Fault,
    pipe::{LinkId, Packet},
    workload::Deed,
};
use carewire_server::backplane::Signal;

/// A device, by its place in the world.
pub(crate) type DeviceId = usize;
/// A node, by its place in the world.
pub(crate) type NodeId = usize;

/// Something that happens.
pub(crate) enum Event {
    /// Tasks may go on.
    Tick,
    /// A device is switched on, or its application starts again.
    Start(DeviceId),
    /// A connection is open, or could not be opened.
    Opened { device: DeviceId, dial: u64 },
    /// A text arrives at the server.
    ToServer { link: LinkId, text: String },
    /// A frame arrives at the client.
    ToClient { link: LinkId, packet: Packet },
    /// The client hears that its connection is closed.
    ClosedForClient { link: LinkId, code: u16 },
    /// The server hears that its connection is closed.
    ClosedForServer { link: LinkId },
    /// A session's deadline, if it has not moved.
    Wake(DeviceId),
    /// A token was fetched.
    Token { device: DeviceId, life: u32 },
    /// A device that was frozen, or read nothing, goes on.
    Thaw { device: DeviceId, life: u32 },
    /// Somebody does something.
    Do(Deed),
    /// A fault is injected.
    Inject(Fault),
    /// A node that was down starts again.
    StartNode(NodeId),
    /// A node that drains has waited long enough.
    StopNode { node: NodeId, life: u32 },
    /// The backplane brings something.
    Signal {
        node: NodeId,
        life: u32,
        signal: Box<Signal>,
    },
    /// A backend's call was answered.
    Answered { call: u64, done: bool },
}
