//! Arbitrary interleavings of everything that can happen to a session.

use super::world::{Seen, World, ms};
use crate::session::{Hint, Input, RequestNumber};
use carewire_protocol::{ErrorReply, RoomId, message, room};
use proptest::{prelude::*, sample::select};
use std::{collections::BTreeMap, time::Duration};

const ROOMS: [&str; 3] = ["chat:ana:dr-lee", "chat:ana:bob", "user:ana"];

#[derive(Debug, Clone)]
enum Step {
    Pass(u64),
    Sleep(u64),
    Send(usize),
    Join(usize),
    Leave(usize),
    Query,
    Typing(usize),
    OtherSays(usize),
    Cut(u16),
    Silence,
    NetworkDown,
    NetworkUp,
    LoseFrames(u32),
    DoubleFrames(u32),
    PutOff(u64),
    RefuseJoin,
    LoseLog(usize),
    Trim(usize),
    Hint(Hint),
    Garbage(String),
    Stale(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let own = 0..2_usize;
    let any_room = 0..3_usize;
    let hints = [
        Hint::Background,
        Hint::Foreground,
        Hint::Network(true),
        Hint::Network(false),
        Hint::ReconnectNow,
    ];
    prop_oneof![
        8 => (0..200_u64).prop_map(Step::Pass),
        4 => (0..40_000_u64).prop_map(Step::Pass),
        1 => (0..300_000_u64).prop_map(Step::Sleep),
        8 => own.clone().prop_map(Step::Send),
        3 => own.clone().prop_map(Step::Join),
        1 => own.clone().prop_map(Step::Leave),
        1 => Just(Step::Query),
        1 => own.prop_map(Step::Typing),
        8 => any_room.clone().prop_map(Step::OtherSays),
        4 => select(vec![1006, 1001, 1009, 1011, 4501, 4503, 4508]).prop_map(Step::Cut),
        1 => Just(Step::Silence),
        1 => Just(Step::NetworkDown),
        2 => Just(Step::NetworkUp),
        2 => (1..4_u32).prop_map(Step::LoseFrames),
        2 => (1..4_u32).prop_map(Step::DoubleFrames),
        2 => (0..3000_u64).prop_map(Step::PutOff),
        1 => Just(Step::RefuseJoin),
        1 => any_room.clone().prop_map(Step::LoseLog),
        1 => any_room.prop_map(Step::Trim),
        2 => select(hints.to_vec()).prop_map(Step::Hint),
        1 => "\\PC{0,20}".prop_map(Step::Garbage),
        1 => (0..5_u64).prop_map(Step::Stale),
    ]
}

/// Frames of the right shape with arbitrary content.
pub(super) fn frame() -> impl Strategy<Value = String> {
    let kind = select(vec![
        "reply",
        "error",
        "ping",
        "pong",
        "connected",
        "message:new",
        "room:left",
        "room:joined",
        "auth:expiring",
        "server:shutdown",
        "later:thing",
    ]);
    let room = select(ROOMS.to_vec());
    (kind, room, 0..12_u64, 0..9_u32, any::<bool>(), 0..4_u8).prop_map(|(kind, room, offset, id, retained, data)| {
        let data = match data {
            0 => "{}".to_owned(),
            1 => format!(r#"{{"roomId":"{room}","epoch":"e0","offset":{offset},"recovered":{retained},"missed":0}}"#),
            2 => format!(r#"{{"rooms":[{{"roomId":"{room}","epoch":"e0","offset":{offset},"recovered":{retained},"missed":1}}],"unread":{{}},"presences":[]}}"#),
            _ => r#"{"reason":"revoked","retryAfterMs":0,"expiresAt":"2026-11-21T10:30:00.000Z"}"#.to_owned(),
        };
        let position = if retained { format!(r#","room":"{room}","epoch":"e0","offset":{offset}"#) } else { String::new() };
        let error = r#","error":{"code":"unavailable","message":"x","retryAfterMs":0}"#;
        format!(r#"{{"type":"{kind}","id":{id}{position}{error},"data":{data}}}"#)
    })
}

#[derive(Default)]
struct Asked {
    sends: Vec<(usize, String, RequestNumber)>,
    others: Vec<RequestNumber>,
    /// When the application itself began anew in a room.
    joins: Vec<(usize, RequestNumber)>,
}

fn take(world: &mut World, step: Step, asked: &mut Asked) {
    let room = |at: usize| -> RoomId { ROOMS[at].parse().unwrap() };
    match step {
        Step::Pass(time) => world.pass(ms(time)),
        Step::Sleep(time) => world.sleep(ms(time)),
        Step::Send(at) => {
            let body = format!("own {}", asked.sends.len());
            let number = world.request(message::Send::text(room(at), &*body));
            asked.sends.push((at, body, number));
        }
        Step::Join(at) => {
            let number = world.request(room::Join::fresh(room(at)));
            asked.joins.push((at, number));
        }
        Step::Leave(at) => {
            let number = world.request(room::Leave { room_id: room(at) });
            asked.others.push(number);
            world
                .seen
                .entry(ROOMS[at].to_owned())
                .or_default()
                .push(Seen::Anew);
        }
        Step::Query => {
            let number = world.request(message::History::newest(room(0)));
            asked.others.push(number);
        }
        Step::Typing(at) => world.input(Input::Typing(room(at))),
        Step::OtherSays(at) => world.other_says(ROOMS[at], "theirs"),
        Step::Cut(code) => world.cut(code),
        Step::Silence => world.silent = true,
        Step::NetworkDown => {
            world.up = false;
            world.cut(1006);
        }
        Step::NetworkUp => world.up = true,
        Step::LoseFrames(n) => world.lose_frames = n,
        Step::DoubleFrames(n) => world.double_frames = n,
        Step::PutOff(wait) => world
            .model
            .refusals
            .push_back(ErrorReply::rate_limited(ms(wait))),
        Step::RefuseJoin => world
            .model
            .join_refusals
            .push_back(ErrorReply::unavailable()),
        Step::LoseLog(at) => world.model.lose_log(ROOMS[at]),
        Step::Trim(at) => world.model.trim(ROOMS[at]),
        Step::Hint(hint) => world.hint(hint),
        Step::Garbage(text) => world.tell(text),
        Step::Stale(dial) => {
            world.input(Input::Frame {
                dial: dial + 1_000_000,
                text: r#"{"type":"ping"}"#,
            });
            world.input(Input::Closed {
                dial: dial + 1_000_000,
                code: 4409,
                reason: "",
                retry_after: None,
            });
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(500), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_the_user_did_happens_once_and_nothing_retained_is_missed(
        seed: u64, steps in prop::collection::vec(step(), 1..60),
    ) {
        let mut world = World::new(seed);
        let mut asked = Asked::default();
        world.input(Input::Connect);
        for step in steps {
            take(&mut world, step, &mut asked);
            world.check_seen();
        }
        // The network heals; everything converges.
        (world.up, world.silent, world.lose_frames, world.double_frames) = (true, false, 0, 0);
        world.model.refusals.clear();
        world.model.join_refusals.clear();
        // A frame lost without its connection is noticed at the next one; and a reply that was lost
        // alone only with the connection.
        world.cut(1006);
        world.pass(Duration::from_secs(90));
        world.other_says("user:ana", "last");
        world.pass(Duration::from_secs(5));
        prop_assert!(world.is_connected(), "{:?}", world.states.last());
        world.check_seen();

        // Each once, in order, under one key.
        for (at, own) in ROOMS.iter().enumerate().take(2) {
            let given: Vec<_> = asked.sends.iter().filter(|(room, ..)| *room == at).map(|(_, b, _)| b.as_str()).collect();
            let stored = world.model.stored.iter().filter(|(room, _, key)| room == own && key.is_some());
            let stored: Vec<_> = stored.map(|(_, body, _)| body.as_str()).collect();
            prop_assert_eq!(given, stored);
        }
        let mut keys = BTreeMap::new();
        for (_, text) in world.sent.iter().filter(|(_, text)| text.contains("\"message:send\"")) {
            let frame: serde_json::Value = serde_json::from_str(text).unwrap();
            let body = frame["data"]["body"].as_str().unwrap().to_owned();
            let key = frame["key"].as_str().unwrap().to_owned();
            prop_assert_eq!(keys.entry(body).or_insert(key.clone()), &key);
        }
        // One reply each.
        let sends = asked.sends.iter().map(|(.., number)| number);
        for number in sends.clone() {
            prop_assert!(world.reply(*number).is_some_and(Result::is_ok));
        }
        for number in asked.others.iter().chain(asked.joins.iter().map(|(_, number)| number)) {
            prop_assert!(world.reply(*number).is_some());
        }
        prop_assert_eq!(world.session.unanswered(), 0);
        // The end of every log that is followed was seen.
        let member = world.model.member.clone().unwrap();
        for room in &member {
            let log = &world.model.logs[room];
            if let Some(Seen::Event { offset, epoch, .. }) = world.seen.get(room).and_then(|seen| seen.last()) {
                prop_assert_eq!((*offset, epoch), (log.head(), &format!("e{}", log.epoch)), "{}", room);
            }
        }
    }

    #[test]
    fn no_frame_makes_it_panic_or_spin(seed: u64, frames in prop::collection::vec((frame(), 0..2000_u64), 1..60)) {
        let mut world = World::connected(seed);
        let number = world.request(room::Join::fresh(ROOMS[0].parse().unwrap()));
        for (text, time) in frames {
            world.tell(text);
            world.pass(ms(time));
        }
        world.input(Input::Close);
        prop_assert!(world.is_closed());
        prop_assert!(world.reply(number).is_some());
        prop_assert_eq!(world.session.deadline(), None);
        world.input(Input::Connect);
        world.input(Input::Wake);
    }

    #[test]
    fn the_same_seed_gives_the_same_session(seed: u64, steps in prop::collection::vec(step(), 1..30)) {
        let run = |steps: Vec<Step>| {
            let mut world = World::new(seed);
            world.input(Input::Connect);
            for step in steps {
                take(&mut world, step, &mut Asked::default());
            }
            world.sent
        };
        prop_assert_eq!(run(steps.clone()), run(steps));
    }
}
