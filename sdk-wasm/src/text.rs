//! What the core tells, as JSON.

use carewire::{
    RequestError,
    protocol::{ErrorReply, Key, Millis},
    session::{RequestNumber, State},
};
use serde::Serialize;

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

/// The state of the connection.
pub(crate) fn state(state: &State) -> String {
    match state {
        State::Idle => r#"{"status":"idle"}"#.to_owned(),
        State::Connecting => r#"{"status":"connecting"}"#.to_owned(),
        State::Connected => r#"{"status":"connected"}"#.to_owned(),
        State::Reconnecting { attempt, retry_in } => {
            let wait = retry_in.map(|wait| format!(r#","retryInMs":{}"#, Millis::from(wait).0));
            let wait = wait.unwrap_or_default();
            format!(r#"{{"status":"reconnecting","attempt":{attempt}{wait}}}"#)
        }
        State::Closed { reason } => {
            format!(r#"{{"status":"closed","reason":"{}"}}"#, reason.word())
        }
    }
}

/// Why a request has no reply.
pub(crate) fn error(error: &RequestError) -> String {
    match error {
        RequestError::Refused(refused) => text(refused),
        other => text(&ErrorReply::new(other.code().into(), other.to_string())),
    }
}

fn text(value: &impl Serialize) -> String {
    // These types have no keys that are not texts, the only thing that JSON refuses.
    serde_json::to_string(value).unwrap_or_default()
}
