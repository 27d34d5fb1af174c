//! I3, I4 and I5: what was delivered, by the log.

use super::{Durable, Event, History, Invariant, Judge, Name, What};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    time::Duration,
};

type Place<'a> = (&'a Name, &'a Name, u64);

#[derive(Default)]
struct Streams<'a> {
    /// How far each device has come in each room.
    positions: HashMap<(&'a Name, &'a Name), (&'a Name, u64)>,
    /// What was first seen at a place.
    seen: HashMap<Place<'a>, &'a Event>,
    durable: HashMap<(&'a Name, u64), Duration>,
    /// Rooms whose commits the run recorded.
    recorded: HashSet<&'a Name>,
    read: HashMap<(&'a Name, &'a Name), &'a Name>,
    reads_recorded: bool,
}

pub(super) fn judge(history: &History, judge: &mut Judge) {
    let mut streams = Streams::default();
    streams.index(history);
    streams.read.clear();
    for entry in &history.entries {
        let at = entry.at;
        match &entry.what {
            What::Follows {
                device,
                room,
                epoch,
                offset,
            } => {
                streams.positions.insert((device, room), (epoch, *offset));
            }
            What::Left { device, room } => {
                streams.positions.remove(&(device, room));
            }
            What::Observed {
                device,
                room,
                epoch,
                offset,
                event,
                ..
            } => {
                streams.contiguous(judge, at, (device, room), (epoch, *offset));
                streams.same(history, judge, at, (room, epoch, *offset), event);
                streams.durable(history, judge, at, (room, epoch, *offset), device);
            }
            What::Durable(Durable::Read {
                room,
                user,
                message,
            }) => {
                let newest = streams.read.entry((room, user)).or_insert(message);
                *newest = (*newest).max(message);
            }
            What::Read {
                device,
                room,
                user,
                message,
            } => {
                let known = if streams.reads_recorded {
                    streams.read.get(&(room, user)).copied()
                } else {
                    let log = history.logs.get(room);
                    log.and_then(|log| log.read.get(user))
                };
                judge.expect(Invariant::I5, at, known >= Some(message), || {
                    format!("{device} heard that {user} has read {message} in {room}, which is not stored")
                });
            }
            _ => {}
        }
    }
    for (room, log) in &history.logs {
        in_order_of_ids(judge, history.end(), room, &log.events);
    }
}

impl<'a> Streams<'a> {
    fn index(&mut self, history: &'a History) {
        for entry in &history.entries {
            match &entry.what {
                What::Durable(Durable::Event { room, offset }) => {
                    self.recorded.insert(room);
                    self.durable.entry((room, *offset)).or_insert(entry.at);
                }
                What::Durable(Durable::Read { .. }) => self.reads_recorded = true,
                _ => {}
            }
        }
    }

    /// I3: the next event is the next one of the log.
    fn contiguous(
        &mut self,
        judge: &mut Judge,
        at: Duration,
        (device, room): (&'a Name, &'a Name),
        (epoch, offset): (&'a Name, u64),
    ) {
        let before = self.positions.insert((device, room), (epoch, offset));
        let Some((known, position)) = before else {
            // The server joined it by the way: its stream begins here.
            return;
        };
        let holds = known == epoch && offset == position + 1;
        judge.expect(Invariant::I3, at, holds, || {
            format!("{device} was given {room} {offset} ({epoch}) after {position} ({known})")
        });
    }

    /// I4: whoever is given a place of a log is given the same event.
    fn same(
        &mut self,
        history: &'a History,
        judge: &mut Judge,
        at: Duration,
        place: Place<'a>,
        event: &'a Event,
    ) {
        let (room, epoch, offset) = place;
        let first = *self.seen.entry(place).or_insert(event);
        judge.expect(Invariant::I4, at, is_same(first, event), || {
            format!("{room} {offset} was {first:?} and is {event:?}")
        });
        let log = history.logs.get(room).filter(|log| log.epoch == *epoch);
        if let Some(stored) = log.and_then(|log| log.events.get(&offset)) {
            judge.expect(Invariant::I4, at, is_same(stored, event), || {
                format!("{room} {offset} is {stored:?} in the log and was delivered as {event:?}")
            });
        }
    }

    /// I5: it is in the log, and was when it was delivered.
    fn durable(
        &self,
        history: &History,
        judge: &mut Judge,
        at: Duration,
        (room, epoch, offset): Place<'a>,
        device: &Name,
    ) {
        let Some(log) = history.logs.get(room) else {
            return judge.expect(Invariant::I5, at, false, || {
                format!("{device} was given {room} {offset}, and the room has no log")
            });
        };
        if log.epoch != *epoch || offset <= log.floor {
            return;
        }
        judge.expect(Invariant::I5, at, log.events.contains_key(&offset), || {
            format!("{device} was given {room} {offset}, which the log does not hold")
        });
        if self.recorded.contains(room) {
            let since = self.durable.get(&(room, offset));
            judge.expect(
                Invariant::I5,
                at,
                since.is_some_and(|since| *since <= at),
                || format!("{device} was given {room} {offset} before it was durable"),
            );
        }
    }
}

/// What a deletion has emptied is still the same event.
fn is_same(a: &Event, b: &Event) -> bool {
    let marks = match (&a.mark, &b.mark) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    };
    a.name == b.name && a.message == b.message && marks
}

/// Ids of messages sort in a room as their offsets do.
fn in_order_of_ids(judge: &mut Judge, at: Duration, room: &Name, events: &BTreeMap<u64, Event>) {
    let mut last: Option<&Name> = None;
    for (offset, event) in events {
        let Some(id) = event
            .message
            .as_ref()
            .filter(|_| &*event.name == "message:new")
        else {
            continue;
        };
        judge.expect(Invariant::I4, at, last < Some(id), || {
            format!("{room} {offset}: message {id} sorts before an earlier one")
        });
        last = Some(id);
    }
}
