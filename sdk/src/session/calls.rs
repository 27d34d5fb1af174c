//! The calls in which this device holds a place, and how it comes back to them.
//!
//! After a reconnect the server says which calls its user is in. Where the place is still this
//! device's, the call goes on; where another device has taken it, it stays there; otherwise the
//! session joins again. A call that cannot be joined is over, and the server's history says how.

use super::{
    Owner, Session, Timer,
    notice::{self, Connected, Place},
    table::Set,
};
use crate::{
    Event, Lazy, Refusal,
    event::{CallLost, CallResumed},
    json::{Fields, Json, Object},
};
use carewire_protocol::{
    CallId,
    call::{self, Call, Leave},
    limits,
};
use std::{sync::Arc, time::Duration};

/// How long to wait before a call is joined again that the server could not serve now.
const AGAIN: Duration = Duration::from_millis(500);

#[derive(Debug, Default)]
pub(super) struct Calls {
    /// Those with a place of this device.
    entered: Set<CallId>,
    /// Those left without a connection: the server may still keep the place.
    left: Set<CallId>,
}

impl Session {
    /// This device has a place now: `id`, or the call that the reply names.
    pub(super) fn on_entered(&mut self, id: Option<CallId>, data: Json<'_>) {
        let named = || {
            let reply = Fields::of(data)?;
            let call = || notice::call_of(reply.raw("call")?);
            reply.id("callId").or_else(call)
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

    /// A call has ended, or this device's place in it.
    pub(super) fn on_call_gone(&mut self, id: &CallId) {
        self.calls.entered.remove(id);
        self.timers.clear(&Timer::Call(id.clone()));
    }

    pub(super) fn on_call_left(&mut self, place: &Place) {
        if self.is_mine(place) {
            self.on_call_gone(&place.call);
        }
    }

    /// A place of this user that is another device's now is not this one's any more.
    pub(super) fn on_call_joined(&mut self, place: &Place) {
        if self.is_mine(place) && place.client.as_ref() != Some(&self.config.client_id) {
            self.on_call_gone(&place.call);
        }
    }

    fn is_mine(&self, place: &Place) -> bool {
        let me = self.me.as_ref().map(|me| &me.user_id);
        me.is_some() && me == place.user.as_ref()
    }

    /// A new connection, and what its user has to do with calls.
    pub(super) fn restore_calls(&mut self, connected: &Connected) {
        if self.calls.left.is_empty() && self.calls.entered.is_empty() {
            return;
        }
        let place = |id: &CallId| {
            let mut calls = connected.calls.iter();
            let open = calls.find(|open| open.id == *id)?;
            let is_own = |place: &&Place| place.user.as_ref() == Some(&connected.user_id);
            let own = open.places.iter().find(is_own)?;
            let device = own.client.clone().filter(|_| own.is_joined);
            Some((open.call.clone(), device))
        };
        for id in std::mem::take(&mut self.calls.left).into_keys() {
            let still = place(&id).and_then(|(_, device)| device);
            if still.as_ref() == Some(&self.config.client_id) {
                self.leave_call(&id);
            }
        }
        let entered: Vec<CallId> = self.calls.entered.iter().cloned().collect();
        for id in entered {
            match place(&id) {
                Some((call, Some(device))) if device == self.config.client_id => {
                    let rejoined = false;
                    self.emit(Event::CallResumed(Arc::new(CallResumed {
                        call_id: id,
                        call,
                        rejoined,
                    })));
                }
                Some((call, Some(_))) => self.lose_call(&id, Some(call), None),
                _ => self.rejoin_call(id),
            }
        }
    }

    pub(super) fn rejoin_call(&mut self, id: CallId) {
        if self.is_online() && self.calls.entered.contains(&id) {
            let join = Object::new().text("callId", &id);
            self.transmit_own::<call::Join>(Owner::Call(id), join);
        }
    }

    pub(super) fn on_call_rejoined(&mut self, id: &CallId, data: Json<'_>) {
        let Some(call) = Fields::of(data).and_then(|reply| reply.raw("call")) else {
            return self.lose_call(id, None, None);
        };
        if self.calls.entered.contains(id) {
            self.emit(Event::CallResumed(Arc::new(CallResumed {
                call_id: id.clone(),
                call: Lazy::of(call.get()),
                rejoined: true,
            })));
        } else {
            // Left while the session was coming back to it.
            self.leave_call(id);
        }
    }

    fn leave_call(&mut self, id: &CallId) {
        let leave = Object::new().text("callId", id);
        self.transmit_own::<Leave>(Owner::Nobody, leave);
    }

    pub(super) fn on_rejoin_refused(&mut self, id: CallId, error: Refusal) {
        if error.is_retried() {
            let wait = self.told_or(error.retry_after(), AGAIN);
            self.after(wait, Timer::Call(id));
            return;
        }
        let history = Object::new().number("limit", limits::MAX_PAGE.into());
        self.transmit_own::<call::History>(Owner::CallEnd(id, error), history);
    }

    /// The newest calls: how did this one end?
    pub(super) fn on_call_history(&mut self, id: &CallId, error: Refusal, data: Json<'_>) {
        let page = Fields::of(data);
        let mut calls = page.into_iter().flat_map(|page| page.list("calls"));
        let call = calls.find(|call| notice::call_of(*call).as_ref() == Some(id));
        let call = call.map(|call| Lazy::of(call.get()));
        self.lose_call(id, call, Some(error));
    }

    pub(super) fn lose_call(
        &mut self,
        id: &CallId,
        call: Option<Lazy<Call>>,
        error: Option<Refusal>,
    ) {
        if self.calls.entered.remove(id) {
            self.emit(Event::CallLost(Arc::new(CallLost {
                call_id: id.clone(),
                call,
                error,
            })));
        }
    }
}
