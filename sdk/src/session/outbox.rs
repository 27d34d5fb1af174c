//! Commands that are not answered yet, in the order the application gave them.

use super::{
    Effect, Failure, Queue, Request, RequestNumber,
    leases::Part,
    planted::{self, Bug},
    table::{Set, Table},
};
use crate::{Refusal, RequestError};
use carewire_protocol::{CallId, Class, Key, RoomId, frame::RequestId};
use std::{collections::VecDeque, sync::Arc};

/// The place of a command in the order of all commands.
pub(super) type Seq = u64;

/// Who waits for the reply.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Owner {
    /// The application.
    App(RequestNumber),
    /// The session, for its authentication.
    Authenticate,
    /// The session, for its newer token.
    Refresh,
    /// The session, for its rooms after a reconnect; the ones asked for, in order.
    Resume(Vec<RoomId>),
    /// The session, for one room.
    Rejoin(RoomId),
    /// The session, for what stands in a room.
    Restore(RoomId),
    /// The session, for the renewal of a lease.
    Lease(Part),
    /// The session, to come back to a call.
    Call(CallId),
    /// The session, to learn how a call ended that could not be joined again, and why not.
    CallEnd(CallId, Refusal),
    /// The session, which does not mind whether it works.
    Nobody,
}

#[derive(Debug)]
pub(super) struct Pending {
    pub(super) owner: Owner,
    pub(super) request: Request,
    /// On its way on the present connection.
    pub(super) in_flight: bool,
    /// Was ever sent.
    pub(super) sent: bool,
    /// Was sent on a connection that was lost before the answer.
    pub(super) in_doubt: bool,
    /// The last answer that asked for a repetition.
    pub(super) put_off: Option<Refusal>,
    pub(super) tries: u32,
}

impl Pending {
    /// What to say of a command that is given up.
    pub(super) fn epitaph(self) -> Failure {
        match self.put_off {
            _ if !self.sent => RequestError::Expired,
            Some(error) if !self.in_doubt && !self.in_flight => RequestError::Refused(error),
            _ => RequestError::Unknown,
        }
    }
}

#[derive(Debug, Default)]
struct Lane {
    queue: VecDeque<Seq>,
    held: bool,
}

#[derive(Debug, Default)]
pub(super) struct Outbox {
    last: Seq,
    /// Boxed, as what follows a removed one moves up.
    pending: Table<Seq, Box<Pending>>,
    lanes: Table<Arc<str>, Lane>,
    /// Commands without a lane that wait to be sent.
    loose: Set<Seq>,
    flights: Table<RequestId, Seq>,
    laned: usize,
    laned_in_flight: usize,
    bytes: usize,
}

impl Outbox {
    /// Whether one more command of this size may wait. A full queue of what the user did leaves
    /// room for as many joins and queries.
    pub(super) fn has_room(&self, request: &Request, queue: &Queue) -> bool {
        let laned = self.laned;
        let others = self.pending.len() - laned;
        let count = if request.lane.is_some() {
            laned
        } else {
            others
        };
        let bytes = self.bytes.saturating_add(request.data.len());
        count < queue.commands && bytes <= queue.bytes || planted::is(Bug::OutboxUnbounded)
    }

    /// How many commands with a key are not answered yet.
    pub(super) fn queued(&self) -> usize {
        self.laned
    }

    /// Whether a join of this room is on its way or waits.
    pub(super) fn joins(&self, room: &RoomId) -> bool {
        self.pending
            .values()
            .any(|pending| is_join(&pending.request.effect, room))
    }

    pub(super) fn insert(&mut self, owner: Owner, request: Request) -> Seq {
        self.last += 1;
        let seq = self.last;
        self.bytes += request.data.len();
        match &request.lane {
            Some(lane) => {
                self.laned += 1;
                self.lanes
                    .entry(lane.clone())
                    .or_default()
                    .queue
                    .push_back(seq);
            }
            None => drop(self.loose.insert(seq)),
        }
        let pending = Pending {
            owner,
            request,
            in_flight: false,
            sent: false,
            in_doubt: false,
            put_off: None,
            tries: 0,
        };
        self.pending.insert(seq, Box::new(pending));
        seq
    }

    /// The oldest command that may be sent now.
    pub(super) fn next(&self, queue: &Queue) -> Option<Seq> {
        let loose = self.loose.first().copied();
        if self.laned_in_flight >= queue.in_flight {
            return loose;
        }
        let most = queue.in_flight_per_room.max(1);
        let laned = self
            .lanes
            .values()
            .filter(|lane| !lane.held)
            .filter_map(|lane| {
                let ahead = lane.queue.iter().take(most);
                ahead
                    .copied()
                    .find(|seq| self.pending.get(seq).is_some_and(|p| !p.in_flight))
            });
        laned.chain(loose).min()
    }

    pub(super) fn get(&self, seq: Seq) -> Option<&Pending> {
        self.pending.get(&seq).map(Box::as_ref)
    }

    /// Marks a command as sent. Its number on the wire is unique while it is unanswered, and the
    /// same whenever it is repeated.
    pub(super) fn sent(&mut self, seq: Seq) -> Option<RequestId> {
        let pending = self.pending.get_mut(&seq)?;
        let id = wire_id(seq);
        self.loose.remove(&seq);
        if !pending.in_flight {
            pending.in_flight = true;
            if pending.request.lane.is_some() {
                self.laned_in_flight += 1;
            }
        }
        pending.sent = true;
        self.flights.insert(id, seq);
        Some(id)
    }

