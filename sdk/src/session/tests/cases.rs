//! One behaviour a test.

use super::world::{Seen, World, ms};
use crate::{
    CloseReason, Event, RequestError, TokenError,
    session::{Hint, Input, Queue, State, TokenNeed},
};
use carewire_protocol::{
    Command, ErrorReply, RoomId, UserId, call, message, presence, room, whiteboard,
};
use serde_json::{Value, json};
use std::time::Duration;

const CHAT: &str = "chat:ana:dr-lee";

fn chat() -> RoomId {
    CHAT.parse().unwrap()
}

fn say(body: &str) -> message::Send {
    message::Send::text(chat(), body)
}

fn joined(seed: u64) -> World {
    let mut world = World::connected(seed);
    let join = world.request(room::Join::fresh(chat()));
    world.pass(ms(100));
    assert!(world.reply(join).unwrap().is_ok());
    world
}

fn bodies(world: &World) -> Vec<&str> {
    world
        .model
        .stored
        .iter()
        .map(|(_, body, _)| body.as_str())
        .collect()
}

fn frames<'a>(world: &'a World, name: &str) -> Vec<(Duration, Value)> {
    let all = world
        .sent
        .iter()
        .map(|(at, text)| (*at, serde_json::from_str::<Value>(text).unwrap()));
    let name: &'a str = name.to_owned().leak();
    all.filter(|(_, frame)| frame["type"] == name).collect()
}

#[test]
fn the_token_is_the_first_thing_said() {
    let world = World::connected(1);
    let first: Value = serde_json::from_str(&world.sent[0].1).unwrap();
    assert_eq!(first["type"], "auth:authenticate");
    assert_eq!(
        first["data"],
        json!({"token": "token", "clientId": "device"})
    );
    assert_eq!(world.states, [State::Connecting, State::Connected]);
}

#[test]
fn a_drop_is_answered_at_once_and_failures_with_patience() {
    let mut world = joined(2);
    world.cut(1006);
    world.up = false;
    let lost = world.now;
    world.pass(Duration::from_mins(10));
    assert!(world.dials[1] - lost <= ms(500));
    let gaps: Vec<_> = world
        .dials
        .windows(2)
        .skip(1)
        .map(|pair| pair[1] - pair[0])
        .collect();
    assert!(gaps[0] >= ms(250) && gaps[0] <= ms(600), "{gaps:?}");
    assert!(gaps.iter().all(|gap| *gap <= ms(20_100)), "{gaps:?}");
    assert!(gaps[10..].iter().all(|gap| *gap >= ms(10_000)), "{gaps:?}");
    // No end to it.
    world.pass(Duration::from_hours(24));
    world.up = true;
    world.pass(Duration::from_secs(30));
    assert!(world.is_connected());
}

#[test]
fn the_server_says_when_to_come_back() {
    let mut world = joined(3);
    let shutdown = json!({"type": "server:shutdown", "timestamp": "2026-11-21T10:30:00.000Z",
        "data": {"reason": "update", "retryAfterMs": 7000}});
    world.tell(shutdown.to_string());
    world.pass(ms(50));
    world.cut(4503);
    let lost = world.now;
    assert_eq!(
        world.states.last(),
        Some(&State::Reconnecting {
            attempt: 1,
            retry_in: Some(ms(7000))
        })
    );
    world.pass(ms(8000));
    assert_eq!(world.dials[1] - lost, ms(7000));
}

#[test]
fn silence_means_a_dead_connection() {
    let mut world = joined(4);
    world.silent = true;
    world.pass(ms(24_000));
    assert!(world.is_connected());
    world.pass(ms(3000));
    assert_eq!(world.dials.len(), 2);
    assert!(world.is_connected());
}

/// Its heartbeats come, and answers do not: half a connection is none.
#[test]
fn a_server_that_hears_nothing_is_left() {
    let mut world = joined(4);
    world.deaf = true;
    let number = world.request(say("hello"));
    world.pass(ms(34_000));
    assert_eq!(world.dials.len(), 1, "it is asked whether it hears");
    world.pass(ms(3000));
    assert_eq!(world.dials.len(), 2);
    assert!(matches!(world.reply(number), Some(Ok(_))));
    assert_eq!(bodies(&world), ["hello"]);
}

