//! The envelope of every frame.
//!
//! Decoding has two steps: first the envelope, which borrows from the text and copies nothing,
//! then the payload by the envelope's name. So an unknown name is never an error of the JSON, and
//! a router that only forwards never looks inside.

mod command;
mod payload;
mod server;

pub use command::{BadFrame, CommandFrame};
pub(crate) use payload::decode_data;
pub use payload::{decode_body, decode_payload};
pub use server::{EventFrame, ServerFrame};

use crate::{ClientId, Command, Epoch, ErrorCode, ErrorReply, RoomId, Timestamp};
use serde::Serialize;
use serde_json::value::RawValue;
use std::{fmt, num::NonZeroU32};

/// The number that ties a reply to its command: 1 to 2³²−1, unique while unanswered.
pub type RequestId = NonZeroU32;

/// A payload in `Debug` output: its length, as it may be health content.
struct Hidden<'a>(&'a RawValue);

impl fmt::Debug for Hidden<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.get().len())
    }
}

fn empty_object() -> &'static RawValue {
    static EMPTY: std::sync::LazyLock<Box<RawValue>> =
        std::sync::LazyLock::new(|| RawValue::from_string("{}".into()).unwrap_or_default());
    &EMPTY
}

#[derive(Serialize)]
struct OutCommand<'a, D: Serialize> {
    #[serde(rename = "type")]
    name: &'a str,
    id: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
    data: &'a D,
}

/// Writes a command frame.
pub fn encode_command<C: Command>(id: u32, key: Option<&str>, command: &C) -> String {
    encode_raw_command(C::NAME, id, key, command)
}

/// Writes a command frame from a name and any payload.
pub fn encode_raw_command(name: &str, id: u32, key: Option<&str>, data: &impl Serialize) -> String {
    to_json(&OutCommand {
        name,
        id,
        key,
        data,
    })
}

/// Writes a reply frame.
pub fn encode_reply(id: RequestId, data: &impl Serialize) -> String {
    #[derive(Serialize)]
    struct Out<'a, D: Serialize> {
        r#type: &'static str,
        id: RequestId,
        data: &'a D,
    }
    to_json(&Out {
        r#type: "reply",
        id,
        data,
    })
}

/// Writes an error frame. Without an id the error belongs to no command that can be named.
pub fn encode_error(id: Option<RequestId>, error: &ErrorReply) -> String {
    #[derive(Serialize)]
    struct Out<'a> {
        r#type: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<RequestId>,
        error: &'a ErrorReply,
    }
    to_json(&Out {
        r#type: "error",
        id,
        error,
    })
}

/// Writes a heartbeat frame.
pub fn encode_heartbeat(beat: Heartbeat, id: Option<RequestId>) -> String {
    let name = beat.as_str();
    match id {
        Some(id) => format!(r#"{{"type":"{name}","id":{id}}}"#),
        None => format!(r#"{{"type":"{name}"}}"#),
    }
}

/// Which half of a heartbeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heartbeat {
    /// Whoever receives it answers [`Heartbeat::Pong`].
    Ping,
    /// The answer.
    Pong,
}

impl Heartbeat {
    /// The name of the frame.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ping => "ping",
            Self::Pong => "pong",
        }
    }
}

/// The envelope of an event, in the order in which it is written.
#[serde_with::skip_serializing_none]
#[derive(Debug, Clone, Serialize)]
pub struct EventHead<'a> {
    /// The event's name.
    #[serde(rename = "type")]
    pub name: &'a str,
    /// The room it belongs to.
    pub room: Option<&'a RoomId>,
    /// The life of the room's log, where the event is retained.
    pub epoch: Option<&'a Epoch>,
    /// Its place in that log.
    pub offset: Option<u64>,
    /// The device that caused it.
    pub origin: Option<&'a ClientId>,
    /// When it happened.
    pub timestamp: Timestamp,
}

/// Writes an event frame.
pub fn encode_event(head: &EventHead<'_>, data: &impl Serialize) -> String {
    // serde's `flatten` cannot pass a RawValue through, so the two halves are joined as text.
    let mut text = to_json(head);
    text.pop();
    text.push_str(r#","data":"#);
    text.push_str(&to_json(data));
    text.push('}');
    text
}

/// The types of this crate always serialise: string keys, finite numbers, no failing impls. Should
/// an application's type behind `impl Serialize` fail, an empty object is written, never half a frame.
fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "{}".to_owned())
}

/// What an SDK answers by repeating a keyed command.
pub const RETRIED: [ErrorCode; 3] = [
    ErrorCode::RateLimited,
    ErrorCode::Unavailable,
    ErrorCode::Internal,
];

#[cfg(test)]
mod tests;
