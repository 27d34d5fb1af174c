//! I1 and I2: what commands did, by the log.

use super::{Event, History, Invariant, Judge, Log, Name, Op, Operation, What};
use std::{collections::BTreeMap, time::Duration};

struct Outcome<'a> {
    operation: &'a Operation,
    verdict: Verdict<'a>,
    at: Duration,
}

enum Verdict<'a> {
    Open,
    Acknowledged(Option<&'a Name>),
    Refused,
    Unknown,
}

pub(super) fn judge(history: &History, judge: &mut Judge) {
    let mut outcomes: BTreeMap<Op, Outcome<'_>> = BTreeMap::new();
    for entry in &history.entries {
        let (op, verdict) = match &entry.what {
            What::Invoked(operation) => {
                let verdict = Verdict::Open;
                let at = entry.at;
                outcomes.insert(
                    operation.op,
                    Outcome {
                        operation,
                        verdict,
                        at,
                    },
                );
                continue;
            }
            What::Acknowledged { op, message } => (op, Verdict::Acknowledged(message.as_ref())),
            What::Refused { op } => (op, Verdict::Refused),
            What::Unknown { op } => (op, Verdict::Unknown),
            _ => continue,
        };
        if let Some(outcome) = outcomes.get_mut(op) {
            outcome.verdict = verdict;
            outcome.at = entry.at;
        }
    }

    let mut by_key: BTreeMap<(&Name, &Name), Shared> = BTreeMap::new();
    for outcome in outcomes.values() {
        let Operation {
            op,
            user,
            room,
            event,
            mark,
            ..
        } = outcome.operation;
        let effects = effects(history, outcome.operation);
        let mut in_log = None;
        match &outcome.verdict {
            Verdict::Acknowledged(message) => {
                in_log = Some(is_in_log(history, outcome.operation, *message, &effects));
            }
            Verdict::Refused if mark.is_some() => {
                judge.expect(Invariant::I2, outcome.at, effects.is_empty(), || {
                    format!("operation {op} ({event} in {room}) was refused and is in the log")
                });
            }
            Verdict::Open | Verdict::Unknown | Verdict::Refused => {}
        }
        if let Some(key) = &outcome.operation.key {
            let shared = by_key.entry((user, key)).or_default();
            shared.effects += effects.len();
            shared.acknowledged |= in_log.is_some();
            shared.in_log |= in_log == Some(true);
            shared.at = shared.at.max(outcome.at);
            continue;
        }
        if let Some(in_log) = in_log {
            judge.expect(Invariant::I1, outcome.at, in_log, || {
                format!("operation {op} ({event} in {room}) was acknowledged and is not in the log")
            });
        }
        judge.expect(Invariant::I2, outcome.at, effects.len() <= 1, || {
            let times = effects.len();
            format!("operation {op} ({event} in {room}) took effect {times} times")
        });
    }
    for ((user, key), shared) in by_key {
        judge.expect(Invariant::I2, shared.at, shared.effects <= 1, || {
            let times = shared.effects;
            format!("key {key} of {user} took effect {times} times")
        });
        if shared.acknowledged {
            let in_log = shared.in_log || shared.effects > 0;
            judge.expect(Invariant::I1, shared.at, in_log, || {
                format!("key {key} of {user} was acknowledged and nothing of it is in the log")
            });
        }
    }
}

/// Operations under one key: whichever comes first takes effect, for all of them.
#[derive(Default)]
struct Shared {
    effects: usize,
    acknowledged: bool,
    in_log: bool,
    at: Duration,
}

/// The events of the log that an operation led to. A deleted message cannot be told from another.
fn effects<'a>(history: &'a History, operation: &Operation) -> Vec<&'a Event> {
    let Some(log) = history.logs.get(&operation.room) else {
        return Vec::new();
    };
    log.events
        .values()
        .filter(|event| event.name == operation.event)
        .filter(|event| match &operation.mark {
            Some(mark) => event.mark.as_ref() == Some(mark),
            None => event.message.is_some() && event.message == operation.subject,
        })
        .collect()
}

fn is_in_log(
    history: &History,
    operation: &Operation,
    named: Option<&Name>,
    effects: &[&Event],
) -> bool {
    // Whatever has the same key may have taken effect in another room.
    let logs: Vec<&Log> = match &operation.key {
        Some(_) => history.logs.values().collect(),
        None => history.logs.get(&operation.room).into_iter().collect(),
    };
    let message = named.or(operation.subject.as_ref());
    let is_about = |event: &Event| message.is_none() || event.message.as_ref() == message;
    let emptied = || {
        let mut events = logs.iter().flat_map(|log| log.events.values());
        events.any(|event| {
            // What a reply names is found by its name; of what a deletion has emptied there is
            // nothing else to find it by.
            event.name == operation.event
                && (event.mark.is_none() || named.is_some())
                && message.is_some()
                && is_about(event)
        })
    };
    // What is no longer kept cannot be looked up.
    let is_trimmed = logs.iter().any(|log| log.floor > 0);
    is_trimmed || effects.iter().any(|event| is_about(event)) || emptied()
}
