//! A whole server whose database cannot be used for a while: commands are answered `unavailable`,
//! nobody hears of anything, and it heals by itself.

use carewire_tests::{Failure, Options, Postgres, Raw, Server, TENANT, Token, http, wait};
use serde_json::{Value, json};
use sqlx::{Connection, Executor, SqliteConnection};
use std::{
    process::Command,
    time::{Duration, Instant},
};

const ROOM: &str = "thread:ward";

/// Two people in a room: one speaks, one listens.
struct Ward {
    server: Server,
    speaker: Raw,
    listener: Raw,
    /// How many messages were acknowledged.
    sent: u64,
}

impl Ward {
    async fn open(configure: impl FnOnce(Options) -> Options) -> Self {
        let server = Server::start(|o| configure(o.env("CAREWIRE_MESSAGES_PER_SECOND", 100_000)));
        let token = server.service_token(TENANT);
        let body = json!({"memberIds": ["ana", "lee"]});
        let path = "/v1/threads/ward";
        let answer = http::request(&server, "PUT", path, Some(&token), Some(&body)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let mut speaker = Raw::login(&server, &Token::new("ana", "provider")).await;
        let mut listener = Raw::login(&server, &Token::new("lee", "provider")).await;
        for member in [&mut speaker, &mut listener] {
            let join = member.request("room:join", json!({"roomId": ROOM}));
            join.await.unwrap();
        }
        let mut ward = Self {
            server,
            speaker,
            listener,
            sent: 0,
        };
        ward.sends("first", "hello").await;
        ward
    }

    async fn try_send(&mut self, key: &str, body: &str) -> Result<Value, Failure> {
        let data = json!({"roomId": ROOM, "body": body});
        self.speaker.keyed("message:send", key, data).await
    }

    /// Sends, and the listener hears it next.
    async fn sends(&mut self, key: &str, body: &str) {
        self.try_send(key, body).await.unwrap();
        self.hears(body).await;
    }

    async fn hears(&mut self, body: &str) {
        self.sent += 1;
        let event = self.listener.event("message:new").await;
        assert_eq!(event["offset"], self.sent, "no gap, nothing twice");
        assert_eq!(event["data"]["message"]["body"], body);
    }

    /// Repeats a command as an SDK does, while it is answered `unavailable`. Yields how often it
    /// was.
    async fn sends_at_last(&mut self, key: &str, body: &str) -> u32 {
        let mut refusals = 0;
        let end = Instant::now() + Duration::from_secs(40);
        while let Err(failure) = self.try_send(key, body).await {
            assert_eq!(failure.code(), "unavailable", "{failure:?}");
            assert!(Instant::now() < end, "it should heal");
            refusals += 1;
            self.listener
                .expect_none_for("message:new", Duration::from_millis(50))
                .await;
        }
        self.hears(body).await;
        refusals
    }
}

/// Another process holds the file for ten seconds.
#[tokio::test]
async fn a_locked_file() {
    let mut ward = Ward::open(|o| {
        let file = o.folder().join("carewire.db");
        o.env(
            "CAREWIRE_DATABASE_URL",
            format!("sqlite://{}", file.display()),
        )
    })
    .await;
    let file = ward.server.folder().join("carewire.db");
    let mut other = SqliteConnection::connect(&format!("sqlite://{}", file.display()))
        .await
        .unwrap();
    other.execute("BEGIN EXCLUSIVE").await.unwrap();
    let held = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(10)).await;
        other.execute("ROLLBACK").await.unwrap();
    });
    assert!(ward.sends_at_last("k1", "at last").await >= 2);
    assert!(held.is_finished());
    ward.sends("k2", "as before").await;
}

