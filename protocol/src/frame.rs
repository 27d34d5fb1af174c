//! The envelope of every frame.
//!
//! Decoding has two steps: first the envelope, which borrows from the text and copies nothing,
//! then the payload by the envelope's name. So an unknown name is never an error of the JSON, and
//! a router that only forwards never looks inside.

use crate::{
    ClientId, Command, Epoch, ErrorCode, ErrorReply, Event, EventData, Key, PrivateJson, RoomId,
    Timestamp, limits,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use std::{borrow::Cow, fmt, num::NonZeroU32};

/// The number that ties a reply to its command: 1 to 2³²−1, unique while unanswered.
pub type RequestId = NonZeroU32;

/// serde borrows a `Cow` only where it is the whole type of a field, so not within an `Option`.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow, rename = "type")]
    name: Option<Name<'a>>,
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    key: Option<&'a RawValue>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

/// A payload in `Debug` output: its length, as it may be health content.
struct Hidden<'a>(&'a RawValue);

impl fmt::Debug for Hidden<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.get().len())
    }
}

/// A command as it arrives at the server: the envelope decoded, the payload still text.
#[derive(Clone)]
pub struct CommandFrame<'a> {
    /// The command's name.
    pub name: Cow<'a, str>,
    /// Asks for exactly one reply.
    pub id: Option<RequestId>,
    /// Makes a repeated command one command.
    pub key: Option<Key>,
    /// The payload. Decode it with [`AnyCommand::decode`](crate::AnyCommand::decode).
    pub data: &'a RawValue,
}

impl fmt::Debug for CommandFrame<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CommandFrame")
            .field("name", &self.name)
            .field("id", &self.id)
            .field("key", &self.key)
            .field("data", &Hidden(self.data))
            .finish()
    }
}

/// A frame that cannot be taken as a command, and the id to answer with where it had one.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{error}")]
pub struct BadFrame {
    /// The id, where it could be read.
    pub id: Option<RequestId>,
    /// What to answer.
    pub error: ErrorReply,
}

impl<'a> CommandFrame<'a> {
    /// Decodes the envelope of a client's text.
    ///
    /// `malformed` for what is no JSON, no object, has no `type`, no usable `id`, or nests deeper
    /// than [`limits::MAX_DEPTH`]; `invalid_input` for a bad `key` or a `data` that is no object.
    pub fn decode(text: &'a str) -> Result<Self, BadFrame> {
        let malformed = |message: &str| BadFrame {
            id: None,
            error: ErrorReply::malformed(message),
        };
        if nests_too_deep(text) {
            return Err(malformed("The frame is nested too deep"));
        }
        if !text.trim_start().starts_with('{') {
            return Err(malformed("A frame is a JSON object"));
        }
        let envelope: Envelope<'a> =
            serde_json::from_str(text).map_err(|_| malformed("The frame is not valid JSON"))?;
        let id = match envelope
            .id
            .map(|raw| serde_json::from_str::<RequestId>(raw.get()))
        {
            None => None,
            Some(Ok(id)) => Some(id),
            Some(Err(_)) => return Err(malformed("id must be an integer from 1 to 4294967295")),
        };
        let bad = |error| BadFrame { id, error };
        let Some(Name(name)) = envelope.name else {
            return Err(bad(ErrorReply::malformed("The frame has no type")));
        };
        let key = match envelope
            .key
            .map(|raw| serde_json::from_str::<Key>(raw.get()))
        {
            None => None,
            Some(Ok(key)) => Some(key),
            Some(Err(_)) => {
                return Err(bad(ErrorReply::invalid(
                    "key",
                    "key must be a text of 1-64 visible characters",
                )));
            }
        };
        let data = envelope.data.unwrap_or(RawValue::NULL);
        let data = if data.get() == "null" {
            empty_object()
        } else {
            data
        };
        if !data.get().starts_with('{') {
            return Err(bad(ErrorReply::invalid("data", "data must be an object")));
        }
        Ok(Self {
            name,
            id,
            key,
            data,
        })
    }
}

fn empty_object() -> &'static RawValue {
    static EMPTY: std::sync::LazyLock<Box<RawValue>> =
        std::sync::LazyLock::new(|| RawValue::from_string("{}".into()).unwrap_or_default());
    &EMPTY
}

