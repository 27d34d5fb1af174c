//! Rooms: what is delivered, missed, repaired, left.

use super::super::world::{Seen, World, ms};
use super::{CHAT, chat, frames, joined};
use crate::Event;
use carewire_protocol::{ErrorReply, room};
use serde_json::{Value, json};
use std::time::Duration;

#[test]
fn missed_events_follow_once_and_in_order() {
    let mut world = joined(20);
    world.other_says(CHAT, "1");
    world.pass(ms(100));
    world.cut(1006);
    world.other_says(CHAT, "2");
    world.other_says("user:ana", "mine");
    world.pass(Duration::from_secs(2));
    world.other_says(CHAT, "3");
    world.pass(ms(100));
    world.check_seen();
    assert_eq!(world.seen[CHAT].len(), 3);
    assert_eq!(world.seen["user:ana"].len(), 1);
    assert_eq!(world.model.resumes, 1);
    let resumed = world.events.iter().find_map(|event| match event {
        Event::Resumed(resumed) => Some(resumed.clone()),
        _ => None,
    });
    let resumed = resumed.unwrap();
    assert_eq!((resumed.missed, resumed.gaps.len()), (2, 0));
    assert!(resumed.away > Duration::ZERO && resumed.away < ms(600));
    assert!(world.events.contains(&Event::CaughtUp));
}

#[test]
fn live_events_before_the_reply_are_not_taken_for_replayed_ones() {
    let mut world = joined(21);
    world.other_says(CHAT, "1");
    world.pass(ms(100));
    world.cut(1006);
    world.other_says("user:ana", "a");
    world.other_says("user:ana", "b");
    // The automatic room is joined with the connection: "c" comes live, before the resume's reply.
    while frames(&world, "session:resume").is_empty() {
        world.pass(ms(1));
    }
    world.other_says("user:ana", "c");
    world.pass(Duration::from_secs(2));
    world.check_seen();
    assert_eq!(world.seen["user:ana"].len(), 3);
}

#[test]
fn a_gap_is_asked_for_again_and_a_double_is_dropped() {
    let mut world = joined(22);
    for n in 0..3 {
        world.other_says(CHAT, &n.to_string());
    }
    world.lose_frames = 1;
    world.other_says(CHAT, "lost");
    world.double_frames = 2;
    for n in 4..8 {
        world.other_says(CHAT, &n.to_string());
    }
    world.pass(Duration::from_secs(2));
    world.check_seen();
    assert_eq!(world.seen[CHAT].len(), 8);
    assert_eq!(world.dials.len(), 1);
}

#[test]
fn no_repair_where_nothing_was_lost() {
    let mut world = joined(23);
    for n in 0..50 {
        world.other_says(CHAT, &n.to_string());
        world.pass(ms(7));
    }
    world.cut(1006);
    world.pass(Duration::from_secs(5));
    assert_eq!(frames(&world, "room:join").len(), 1);
    assert_eq!(world.model.resumes, 1);
}

#[test]
fn what_cannot_be_replayed_is_said() {
    let mut world = joined(24);
    world.other_says(CHAT, "1");
    world.pass(ms(100));
    world.cut(1006);
    world.model.lose_log(CHAT);
    world.other_says(CHAT, "new");
    world.pass(Duration::from_secs(2));
    world.other_says(CHAT, "newer");
    world.pass(ms(100));
    let seen = &world.seen[CHAT];
    assert_eq!(seen[1], Seen::Anew);
    assert_eq!(
        seen[2],
        Seen::Event {
            epoch: "e1".into(),
            offset: 2,
            body: "newer".into()
        }
    );
    assert!(
        world
            .events
            .iter()
            .any(|event| matches!(event, Event::Resumed(r) if r.gaps == [chat()]))
    );
}

#[test]
fn a_room_one_may_no_longer_be_in_is_lost() {
    let mut world = joined(26);
    world.cut(1006);
    world.model.join_refusals = [
        ErrorReply::invalid("rooms", "no"),
        ErrorReply::room_denied(),
    ]
    .into();
    world.pass(Duration::from_secs(5));
    let lost = Event::RoomLost {
        room: chat(),
        error: ErrorReply::room_denied(),
    };
    assert!(world.events.contains(&lost), "{:?}", world.events);
    world.cut(1006);
    world.pass(Duration::from_secs(5));
    let resume = frames(&world, "session:resume").pop().unwrap().1;
    assert_eq!(
        resume["data"]["rooms"].as_array().unwrap().len(),
        1,
        "{resume}"
    );
}

