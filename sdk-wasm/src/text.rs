//! What the core tells, as JSON.

use carewire::{
    CloseReason, Event, Lazy, LeaseLoss, LeaseState, RequestError, RoomId,
    protocol::{CallId, ErrorReply, Key, RecordId, Timestamp, UserId},
    session::{RequestNumber, State},
};
use serde::Serialize;
use serde_json::value::RawValue;
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
            reason: match reason {
                CloseReason::ByApplication => "closed".into(),
                CloseReason::SignedOut => "signed_out".into(),
                CloseReason::Unauthenticated => "unauthorized".into(),
                CloseReason::Violation => "protocol".into(),
                CloseReason::Forbidden => "forbidden".into(),
                CloseReason::Disconnected => "disconnected".into(),
                CloseReason::Idle => "inactive".into(),
                CloseReason::Replaced => "replaced".into(),
                CloseReason::Other(code) => format!("closed_{code}").into(),
                other => other.to_string().into(),
            },
        },
    })
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
enum Local<'a> {
    Resumed {
        away_ms: u64,
        missed: u64,
        gaps: &'a [RoomId],
        reply: &'a RawValue,
    },
    Resynced {
        room: &'a RoomId,
        state: Option<&'a RawValue>,
    },
    CaughtUp,
    RoomLost {
        room: &'a RoomId,
        error: &'a ErrorReply,
    },
    Lagging,
    Lease {
        patient_id: &'a UserId,
        record_id: &'a RecordId,
        fencing_token: u64,
        #[serde(flatten)]
        state: Lease<'a>,
    },
    CallResumed {
        call: &'a RawValue,
        rejoined: bool,
    },
    CallLost {
        call_id: &'a CallId,
        call: Option<&'a RawValue>,
        error: Option<&'a ErrorReply>,
    },
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(
    tag = "state",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
enum Lease<'a> {
    Held {
        expires_at: Timestamp,
    },
    Lost {
        reason: &'static str,
        error: Option<&'a ErrorReply>,
    },
}

/// What happened to the connection and what it holds; `None`: nothing that concerns a page.
pub(crate) fn local(event: &Event) -> Option<String> {
    Some(text(&match event {
        Event::Resumed(resumed) => Local::Resumed {
            away_ms: millis(resumed.away),
            missed: resumed.missed,
            gaps: &resumed.gaps,
            reply: raw(&resumed.reply)?,
        },
        Event::Resynced(resynced) => Local::Resynced {
            room: &resynced.room,
            state: resynced.state.as_ref().and_then(raw),
        },
        Event::CaughtUp => Local::CaughtUp,
        Event::RoomLost { room, error } => Local::RoomLost { room, error },
        Event::Lagging => Local::Lagging,
        Event::Lease(lease) => Local::Lease {
            patient_id: &lease.patient_id,
            record_id: &lease.record_id,
            fencing_token: lease.fencing_token,
            state: match &lease.state {
                LeaseState::Held { expires_at } => Lease::Held {
                    expires_at: *expires_at,
                },
                LeaseState::Lost(loss) => lost(loss),
            },
        },
        Event::CallResumed(resumed) => Local::CallResumed {
            call: raw(&resumed.call)?,
            rejoined: resumed.rejoined,
        },
        Event::CallLost(lost) => Local::CallLost {
            call_id: &lost.call_id,
            call: lost.call.as_ref().and_then(raw),
            error: lost.error.as_ref(),
        },
        _ => return None,
    }))
}

/// What the session hands on without having read it.
fn raw<T>(lazy: &Lazy<T>) -> Option<&RawValue> {
    serde_json::from_str(lazy.json()).ok()
}

fn lost(loss: &LeaseLoss) -> Lease<'_> {
    let (reason, error) = match loss {
        LeaseLoss::NotRenewed => ("not_renewed", None),
        LeaseLoss::Refused(error) => ("refused", Some(error)),
        LeaseLoss::Superseded => ("superseded", None),
        LeaseLoss::Closed => ("closed", None),
    };
    Lease::Lost { reason, error }
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
