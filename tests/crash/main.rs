//! Crashes under load: the server is killed (`kill -9`) again and again while clients of the SDK
//! and raw clients send and receive, and starts again on the same file and port. Then the log is
//! compared with what was acknowledged and with what every client was given: invariants I1 to I5.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of tests that cannot go on fails the test that uses it"
)]

mod ledger;
mod raw_client;
mod sdk_client;

use carewire_tests::{Server, Token};
use ledger::{Ledger, Stream, check};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use tokio::{
    sync::{RwLock, watch},
    task::{JoinSet, block_in_place},
};

/// Where all of them talk.
const ROOM: &str = "thread:crash";
/// How often the server is killed.
const KILLS: u64 = 6;
/// How many clients of each kind there are.
const CLIENTS: u64 = 4;
/// How many messages each sends.
const EACH: u64 = 160;
/// How many messages there are when all is done.
const TOTAL: u64 = 2 * CLIENTS * EACH;

/// What everybody in the test needs.
#[derive(Clone)]
struct World {
    /// Locked for writing while it is killed and started again.
    server: Arc<RwLock<Server>>,
    ledger: Arc<Ledger>,
    /// How many messages were acknowledged.
    acknowledged: watch::Sender<u64>,
    /// How many commands a raw client had to repeat because a crash left them unanswered.
    repeated: Arc<AtomicUsize>,
    /// How many clients have joined and follow the room.
    following: watch::Sender<u64>,
}

impl World {
    /// Notes that the server has acknowledged a message, by its body and id.
    fn acknowledge(&self, body: &str, id: &str) {
        self.ledger.acknowledge(body, id);
        self.acknowledged.send_modify(|count| *count += 1);
    }

    /// One more follows the room; returns when all do, so that each sees the whole log.
    async fn wait_for_all(&self) {
        self.following.send_modify(|count| *count += 1);
        let mut following = self.following.subscribe();
        let all = following.wait_for(|count| *count == 2 * CLIENTS);
        all.await.expect("the world lives");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn killed_under_load() {
    let server = Server::start(|o| {
        o.env("CAREWIRE_MESSAGES_PER_SECOND", 100_000)
            .env("CAREWIRE_COMMANDS_PER_SECOND", 100_000)
            .env("CAREWIRE_CONNECTS_PER_MINUTE", 100_000)
    });
    let users: Vec<String> = ["raw", "sdk"]
        .iter()
        .flat_map(|kind| (0..CLIENTS).map(move |n| format!("{kind}-{n}")))
        .collect();
    ledger::make_room(&server, &users).await;
    let world = World {
        server: Arc::new(RwLock::new(server)),
        ledger: Arc::default(),
        acknowledged: watch::Sender::new(0),
        repeated: Arc::default(),
        following: watch::Sender::new(0),
    };

    let mut clients: JoinSet<(String, Stream)> = JoinSet::new();
    for user in users {
        let world = world.clone();
        clients.spawn(async move {
            let stream = if user.starts_with("raw") {
                raw_client::run(&world, &user).await
            } else {
                sdk_client::run(&world, &user).await
            };
            (user, stream)
        });
    }
    tokio::select! {
        () = kill_again_and_again(&world) => {}
        Some(ended) = clients.join_next() => {
            let (user, _) = ended.expect("a client failed");
            panic!("{user} was done before the last kill");
        }
    }
    let mut streams = Vec::new();
    while let Some(ended) = clients.join_next().await {
        streams.push(ended.expect("a client failed"));
    }

    let server = world.server.read().await;
    let log = ledger::read_log(&server).await;
    check(&log, &world.ledger, &streams);
    let repeated = world.repeated.load(Ordering::Relaxed);
    assert!(
        repeated > 0,
        "the crashes should have left something unanswered"
    );
}

/// Kills the server each time a part of the messages is acknowledged, so always under load.
async fn kill_again_and_again(world: &World) {
    let mut acknowledged = world.acknowledged.subscribe();
    for kill in 1..=KILLS {
        let target = kill * TOTAL / (KILLS + 2);
        let reached = acknowledged.wait_for(|count| *count >= target);
        let reached = carewire_tests::wait::within("the load to go on", reached);
        reached.await.expect("the world lives");
        let mut server = world.server.write().await;
        // Killed as it stands, in the midst of what it writes and answers.
        block_in_place(|| server.restart());
    }
}

/// A token of one of the clients.
fn token(user: &str) -> String {
    Token::new(user, "provider").sign()
}
