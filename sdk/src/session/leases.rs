//! Leases on parts of charts: renewed every third of their time, over reconnects, until they are
//! given back. A lease that could not be renewed in time is lost here no later than there.

use super::{Owner, Phase, Session, Timer, notice::Unlocked, table::Table};
use crate::{
    Event, Refusal,
    event::{LeaseEvent, LeaseLoss, LeaseState},
    json::{Fields, Json, Object},
};
use carewire_protocol::{
    RecordId, Timestamp, UserId,
    record::{Renew, Unlock},
};
use std::{sync::Arc, time::Duration};

/// How long to wait before a renewal is repeated that the server could not take now.
const AGAIN: Duration = Duration::from_millis(500);

/// A part of a patient's chart.
pub(super) type Part = (UserId, RecordId);

#[derive(Debug)]
struct Lease {
    token: u64,
    /// When it ends unless it is renewed.
    ends: Duration,
    /// A renewal is on its way.
    asked: bool,
}

#[derive(Debug, Default)]
pub(super) struct Leases {
    held: Table<Part, Lease>,
    /// Given back without a connection, until they end by themselves.
    given_back: Vec<(Part, u64, Duration)>,
}

impl Leases {
    /// The connection is lost: no renewal is on its way any more.
    pub(super) fn lost(&mut self) {
        for (_, lease) in self.held.iter_mut() {
            lease.asked = false;
        }
    }
}

impl Session {
    /// A lease was renewed, unless it was given back meanwhile.
    pub(super) fn on_renewed(&mut self, part: &Part, data: Json<'_>) {
        if self.leases.held.contains_key(part) {
            self.on_lease(part.clone(), data);
        }
    }

    /// A lease is held from now on.
    pub(super) fn on_lease(&mut self, part: Part, data: Json<'_>) {
        let granted = Fields::of(data)
            .and_then(|reply| reply.number("fencingToken").zip(reply.time("expiresAt")));
        let Some((token, expires_at)) = granted else {
            return;
        };
        let left = expires_at.since(self.server_now());
        let lease = Lease {
            token,
            ends: self.now + left,
            asked: false,
        };
        self.leases.held.insert(part.clone(), lease);
        self.tell_lease(&part, token, LeaseState::Held { expires_at });
        self.after(left / 3, Timer::Lease(part));
    }

    /// The server's clock, as far as it was told.
    fn server_now(&self) -> Timestamp {
        let since = self.now.saturating_sub(self.online_since);
        let told = self.me.as_ref().map(|me| me.server_time);
        told.unwrap_or(Timestamp::from_millis(0)).plus(since)
    }

    fn tell_lease(&mut self, part: &Part, fencing_token: u64, state: LeaseState<Refusal>) {
        let (patient_id, record_id) = part.clone();
        self.emit(Event::Lease(Arc::new(LeaseEvent {
            patient_id,
            record_id,
            fencing_token,
            state,
        })));
    }

    /// It is time to renew a lease, or it has ended.
    pub(super) fn on_lease_due(&mut self, part: Part) {
        let Some(lease) = self.leases.held.get_mut(&part) else {
            return;
        };
        let ends = lease.ends;
        if self.now >= ends {
            return self.lose_lease(&part, LeaseLoss::NotRenewed);
        }
        if !lease.asked && self.phase == Phase::Online {
            lease.asked = true;
            let renew = told(&part, lease.token);
            self.transmit_own::<Renew>(Owner::Lease(part.clone()), renew);
        }
        self.timers.set(Timer::Lease(part), ends);
    }

    pub(super) fn on_renewal_refused(&mut self, part: &Part, error: Refusal) {
        let Some(lease) = self.leases.held.get_mut(part) else {
            return;
        };
        lease.asked = false;
        let ends = lease.ends;
        if error.is_retried() {
            let wait = self.told_or(error.retry_after(), AGAIN);
            let at = ends.min(self.now + wait);
            self.timers.set(Timer::Lease(part.clone()), at);
        } else {
            self.lose_lease(part, LeaseLoss::Refused(error));
        }
    }

    fn lose_lease(&mut self, part: &Part, loss: LeaseLoss<Refusal>) {
        self.timers.clear(&Timer::Lease(part.clone()));
        if let Some(lease) = self.leases.held.remove(part) {
            self.tell_lease(part, lease.token, LeaseState::Lost(loss));
        }
    }

    /// The application gives a lease back. Without a connection the server is told with the next,
    /// unless the lease has ended by then.
    pub(super) fn give_lease_back(&mut self, part: Part, token: u64) {
        let own = |lease: &Lease| lease.token == token;
        if !self.leases.held.get(&part).is_some_and(own) {
            return;
        }
        self.timers.clear(&Timer::Lease(part.clone()));
        if let Some(lease) = self.leases.held.remove(&part)
            && !self.is_online()
        {
            self.leases.given_back.push((part, token, lease.ends));
        }
    }

    /// On a new connection: what was given back meanwhile, and a renewal of all that is held.
    pub(super) fn restore_leases(&mut self) {
        for (part, token, ends) in std::mem::take(&mut self.leases.given_back) {
            if self.now < ends {
                self.transmit_own::<Unlock>(Owner::Nobody, told(&part, token));
            }
        }
        let held: Vec<Part> = self.leases.held.keys().cloned().collect();
        for part in held {
            self.on_lease_due(part);
        }
    }

    /// A lease ended and was not given back. Whether it was one of ours, a renewal shows.
    pub(super) fn on_unlocked(&mut self, patient: UserId, unlocked: Unlocked) {
        let part = (patient, unlocked.record_id);
        if !unlocked.is_released && self.leases.held.contains_key(&part) {
            self.on_lease_due(part);
        }
    }
}

/// A lease, as commands name it.
fn told((patient, record): &Part, token: u64) -> Object {
    let object = Object::new()
        .text("recordId", record)
        .text("patientId", patient);
    object.number("fencingToken", token)
}
