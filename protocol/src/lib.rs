//! The Carewire wire contract, version 1, as Rust types.
//!
//! Every command, reply, event and error that travels between a client and a server is defined
//! here once. The server dispatches on these types, the SDKs call through them, and the reference
//! pages are generated from them. The crate does no I/O, knows no clock and compiles everywhere,
//! `wasm32-unknown-unknown` included.
//!
//! # Where things are
//!
//! * One file a domain ([`session`], [`room`], [`message`], …): its types, and one `domain!`
//!   table that ties each wire name to its type, its reply and its retention.
//! * [`catalog`]: the whole contract, assembled from those tables.
//! * [`frame`]: the envelope. It is decoded first and without copying; the payload follows by name.
//! * [`limits`]: every number of the contract.
//! * [`schema`]: the shape of every type as data, for generators and tests.
//!
//! # Adding an event
//!
//! Write its struct with `wire!` in its domain's file and add one row to that file's table. The
//! compiler then names every `match` that has to say something about it.
//!
//! ```
//! use carewire_protocol::{frame, message, RoomId};
//!
//! let send = message::Send::text(RoomId::chat("dr-lee", "ana")?, "How are you today?");
//! let text = frame::encode_command(1, Some("k-1"), &send);
//!
//! let command = frame::CommandFrame::decode(&text)?;
//! assert_eq!(command.name, "message:send");
//! assert_eq!(format!("{:?}", send.body), "PrivateText(18 bytes)"); // no log can leak it
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#[macro_use]
mod wire;

pub mod access;
pub mod backend;
pub mod call;
pub mod catalog;
pub mod channel;
pub mod conversation;
pub mod error;
pub mod frame;
pub mod id;
pub mod limits;
pub mod message;
pub mod notification;
pub mod number;
pub mod presence;
pub mod private;
#[cfg(any(test, feature = "proptest"))]
pub mod proof;
pub mod record;
pub mod report;
pub mod room;
pub mod room_id;
pub mod schedule;
pub mod schema;
pub mod session;
pub mod system;
pub mod time;
pub mod typing;
pub mod vitals;
pub mod whiteboard;

pub use catalog::{AnyCommand, Event, EventData};
pub use error::{ErrorCode, ErrorReply};
pub use id::{
    AppointmentId, CallId, ClientId, ConnectionId, Epoch, Key, MessageId, NotificationId,
    NotificationKind, Platform, RecordId, ReportId, TemplateId, TenantId, ThreadId, TopicName,
    UserId, VisitId,
};
pub use number::Finite;
pub use private::{PrivateJson, PrivateNumber, PrivateText};
pub use room_id::RoomId;
pub use session::Role;
pub use time::{Millis, Timestamp};
pub use wire::{Class, Command, EventType, Retention};

/// The WebSocket subprotocol of this version.
pub const SUBPROTOCOL: &str = "carewire.v1";

/// The protocol version that `connected` announces.
pub const VERSION: &str = "1";
