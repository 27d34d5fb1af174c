//! What a noisy tenant costs its neighbours: the p99 of their acknowledgements beside it as a
//! ratio to that without it, taken in turns on one server. `cargo xtask fair` runs it, optimised.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a tool of measurements that cannot go on ends with the cause; figures are rounded"
)]

use carewire_tests::{Raw, Server, Token};
use futures_util::future::join_all;
use serde_json::json;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    task::JoinSet,
    time::{Instant, interval},
};

/// How many neighbours there are, and how often each speaks.
const NEIGHBOURS: usize = 10;
const PACE: Duration = Duration::from_millis(50);
/// How many people of the noisy tenant send without a pause, whatever they are told.
const NOISY: usize = 10;
/// How long each turn is, and how many there are with and without noise.
const TURN: Duration = Duration::from_secs(5);
const TURNS: usize = 5;

#[tokio::main]
async fn main() {
    let server = Server::start(|o| {
        o.env("CAREWIRE_CONNECTS_PER_MINUTE", 100_000)
            .env("CAREWIRE_LOG", "info,carewire_server::session=warn")
    });
    let mut neighbours = Vec::new();
    for number in 0..NEIGHBOURS {
        neighbours.push(login(&server, &format!("user-{number}"), "quiet").await);
    }
    let (mut quiet, mut beside) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        quiet.extend(turn(&mut neighbours).await);
        let silent = Arc::new(AtomicBool::new(false));
        let mut noise = JoinSet::new();
        for number in 0..NOISY {
            let raw = login(&server, &format!("user-{number}"), "noisy").await;
            noise.spawn(shout(raw, room(number), Arc::clone(&silent)));
        }
        beside.extend(turn(&mut neighbours).await);
        silent.store(true, Ordering::Relaxed);
        let heard: u64 = noise.join_all().await.into_iter().sum();
        println!("noise: {} commands a second", heard / TURN.as_secs());
    }
    let (quiet, beside) = (p99(quiet), p99(beside));
    println!(
        "p99 of an acknowledged message: {:.2} ms alone, {:.2} ms beside a noisy tenant: {:+.0} %",
        quiet * 1e3,
        beside * 1e3,
        (beside / quiet - 1.0) * 100.0
    );
}

async fn login(server: &Server, user: &str, tenant: &str) -> Raw {
    Raw::login(server, &Token::new(user, "provider").tenant(tenant)).await
}

/// The chat of two who sit beside each other.
fn room(number: usize) -> String {
    let first = number - number % 2;
    format!("chat:user-{first}:user-{}", first + 1)
}

/// Lets everybody speak at their pace, and yields how long acknowledgements took.
async fn turn(neighbours: &mut [Raw]) -> Vec<Duration> {
    let all = neighbours
        .iter_mut()
        .enumerate()
        .map(|(number, raw)| async move {
            let end = Instant::now() + TURN;
            let mut pace = interval(PACE);
            let mut took = Vec::new();
            while Instant::now() < end {
                pace.tick().await;
                let room = room(number);
                let start = Instant::now();
                let sent = raw.request("message:send", json!({"roomId": room, "body": "Hello"}));
                sent.await.unwrap();
                took.push(start.elapsed());
                raw.take_unread();
            }
            took
        });
    join_all(all).await.concat()
}

/// Sends without a pause; says how much.
async fn shout(mut raw: Raw, room: String, silent: Arc<AtomicBool>) -> u64 {
    let mut count = 0;
    while !silent.load(Ordering::Relaxed) {
        let mut ids = Vec::new();
        for _ in 0..20 {
            let data = json!({"roomId": room, "body": "Noise"});
            ids.push(raw.command("message:send", data).await);
        }
        count += ids.len() as u64;
        for id in ids {
            let _ = raw.answer(id).await;
        }
        raw.take_unread();
    }
    count
}

fn p99(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() * 99 / 100].as_secs_f64()
}
