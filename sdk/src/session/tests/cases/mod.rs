//! One behaviour a test.

mod commands;
mod connection;
mod people;
mod rooms;

use super::world::{World, ms};
use carewire_protocol::{RoomId, message, room};
use serde_json::Value;
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
