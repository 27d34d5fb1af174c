//! What a client tells of itself, as JSON for other languages: `{"type": …}` and its fields, spelled
//! as the contract spells its own.

use crate::{CloseReason, Event, Lazy, LeaseEvent, LeaseLoss, LeaseState};
use carewire_protocol::{CallId, ErrorReply, RecordId, RoomId, Timestamp, UserId};
use serde::Serialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

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
        /// The answer to `session:resume`.
        reply: &'a RawValue,
    },
    Resynced {
        room: &'a RoomId,
        #[serde(skip_serializing_if = "Option::is_none")]
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
        /// `held` or `lost`.
        state: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        expires_at: Option<Timestamp>,
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<&'static str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<&'a ErrorReply>,
    },
    CallResumed {
        call_id: &'a CallId,
        call: &'a RawValue,
        rejoined: bool,
    },
    CallLost {
        call_id: &'a CallId,
        #[serde(skip_serializing_if = "Option::is_none")]
        call: Option<&'a RawValue>,
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<&'a ErrorReply>,
    },
    Lagged {
        count: u64,
    },
}

impl<S> Event<S> {
    /// What happened to the client itself, as JSON for another language; `None`: it is an event of
    /// the server.
    ///
    /// ```
    /// let lagging: carewire::Event = carewire::Event::Lagging;
    /// assert_eq!(lagging.local_json().as_deref(), Some(r#"{"type":"lagging"}"#));
    /// ```
    pub fn local_json(&self) -> Option<String> {
        let local = match self {
            Self::Server(_) => return None,
            Self::Resumed(resumed) => Local::Resumed {
                away_ms: u64::try_from(resumed.away.as_millis()).unwrap_or(u64::MAX),
                missed: resumed.missed,
                gaps: &resumed.gaps,
                reply: raw(&resumed.reply)?,
            },
            Self::Resynced(resynced) => Local::Resynced {
                room: &resynced.room,
                state: resynced.state.as_ref().and_then(raw),
            },
            Self::CaughtUp => Local::CaughtUp,
            Self::RoomLost { room, error } => Local::RoomLost { room, error },
            Self::Lagging => Local::Lagging,
            Self::Lease(lease) => self::lease(lease),
            Self::CallResumed(resumed) => Local::CallResumed {
                call_id: &resumed.call_id,
                call: raw(&resumed.call)?,
                rejoined: resumed.rejoined,
            },
            Self::CallLost(lost) => Local::CallLost {
                call_id: &lost.call_id,
                call: lost.call.as_ref().and_then(raw),
                error: lost.error.as_ref(),
            },
            Self::Lagged(count) => Local::Lagged { count: *count },
        };
        serde_json::to_string(&local).ok()
    }
}

impl CloseReason {
    /// The word that stands for it in every language.
    pub fn word(&self) -> Cow<'static, str> {
        match self {
            Self::ByApplication => "closed".into(),
            Self::SignedOut => "signed_out".into(),
            Self::Unauthenticated => "unauthorized".into(),
            Self::Violation => "protocol".into(),
            Self::Forbidden => "forbidden".into(),
            Self::Disconnected => "disconnected".into(),
            Self::Idle => "inactive".into(),
            Self::Replaced => "replaced".into(),
            Self::Other(code) => format!("closed_{code}").into(),
        }
    }
}

fn lease(lease: &LeaseEvent) -> Local<'_> {
    let (state, expires_at, reason, error) = match &lease.state {
        LeaseState::Held { expires_at } => ("held", Some(*expires_at), None, None),
        LeaseState::Lost(loss) => match loss {
            LeaseLoss::NotRenewed => ("lost", None, Some("not_renewed"), None),
            LeaseLoss::Refused(error) => ("lost", None, Some("refused"), Some(error)),
            LeaseLoss::Superseded => ("lost", None, Some("superseded"), None),
            LeaseLoss::Closed => ("lost", None, Some("closed"), None),
        },
    };
    Local::Lease {
        patient_id: &lease.patient_id,
        record_id: &lease.record_id,
        fencing_token: lease.fencing_token,
        state,
        expires_at,
        reason,
        error,
    }
}

/// What the session hands on without having read it.
fn raw<T>(lazy: &Lazy<T>) -> Option<&RawValue> {
    serde_json::from_str(lazy.json()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CallLost;
    use std::sync::Arc;

    fn text(event: LeaseEvent) -> String {
        Event::<()>::Lease(Arc::new(event)).local_json().unwrap()
    }

    #[test]
    fn a_lease_is_held_or_lost() {
        let mut event = LeaseEvent {
            patient_id: "ana".parse().unwrap(),
            record_id: "plan".parse().unwrap(),
            fencing_token: 7,
            state: LeaseState::Lost(LeaseLoss::NotRenewed),
        };
        let part = r#"{"type":"lease","patientId":"ana","recordId":"plan","fencingToken":7"#;
        let lost = format!(r#"{part},"state":"lost","reason":"not_renewed"}}"#);
        assert_eq!(text(event.clone()), lost);
        let expires_at = "2026-11-21T10:30:00.000Z".parse().unwrap();
        event.state = LeaseState::Held { expires_at };
        let held = format!(r#"{part},"state":"held","expiresAt":"2026-11-21T10:30:00.000Z"}}"#);
        assert_eq!(text(event), held);
    }

    #[test]
    fn what_is_absent_is_left_out() {
        let lost = CallLost {
            call_id: "c1".parse().unwrap(),
            call: None,
            error: None,
        };
        let text = Event::<()>::CallLost(Arc::new(lost)).local_json();
        assert_eq!(
            text.as_deref(),
            Some(r#"{"type":"callLost","callId":"c1"}"#)
        );
    }
}
