//! The frames that a server receives.

use super::{Hidden, RequestId, empty_object};
use crate::{ErrorReply, Key, limits};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::{borrow::Cow, fmt};

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

/// Whether a text opens more brackets than [`limits::MAX_DEPTH`], without parsing it.
pub(super) fn nests_too_deep(text: &str) -> bool {
    // Few frames hold so many brackets at all, and counting them is many times faster.
    let brackets = text
        .bytes()
        .filter(|byte| matches!(byte, b'{' | b'['))
        .count();
    if brackets <= limits::MAX_DEPTH {
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
