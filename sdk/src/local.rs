//! What a client tells of itself, as JSON for other languages: `{"type": …}` and its fields, spelled
//! as the contract spells its own.

use crate::{
    CloseReason, Event, LeaseEvent, LeaseLoss, LeaseState, Refusal, RequestError, json::Object,
    session::State,
};
use carewire_protocol::{ErrorReply, Millis, RoomId};
use std::{borrow::Cow, time::Duration};

/// What can be told as JSON.
pub trait Told {
    /// The text.
    fn json(&self) -> Cow<'_, str>;
}

impl Told for Refusal {
    fn json(&self) -> Cow<'_, str> {
        self.json().into()
    }
}

impl Told for ErrorReply {
    fn json(&self) -> Cow<'_, str> {
        // It has no keys that are not texts, the only thing that JSON refuses.
        serde_json::to_string(self).unwrap_or_default().into()
    }
}

impl<S, R: Told> Event<S, R> {
    /// What happened to the client itself, as JSON for another language; `None`: it is an event of
    /// the server.
    ///
    /// ```
    /// let lagging: carewire::Event = carewire::Event::Lagging;
    /// assert_eq!(lagging.local_json().as_deref(), Some(r#"{"type":"lagging"}"#));
    /// ```
    pub fn local_json(&self) -> Option<String> {
        let of = |name| Object::new().text("type", name);
        let local = match self {
            Self::Server(_) => return None,
            Self::Resumed(resumed) => of("resumed")
                .number("awayMs", millis(resumed.away))
                .number("missed", resumed.missed)
                .texts("gaps", resumed.gaps.iter().map(RoomId::to_string))
                .json("reply", resumed.reply.json()),
            Self::Resynced(resynced) => of("resynced")
                .text("room", &resynced.room.to_string())
                .maybe(resynced.state.as_ref(), |it, state| {
                    it.json("state", state.json())
                }),
            Self::CaughtUp => of("caughtUp"),
            Self::RoomLost { room, error } => of("roomLost")
                .text("room", &room.to_string())
                .json("error", &error.json()),
            Self::Lagging => of("lagging"),
            Self::Lease(lease) => self::lease(of("lease"), lease),
            Self::CallResumed(resumed) => of("callResumed")
                .text("callId", &resumed.call_id)
                .json("call", resumed.call.json())
                .flag("rejoined", resumed.rejoined),
            Self::CallLost(lost) => of("callLost")
                .text("callId", &lost.call_id)
                .maybe(lost.call.as_ref(), |it, call| it.json("call", call.json()))
                .maybe(lost.error.as_ref(), |it, error| {
                    it.json("error", &error.json())
                }),
            Self::Lagged(count) => of("lagged").number("count", *count),
        };
        Some(local.end())
    }
}

fn lease<R: Told>(object: Object, lease: &LeaseEvent<R>) -> Object {
    let object = object
        .text("patientId", &lease.patient_id)
        .text("recordId", &lease.record_id)
        .number("fencingToken", lease.fencing_token);
    let loss = match &lease.state {
        LeaseState::Held { expires_at } => {
            let object = object.text("state", "held");
            return object.text("expiresAt", &expires_at.to_string());
        }
        LeaseState::Lost(loss) => loss,
    };
    let (reason, error) = match loss {
        LeaseLoss::NotRenewed => ("not_renewed", None),
        LeaseLoss::Refused(error) => ("refused", Some(error)),
        LeaseLoss::Superseded => ("superseded", None),
        LeaseLoss::Closed => ("closed", None),
    };
    let object = object.text("state", "lost").text("reason", reason);
    object.maybe(error, |it, error| it.json("error", &error.json()))
}

impl State {
    /// The state as JSON for another language.
    ///
    /// ```
    /// use carewire::State;
    ///
    /// let waiting = State::Reconnecting { attempt: 2, retry_in: None };
    /// assert_eq!(waiting.json(), r#"{"status":"reconnecting","attempt":2}"#);
    /// ```
    pub fn json(&self) -> String {
        let of = |status| Object::new().text("status", status);
        let state = match self {
            Self::Idle => of("idle"),
            Self::Connecting => of("connecting"),
            Self::Connected => of("connected"),
            Self::Reconnecting { attempt, retry_in } => of("reconnecting")
                .number("attempt", (*attempt).into())
                .maybe(*retry_in, |it, wait| it.number("retryInMs", millis(wait))),
            Self::Closed { reason } => of("closed").text("reason", &reason.word()),
        };
        state.end()
    }
}

impl RequestError<Refusal> {
    /// Why a request has no reply, as the error object of the contract, for another language: the
    /// server's own, or a code of the SDK with a message where there is more to say.
    pub fn json(&self) -> String {
        let own = Object::new().text("code", self.own_code());
        match self {
            Self::Refused(refusal) => return refusal.json().to_owned(),
            Self::PayloadTooLarge { size, most } => {
                let message = [
                    "the command has ",
                    &size.to_string(),
                    " bytes, the server takes ",
                    &most.to_string(),
                ];
                own.text("message", &message.concat())
            }
            Self::Closed(reason) => {
                let details = Object::new().text("reason", &reason.word());
                own.json("details", &details.end())
            }
            _ => own,
        }
        .end()
    }
}

fn millis(duration: Duration) -> u64 {
    Millis::from(duration).0
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
            Self::Other(code) => ["closed_", &code.to_string()].concat().into(),
        }
    }
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
    fn why_there_is_no_reply_is_told_by_its_code() {
        let told = |error: RequestError<Refusal>| error.json();
        assert_eq!(told(RequestError::Offline), r#"{"code":"offline"}"#);
        assert_eq!(
            told(RequestError::Closed(CloseReason::Idle)),
            r#"{"code":"closed","details":{"reason":"inactive"}}"#
        );
        let too_large = RequestError::PayloadTooLarge { size: 9, most: 8 };
        assert_eq!(
            told(too_large),
            r#"{"code":"payload_too_large","message":"the command has 9 bytes, the server takes 8"}"#
        );
        let refusal = Refusal::invalid("key", "No \"key\"");
        assert_eq!(
            told(refusal.clone().into()),
            r#"{"code":"invalid_input","message":"No \"key\"","field":"key"}"#
        );
        assert_eq!(refusal.read(), ErrorReply::invalid("key", "No \"key\""));
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
