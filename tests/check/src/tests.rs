//! The judge judged: a history in which all is well, and one change for each way to break it.

use super::*;
use std::collections::BTreeMap;

const ROOM: &str = "clinic/chat:ana:lee";

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn new(id: &str, mark: Option<&str>) -> Event {
    Event {
        name: "message:new".into(),
        message: Some(id.into()),
        mark: mark.map(Name::from),
    }
}

fn send(op: Op, mark: &str, key: Option<&str>) -> What {
    What::Invoked(Operation {
        op,
        device: "lee/desk".into(),
        user: "clinic/lee".into(),
        key: key.map(Name::from),
        room: ROOM.into(),
        event: "message:new".into(),
        subject: None,
        mark: Some(mark.into()),
    })
}

fn acknowledged(op: Op, id: &str) -> What {
    What::Acknowledged {
        op,
        message: Some(id.into()),
    }
}

fn observed(offset: u64, event: Event, at: u64) -> What {
    What::Observed {
        device: "ana/phone".into(),
        room: ROOM.into(),
        epoch: "e".into(),
        offset,
        event,
        queued: ms(at),
    }
}

fn follows(offset: u64) -> What {
    What::Follows {
        device: "ana/phone".into(),
        room: ROOM.into(),
        epoch: "e".into(),
        offset,
    }
}

fn care(cares: bool) -> What {
    What::Access(Access::Care {
        provider: "clinic/lee".into(),
        patient: "clinic/ana".into(),
        cares,
    })
}

fn role(user: &str, role: &str) -> What {
    What::Access(Access::Role {
        user: user.into(),
        role: role.into(),
    })
}

/// Lee writes two messages, Ana is given both.
fn good() -> History {
    let mut history = History::default();
    let entries = [
        (0, role("clinic/lee", "provider")),
        (0, care(true)),
        (
            0,
            What::Device {
                device: "ana/phone".into(),
                user: "clinic/ana".into(),
            },
        ),
        (1, follows(0)),
        (2, send(1, "one", None)),
        (3, acknowledged(1, "m1")),
        (4, observed(1, new("m1", Some("one")), 3)),
        (5, send(2, "two", Some("k"))),
        (6, observed(2, new("m2", Some("two")), 6)),
        (7, acknowledged(2, "m2")),
        (8, What::Healed),
    ];
    for (at, what) in entries {
        history.push(ms(at), what);
    }
    history.logs = BTreeMap::from([(ROOM.into(), log(&[("m1", "one"), ("m2", "two")]))]);
    history
}

fn log(messages: &[(&str, &str)]) -> Log {
    let events = (1..).zip(messages.iter().map(|(id, mark)| new(id, Some(mark))));
    Log {
        epoch: "e".into(),
        floor: 0,
        head: messages.len() as u64,
        events: events.collect(),
        read: BTreeMap::new(),
    }
}

/// The invariants that a history violates.
fn broken(history: &History) -> Vec<Invariant> {
    let mut broken: Vec<_> = check(history)
        .err()
        .unwrap_or_default()
        .into_iter()
        .map(|violation| violation.invariant)
        .collect();
    broken.dedup();
    broken
}

/// What is violated when these things happen after all was well.
fn and_then(more: impl IntoIterator<Item = (u64, What)>) -> Vec<Invariant> {
    let mut history = good();
    for (at, what) in more {
        history.push(ms(at), what);
    }
    broken(&history)
}

fn with_log(messages: &[(&str, &str)]) -> Vec<Invariant> {
    let mut history = good();
    history.logs.insert(ROOM.into(), log(messages));
    broken(&history)
}

#[test]
fn all_is_well() {
    let report = check(&good()).unwrap();
    for invariant in [1, 2, 3, 4, 5, 6, 7, 8].map(|n: usize| Invariant::ALL[n - 1]) {
        assert!(
            report.checked[&invariant] > 0,
            "{invariant} was not looked at"
        );
    }
}

#[test]
fn i1_what_was_acknowledged_is_in_the_log() {
    let lost = [(10, send(3, "three", None)), (11, acknowledged(3, "m3"))];
    assert_eq!(and_then(lost), [Invariant::I1]);
    let unknown = [(10, send(3, "three", None)), (11, What::Unknown { op: 3 })];
    assert_eq!(and_then(unknown), []);
}

#[test]
fn i1_a_deleted_message_is_still_in_the_log() {
    let mut history = good();
    let log = history.logs.get_mut(ROOM).unwrap();
    log.events.get_mut(&1).unwrap().mark = None;
    assert_eq!(broken(&history), []);
}

#[test]
fn i2_one_effect_for_an_operation_and_for_a_key() {
    let messages = [("m1", "one"), ("m2", "two"), ("m3", "two")];
    let mut history = good();
    history.logs.insert(ROOM.into(), log(&messages));
    history.push(ms(10), observed(3, new("m3", Some("two")), 10));
    assert_eq!(broken(&history), [Invariant::I2]);

    let mut history = good();
    history.logs.insert(
        ROOM.into(),
        log(&[("m1", "one"), ("m2", "two"), ("m3", "three")]),
    );
    history.push(ms(10), observed(3, new("m3", Some("three")), 10));
    history.push(ms(11), send(3, "three", Some("k")));
    history.push(ms(12), acknowledged(3, "m3"));
    assert_eq!(broken(&history), [Invariant::I2], "one key, two commands");
}

