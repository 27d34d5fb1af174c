//! What each command does: one file a domain of the contract. A function takes the caller and the
//! typed command and returns the typed reply; events go through the core to the hub.

pub mod access;
pub mod backend;
pub mod call;
pub mod channel;
pub mod conversation;
pub mod directory;
pub mod due;
pub mod inbox;
pub mod live;
pub mod message;
pub mod notification;
pub mod presence;
pub mod record;
pub mod report;
pub mod room;
pub mod session;
pub mod typing;
pub mod whiteboard;
