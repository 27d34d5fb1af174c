//! The calls in which this device holds a place, and how it comes back to them.
//!
//! After a reconnect the server says which calls its user is in. Where the place is still this
//! device's, the call goes on; where another device has taken it, it stays there; otherwise the
//! session joins again. A call that cannot be joined is over, and the server's history says how.

use super::{Owner, Session, Timer, backoff};
use crate::{
    Event,
    event::{CallLost, CallResumed},
};
use carewire_protocol::{
    CallId, ErrorReply,
    call::{self, Call, HistoryReply, JoinReply, Leave, ParticipantState},
    frame, limits,
    session::ConnectedEvent,
};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::{collections::BTreeSet, sync::Arc, time::Duration};

/// How long to wait before a call is joined again that the server could not serve now.
const AGAIN: Duration = Duration::from_millis(500);

#[derive(Debug, Default)]
pub(super) struct Calls {
    /// Those with a place of this device.
    entered: BTreeSet<CallId>,
    /// Those left without a connection: the server may still keep the place.
    left: BTreeSet<CallId>,
}

/// The call that a reply is about, wherever it names it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entered {
    call_id: Option<CallId>,
    call: Option<Call>,
}

impl Session {
    /// This device has a place now: `id`, or the call that the reply names.
    pub(super) fn on_entered(&mut self, id: Option<CallId>, data: &RawValue) {
        let named = || {
            let reply: Entered = serde_json::from_str(data.get()).ok()?;
            reply.call_id.or(reply.call.map(|call| call.call_id))
        };
        if let Some(id) = id.or_else(named) {
            self.calls.left.remove(&id);
            self.calls.entered.insert(id);
        }
    }

    /// The application leaves a call. Without a connection the server is told with the next.
    pub(super) fn exit_call(&mut self, id: &CallId) {
        self.timers.clear(&Timer::Call(id.clone()));
        if self.calls.entered.remove(id) && !self.is_online() {
            self.calls.left.insert(id.clone());
        }
    }

    /// What the server says of calls may be about a place of this device.
    pub(super) fn on_call_event(&mut self, event: &call::Event) {
        let Some(me) = self.me.clone() else {
            return;
        };
        let gone = match event {
            call::Event::Ended(ended) => &ended.call_id,
            call::Event::ParticipantLeft(left) if left.user_id == me.user_id => &left.call_id,
            call::Event::ParticipantJoined(joined)
                if joined.user_id == me.user_id
                    && joined.client_id.as_ref() != Some(&self.config.client_id) =>
            {
                &joined.call_id
            }
            _ => return,
        };
        self.calls.entered.remove(gone);
        self.timers.clear(&Timer::Call(gone.clone()));
    }

    /// A new connection, and what its user has to do with calls.
    pub(super) fn restore_calls(&mut self, connected: &ConnectedEvent) {
        let place = |id: &CallId| {
            let call = connected.calls.iter().find(|call| call.call_id == *id)?;
            let own = call.participant(&connected.user_id)?;
            let joined = own.state == ParticipantState::Joined;
            Some((call, own.client_id.clone().filter(|_| joined)))
        };
        for id in std::mem::take(&mut self.calls.left) {
            let still = place(&id).and_then(|(_, device)| device);
            if still.as_ref() == Some(&self.config.client_id) {
                self.transmit_own(Owner::Nobody, &Leave { call_id: id });
            }
        }
        let entered: Vec<CallId> = self.calls.entered.iter().cloned().collect();
        for id in entered {
            match place(&id) {
                Some((call, Some(device))) if device == self.config.client_id => {
                    self.emit(Event::CallResumed(Arc::new(CallResumed {
                        call: call.clone(),
                        rejoined: false,
                    })));
                }
                Some((call, Some(_))) => {
                    self.lose_call(&id, Some(call.clone()), None);
                }
                _ => self.rejoin_call(id),
            }
        }
    }

    pub(super) fn rejoin_call(&mut self, id: CallId) {
        if self.is_online() && self.calls.entered.contains(&id) {
            self.transmit_own(Owner::Call(id.clone()), &call::Join::call(id));
        }
    }

    pub(super) fn on_call_rejoined(&mut self, id: &CallId, data: &RawValue) {
        let Ok(JoinReply { call }) = serde_json::from_str(data.get()) else {
            return self.lose_call(id, None, None);
        };
        if self.calls.entered.contains(id) {
            let rejoined = true;
            self.emit(Event::CallResumed(Arc::new(CallResumed { call, rejoined })));
        } else {
            // Left while the session was coming back to it.
            let call_id = id.clone();
            self.transmit_own(Owner::Nobody, &Leave { call_id });
        }
    }

    pub(super) fn on_rejoin_refused(&mut self, id: CallId, error: ErrorReply) {
        if frame::is_retried(&error.code) {
            let told = error.retry_after_ms.map(Duration::from);
            let wait = told.unwrap_or_else(|| backoff::jitter(2 * AGAIN, &mut self.rng));
            self.timers.set(Timer::Call(id), self.now + wait);
            return;
        }
        let limit = Some(limits::MAX_PAGE);
        let history = call::History {
            cursor: None,
            limit,
        };
        self.transmit_own(Owner::CallEnd(id, error), &history);
    }

    /// The newest calls: how did this one end?
    pub(super) fn on_call_history(&mut self, id: &CallId, error: ErrorReply, data: &RawValue) {
        let page: Option<HistoryReply> = serde_json::from_str(data.get()).ok();
        let calls = page.map(|page| page.calls).unwrap_or_default();
        let call = calls.into_iter().find(|call| call.call_id == *id);
        self.lose_call(id, call, Some(error));
    }

    pub(super) fn lose_call(&mut self, id: &CallId, call: Option<Call>, error: Option<ErrorReply>) {
        if self.calls.entered.remove(id) {
            self.emit(Event::CallLost(Arc::new(CallLost {
                call_id: id.clone(),
                call,
                error,
            })));
        }
    }
}