#[test]
fn i2_a_refused_command_has_no_effect() {
    let mut history = good();
    for entry in &mut history.entries {
        if let What::Acknowledged { op: 1, .. } = entry.what {
            entry.what = What::Refused { op: 1 };
        }
    }
    assert_eq!(broken(&history), [Invariant::I2]);
}

#[test]
fn i3_contiguous_or_told() {
    let twice = (10, observed(2, new("m2", Some("two")), 10));
    assert_eq!(and_then([twice.clone()]), [Invariant::I3]);
    assert_eq!(and_then([(9, follows(1)), twice]), []);

    let mut history = good();
    history
        .entries
        .retain(|entry| !matches!(entry.what, What::Observed { offset: 1, .. }));
    assert_eq!(broken(&history), [Invariant::I3], "a hole");
}

#[test]
fn i4_one_place_one_event() {
    assert_eq!(
        with_log(&[("m1", "one"), ("m2", "other"), ("m2", "two")]),
        [Invariant::I4, Invariant::I6]
    );
    assert_eq!(with_log(&[("m2", "two"), ("m1", "one")]), [Invariant::I4]);
}

#[test]
fn i5_nobody_hears_of_what_is_not_durable() {
    let read = |message: &str| What::Read {
        device: "ana/phone".into(),
        room: ROOM.into(),
        user: "clinic/lee".into(),
        message: message.into(),
    };
    assert_eq!(and_then([(10, read("m2"))]), [Invariant::I5]);
    let stored = What::Durable(Durable::Read {
        room: ROOM.into(),
        user: "clinic/lee".into(),
        message: "m2".into(),
    });
    assert_eq!(and_then([(10, stored.clone()), (11, read("m2"))]), []);
    assert_eq!(and_then([(10, read("m2")), (11, stored)]), [Invariant::I5]);

    let late = What::Durable(Durable::Event {
        room: ROOM.into(),
        offset: 1,
    });
    assert_eq!(and_then([(10, late)]), [Invariant::I5]);
    let gone = (10, observed(3, new("m3", Some("three")), 10));
    assert_eq!(and_then([gone]), [Invariant::I5, Invariant::I6]);
}

#[test]
fn i6_everybody_gets_there() {
    assert_eq!(
        with_log(&[("m1", "one"), ("m2", "two"), ("m3", "three")]),
        [Invariant::I6]
    );
    assert_eq!(
        and_then([(10, send(3, "three", None))]),
        [Invariant::I6],
        "unanswered"
    );
    let mut left_after = good();
    left_after.logs.insert(
        ROOM.into(),
        log(&[("m1", "one"), ("m2", "two"), ("m3", "three")]),
    );
    let ended = What::Ended {
        device: "ana/phone".into(),
        well: true,
    };
    left_after.push(ms(9), ended);
    let left = What::Left {
        device: "ana/phone".into(),
        room: ROOM.into(),
    };
    left_after.push(ms(10), left);
    assert_eq!(
        broken(&left_after),
        [Invariant::I6],
        "leaving comes too late to be let off"
    );
    let gone = What::Ended {
        device: "lee/desk".into(),
        well: false,
    };
    assert_eq!(and_then([(10, gone)]), [Invariant::I6]);
    let wrong = What::Believed {
        device: "ana/phone".into(),
        user: "clinic/lee".into(),
        online: true,
        truly: false,
    };
    assert_eq!(and_then([(10, wrong)]), [Invariant::I6]);
}

#[test]
fn i6_typing_ends() {
    let typing = |on| What::Typing {
        device: "ana/phone".into(),
        room: ROOM.into(),
        user: "clinic/lee".into(),
        on,
    };
    assert_eq!(and_then([(10, typing(true)), (7010, typing(false))]), []);
    assert_eq!(
        and_then([(10, typing(true)), (7011, typing(false))]),
        [Invariant::I6]
    );
    assert_eq!(
        and_then([(10, typing(true)), (9000, What::Healed)]),
        [Invariant::I6]
    );
    let disturbed = What::Disturbed {
        device: "ana/phone".into(),
    };
    assert_eq!(
        and_then([(10, typing(true)), (11, disturbed), (9000, What::Healed)]),
        []
    );
}

#[test]
fn i6_a_reconnect_is_invisible() {
    let connection = |up| What::Connection {
        user: "clinic/lee".into(),
        up,
    };
    let presence = |online, at| What::Presence {
        device: "ana/phone".into(),
        user: "clinic/lee".into(),
        online,
        queued: ms(at),
    };
    let story = |offline_at| {
        [
            (10, connection(true)),
            (11, presence(true, 11)),
            (20, connection(false)),
            (offline_at, presence(false, offline_at)),
        ]
    };
    assert_eq!(and_then(story(10_020)), []);
    assert_eq!(and_then(story(10_019)), [Invariant::I6]);
}