/// A command may take long; that the server hears is enough.
#[test]
fn a_server_that_takes_its_time_is_kept() {
    let mut world = joined(4);
    world.deaf = true;
    let number = world.request(say("hello"));
    for _ in 0..30 {
        world.pass(ms(5000));
        world.tell(r#"{"type":"pong"}"#.to_owned());
    }
    assert_eq!((world.dials.len(), world.reply(number)), (1, None));
}

#[test]
fn a_device_that_slept_asks_before_it_gives_up() {
    let mut world = joined(5);
    world.sleep(Duration::from_hours(2));
    world.pass(ms(100));
    assert_eq!((world.dials.len(), frames(&world, "ping").len()), (1, 1));
    world.pass(Duration::from_secs(10));
    assert_eq!(world.dials.len(), 1, "the server answered");

    world.silent = true;
    world.hint(Hint::Foreground);
    world.pass(ms(3600));
    assert_eq!(world.dials.len(), 2, "the server did not");
}

#[test]
fn pings_are_answered_with_their_id() {
    let mut world = joined(6);
    world.tell(r#"{"type":"ping","id":7}"#.to_owned());
    world.pass(ms(50));
    assert_eq!(world.sent.last().unwrap().1, r#"{"type":"pong","id":7}"#);
}

#[test]
fn final_codes_end_it_and_everybody_is_told() {
    for (code, reason) in [
        (4400, CloseReason::Violation),
        (4403, CloseReason::Forbidden),
        (4409, CloseReason::Disconnected),
        (4410, CloseReason::Idle),
        (4411, CloseReason::Replaced),
        (4499, CloseReason::Other(4499)),
    ] {
        let mut world = joined(7);
        let sent = world.request(say("never"));
        world.cut(code);
        assert_eq!(
            world.states.last(),
            Some(&State::Closed {
                reason: reason.clone()
            })
        );
        assert_eq!(
            world.reply(sent),
            Some(&Err(RequestError::Closed(reason.clone())))
        );
        let later = world.request(say("neither"));
        assert_eq!(world.reply(later), Some(&Err(RequestError::Closed(reason))));
        world.pass(Duration::from_hours(1));
        assert_eq!(world.dials.len(), 1);
    }
}

#[test]
fn a_refused_token_is_fetched_anew_once() {
    let mut world = World::new(8);
    world.token = Box::new(|n| Ok(format!("t{n}").as_str().into()));
    world.model.bad_tokens = ["t1".to_owned(), "t3".to_owned(), "t4".to_owned()].into();
    world.input(Input::Connect);
    world.pass(ms(2000));
    assert!(world.is_connected());
    assert_eq!(world.model.tokens, ["t1", "t2"]);
    assert_eq!(world.tokens_asked[1].1, TokenNeed::Refused);
    world.cut(4401);
    world.pass(Duration::from_mins(1));
    assert_eq!(world.model.tokens, ["t1", "t2", "t3"]);
    assert_eq!(
        world.states.last(),
        Some(&State::Closed {
            reason: CloseReason::Unauthenticated
        })
    );
}

#[test]
fn a_provider_that_fails_is_asked_again_and_signing_out_is_final() {
    let mut world = World::new(9);
    world.token = Box::new(|n| match n {
        1..4 => Err(TokenError::temporary("no network")),
        4 => Ok("t".into()),
        _ => Err(TokenError::SignedOut),
    });
    world.input(Input::Connect);
    world.pass(Duration::from_secs(10));
    assert!(world.is_connected());
    assert_eq!(world.tokens_asked.len(), 4);
    world.cut(1006);
    world.pass(Duration::from_mins(1));
    assert_eq!(
        world.states.last(),
        Some(&State::Closed {
            reason: CloseReason::SignedOut
        })
    );
}

#[test]
fn an_expiring_token_is_refreshed_on_the_same_connection() {
    let mut world = joined(10);
    world.token = Box::new(|n| Ok(format!("t{n}").as_str().into()));
    world.pass(Duration::from_mins(1));
    let expiring = |at: &str| json!({"type": "auth:expiring", "timestamp": "2026-11-21T10:31:00.000Z", "data": {"expiresAt": at}});
    world.tell(expiring("2026-11-21T10:32:00.000Z").to_string());
    world.pass(ms(100));
    let refreshes = frames(&world, "auth:refresh");
    assert_eq!(refreshes.len(), 1);
    assert_eq!(refreshes[0].1["data"]["token"], "t2");
    // The new one is announced at once, because it lives for 20 s: half of that later.
    world.tell(expiring("2026-11-21T10:31:21.100Z").to_string());
    world.pass(Duration::from_secs(5));
    assert_eq!(frames(&world, "auth:refresh").len(), 1);
    world.pass(Duration::from_secs(10));
    assert_eq!(frames(&world, "auth:refresh").len(), 2);
    assert_eq!(world.dials.len(), 1);
}

#[test]
fn what_was_given_offline_is_sent_in_order_and_once() {
    let mut world = joined(11);
    world.up = false;
    let lost = world.request(say("0")); // on its way when the network breaks
    world.cut(1006);
    let sent: Vec<_> = ["1", "2", "3"].map(|body| world.request(say(body))).into();
    world.pass(Duration::from_mins(1));
    assert!(world.reply(lost).is_none());
    world.up = true;
    world.pass(Duration::from_secs(30));
    assert_eq!(bodies(&world), ["0", "1", "2", "3"]);
    for number in sent.into_iter().chain([lost]) {
        assert!(world.reply(number).unwrap().is_ok());
    }
    world.check_seen();
    assert_eq!(world.seen[CHAT].len(), 4);
}

#[test]
fn a_lost_reply_costs_nothing() {
    let mut world = joined(12);
    let sent = world.request(say("once"));
    world.pass(ms(25)); // the server has it, its answer is on its way
    assert_eq!(bodies(&world), ["once"]);
    world.cut(1006);
    world.pass(Duration::from_secs(5));
    assert_eq!(bodies(&world), ["once"]);
    assert!(
        world
            .reply(sent)
            .unwrap()
            .as_ref()
            .unwrap()
            .contains("once")
    );
    let keys: Vec<_> = frames(&world, "message:send")
        .iter()
        .map(|(_, f)| f["key"].clone())
        .collect();
    assert_eq!(keys.len(), 2);
    assert_eq!(keys[0], keys[1]);
}

#[test]
fn live_commands_are_not_for_later() {
    let mut world = joined(13);
    world.up = false;
    world.cut(1006);
    let ephemeral = room::Publish {
        room_id: chat(),
        event: "wave".into(),
        payload: carewire_protocol::PrivateJson::default(),
        retain: None,
    };
    let kept = room::Publish {
        retain: Some(true),
        ..ephemeral.clone()
    };
    let (now, later) = (world.request(ephemeral), world.request(kept));
    let call = world.request(call::History {
        cursor: None,
        limit: None,
    });
    let clear = world.request(whiteboard::Clear { room_id: chat() });
    assert_eq!(world.reply(now), Some(&Err(RequestError::Offline)));
    assert_eq!(world.reply(clear), Some(&Err(RequestError::Offline)));
    assert_eq!(
        (world.reply(later), world.reply(call)),
        (None, world.reply(call))
    );
}

#[test]
fn a_live_command_with_a_key_is_repeated_for_ten_seconds() {
    let mut world = joined(14);
    world.silent = true;
    let clear = world.request(whiteboard::Clear { room_id: chat() });
    world.pass(ms(9900));
    assert_eq!(world.reply(clear), None);
    world.pass(ms(200));
    assert_eq!(world.reply(clear), Some(&Err(RequestError::Unknown)));

    let mut world = joined(14);
    let clear = world.request(whiteboard::Clear { room_id: chat() });
    world.cut(1006);
    world.pass(ms(3000));
    assert!(world.reply(clear).unwrap().is_ok());
    let keys: Vec<_> = frames(&world, "whiteboard:clear")
        .iter()
        .map(|(_, f)| f["key"].clone())
        .collect();
    assert_eq!(keys.len(), 2);
    assert!(keys[0].is_string() && keys[0] == keys[1]);
}

#[test]
fn what_grew_too_old_fails_and_says_whether_it_was_sent() {
    let mut world = joined(15);
    world.up = false;
    let sent = world.request(say("sent"));
    world.cut(1006);
    let unsent = world.request(say("unsent"));
    world.pass(Duration::from_mins(59));
    assert_eq!((world.reply(sent), world.reply(unsent)), (None, None));
    world.pass(Duration::from_mins(2));
    assert_eq!(world.reply(sent), Some(&Err(RequestError::Unknown)));
    assert_eq!(world.reply(unsent), Some(&Err(RequestError::Expired)));
    world.up = true;
    world.pass(Duration::from_mins(1));
    assert!(bodies(&world).is_empty());
}

#[test]
fn the_queue_has_bounds() {
    let mut world = World::with(16, |config| {
        config.queue = Queue {
            commands: 2,
            bytes: 1000,
            ..Queue::default()
        };
    });
    let large = world.request(say(&"x".repeat(1000)));
    assert_eq!(world.reply(large), Some(&Err(RequestError::QueueFull)));
    world.request(say("1"));
    let second = world.request(say("2"));
    assert_eq!(world.reply(second), None);
    let third = world.request(say("3"));
    assert_eq!(world.reply(third), Some(&Err(RequestError::QueueFull)));
    world.input(Input::Connect);
    world.pass(Duration::from_secs(2));
    assert_eq!(bodies(&world), ["1", "2"]);
}

#[test]
fn too_large_a_command_never_circles() {
    let mut world = World::new(17);
    let (large, small) = (
        world.request(say(&"x".repeat(5000))),
        world.request(say("small")),
    );
    world.model.largest = 2000; // less than the client could know while it was offline
    world.input(Input::Connect);
    world.pass(Duration::from_secs(2));
    assert_eq!(
        world.reply(large).unwrap().as_ref().unwrap_err().code(),
        "payload_too_large"
    );
    assert!(world.reply(small).unwrap().is_ok());
    let again = world.request(say(&"x".repeat(5000)));
    assert_eq!(
        world.reply(again).unwrap().as_ref().unwrap_err().code(),
        "payload_too_large"
    );
    assert_eq!(frames(&world, "message:send").len(), 1);
}

#[test]
fn a_command_that_is_put_off_holds_those_after_it() {
    let mut world = joined(18);
    world.model.refusals = [
        ErrorReply::rate_limited(ms(2000)),
        ErrorReply::unavailable(),
        ErrorReply::internal(),
    ]
    .into();
    for n in 0..20 {
        world.request(say(&n.to_string()));
    }
    let elsewhere = RoomId::chat("ana", "bob").unwrap();
    world.pass(ms(1000));
    assert!(bodies(&world).is_empty());
    world.request(message::Send::text(elsewhere, "elsewhere"));
    world.pass(Duration::from_mins(1));
    let here = world.model.stored.iter().filter(|(room, ..)| room == CHAT);
    let here: Vec<_> = here.map(|(_, body, _)| body.clone()).collect();
    assert_eq!(here, (0..20).map(|n| n.to_string()).collect::<Vec<_>>());
    let times: Vec<_> = frames(&world, "message:send")
        .iter()
        .map(|(at, _)| *at)
        .collect();
    assert!(times[1] - times[0] >= ms(900));
}

#[test]
fn other_refusals_are_answers() {
    let mut world = joined(19);
    world.model.refusals = [ErrorReply::conversation_denied()].into();
    let sent = world.request(say("no"));
    world.pass(ms(100));
    assert_eq!(
        world.reply(sent),
        Some(&Err(ErrorReply::conversation_denied().into()))
    );
    assert_eq!(world.session.unanswered(), 0);
}

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
fn three_cuts_for_slow_reading_start_over_with_snapshots() {
    let mut world = joined(25);
    for _ in 0..3 {
        world.other_says(CHAT, "x");
        world.pass(ms(100));
        world.cut(4508);
        world.other_says(CHAT, "missed");
        world.pass(Duration::from_secs(2));
    }
    assert_eq!(
        world
            .events
            .iter()
            .filter(|event| **event == Event::Lagging)
            .count(),
        1
    );
    let states = world
        .events
        .iter()
        .filter(|e| matches!(e, Event::Resynced(r) if r.state.is_some()));
    assert_eq!(states.count(), 1);
    let last = frames(&world, "room:join").pop().unwrap().1;
    assert_eq!(last["data"], json!({"roomId": CHAT, "snapshot": true}));
    world.other_says(CHAT, "after");
    world.pass(ms(100));
    world.check_seen();
    assert!(matches!(world.seen[CHAT].last(), Some(Seen::Event { body, .. }) if body == "after"));
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

#[test]
fn presence_is_followed_over_reconnects() {
    let mut world = joined(30);
    let people: Vec<UserId> = ["bob", "cy"].map(|id| UserId::new(id).unwrap()).into();
    world.request(presence::Subscribe {
        user_ids: people.clone(),
    });
    world.pass(ms(100));
    world.request(presence::Unsubscribe {
        user_ids: vec![people[1].clone()],
    });
    world.pass(ms(100));
    world.cut(1006);
    world.pass(Duration::from_secs(2));
    let resume = frames(&world, "session:resume").pop().unwrap().1;
    assert_eq!(resume["data"]["presence"], json!(["bob"]));
}

#[test]
fn receipts_go_out_twice_a_second_at_most() {
    let mut world = joined(31);
    for n in 0..100 {
        world.other_says(CHAT, &n.to_string());
        world.pass(ms(20));
    }
    world.pass(Duration::from_secs(2));
    let receipts = frames(&world, "message:received");
    assert!((4..=6).contains(&receipts.len()), "{}", receipts.len());
    assert_eq!(
        receipts.last().unwrap().1["data"]["messageId"],
        "m00-000100"
    );
}

#[test]
fn typing_is_repeated_every_three_seconds_and_stops_by_itself() {
    let mut world = joined(32);
    for _ in 0..70 {
        world.input(Input::Typing(chat()));
        world.pass(ms(100));
    }
    assert_eq!(frames(&world, "typing:start").len(), 3);
    assert_eq!(frames(&world, "typing:stop").len(), 0);
    world.pass(Duration::from_secs(5));
    assert_eq!(frames(&world, "typing:stop").len(), 1);
    // Sending ends it on the server.
    world.input(Input::Typing(chat()));
    world.request(say("done"));
    world.pass(Duration::from_secs(10));
    assert_eq!(frames(&world, "typing:stop").len(), 1);
}

#[test]
fn platform_hints_do_not_wait_out_a_backoff() {
    let mut world = joined(33);
    world.up = false;
    world.cut(1006);
    world.pass(Duration::from_mins(5));
    for hint in [Hint::Foreground, Hint::Network(true), Hint::ReconnectNow] {
        world.pass(ms(30));
        let before = world.dials.len();
        world.hint(hint);
        assert_eq!(world.dials.len(), before + 1, "{hint:?}");
    }
}

#[test]
fn broken_text_ends_the_connection_and_strange_json_does_not() {
    let mut world = joined(34);
    world.tell(r#"{"type":"later:thing","room":"?","data":{}}"#.to_owned());
    world.tell(r#"{"type":"later:thing","data":{"x":1}}"#.to_owned());
    world.tell(r#"{"type":"message:new","data":{"message":5}}"#.to_owned());
    world.pass(ms(100));
    assert!(world.is_connected());
    let unknown = world
        .events
        .iter()
        .filter(|event| matches!(event.data(), Some(carewire_protocol::EventData::Unknown(_))));
    assert_eq!(unknown.count(), 2);
    world.tell("{\"type\":\"mess".to_owned());
    world.pass(ms(50));
    assert!(!world.is_connected());
    world.pass(Duration::from_secs(2));
    assert!(world.is_connected());
}

#[test]
fn frames_of_an_older_connection_are_ignored() {
    let mut world = joined(35);
    world.cut(1006);
    world.pass(Duration::from_secs(2));
    let before = world.events.len();
    for dial in 0..2 {
        world.input(Input::Frame {
            dial,
            text: r#"{"type":"later:thing","data":{}}"#,
        });
        world.input(Input::Closed {
            dial,
            code: 4409,
            reason: "",
            retry_after: None,
        });
        world.input(Input::Opened { dial });
    }
    assert!(world.is_connected());
    assert_eq!(world.events.len(), before);
}

#[test]
fn every_class_of_the_contract_is_answered() {
    // A name is enough to see that no command of the application is left without a reply.
    let mut world = joined(36);
    let touch = world.request(carewire_protocol::session::Touch {});
    let refresh = world.request(carewire_protocol::session::Refresh { token: "x".into() });
    world.pass(ms(100));
    assert!(world.reply(touch).unwrap().is_ok());
    assert_eq!(
        world.reply(refresh).unwrap().as_ref().unwrap_err().code(),
        "access_denied"
    );
    assert_eq!(carewire_protocol::session::Refresh::NAME, "auth:refresh");
}
