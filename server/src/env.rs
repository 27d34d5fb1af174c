//! The world outside: time, randomness and tasks. Everything enters through here, so that the
//! whole server core can run in a simulation.

use carewire_protocol::Timestamp;
use rand::RngExt;
use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::Poll,
    time::{Duration, SystemTime},
};

/// A boxed future that may move between threads.
pub type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Time, randomness and tasks.
pub trait Env: Send + Sync + 'static {
    /// The wall clock. May jump; only token expiry and the times people see depend on it.
    fn wall(&self) -> Timestamp;
    /// Time since the process started. Never goes back; every interval is measured with it.
    fn now(&self) -> Duration;
    /// Resolves when [`Env::now`] has reached `at`.
    fn sleep_until(&self, at: Duration) -> Task;
    /// Runs a task in the background.
    fn spawn(&self, task: Task);
    /// 64 random bits.
    fn random(&self) -> u64;
}

/// The shared handle to the world outside.
pub type Runtime = Arc<dyn Env>;

/// The real world: tokio and the operating system.
#[derive(Debug)]
pub struct TokioEnv {
    start: tokio::time::Instant,
}

impl TokioEnv {
    /// Starts its clock now. Must be called within a tokio runtime.
    pub fn new() -> Self {
        Self {
            start: tokio::time::Instant::now(),
        }
    }
}

impl Default for TokioEnv {
    fn default() -> Self {
        Self::new()
    }
}

impl Env for TokioEnv {
    fn wall(&self) -> Timestamp {
        let ms = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .map_or(0, |since| {
                i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
            });
        Timestamp::from_millis(ms)
    }

    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    fn sleep_until(&self, at: Duration) -> Task {
        Box::pin(tokio::time::sleep_until(self.start + at))
    }

    fn spawn(&self, task: Task) {
        tokio::spawn(task);
    }

    fn random(&self) -> u64 {
        rand::rng().random()
    }
}

/// Lets every task that is ready now go first.
pub(crate) async fn yield_once() {
    let mut yielded = false;
    std::future::poll_fn(|cx| {
        if yielded {
            return Poll::Ready(());
        }
        yielded = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Random letters for ids: lower-case base 32, 5 bits each, at most 12 from one draw.
pub(crate) fn random_letters(env: &dyn Env, count: usize) -> String {
    let mut bits = 0;
    (0..count)
        .map(|i| {
            if i % 12 == 0 {
                bits = env.random();
            }
            let letter = letter((bits & 31) as u8);
            bits >>= 5;
            letter
        })
        .collect()
}

/// The alphabet sorts as its values do: ids made of a time sort by that time.
pub(crate) const fn letter(value: u8) -> char {
    b"0123456789abcdefghjkmnpqrstvwxyz"[(value & 31) as usize] as char
}
