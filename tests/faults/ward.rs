//! A server, a network in front of it, and people who talk in one room.

use carewire::{Backoff, Client, ClientBuilder, Event, EventStream, Room};
use carewire_tests::{Options, Proxy, Raw, Server, TENANT, Token, http, wait::within};
use serde_json::json;
use std::time::Duration;

/// Where they talk.
pub(crate) const ROOM: &str = "thread:ward";

/// A server behind a proxy.
pub(crate) struct Ward {
    pub(crate) server: Server,
    pub(crate) proxy: Proxy,
}

impl Ward {
    /// With heartbeats each second, so that a dead connection is found within eleven.
    pub(crate) async fn open(configure: impl FnOnce(Options) -> Options) -> Self {
        let server = Server::start(|o| {
            configure(
                o.env("CAREWIRE_HEARTBEAT_INTERVAL_MS", 1_000)
                    .env("CAREWIRE_MESSAGES_PER_SECOND", 100_000)
                    .env("CAREWIRE_COMMANDS_PER_SECOND", 100_000)
                    .env("CAREWIRE_CONNECTS_PER_MINUTE", 100_000),
            )
        });
        let token = server.service_token(TENANT);
        let body = json!({"memberIds": ["ana", "lee", "kim"]});
        let path = "/v1/threads/ward";
        let answer = http::request(&server, "PUT", path, Some(&token), Some(&body)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let proxy = Proxy::start(server.address()).await;
        Self { server, proxy }
    }

    /// A client whose bytes go through the proxy.
    pub(crate) fn through(&self, user: &str) -> ClientBuilder {
        impatient(Client::builder(self.proxy.url()), user)
    }

    /// A client beside the proxy.
    pub(crate) fn beside(&self, user: &str) -> ClientBuilder {
        impatient(Client::builder(self.server.url()), user)
    }

    /// The bodies of all stored messages, oldest first.
    pub(crate) async fn log(&self) -> Vec<String> {
        let mut raw = Raw::login(&self.server, &Token::new("auditor", "admin")).await;
        let joined = raw.request("room:join", json!({"roomId": ROOM})).await;
        let joined = joined.unwrap();
        let head = joined["offset"].as_u64().unwrap();
        let data = json!({"roomId": ROOM, "epoch": joined["epoch"], "offset": 0});
        raw.request("room:join", data).await.unwrap();
        let mut log = Vec::new();
        while (log.len() as u64) < head {
            let event = raw.event_where("message:new", |frame| frame["room"] == ROOM);
            let event = event.await;
            assert_eq!(event["offset"], log.len() + 1, "offsets without a gap");
            let body = event["data"]["message"]["body"].as_str().unwrap();
            log.push(body.to_owned());
        }
        log
    }
}

fn impatient(builder: ClientBuilder, user: &str) -> ClientBuilder {
    builder
        .token(Token::new(user, "provider").sign())
        .backoff(Backoff {
            first: Duration::from_millis(50),
            most: Duration::from_millis(400),
            at_once: Duration::from_millis(20),
            ..Backoff::default()
        })
}

/// Connects and joins, in time.
pub(crate) async fn join(builder: ClientBuilder) -> (Room, Heard) {
    let client = within("a connection", builder.connect()).await.unwrap();
    let room = within("a room", client.join(ROOM.parse().unwrap()).into_future());
    let room = room.await.unwrap();
    let events = room.events();
    (
        room,
        Heard {
            events,
            bodies: Vec::new(),
        },
    )
}

/// What a client was given of the room: contiguous from its join, or the test fails.
pub(crate) struct Heard {
    events: EventStream,
    pub(crate) bodies: Vec<String>,
}

impl Heard {
    /// Reads on until so many messages have come.
    pub(crate) async fn until(&mut self, count: usize) -> &[String] {
        within(&format!("{count} messages"), async {
            while self.bodies.len() < count {
                let event = self.events.next().await.expect("the client is not closed");
                self.take(&event);
            }
        })
        .await;
        &self.bodies
    }

    fn take(&mut self, event: &Event) {
        match event {
            Event::Resumed(resumed) => assert!(resumed.gaps.is_empty(), "{resumed:?}"),
            Event::Resynced(_) | Event::RoomLost { .. } | Event::Lagged(_) => panic!("{event:?}"),
            _ => {}
        }
        if let Some(message) = event.new_message() {
            let offset = event.offset().expect("a new message is retained");
            assert_eq!(
                offset,
                self.bodies.len() as u64 + 1,
                "without gap or double"
            );
            self.bodies.push(message.body.to_string());
        }
    }
}

/// So many different bodies.
pub(crate) fn bodies(from: usize, to: usize) -> Vec<String> {
    (from..to)
        .map(|number| format!("message {number}"))
        .collect()
}
