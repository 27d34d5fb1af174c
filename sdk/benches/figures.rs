//! What the client costs: `cargo bench -p carewire`.

#![allow(
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    clippy::print_stdout,
    reason = "figures for people, not for programs"
)]

#[path = "../tests/fake/mod.rs"]
mod fake;

use carewire::{
    Client, RoomId,
    protocol::{
        ClientId, Timestamp,
        frame::{EventHead, encode_event},
    },
    session::{Config, Input, Output, Session},
};
use fake::Fake;
use serde_json::json;
use std::time::{Duration, Instant};

fn chat() -> RoomId {
    RoomId::chat("ana", "dr-lee").unwrap()
}

fn resident_kib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn event(
    name: &str,
    room: Option<&RoomId>,
    offset: Option<u64>,
    data: &serde_json::Value,
) -> String {
    let epoch = "e1".parse().unwrap();
    let head = EventHead {
        name,
        room,
        epoch: offset.map(|_| &epoch),
        offset,
        origin: None,
        timestamp: Timestamp::from_millis(0),
    };
    encode_event(&head, data)
}

/// What the machine alone takes for a message that arrives.
fn session_alone() {
    let mut session = Session::new(Config::new(ClientId::new("c").unwrap(), [7; 32]));
    let drain =
        |session: &mut Session| std::iter::from_fn(|| session.poll()).collect::<Vec<Output>>();
    session.handle(Input::Connect, Duration::ZERO);
    session.handle(Input::Token(Ok("t".into())), Duration::ZERO);
    session.handle(Input::Opened { dial: 1 }, Duration::ZERO);
    let connected = json!({
        "connectionId": "c", "userId": "ana", "tenantId": "t", "role": "patient", "protocol": "1",
        "serverTime": "2026-11-21T10:30:00.000Z", "tokenExpiresAt": "2026-11-21T11:30:00.000Z",
        "heartbeatIntervalMs": 15000, "calls": [],
        "rooms": [{"roomId": chat(), "epoch": "e1", "offset": 0}],
        "limits": {"maxPayloadBytes": 1_048_576, "messagesPerSecond": 20, "commandsPerSecond": 200, "roomsPerConnection": 200},
    });
    session.handle(
        Input::Frame {
            dial: 1,
            text: &event("connected", None, None, &connected),
        },
        Duration::ZERO,
    );
    drop(drain(&mut session));
    let frames: Vec<String> = (1..=200_000_u64)
        .map(|n| {
            let message = json!({"message": {
                "id": format!("m{n:08}"), "roomId": chat(), "senderId": "dr-lee", "body": "x".repeat(200),
                "sentAt": "2026-11-21T10:30:00.000Z", "status": "sent",
            }});
            event("message:new", Some(&chat()), Some(n), &message)
        })
        .collect();
    let start = Instant::now();
    let mut seen = 0;
    for text in &frames {
        session.handle(Input::Frame { dial: 1, text }, Duration::ZERO);
        seen += drain(&mut session)
            .iter()
            .filter(|out| matches!(out, Output::Event(_)))
            .count();
    }
    let took = start.elapsed();
    assert_eq!(seen, frames.len());
    println!(
        "session alone: {:.2} µs for a message of 200 bytes",
        took.as_secs_f64() * 1e6 / frames.len() as f64
    );
}

async fn round_trips() {
    let server = Fake::start().await;
    let ana = Client::builder(server.url())
        .token("ana")
        .connect()
        .await
        .unwrap();
    let room = ana.join(chat()).await.unwrap();
    let count = 5000;
    let start = Instant::now();
    for _ in 0..count {
        room.send("x").await.unwrap();
    }
    let took = start.elapsed();
    println!(
        "one after another: {:.0} µs a send, fake server and its event included",
        took.as_secs_f64() * 1e6 / f64::from(count)
    );
}

async fn coming_back() {
    let server = Fake::start().await;
    let mut waits = Vec::new();
    for seed in 0..40 {
        let network = carewire::NetworkSwitch::new();
        let builder = Client::builder(server.url())
            .token("ana")
            .seed(seed)
            .network(&network);
        let ana = builder.connect().await.unwrap();
        let mut events = ana.events();
        network.cut();
        network.heal();
        let start = Instant::now();
        while events.next().await != Some(carewire::Event::CaughtUp) {}
        waits.push(start.elapsed());
    }
    waits.sort();
    println!(
        "back after a reset: median {:?}, worst of 40 {:?}",
        waits[20], waits[39]
    );
}

async fn memory() {
    let server = Fake::start().await;
    // A child process would be cleaner; the fake server's side is measured by bare sockets first.
    let mut bare = Vec::new();
    let start = resident_kib();
    for _ in 0..500 {
        let config = tokio_tungstenite::tungstenite::protocol::WebSocketConfig::default()
            .read_buffer_size(8192);
        let open = tokio_tungstenite::connect_async_with_config(server.url(), Some(config), true);
        bare.push(open.await.unwrap());
    }
    let both = (resident_kib() - start) / 500.0;
    let mut clients = Vec::new();
    let start = resident_kib();
    for n in 0..500 {
        let client = Client::builder(server.url())
            .token(format!("u{n}"))
            .connect()
            .await
            .unwrap();
        clients.push(client);
    }
    let with = (resident_kib() - start) / 500.0;
    println!(
        "a bare WebSocket and its server side: {both:.1} KiB; a client and its server side: {with:.1} KiB"
    );
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    session_alone();
    round_trips().await;
    coming_back().await;
    memory().await;
}
