//! Commands: queued, repeated, put off, given up, answered once.

use super::super::world::{World, ms};
use super::{CHAT, bodies, chat, frames, joined, say};
use crate::{
    RequestError,
    session::{Input, Queue},
};
use carewire_protocol::{Command, ErrorReply, RoomId, call, message, room, whiteboard};
use std::time::Duration;

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
fn what_is_no_command_is_answered_and_never_sent() {
    let mut world = joined(13);
    let codes = |world: &World, number| match world.reply(number) {
        Some(Err(error)) => error.code().to_owned(),
        other => panic!("{other:?}"),
    };
    let before = world.sent.len();
    for _ in 0..2 {
        let number = world.request_nothing();
        assert_eq!(codes(&world, number), "unknown_type");
        world.cut(1006);
    }
    assert_eq!(world.sent.len(), before);
    world.input(Input::Close);
    let late = world.request_nothing();
    assert_eq!(codes(&world, late), "closed");
}

#[test]
fn what_was_withdrawn_before_it_was_sent_never_happens() {
    let mut world = joined(14);
    world.up = false;
    let sent = world.request(say("sent"));
    assert_eq!(world.on_their_way.last(), Some(&sent));
    world.cut(1006);
    let [unwanted, wanted] = ["unwanted", "wanted"].map(|body| world.request(say(body)));
    for number in [sent, unwanted, 99] {
        world.withdraw(number);
    }
    assert_eq!(
        world.reply(unwanted),
        Some(&Err(RequestError::Withdrawn)),
        "at once"
    );
    world.up = true;
    world.pass(Duration::from_secs(30));
    assert_eq!(bodies(&world), ["sent", "wanted"], "it may have arrived");
    for number in [sent, wanted] {
        assert!(world.reply(number).unwrap().is_ok());
    }
    let tries = world.on_their_way.iter().filter(|one| **one == sent);
    assert_eq!(tries.count(), 1, "told once, however often it is repeated");
    assert!(!world.on_their_way.contains(&unwanted));
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