#[test]
fn a_server_that_cannot_resume_now_is_asked_again() {
    let mut world = joined(27);
    world.cut(1006);
    world.other_says(CHAT, "missed");
    world.model.join_refusals = [
        ErrorReply::unavailable(),
        ErrorReply::rate_limited(ms(3000)),
    ]
    .into();
    world.pass(Duration::from_secs(10));
    assert_eq!(world.model.resumes, 3);
    assert_eq!(world.seen[CHAT].len(), 1);
    assert_eq!(world.dials.len(), 2);
}

#[test]
fn the_server_may_join_and_remove() {
    let mut world = joined(28);
    let event = |name: &str, data: Value| {
        json!({"type": name, "timestamp": "2026-11-21T10:30:00.000Z", "data": data}).to_string()
    };
    world.tell(event(
        "room:joined",
        json!({"roomId": "thread:t1", "epoch": "e0", "offset": 0}),
    ));
    world.tell(event(
        "room:left",
        json!({"roomId": CHAT, "reason": "revoked"}),
    ));
    world.pass(ms(100));
    world.cut(1006);
    world.pass(Duration::from_secs(2));
    let resume = frames(&world, "session:resume").pop().unwrap().1;
    let rooms = resume["data"]["rooms"].as_array().unwrap().clone();
    let rooms: Vec<_> = rooms
        .iter()
        .map(|room| room["roomId"].as_str().unwrap())
        .collect();
    assert_eq!(rooms, ["thread:t1", "user:ana"]);
}

#[test]
fn whoever_leaves_is_not_brought_back() {
    let mut world = joined(29);
    world.other_says(CHAT, "1");
    world.pass(ms(100));
    let leave = world.request(room::Leave { room_id: chat() });
    world.other_says(CHAT, "not for us");
    world.pass(ms(100));
    assert!(world.reply(leave).unwrap().is_ok());
    assert_eq!(world.seen[CHAT].len(), 1);
    world.cut(1006);
    world.pass(Duration::from_secs(2));
    let resume = frames(&world, "session:resume").pop().unwrap().1;
    assert_eq!(resume["data"]["rooms"].as_array().unwrap().len(), 1);

    // Offline, a join that was not sent yet is taken back.
    world.up = false;
    world.cut(1006);
    let join = world.request(room::Join::fresh(chat()));
    let leave = world.request(room::Leave { room_id: chat() });
    assert!(world.reply(join).unwrap().is_err() && world.reply(leave).unwrap().is_ok());
}

#[test]
fn a_leave_without_an_answer_does_not_undo_a_later_join() {
    let mut world = joined(38);
    world.lose_frames = 1;
    let leave = world.request(room::Leave { room_id: chat() });
    world.request(room::Join::fresh(chat()));
    world.pass(ms(100));
    assert_eq!(world.reply(leave), None);
    world.cut(1006);
    assert!(world.reply(leave).unwrap().is_ok());
    world.pass(Duration::from_secs(2));
    world.other_says(CHAT, "still here");
    world.pass(ms(100));
    assert_eq!(world.seen[CHAT].len(), 1);
}

#[test]
fn two_joins_at_once_lose_nothing() {
    let mut world = World::connected(37);
    let first = world.request(room::Join::fresh(chat()));
    world.pass(ms(5));
    let second = world.request(room::Join::fresh(chat()));
    world.pass(ms(17)); // the server has the first
    world.other_says(CHAT, "between");
    world.pass(ms(100));
    assert!(world.reply(first).unwrap().is_ok() && world.reply(second).unwrap().is_ok());
    assert_eq!(world.seen[CHAT].len(), 1);

    let mut world = World::connected(37);
    world.model.join_refusals = [ErrorReply::rate_limited(ms(10))].into();
    let first = world.request(room::Join::fresh(chat()));
    let second = world.request(room::Join::fresh(chat()));
    world.pass(ms(100));
    assert!(world.reply(first).unwrap().is_err() && world.reply(second).unwrap().is_ok());
    world.cut(1006);
    world.other_says(CHAT, "missed");
    world.pass(Duration::from_secs(2));
    assert_eq!(world.seen[CHAT].len(), 1);
}
