//! Everything at once, by a seed: the real binary on a real file, clients of the SDK behind
//! networks that fail, a server that is killed, drained and stopped; and after each round the
//! invariants, judged by the checker that all layers share.
//!
//! `SEED` and `CHAOS_MINUTES` choose what and how long; `cargo xtask chaos` sets them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a run that cannot go on fails, and says what it did"
)]

mod actor;
mod device;
mod director;
mod measure;
mod round;
mod totals;

use carewire_tests::Server;
use measure::Baseline;
use std::{env, str::FromStr, time::Duration};
use tokio::{sync::RwLock, time::Instant};
use totals::Totals;

/// How long a run of the test command takes.
const SHORT: f64 = 0.8;

fn setting<T: FromStr>(name: &str, default: T) -> T {
    let Ok(text) = env::var(name) else {
        return default;
    };
    let Ok(value) = text.parse() else {
        panic!("{name}={text} is no number");
    };
    value
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn chaos() {
    let seed: u64 = setting("SEED", 1);
    let length = Duration::from_secs_f64(60.0 * setting("CHAOS_MINUTES", SHORT));
    println!("seed {seed}, {} s", length.as_secs());
    let server = Server::start(|o| {
        o.env("CAREWIRE_HEARTBEAT_INTERVAL_MS", 1_000)
            .env("CAREWIRE_MESSAGES_PER_SECOND", 100_000)
            .env("CAREWIRE_COMMANDS_PER_SECOND", 100_000)
            .env("CAREWIRE_CONNECTS_PER_MINUTE", 1_000_000)
            .env("CAREWIRE_CONNECTIONS_PER_USER", 1_000)
            .env("CAREWIRE_PRESENCE_GRACE_MS", 500)
            .env("CAREWIRE_DRAIN_MS", 2_000)
            .env("CAREWIRE_LOG", "info,carewire_server::session=warn")
    });
    let server = RwLock::new(server);
    let start = Instant::now();
    let mut totals = Totals::default();
    let mut baseline = Baseline::default();
    let mut number = 0;
    while number == 0 || start.elapsed() < length {
        let outcome = round::play(&server, seed, number, &mut baseline).await;
        println!(
            "round {number} at {} s: {}",
            start.elapsed().as_secs(),
            outcome.summary()
        );
        totals.add(outcome);
        number += 1;
    }
    println!("{totals}\nheld after the first round → now: {baseline}");
    let log = server.read().await.log().text();
    assert!(!log.contains("panicked"), "the server panicked:\n{log}");
}