#[test]
fn i7_only_what_is_permitted() {
    let later = |offset, at| {
        let mut history = good();
        history.logs.insert(
            ROOM.into(),
            log(&[("m1", "one"), ("m2", "two"), ("m3", "three")]),
        );
        history.push(ms(1000), care(false));
        history.push(ms(at + 500), observed(offset, new("m3", Some("three")), at));
        broken(&history)
    };
    assert_eq!(later(3, 2000), [], "queued within a second");
    assert_eq!(later(3, 2001), [Invariant::I7]);
}

#[test]
fn i7_where_reading_begins_and_where_tenants_end() {
    let mut history = good();
    let thread: Name = "clinic/thread:t".into();
    let shown = |user: &str, offset| {
        let mut history = history.clone();
        let device: Name = format!("{user}/phone").into();
        history.push(
            ms(20),
            What::Device {
                device: device.clone(),
                user: user.into(),
            },
        );
        let what = What::Observed {
            device,
            room: thread.clone(),
            epoch: "e".into(),
            offset,
            event: new("m2", Some("x")),
            queued: ms(20),
        };
        history.push(ms(20), what);
        history.logs.insert(
            thread.clone(),
            Log {
                floor: 9,
                ..log(&[])
            },
        );
        broken(&history).contains(&Invariant::I7)
    };
    assert!(shown("clinic/ana", 2), "not a member");
    history.push(
        ms(10),
        What::Access(Access::Member {
            room: thread.clone(),
            user: "clinic/ana".into(),
            floor: Some(1),
        }),
    );
    history.push(ms(10), role("other/boss", "admin"));
    history.push(ms(10), role("clinic/boss", "admin"));
    let shown = |user: &str, offset| {
        let mut history = history.clone();
        let device: Name = format!("{user}/tablet").into();
        history.push(
            ms(20),
            What::Device {
                device: device.clone(),
                user: user.into(),
            },
        );
        let event = new("m2", Some("x"));
        let (room, epoch) = (thread.clone(), "e".into());
        history.push(
            ms(20),
            What::Observed {
                device,
                room,
                epoch,
                offset,
                event,
                queued: ms(20),
            },
        );
        broken(&history).contains(&Invariant::I7)
    };
    assert!(!shown("clinic/ana", 2));
    assert!(shown("clinic/ana", 1), "before the adding");
    assert!(!shown("clinic/boss", 1), "admins may");
    assert!(shown("other/boss", 2), "another tenant's admin may not");
}

#[test]
fn i7_a_deleted_body_is_shown_to_nobody() {
    let delete = What::Invoked(Operation {
        op: 3,
        device: "lee/desk".into(),
        user: "clinic/lee".into(),
        key: None,
        room: ROOM.into(),
        event: "message:deleted".into(),
        subject: Some("m1".into()),
        mark: None,
    });
    let mut history = good();
    let log = history.logs.get_mut(ROOM).unwrap();
    log.events.get_mut(&1).unwrap().mark = None;
    let deleted = Event {
        name: "message:deleted".into(),
        message: Some("m1".into()),
        mark: None,
    };
    log.events.insert(3, deleted.clone());
    log.head = 3;
    history.push(ms(10), delete);
    history.push(
        ms(11),
        What::Acknowledged {
            op: 3,
            message: None,
        },
    );
    history.push(ms(12), observed(3, deleted, 12));
    assert_eq!(broken(&history), []);
    history.push(
        ms(2000),
        What::Shown {
            device: "ana/phone".into(),
            room: ROOM.into(),
            event: new("m1", Some("one")),
            queued: ms(2000),
        },
    );
    assert_eq!(broken(&history), [Invariant::I7]);
}

#[test]
fn i8_no_repair_without_a_fault() {
    let repair = What::Repaired {
        by: "ana/phone".into(),
        room: ROOM.into(),
    };
    assert_eq!(and_then([(10, repair.clone())]), [Invariant::I8]);
    let fault = |target: &str| What::Fault {
        name: "frame lost".into(),
        target: Some(target.into()),
        loses: true,
    };
    assert_eq!(
        and_then([(9, fault("ana/phone")), (10, repair.clone())]),
        []
    );
    assert_eq!(
        and_then([(9, fault("lee/desk")), (10, repair)]),
        [Invariant::I8]
    );
}

#[test]
fn i9_nothing_grows() {
    let rooms = |after| What::Baseline {
        name: "rooms".into(),
        before: 2,
        after,
    };
    assert_eq!(and_then([(10, rooms(2))]), []);
    assert_eq!(and_then([(10, rooms(3))]), [Invariant::I9]);
    let queue = What::Bound {
        name: "frames that wait".into(),
        seen: 9,
        most: 8,
    };
    assert_eq!(and_then([(10, queue)]), [Invariant::I9]);
}
