//! A visit while the server is killed at random moments, many times by a seed: messages, receipts,
//! notifications, the whiteboard and locks are what they would have been. A call may have ended,
//! and says why.
//!
//! `SEED` chooses the first visit, `VISITS` how many there are.

mod acts;

use crate::practice::Practice;
use acts::Visit;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::{env, time::Duration};
use tokio::sync::{RwLock, oneshot};

/// How many visits the test command plays.
const VISITS: u64 = 20;

fn setting(name: &str, default: u64) -> u64 {
    match env::var(name) {
        Ok(text) => text
            .parse()
            .unwrap_or_else(|_| panic!("{name}={text} is no number")),
        Err(_) => default,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visit_is_the_same_whenever_the_server_is_killed() {
    let first = setting("SEED", 1);
    let mut kills = 0;
    for seed in first..first + setting("VISITS", VISITS) {
        kills += play(seed).await;
    }
    assert!(kills > 0, "no visit was disturbed");
}

/// Plays one visit, and says how often the server was killed in it.
async fn play(seed: u64) -> u32 {
    let practice = Practice::open().await;
    let clients = Visit::arrive(&practice).await;
    let practice = RwLock::new(practice);
    let (over, mut is_over) = oneshot::channel::<()>();
    let disturb = async {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut kills = 0;
        for _ in 0..rng.random_range(1..=3) {
            let wait = Duration::from_millis(rng.random_range(0..400));
            tokio::select! {
                _ = &mut is_over => break,
                () = tokio::time::sleep(wait) => {}
            }
            let mut practice = practice.write().await;
            tokio::task::block_in_place(|| practice.server.restart());
            kills += 1;
        }
        kills
    };
    let visit = async {
        let played = clients.play(&practice, seed).await;
        // The last kill may still be to come, and changes nothing.
        let _ = over.send(());
        played
    };
    let (kills, played) = tokio::join!(disturb, visit);
    played.verify(&format!("SEED={seed}")).await;
    kills
}
