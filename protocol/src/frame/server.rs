//! The frames that a client receives.

use super::{Heartbeat, Hidden, RequestId, empty_object};
use crate::{ClientId, Epoch, ErrorReply, Event, EventData, RoomId, Timestamp};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::{borrow::Cow, fmt};

#[derive(Deserialize)]
struct ServerEnvelope<'a> {
    #[serde(borrow, rename = "type")]
    name: Cow<'a, str>,
    id: Option<RequestId>,
    room: Option<RoomId>,
    epoch: Option<Epoch>,
    offset: Option<u64>,
    origin: Option<ClientId>,
    timestamp: Option<Timestamp>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    error: Option<ErrorReply>,
}

/// A frame as it arrives at a client: the envelope decoded, the payload still text.
#[derive(Clone)]
pub enum ServerFrame<'a> {
    /// The command succeeded.
    Reply {
        /// Of which command.
        id: RequestId,
        /// The reply's payload.
        data: &'a RawValue,
    },
    /// The command failed.
    Error {
        /// Of which command; without it, of none that can be named.
        id: Option<RequestId>,
        /// What went wrong.
        error: ErrorReply,
    },
    /// Something happened.
    Event(EventFrame<'a>),
    /// A heartbeat.
    Heartbeat(Heartbeat, Option<RequestId>),
}

impl fmt::Debug for ServerFrame<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reply { id, data } => f
                .debug_struct("Reply")
                .field("id", id)
                .field("data", &Hidden(data))
                .finish(),
            Self::Error { id, error } => f
                .debug_struct("Error")
                .field("id", id)
                .field("error", error)
                .finish(),
            Self::Event(event) => f.debug_tuple("Event").field(event).finish(),
            Self::Heartbeat(beat, id) => f.debug_tuple("Heartbeat").field(beat).field(id).finish(),
        }
    }
}

/// An event as it arrives at a client: the envelope decoded, the payload still text.
#[derive(Clone)]
pub struct EventFrame<'a> {
    /// The event's name, known or not.
    pub name: Cow<'a, str>,
    /// The room it belongs to.
    pub room: Option<RoomId>,
    /// Epoch and offset, where it is retained.
    pub position: Option<(Epoch, u64)>,
    /// The device that caused it.
    pub origin: Option<ClientId>,
    /// When it happened.
    pub timestamp: Timestamp,
    /// The payload.
    pub data: &'a RawValue,
}

impl fmt::Debug for EventFrame<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventFrame")
            .field("name", &self.name)
            .field("room", &self.room)
            .field("position", &self.position)
            .field("origin", &self.origin)
            .field("timestamp", &self.timestamp)
            .field("data", &Hidden(self.data))
            .finish()
    }
}

impl EventFrame<'_> {
    /// Decodes the payload. A name this version does not know yields [`EventData::Unknown`];
    /// a known name with a payload that is not of its type is an error.
    pub fn decode(&self) -> serde_json::Result<Event> {
        Ok(Event {
            room: self.room.clone(),
            position: self.position.clone(),
            origin: self.origin.clone(),
            timestamp: self.timestamp,
            data: EventData::decode(&self.name, self.data)?,
        })
    }
}

impl<'a> ServerFrame<'a> {
    /// Decodes the envelope of a server's text.
    pub fn decode(text: &'a str) -> serde_json::Result<Self> {
        let envelope: ServerEnvelope<'a> = serde_json::from_str(text)?;
        let missing = <serde_json::Error as serde::de::Error>::missing_field;
        let data = envelope.data.unwrap_or_else(|| empty_object());
        Ok(match envelope.name.as_ref() {
            "reply" => Self::Reply {
                id: envelope.id.ok_or_else(|| missing("id"))?,
                data,
            },
            "error" => Self::Error {
                id: envelope.id,
                error: envelope.error.ok_or_else(|| missing("error"))?,
            },
            "ping" => Self::Heartbeat(Heartbeat::Ping, envelope.id),
            "pong" => Self::Heartbeat(Heartbeat::Pong, envelope.id),
            _ => Self::Event(EventFrame {
                name: envelope.name,
                room: envelope.room,
                position: envelope.epoch.zip(envelope.offset),
                origin: envelope.origin,
                timestamp: envelope.timestamp.unwrap_or_default(),
                data,
            }),
        })
    }
}
