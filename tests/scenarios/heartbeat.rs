//! Section 2: heartbeats, and connections that are dead without saying so.

use carewire_tests::{Raw, Server, Token, frames, frames::opcode, http, wait};
use serde_json::json;
use std::time::Duration;
use tokio::time::Instant;

const INTERVAL: u64 = 300;

fn start() -> Server {
    Server::start(|o| o.env("CAREWIRE_HEARTBEAT_INTERVAL_MS", INTERVAL))
}

fn lee() -> Token {
    Token::new("lee", "provider")
}

#[tokio::test]
async fn a_quiet_connection_is_pinged() {
    let server = start();
    let mut raw = Raw::login(&server, &lee()).await;
    raw.ignore_pings();
    let began = Instant::now();
    let ping = raw.event("ping").await;
    assert_eq!(ping["type"], "ping");
    let took = began.elapsed();
    assert!(
        took < Duration::from_millis(INTERVAL * 4),
        "pinged after {took:?}"
    );
}

#[tokio::test]
async fn who_answers_stays() {
    let server = start();
    let mut raw = Raw::login(&server, &lee()).await;
    // The client of the tests answers pings while it reads.
    raw.expect_none_for("nothing", Duration::from_millis(INTERVAL * 6))
        .await;
    raw.expect_alive().await;
}

#[tokio::test]
async fn pings_and_pongs_of_the_transport_count_as_heard() {
    let server = start();
    let mut raw = Raw::login(&server, &lee()).await;
    raw.ignore_pings();
    for round in 0..12 {
        let kind = if round % 2 == 0 {
            opcode::PING
        } else {
            opcode::PONG
        };
        raw.write_bytes(&frames::whole(kind, b"")).await.unwrap();
        raw.expect_none_for("nothing", Duration::from_millis(INTERVAL / 2))
            .await;
    }
    raw.expect_alive().await;
}

#[tokio::test]
async fn who_is_told_nothing_is_pinged_however_much_it_says() {
    let server = start();
    let mut raw = Raw::login(&server, &lee()).await;
    raw.ignore_pings();
    let mut pinged = false;
    for _ in 0..100 {
        // Nothing is said back to this.
        raw.send(json!({"type": "pong"})).await;
        raw.expect_none_for("nothing", Duration::from_millis(INTERVAL / 6))
            .await;
        pinged = raw.unread().any(|frame| frame["type"] == "ping");
        if pinged {
            break;
        }
    }
    assert!(pinged, "the server is silent and does not ping");
}

#[tokio::test]
async fn who_says_nothing_is_pinged_however_much_it_is_told() {
    let server = start();
    let room = json!({"roomId": "chat:kim:lee"});
    let mut kim = Raw::login(&server, &Token::new("kim", "provider")).await;
    let mut raw = Raw::login(&server, &lee()).await;
    kim.request("room:join", room.clone()).await.unwrap();
    raw.request("room:join", room.clone()).await.unwrap();
    raw.ignore_pings();
    let mut pinged = false;
    for _ in 0..100 {
        let data = json!({"roomId": "chat:kim:lee", "event": "wave", "payload": {}});
        kim.request("room:publish", data).await.unwrap();
        raw.expect_none_for("nothing", Duration::from_millis(INTERVAL / 6))
            .await;
        pinged = raw.unread().any(|frame| frame["type"] == "ping");
        if pinged {
            break;
        }
    }
    assert!(raw.unread().any(|frame| frame["type"] == "room:event"));
    assert!(pinged, "the client is silent and is not pinged");
}

#[tokio::test]
async fn a_ping_is_answered_ahead_of_what_is_queued() {
    let server = start();
    let mut raw = Raw::login(&server, &lee()).await;
    raw.send(json!({"type": "ping", "id": 4})).await;
    let pong = raw.event("pong").await;
    assert_eq!(pong["id"], 4);
}

/// A client that neither reads nor writes, with a full pipe between it and the server: what a
/// half-open connection looks like from the server.
#[tokio::test]
async fn a_dead_connection_is_closed() {
    let server = Server::start(|o| {
        o.env("CAREWIRE_HEARTBEAT_INTERVAL_MS", INTERVAL)
            .env("CAREWIRE_MESSAGES_PER_SECOND", 1_000)
            .env("CAREWIRE_QUEUE_BYTES", 256 * 1_048_576)
            .env("CAREWIRE_QUEUE_FRAMES", 1_000_000)
    });
    let room = json!({"roomId": "chat:kim:lee"});
    let mut talker = Raw::login(&server, &Token::new("kim", "provider")).await;
    let connect = Raw::connect(&server).receive_buffer(4_096);
    let mut dead = connect.bearer(&lee().sign()).open().await;
    dead.welcome().await;
    dead.request("room:join", room).await.unwrap();
    // From here on it is not read any more.
    let body = "x".repeat(60_000);
    wait::until("the end of the dead one", async || {
        let data = json!({"roomId": "chat:kim:lee", "body": body});
        talker.request("message:send", data).await.unwrap();
        (connections(&server).await == 1).then_some(())
    })
    .await;
    talker.expect_alive().await;
}

async fn connections(server: &Server) -> u64 {
    let health = http::get(server, "/health").await.json();
    health["connections"].as_u64().unwrap()
}
