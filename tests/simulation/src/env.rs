//! A node's world outside: virtual time, its own wall clock, randomness and tasks.

use crate::clock::{Clock, Group};
use carewire_protocol::Timestamp;
use carewire_server::env::{Env, Task};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

/// When every world begins: 2026-11-21T10:30:00Z.
const BEGINNING: i64 = 1_795_257_000_000;

/// The true time at a moment of a world.
pub(crate) fn wall(now: Duration) -> Timestamp {
    Timestamp::from_millis(BEGINNING).plus(now)
}

/// When in the world a time of its true clock is.
pub(crate) fn since_beginning(at: Timestamp) -> Duration {
    let ms = at.as_millis().saturating_sub(BEGINNING);
    Duration::from_millis(u64::try_from(ms).unwrap_or(0))
}

/// One life of one node.
pub(crate) struct NodeEnv {
    clock: Arc<Clock>,
    group: Group,
    started: Duration,
    /// How wrong the wall clock is, in milliseconds.
    wrong_by: AtomicI64,
    random: Mutex<ChaCha8Rng>,
}

impl NodeEnv {
    pub(crate) fn new(clock: Arc<Clock>, group: Group, seed: u64) -> Self {
        Self {
            started: clock.now(),
            clock,
            group,
            wrong_by: AtomicI64::new(0),
            random: Mutex::new(ChaCha8Rng::seed_from_u64(seed ^ u64::from(group) << 32)),
        }
    }

    /// The wall clock jumps.
    pub(crate) fn set_wrong(&self, by_ms: i64) {
        self.wrong_by.store(by_ms, Ordering::Relaxed);
    }
}

impl Env for NodeEnv {
    fn wall(&self) -> Timestamp {
        let wrong_by = self.wrong_by.load(Ordering::Relaxed);
        Timestamp::from_millis(wall(self.clock.now()).as_millis() + wrong_by)
    }

    fn now(&self) -> Duration {
        self.clock.now().saturating_sub(self.started)
    }

    fn sleep_until(&self, at: Duration) -> Task {
        Box::pin(self.clock.sleep_until(self.started + at))
    }

    fn spawn(&self, task: Task) {
        self.clock.spawn(self.group, task);
    }

    fn random(&self) -> u64 {
        self.random.lock().unwrap().random()
    }
}
