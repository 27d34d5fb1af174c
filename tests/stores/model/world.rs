//! A database with a clock and a dice that a test turns.

use crate::databases::{Database, Open};
use carewire_protocol::Timestamp;
use carewire_server::{
    env::{Env, Runtime, Task, TokioEnv},
    keys::RoomKey,
    store::Retention,
};
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};

/// Small, so that logs are trimmed all the time.
pub(crate) const KEPT: Retention = Retention {
    events: 8,
    bytes: 3000,
};

/// Two worlds at the same step tell the same time and throw the same dice.
pub(crate) struct Turned {
    real: TokioEnv,
    step: AtomicU64,
    thrown: AtomicU64,
}

impl Turned {
    fn new() -> Self {
        Self {
            real: TokioEnv::new(),
            step: AtomicU64::new(0),
            thrown: AtomicU64::new(0),
        }
    }

    /// Time does not only go forward: a clock may be set back.
    pub(crate) fn turn(&self, step: usize) {
        self.step.store(step as u64, SeqCst);
        self.thrown.store(0, SeqCst);
    }
}

impl Env for Turned {
    fn wall(&self) -> Timestamp {
        let step = i64::try_from(self.step.load(SeqCst)).unwrap();
        Timestamp::from_millis(1000 + step * 10 - (step % 5) * 25)
    }

    fn now(&self) -> Duration {
        self.real.now()
    }

    fn sleep_until(&self, at: Duration) -> Task {
        self.real.sleep_until(at)
    }

    fn spawn(&self, task: Task) {
        self.real.spawn(task);
    }

    fn random(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        let throw = self.thrown.fetch_add(1, SeqCst);
        (self.step.load(SeqCst), throw).hash(&mut hasher);
        hasher.finish()
    }
}

pub(crate) struct World {
    database: Database,
    pub(crate) env: Arc<Turned>,
    open: Option<Open>,
}

impl World {
    pub(crate) async fn new(database: Database) -> Self {
        let mut world = Self {
            database,
            env: Arc::new(Turned::new()),
            open: None,
        };
        world.reopen().await;
        world
    }

    /// Closes the store, if there is one, and opens another one on what is stored.
    pub(crate) async fn reopen(&mut self) {
        if let Some(open) = self.open.take() {
            open.store.close().await;
        }
        let env = Arc::clone(&self.env) as Runtime;
        self.open = Some(self.database.open_in(&env, KEPT).await);
    }

    pub(crate) fn open(&self) -> &Open {
        self.open.as_ref().expect("it is opened when it is made")
    }

    /// What the writer handed over since the store was opened.
    pub(crate) fn handed_over(&self) -> Vec<(RoomKey, u64)> {
        self.open().heard()
    }
}
