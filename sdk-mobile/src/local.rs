//! What happens to the connection, to leases and to calls, as JSON: `{"type": …}` and its fields,
//! spelled as the contract spells its own.

use carewire::{
    Event, Lazy, LeaseEvent, LeaseLoss, LeaseState, RoomId,
    protocol::{CallId, ErrorReply, RecordId, Timestamp, UserId},
};
use serde::Serialize;
use serde_json::value::RawValue;
use serde_with::skip_serializing_none;

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
        /// The answer to `session:resume`.
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
        expires_at: Option<Timestamp>,
        reason: Option<&'static str>,
        error: Option<&'a ErrorReply>,
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
    Lagged {
        count: u64,
    },
}

/// None: it is an event of the contract, or of a later version of the crate.
pub(crate) fn text_of(event: &Event) -> Option<String> {
    let local = match event {
        Event::Resumed(resumed) => Local::Resumed {
            away_ms: u64::try_from(resumed.away.as_millis()).unwrap_or(u64::MAX),
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
        Event::Lease(lease) => self::lease(lease),
        Event::CallResumed(resumed) => Local::CallResumed {
            call: raw(&resumed.call)?,
            rejoined: resumed.rejoined,
        },
        Event::CallLost(lost) => Local::CallLost {
            call_id: &lost.call_id,
            call: lost.call.as_ref().and_then(raw),
            error: lost.error.as_ref(),
        },
        Event::Lagged(count) => Local::Lagged { count: *count },
        _ => return None,
    };
    serde_json::to_string(&local).ok()
}

fn lease(lease: &LeaseEvent) -> Local<'_> {
    let (expires_at, reason, error) = match &lease.state {
        LeaseState::Held { expires_at } => (Some(*expires_at), None, None),
        LeaseState::Lost(LeaseLoss::NotRenewed) => (None, Some("not_renewed"), None),
        LeaseState::Lost(LeaseLoss::Refused(error)) => (None, Some("refused"), Some(error)),
        LeaseState::Lost(LeaseLoss::Superseded) => (None, Some("superseded"), None),
        LeaseState::Lost(LeaseLoss::Closed) => (None, Some("closed"), None),
    };
    Local::Lease {
        patient_id: &lease.patient_id,
        record_id: &lease.record_id,
        fencing_token: lease.fencing_token,
        expires_at,
        reason,
        error,
    }
}

fn raw<T>(lazy: &Lazy<T>) -> Option<&RawValue> {
    serde_json::from_str(lazy.json()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use carewire::CallLost;
    use std::sync::Arc;

    fn text(event: LeaseEvent) -> String {
        text_of(&Event::Lease(Arc::new(event))).unwrap()
    }

    #[test]
    fn a_lease_is_held_or_lost() {
        let mut event = LeaseEvent {
            patient_id: "ana".parse().unwrap(),
            record_id: "plan".parse().unwrap(),
            fencing_token: 7,
            state: LeaseState::Lost(LeaseLoss::NotRenewed),
        };
        let lost = r#"{"type":"lease","patientId":"ana","recordId":"plan","fencingToken":7,"reason":"not_renewed"}"#;
        assert_eq!(text(event.clone()), lost);
        let expires_at = "2026-11-21T10:30:00.000Z".parse().unwrap();
        event.state = LeaseState::Held { expires_at };
        let held = r#"{"type":"lease","patientId":"ana","recordId":"plan","fencingToken":7,"expiresAt":"2026-11-21T10:30:00.000Z"}"#;
        assert_eq!(text(event), held);
    }

    #[test]
    fn what_is_absent_is_left_out() {
        let lost = CallLost {
            call_id: "c1".parse().unwrap(),
            call: None,
            error: None,
        };
        let text = text_of(&Event::CallLost(Arc::new(lost)));
        assert_eq!(
            text.as_deref(),
            Some(r#"{"type":"callLost","callId":"c1"}"#)
        );
    }
}