/// Files cannot grow: what a full disk does, for one process.
#[tokio::test]
#[cfg_attr(not(target_os = "linux"), ignore = "prlimit is Linux's")]
async fn a_full_disk() {
    let mut ward = Ward::open(|o| {
        let file = o.folder().join("carewire.db");
        // Ended by the signal otherwise: a full disk sends none.
        o.under(&["env", "--ignore-signal=XFSZ"]).env(
            "CAREWIRE_DATABASE_URL",
            format!("sqlite://{}", file.display()),
        )
    })
    .await;
    let pid = ward.server.pid().to_string();
    let limit = |bytes: &str| {
        let status = Command::new("prlimit")
            .args(["--pid", &pid, &format!("--fsize={bytes}:")])
            .status()
            .unwrap();
        assert!(status.success());
    };
    limit("1000000");
    let body = "x".repeat(20_000);
    let mut number = 0;
    let refused = loop {
        number += 1;
        assert!(number < 200, "the file should be full by now");
        match ward.try_send(&format!("k{number}"), &body).await {
            Ok(_) => ward.hears(&body).await,
            Err(failure) => break failure,
        }
    };
    assert_eq!(refused.code(), "unavailable", "{refused:?}");
    ward.listener.expect_none("message:new").await;
    limit("unlimited");
    // The same command: its effect was not stored, so this is the first.
    ward.sends(&format!("k{number}"), &body).await;
    ward.sends("last", "as before").await;
}

async fn health(server: &Server) -> u16 {
    http::request(server, "GET", "/health", None, None)
        .await
        .status
}

/// The database server is stopped, and crashes.
#[tokio::test]
#[cfg_attr(not(postgres), ignore = "PostgreSQL is not installed")]
async fn a_database_server_that_is_away() {
    let postgres = Postgres::start();
    let url = postgres.database();
    let mut ward = Ward::open(|o| o.env("CAREWIRE_DATABASE_URL", url)).await;
    let ways: [fn(&Postgres); 2] = [Postgres::stop, Postgres::crash];
    for (number, end) in ways.into_iter().enumerate() {
        end(&postgres);
        let key = format!("k{number}");
        let refused = ward.try_send(&key, "at last").await.unwrap_err();
        assert_eq!(refused.code(), "unavailable", "{refused:?}");
        let history = json!({"roomId": ROOM});
        let refused = ward.speaker.request("message:history", history).await;
        assert_eq!(refused.unwrap_err().code(), "unavailable");
        ward.listener.expect_none("message:new").await;
        assert_eq!(health(&ward.server).await, 503);
        postgres.start_again();
        ward.sends_at_last(&key, "at last").await;
        ward.sends(&format!("then-{number}"), "as before").await;
        wait::until("the health of the server", async || {
            (health(&ward.server).await == 200).then_some(())
        })
        .await;
    }
}

/// Two nodes on one database: offsets go on from each other, a key means the same on both, and
/// both replay the same log. (What nodes tell each other live is the backplane's.)
#[tokio::test]
#[cfg_attr(not(postgres), ignore = "PostgreSQL is not installed")]
async fn two_nodes_share_a_database() {
    let url = Postgres::shared().database();
    let mut ward = Ward::open(|o| o.env("CAREWIRE_DATABASE_URL", &url)).await;
    let other = Server::start(|o| o.env("CAREWIRE_DATABASE_URL", &url));
    let mut there = Raw::login(&other, &Token::new("ana", "provider")).await;
    for number in 0..6 {
        let (key, body) = (format!("k{number}"), format!("body {number}"));
        let data = json!({"roomId": ROOM, "body": body});
        let first = ward.try_send(&key, &body).await.unwrap();
        if number > 0 {
            // The gap that the other node's event left is filled from the log first.
            ward.hears("from there").await;
        }
        ward.hears(&body).await;
        // Repeated on the other node: the first answer, and no second effect.
        let again = there.keyed("message:send", &key, data).await.unwrap();
        assert_eq!(first["message"]["id"], again["message"]["id"]);
        let data = json!({"roomId": ROOM, "body": "from there"});
        let key = format!("{key}-there");
        there.keyed("message:send", &key, data).await.unwrap();
    }
    ward.sent += 1;
    let mut logs = Vec::new();
    for server in [&ward.server, &other] {
        let mut reader = Raw::login(server, &Token::new("lee", "provider")).await;
        let joined = reader.request("room:join", json!({"roomId": ROOM})).await;
        let joined = joined.unwrap();
        assert_eq!(joined["offset"], ward.sent);
        let data = json!({"roomId": ROOM, "epoch": joined["epoch"], "offset": 0});
        reader.request("room:join", data).await.unwrap();
        let mut log = Vec::new();
        for offset in 1..=ward.sent {
            let event = reader.event("message:new").await;
            assert_eq!(event["offset"], offset);
            log.push(event["data"].clone());
        }
        logs.push(log);
    }
    assert_eq!(logs[0], logs[1]);
}
