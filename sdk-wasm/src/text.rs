//! What the core tells, as JSON.

use carewire::{
    RequestError,
    protocol::{ErrorReply, Key},
    session::{RequestNumber, State},
};
use serde::Serialize;
use serde_with::skip_serializing_none;
use std::{borrow::Cow, time::Duration};

/// Numbers are exact below 2⁵³.
#[allow(
    clippy::cast_precision_loss,
    reason = "nobody sends that many commands"
)]
pub(crate) fn number_out(number: RequestNumber) -> f64 {
    number as f64
}

/// The number of a request, where it can be one.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a number that is none names no request"
)]
pub(crate) fn number(number: f64) -> Option<RequestNumber> {
    (number >= 1.0).then_some(number as RequestNumber)
}

/// A key of the application's own.
pub(crate) fn key(text: &str) -> Result<Key, ErrorReply> {
    Key::new(text).map_err(|error| ErrorReply::invalid("key", error.to_string()))
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(
    tag = "status",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
enum StateText {
    Idle,
    Connecting,
    Connected,
    Reconnecting {
        attempt: u32,
        retry_in_ms: Option<u64>,
    },
    Closed {
        reason: Cow<'static, str>,
    },
}

/// The state of the connection.
pub(crate) fn state(state: &State) -> String {
    text(&match state {
        State::Idle => StateText::Idle,
        State::Connecting => StateText::Connecting,
        State::Connected => StateText::Connected,
        State::Reconnecting { attempt, retry_in } => StateText::Reconnecting {
            attempt: *attempt,
            retry_in_ms: retry_in.map(millis),
        },
        State::Closed { reason } => StateText::Closed {
            reason: reason.word(),
        },
    })
}

/// Why a request has no reply.
pub(crate) fn error(error: &RequestError) -> String {
    match error {
        RequestError::Refused(refused) => text(refused),
        other => text(&ErrorReply::new(other.code().into(), other.to_string())),
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn text(value: &impl Serialize) -> String {
    // These types have no keys that are not texts, the only thing that JSON refuses.
    serde_json::to_string(value).unwrap_or_default()
}
