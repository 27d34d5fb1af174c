//! A client of the SDK: it is told nothing of the crashes and has to get over them by itself.

use crate::{
    EACH, ROOM, TOTAL, World,
    ledger::{Position, Stream},
    token,
};
use carewire::{Client, Event, EventStream, Room, RoomId};
use std::time::Duration;
use tokio::time::timeout;

/// How long a client may need to get over a crash, the default backoff included.
const PATIENCE: Duration = Duration::from_secs(30);

/// Sends its messages and follows the room until it has all of everybody.
pub(crate) async fn run(world: &World, user: &str) -> Stream {
    let url = world.server.read().await.url();
    let connect = Client::builder(url).token(token(user)).connect();
    let client = timeout(PATIENCE, connect).await.unwrap().unwrap();
    let room: RoomId = ROOM.parse().unwrap();
    let room = client.join(room).await.unwrap();
    let events = room.events();
    world.wait_for_all().await;
    let follow = tokio::spawn(follow(events, user.to_owned()));
    send_all(world, &room, user).await;
    let stream = follow.await.unwrap();
    client.close().await;
    stream
}

/// Sends one after the other, each until it is durable.
async fn send_all(world: &World, room: &Room, user: &str) {
    for number in 1..=EACH {
        let body = format!("{user} {number}");
        let sent = timeout(PATIENCE, room.send(body.clone())).await;
        let sent = sent.unwrap_or_else(|_| panic!("{body} in time"));
        let message = sent.unwrap_or_else(|error| panic!("{body}: {error}"));
        world.acknowledge(&body, message.id.as_str());
    }
}

async fn follow(mut events: EventStream, user: String) -> Stream {
    let mut stream = Stream::new();
    while stream.offset() < TOTAL {
        let next = timeout(PATIENCE, events.next()).await;
        let event = next.unwrap_or_else(|_| panic!("{user} stands still at {}", stream.offset()));
        let event = event.expect("the client is not closed");
        match (&event, event.new_message()) {
            (_, Some(message)) => {
                let offset = event.offset().expect("a new message is retained");
                let body = message.body.to_string();
                stream.push((offset, message.id.to_string(), body));
            }
            (Event::Resumed(resumed), _) => assert!(resumed.gaps.is_empty(), "{user}: {resumed:?}"),
            (Event::Server(_) | Event::CaughtUp, None) => {}
            (other, None) => panic!("{user} was told {other:?}"),
        }
    }
    stream
}
