//! I6: when the faults are over, everybody soon sees the same.

use super::{Access, History, Invariant, Judge, Name, Op, What};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};

pub(super) fn judge(history: &History, judge: &mut Judge) {
    answered(history, judge);
    caught_up(history, judge);
    typing(history, judge);
    presence(history, judge);
    let end = history.end();
    for entry in &history.entries {
        match &entry.what {
            What::Ended { device, well } => judge.expect(Invariant::I6, end, *well, || {
                format!("{device} did not come back")
            }),
            What::Believed {
                device,
                user,
                online,
                truly,
            } => judge.expect(Invariant::I6, end, online == truly, || {
                let there = if *truly { "is there" } else { "is gone" };
                format!("{device} does not know that {user} {there}")
            }),
            _ => {}
        }
    }
}

/// Every command has come to an end.
fn answered(history: &History, judge: &mut Judge) {
    let mut open: BTreeMap<Op, (&Name, &Name)> = BTreeMap::new();
    let mut count = 0;
    for entry in &history.entries {
        match &entry.what {
            What::Invoked(operation) => {
                count += 1;
                open.insert(operation.op, (&operation.device, &operation.event));
            }
            What::Acknowledged { op, .. } | What::Refused { op } | What::Unknown { op } => {
                open.remove(op);
            }
            _ => {}
        }
    }
    *judge.report.checked.entry(Invariant::I6).or_default() += count;
    for (op, (device, event)) in open {
        judge.expect(Invariant::I6, history.end(), false, || {
            format!("operation {op} ({event}) of {device} was never answered")
        });
    }
}

/// Whoever follows a room when their run ends has been given its end. What they leave afterwards is
/// no excuse.
fn caught_up(history: &History, judge: &mut Judge) {
    let mut positions: BTreeMap<&Name, BTreeMap<&Name, u64>> = BTreeMap::new();
    let mut finish = |device: &Name, at: Duration, rooms: BTreeMap<&Name, u64>| {
        for (room, position) in rooms {
            let head = history.logs.get(room).map_or(0, |log| log.head);
            judge.expect(Invariant::I6, at, position == head, || {
                format!("{device} stands at {position} of {head} in {room}")
            });
        }
    };
    for entry in &history.entries {
        match &entry.what {
            What::Follows {
                device,
                room,
                offset,
                ..
            }
            | What::Observed {
                device,
                room,
                offset,
                ..
            } => {
                positions.entry(device).or_default().insert(room, *offset);
            }
            What::Left { device, room } => {
                if let Some(rooms) = positions.get_mut(device) {
                    rooms.remove(room);
                }
            }
            What::Ended { device, .. } => {
                finish(
                    device,
                    entry.at,
                    positions.remove(device).unwrap_or_default(),
                );
            }
            _ => {}
        }
    }
    for (device, rooms) in positions {
        finish(device, history.end(), rooms);
    }
}

/// A typing start that nothing follows is over in time. What a disturbed device heard is void.
fn typing(history: &History, judge: &mut Judge) {
    let Some(limit) = history.limits.typing else {
        return;
    };
    let mut on: HashMap<(&Name, &Name, &Name), Duration> = HashMap::new();
    let late = |judge: &mut Judge, key: &(&Name, &Name, &Name), since: Duration, at: Duration| {
        let (device, room, user) = key;
        judge.expect(Invariant::I6, at, at <= since + limit, || {
            let since = since.as_secs_f64();
            format!(
                "{device} was not told that {user} has stopped typing in {room} since {since:.3} s"
            )
        });
    };
    for entry in &history.entries {
        let at = entry.at;
        match &entry.what {
            What::Typing {
                device,
                room,
                user,
                on: began,
            } => {
                let key = (device, room, user);
                if let Some(since) = on.remove(&key) {
                    late(judge, &key, since, at);
                }
                if *began {
                    on.insert(key, at);
                }
            }
            What::Left { device, room } => on.retain(|key, _| key.0 != device || key.1 != room),
            What::Disturbed { device } => on.retain(|key, _| key.0 != device),
            _ => {}
        }
    }
    for (key, since) in on {
        late(judge, &key, since, history.end());
    }
}

/// Nobody is told that somebody is gone who had a connection a moment ago: a reconnect is
/// invisible.
fn presence(history: &History, judge: &mut Judge) {
    let Some(grace) = history.limits.presence_grace else {
        return;
    };
    // For each user, when the number of their connections changed and what it was then.
    let mut counts: HashMap<&Name, Vec<(Duration, u32)>> = HashMap::new();
    for entry in &history.entries {
        if let What::Connection { user, up } = &entry.what {
            let changes = counts.entry(user).or_default();
            let count = changes.last().map_or(0, |(_, count)| *count);
            let count = if *up {
                count + 1
            } else {
                count.saturating_sub(1)
            };
            changes.push((entry.at, count));
        }
    }
    let mut heard = BTreeSet::new();
    let mut patients = BTreeSet::new();
    let mut blinkered = BTreeSet::new();
    for entry in &history.entries {
        match &entry.what {
            What::Access(Access::Role { user, role }) if &**role == "patient" => {
                patients.insert(user);
            }
            What::Device { device, user } if patients.contains(user) => {
                blinkered.insert(device);
            }
            // Whom a patient may see changes, and whoever they may not see looks gone.
            What::Presence { device, .. } if blinkered.contains(device) => {}
            What::Presence {
                device,
                user,
                online: true,
                ..
            } => {
                heard.insert((device, user));
            }
            // Only a change says something: a first answer may be about somebody not to be seen.
            What::Presence {
                device,
                user,
                online: false,
                queued,
            } if heard.remove(&(device, user)) => {
                let changes = counts.get(user).map_or(&[][..], Vec::as_slice);
                let gone = was_gone(changes, grace, *queued, entry.at);
                judge.expect(Invariant::I6, entry.at, gone, || {
                    format!(
                        "{device} was told that {user} is gone, who had a connection just before"
                    )
                });
            }
            _ => {}
        }
    }
}

/// Whether there was a time, from the earliest at which it can have been said to that at which it
/// arrived, when there had been no connection for a while.
fn was_gone(changes: &[(Duration, u32)], grace: Duration, said: Duration, heard: Duration) -> bool {
    let ends = changes.iter().map(|(at, _)| *at + grace);
    let times = ends.filter(|at| *at > said && *at <= heard);
    times
        .chain([said, heard])
        .any(|at| !is_there_within(changes, at.saturating_sub(grace), at))
}

/// Whether there was a connection at any time strictly between two.
fn is_there_within(changes: &[(Duration, u32)], from: Duration, to: Duration) -> bool {
    let before = changes.iter().take_while(|(at, _)| *at <= from).last();
    before.is_some_and(|(_, count)| *count > 0)
        || changes
            .iter()
            .any(|(at, count)| *at > from && *at < to && *count > 0)
}
