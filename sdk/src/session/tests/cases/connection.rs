//! A connection: made, lost, found dead, closed for good.

use super::super::world::{Seen, World, ms};
use super::{CHAT, bodies, frames, joined, say};
use crate::{
    CloseReason, Event, RequestError, TokenError,
    session::{Hint, Input, State, TokenNeed},
};
use carewire_protocol::{RoomId, UserId, room};
use serde_json::{Value, json};
use std::time::Duration;

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

/// The answer to a ping may be the last that comes over a network that goes.
#[test]
fn a_platform_without_a_network_is_believed_until_the_server_was_heard_for_long() {
    let mut world = joined(6);
    world.hint(Hint::Network(false));
    world.pass(ms(1000));
    assert!(world.is_connected(), "the server answered");
    world.silent = true;
    world.pass(ms(6000));
    assert_eq!(world.dials.len(), 2);

    world.silent = false;
    world.pass(ms(5000));
    let before = frames(&world, "ping").len();
    world.hint(Hint::Network(false));
    world.pass(ms(20_000));
    assert_eq!(frames(&world, "ping").len() - before, 4, "then it is wrong");
    assert_eq!(world.dials.len(), 2);
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
fn a_refresh_that_nobody_answers_is_asked_for_again() {
    let mut world = joined(11);
    world.no_tokens = true;
    let expiring = json!({"type": "auth:expiring", "timestamp": "2026-11-21T10:31:00.000Z",
        "data": {"expiresAt": "2026-11-21T10:30:20.000Z"}});
    world.pass(Duration::from_mins(1));
    world.tell(expiring.to_string());
    world.pass(Duration::from_secs(25));
    assert_eq!(world.tokens_asked.len(), 2);
    world.no_tokens = false;
    world.pass(Duration::from_secs(10));
    assert_eq!(world.tokens_asked.len(), 3);
    assert_eq!(frames(&world, "auth:refresh").len(), 1);
    // Answered: it is asked for no more.
    world.pass(Duration::from_mins(5));
    assert_eq!(world.tokens_asked.len(), 3);
}

#[test]
fn what_is_resumed_fits_the_largest_message_of_a_server() {
    let mut world = World::new(12);
    world.model.largest = 8192;
    world.input(Input::Connect);
    world.pass(ms(1000));
    let rooms: Vec<_> = (0..60)
        .map(|n| {
            RoomId::chat(
                UserId::new("ana").unwrap(),
                UserId::new(format!("dr-{n:050}")).unwrap(),
            )
            .unwrap()
        })
        .collect();
    for room in &rooms {
        world.request(room::Join::fresh(room.clone()));
    }
    world.pass(ms(1000));
    world.cut(1006);
    world.pass(Duration::from_secs(5));
    let resumes = frames(&world, "session:resume");
    assert!(resumes.len() > 1, "one would be too large");
    let asked: usize = resumes
        .iter()
        .map(|(_, frame)| frame["data"]["rooms"].as_array().unwrap().len())
        .sum();
    assert_eq!(asked, rooms.len() + 1, "and one's own");
    assert!(
        world
            .events
            .iter()
            .any(|event| matches!(event, Event::CaughtUp))
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
fn a_suspended_client_comes_back_when_it_is_seen_again() {
    let mut world = joined(9);
    world.hint(Hint::Suspend);
    world.pass(ms(50));
    assert!(!world.is_connected());
    let dials = world.dials.len();
    world.request(say("in the queue"));
    world.hint(Hint::Network(true));
    world.pass(Duration::from_mins(10));
    assert_eq!(world.dials.len(), dials, "nothing is tried meanwhile");
    world.hint(Hint::Foreground);
    world.pass(Duration::from_secs(2));
    assert!(world.is_connected());
    assert_eq!(bodies(&world), ["in the queue"]);
}
