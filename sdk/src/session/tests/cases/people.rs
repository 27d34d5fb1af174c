//! What a session says of people: presence, receipts, typing.

use super::super::world::ms;
use super::{CHAT, chat, frames, joined, say};
use crate::session::Input;
use carewire_protocol::{UserId, presence};
use serde_json::json;
use std::time::Duration;

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
