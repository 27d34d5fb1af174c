//! What goes wrong between a node and its database: delays, failures, and a process that ends at a
//! named point.

use crate::{
    book::Book,
    clock::{Clock, Group},
};
use async_trait::async_trait;
use carewire_server::{
    error::{Error, Result},
    store::{MemoryHooks, Point},
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

/// How slow a database is.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Slowness {
    /// Of a thousand statements, how many are delayed.
    pub(crate) share: u32,
    /// By up to this many microseconds.
    pub(crate) most: u64,
}

/// The database as one life of one node sees it.
pub(crate) struct Disk {
    clock: Arc<Clock>,
    book: Arc<Book>,
    group: Group,
    state: Mutex<State>,
}

struct State {
    random: ChaCha8Rng,
    usual: Slowness,
    /// Slower than usual until then.
    slow: Option<(Duration, u64)>,
    /// Fails until then.
    down_until: Duration,
    /// The process ends when it has passed this point so many times.
    crash: Option<(Point, u32)>,
    crashed: bool,
}

impl Disk {
    pub(crate) fn new(
        clock: Arc<Clock>,
        book: Arc<Book>,
        group: Group,
        usual: Slowness,
        seed: u64,
    ) -> Self {
        let state = State {
            random: ChaCha8Rng::seed_from_u64(seed.wrapping_add(u64::from(group) << 20)),
            usual,
            slow: None,
            down_until: Duration::ZERO,
            crash: None,
            crashed: false,
        };
        Self {
            clock,
            book,
            group,
            state: Mutex::new(state),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// The process ends when it has passed a point so many times.
    pub(crate) fn crash_at(&self, point: Point, times: u32) {
        self.state().crash = Some((point, times));
    }

    pub(crate) fn go_down(&self, until: Duration) {
        self.state().down_until = until;
    }

    pub(crate) fn go_slow(&self, until: Duration, most: u64) {
        self.state().slow = Some((until, most));
    }

    /// Is not slow for now. Yields how slow it was.
    pub(crate) fn calm(&self) -> Slowness {
        std::mem::take(&mut self.state().usual)
    }

    /// Is as slow as usual.
    pub(crate) fn usual(&self, slowness: Slowness) {
        self.state().usual = slowness;
    }

    /// Nothing goes wrong any more.
    pub(crate) fn heal(&self) {
        let mut state = self.state();
        state.slow = None;
        state.crash = None;
        state.down_until = Duration::ZERO;
        state.usual.most = state.usual.most.min(2000);
    }

    /// The process that has come to its end, once.
    pub(crate) fn take_crashed(&self) -> Option<Group> {
        std::mem::take(&mut self.state().crashed).then_some(self.group)
    }
}

enum Weather {
    Crash,
    Down,
    Delay(Duration),
    Fine,
}

impl State {
    fn weather(&mut self, now: Duration, point: Point) -> Weather {
        if let Some((at, times)) = &mut self.crash
            && *at == point
        {
            *times = times.saturating_sub(1);
            if *times == 0 {
                self.crash = None;
                self.crashed = true;
                return Weather::Crash;
            }
        }
        if now < self.down_until {
            return Weather::Down;
        }
        let most = match self.slow {
            Some((until, most)) if now < until => Some(most),
            _ => {
                let hit =
                    self.usual.most > 0 && self.random.random_range(0..1000) < self.usual.share;
                hit.then_some(self.usual.most)
            }
        };
        // Handing over is no work of the database: it takes less than the others wait for it.
        let within = matches!(point, Point::HandOver | Point::Finish);
        match most.map(|most| if within { most / 4 } else { most }.max(1)) {
            Some(most) => Weather::Delay(Duration::from_micros(self.random.random_range(1..=most))),
            None => Weather::Fine,
        }
    }
}

#[async_trait]
impl MemoryHooks for Disk {
    async fn at(&self, point: Point) -> Result<()> {
        if point == Point::AfterCommit {
            self.book.committed();
        }
        let weather = self.state().weather(self.clock.now(), point);
        match weather {
            Weather::Fine => Ok(()),
            Weather::Delay(delay) => {
                self.clock.sleep_until(self.clock.now() + delay).await;
                Ok(())
            }
            Weather::Down => {
                let soon = self.clock.now() + Duration::from_millis(3);
                self.clock.sleep_until(soon).await;
                Err(Error::Unavailable("the database is down".into()))
            }
            Weather::Crash => std::future::pending().await,
        }
    }
}