    /// The application's command of this number, where it was never sent and could have had an
    /// effect that lasts.
    pub(super) fn unsent(&self, number: RequestNumber) -> Option<Seq> {
        let mut pending = self.pending.iter();
        let (seq, found) = pending.find(|(_, p)| p.owner == Owner::App(number))?;
        (!found.sent && found.request.class.has_key()).then_some(*seq)
    }

    /// Whether a command is on its way that is not answered yet.
    pub(super) fn is_waiting(&self) -> bool {
        !self.flights.is_empty()
    }

    /// The command on its way that an answer belongs to.
    pub(super) fn in_flight(&self, id: RequestId) -> Option<Seq> {
        self.flights.get(&id).copied()
    }

    /// The command is done, one way or another.
    pub(super) fn remove(&mut self, seq: Seq) -> Option<Pending> {
        self.land(seq);
        let pending = self.pending.remove(&seq)?;
        self.bytes = self.bytes.saturating_sub(pending.request.data.len());
        self.loose.remove(&seq);
        if let Some(name) = &pending.request.lane
            && let Some(lane) = self.lanes.get_mut(name)
        {
            self.laned -= 1;
            lane.queue.retain(|other| *other != seq);
            if lane.queue.is_empty() {
                self.lanes.remove(name);
            }
        }
        Some(*pending)
    }

    /// The command will be repeated, and its lane waits for it. Says which lane, and how often it
    /// was put off.
    pub(super) fn hold(&mut self, seq: Seq, error: Refusal) -> Option<(Arc<str>, u32)> {
        self.land(seq);
        let pending = self.pending.get_mut(&seq)?;
        pending.put_off = Some(error);
        pending.tries = pending.tries.saturating_add(1);
        let name = pending.request.lane.clone()?;
        self.lanes.get_mut(&name)?.held = true;
        Some((name, pending.tries))
    }

    pub(super) fn release(&mut self, lane: &str) {
        if let Some(lane) = self.lanes.get_mut(lane) {
            lane.held = false;
        }
    }

    fn land(&mut self, seq: Seq) {
        self.flights.remove(&wire_id(seq));
        if let Some(pending) = self.pending.get_mut(&seq)
            && std::mem::take(&mut pending.in_flight)
            && pending.request.lane.is_some()
        {
            self.laned_in_flight -= 1;
        }
    }

    /// The connection is lost. Commands that may be repeated wait for the next one; the others are
    /// handed back.
    pub(super) fn lost(&mut self) -> Vec<Pending> {
        let mut given_up = Vec::new();
        for (_, seq) in std::mem::take(&mut self.flights) {
            self.land(seq);
            let Some(pending) = self.pending.get_mut(&seq) else {
                continue;
            };
            pending.in_doubt = true;
            if planted::is(Bug::FreshKeyOnRetry)
                && let Some(key) = &pending.request.key
            {
                pending.request.key = Key::new(format!("{key}x")).ok();
            }
            match pending.request.class {
                Class::Keyed | Class::LiveKeyed => {}
                // What the connection held is gone with it. To repeat it could undo what the
                // application has wanted since.
                Class::State if pending.request.effect.ends() => given_up.push(seq),
                Class::State => drop(self.loose.insert(seq)),
                Class::Live | Class::Control => given_up.push(seq),
            }
        }
        // The session makes new ones of these for every connection, and what is live and was not
        // even sent has missed its moment.
        given_up.extend(self.pending.iter().filter_map(|(seq, p)| {
            let own = matches!(p.owner, Owner::Rejoin(_));
            let late = !p.in_flight && p.request.class == Class::Live;
            (own || late).then_some(*seq)
        }));
        given_up.sort_unstable();
        given_up.dedup();
        given_up
            .into_iter()
            .filter_map(|seq| self.remove(seq))
            .collect()
    }

    /// Takes joins of a room that were not sent yet.
    pub(super) fn take_joins(&mut self, room: &RoomId) -> Vec<Pending> {
        let joins: Vec<Seq> = self
            .pending
            .iter()
            .filter(|(_, p)| !p.in_flight)
            .filter(|(_, p)| is_join(&p.request.effect, room))
            .map(|(seq, _)| *seq)
            .collect();
        joins
            .into_iter()
            .filter_map(|seq| self.remove(seq))
            .collect()
    }

    /// Everything, in order: the session is closed.
    pub(super) fn take_all(&mut self) -> Vec<Pending> {
        let last = self.last;
        let all = std::mem::take(self);
        self.last = last;
        all.pending
            .into_iter()
            .map(|(_, pending)| *pending)
            .collect()
    }

    pub(super) fn len(&self) -> usize {
        self.pending.len()
    }
}

fn is_join(effect: &Effect, wanted: &RoomId) -> bool {
    matches!(effect, Effect::Join { room, .. } if room == wanted)
}

fn wire_id(seq: Seq) -> RequestId {
    let folded = u32::try_from(seq % u64::from(u32::MAX)).unwrap_or(0);
    RequestId::MIN.saturating_add(folded)
}