/// Whether a text opens more brackets than [`limits::MAX_DEPTH`], without parsing it.
fn nests_too_deep(text: &str) -> bool {
    if text.len() <= limits::MAX_DEPTH {
        return false;
    }
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in text.bytes() {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => {
                depth += 1;
                if depth > limits::MAX_DEPTH {
                    return true;
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

/// Decodes and checks the payload of a command. The error names the field that is wrong.
pub fn decode_payload<C: Command>(data: &RawValue) -> Result<C, ErrorReply> {
    let command: C =
        serde_json::from_str(data.get()).map_err(|_| explain::<C>("data", data.get()))?;
    command.validate()?;
    Ok(command)
}

/// Decodes the data of an event that a backend publishes. The error names the field that is wrong.
pub(crate) fn decode_data<T: DeserializeOwned>(data: &PrivateJson) -> Result<T, ErrorReply> {
    data.to().map_err(|_| explain::<T>("data", data.get()))
}

/// Decodes a JSON body of the backend API. The error names the field that is wrong.
pub fn decode_body<T: DeserializeOwned>(text: &str) -> Result<T, ErrorReply> {
    if nests_too_deep(text) {
        return Err(ErrorReply::malformed("The body is nested too deep"));
    }
    let raw: &RawValue = serde_json::from_str(text)
        .map_err(|_| ErrorReply::malformed("The body is not valid JSON"))?;
    serde_json::from_str(raw.get()).map_err(|_| explain::<T>("body", raw.get()))
}

/// Decodes a payload once more, slowly, to find out which field of `whole` is wrong.
///
/// serde quotes what it found, which may be health content; only what it expected is passed on.
fn explain<T: DeserializeOwned>(whole: &str, data: &str) -> ErrorReply {
    let mut json = serde_json::Deserializer::from_str(data);
    let Err(error) = serde_path_to_error::deserialize::<_, T>(&mut json) else {
        return ErrorReply::internal();
    };
    let path = error.path().to_string();
    let text = error.into_inner().to_string();
    let text = text
        .rsplit_once(" at line ")
        .map_or(text.as_str(), |(text, _)| text);
    if text == crate::room_id::InvalidRoom.to_string() {
        return ErrorReply::room_not_found();
    }
    // serde names a missing field in its message and not in the path.
    if let Some(field) = text
        .strip_prefix("missing field `")
        .and_then(|t| t.strip_suffix('`'))
    {
        let field = if path == "." {
            field.to_owned()
        } else {
            format!("{path}.{field}")
        };
        let message = format!("{field} is required");
        return ErrorReply::invalid(field, message);
    }
    let field = if path == "." { whole.to_owned() } else { path };
    let quotes = ["invalid ", "unknown "]
        .iter()
        .any(|start| text.starts_with(start));
    let rule = if quotes {
        text.rsplit_once(", expected ")
            .map(|(_, expected)| expected)
    } else {
        text.split_once("must be ").map(|(_, rule)| rule)
    };
    let message = match rule {
        Some(rule) => format!("{field} must be {rule}"),
        None => format!("{field} is not valid"),
    };
    ErrorReply::invalid(field, message)
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
    let name = match beat {
        Heartbeat::Ping => "ping",
        Heartbeat::Pong => "pong",
    };
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

/// Whether an error is of the kind that an SDK answers by repeating a keyed command.
pub const fn is_retried(code: &ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::RateLimited | ErrorCode::Unavailable | ErrorCode::Internal
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AnyCommand, conversation, message};

    fn decode(text: &str) -> Result<AnyCommand, ErrorReply> {
        let frame = CommandFrame::decode(text).map_err(|bad| bad.error)?;
        AnyCommand::decode(&frame.name, frame.data)
    }

    #[test]
    fn a_command_decodes() {
        let text = r#"{"type":"message:send","id":7,"key":"k","data":{"roomId":"visit:v","body":"x","new":1}}"#;
        let frame = CommandFrame::decode(text).unwrap();
        assert_eq!((frame.id.unwrap().get(), &*frame.key.unwrap()), (7, "k"));
        let Ok(AnyCommand::Message(message::Command::Send(send))) = decode(text) else {
            panic!("a message:send");
        };
        assert_eq!(send.body, "x");
        let data = serde_json::to_string(&send).unwrap();
        assert_eq!(data, r#"{"roomId":"visit:v","body":"x"}"#);
    }

    #[test]
    fn absent_data_counts_as_empty() {
        assert!(decode(r#"{"type":"unread:get"}"#).is_ok());
        assert!(decode(r#"{"type":"unread:get","data":null}"#).is_ok());
        assert_eq!(
            decode(r#"{"type":"unread:get","data":[]}"#)
                .unwrap_err()
                .field
                .unwrap(),
            "data"
        );
    }

    #[test]
    fn errors_name_the_field() {
        let field = |data: &str| {
            let error = decode(&format!(r#"{{"type":"message:send","data":{data}}}"#)).unwrap_err();
            assert_eq!(error.code, ErrorCode::InvalidInput, "{error}");
            (error.field.unwrap(), error.message)
        };
        let is = |field: &str, message: &str| (field.to_owned(), message.to_owned());
        assert_eq!(field("{}"), is("roomId", "roomId is required"));
        assert_eq!(field(r#"{"roomId":5}"#).0, "roomId");
        let data = r#"{"roomId":"visit:v","attachments":[{"name":"a"}]}"#;
        assert_eq!(
            field(data),
            is(
                "attachments[0].mimeType",
                "attachments[0].mimeType is required"
            )
        );
        let data = r#"{"roomId":"visit:v","body":"x","replyTo":"a:b"}"#;
        let rule = "replyTo must be 1-128 characters of A-Z a-z 0-9 _ . @ -";
        assert_eq!(field(data), is("replyTo", rule));
    }

    #[test]
    fn errors_quote_nothing() {
        for value in [
            r#""chest pain, expected must be `x` at line 1""#,
            "5.25",
            "[]",
        ] {
            for field in ["attachments", "metadata", "composedAt", "replyTo", "body"] {
                let data = format!(r#"{{"roomId":"visit:v","body":"x","{field}":{value}}}"#);
                let data = data.replacen(r#""body":"x","body""#, r#""body""#, 1);
                if let Err(error) = decode(&format!(r#"{{"type":"message:send","data":{data}}}"#)) {
                    assert_eq!(error.field.as_deref(), Some(field));
                    let text = error.to_string();
                    assert!(!text.contains("chest") && !text.contains("5.25"), "{text}");
                }
            }
        }
    }

    #[test]
    fn the_name_is_borrowed() {
        let frame = CommandFrame::decode(r#"{"type":"ping","id":1}"#).unwrap();
        assert!(matches!(frame.name, Cow::Borrowed("ping")));
    }

    #[test]
    fn a_name_of_no_room_is_room_not_found() {
        let error = decode(r#"{"type":"room:join","data":{"roomId":"nonsense"}}"#).unwrap_err();
        assert_eq!(error, ErrorReply::room_not_found());
    }

    #[test]
    fn flattened_counts_round_trip() {
        let text = r#"{"unreadCounts":{"internal":2},"totalUnread":2,"rooms":{"chat:a:b":2}}"#;
        let event: conversation::UnreadEvent = serde_json::from_str(text).unwrap();
        assert_eq!(event.counts.total_unread, 2);
        assert_eq!(serde_json::to_string(&event).unwrap(), text);
    }

    #[test]
    fn an_event_frame_round_trips() {
        let data = message::DeletedEvent {
            room_id: RoomId::chat("ana", "dr-lee").unwrap(),
            message_id: crate::MessageId::new("m1").unwrap(),
        };
        let epoch = Epoch::new("e").unwrap();
        let head = EventHead {
            name: "message:deleted",
            room: Some(&data.room_id),
            epoch: Some(&epoch),
            offset: Some(3),
            origin: None,
            timestamp: Timestamp::from_millis(0),
        };
        let text = encode_event(&head, &data);
        assert_eq!(
            text,
            r#"{"type":"message:deleted","room":"chat:ana:dr-lee","epoch":"e","offset":3,"timestamp":"1970-01-01T00:00:00.000Z","data":{"roomId":"chat:ana:dr-lee","messageId":"m1"}}"#
        );
        let Ok(ServerFrame::Event(frame)) = ServerFrame::decode(&text) else {
            panic!("an event")
        };
        let event = frame.decode().unwrap();
        assert_eq!(event.position, Some((epoch, 3)));
        assert_eq!(
            event.data,
            EventData::Message(message::Event::Deleted(data))
        );
    }
}
