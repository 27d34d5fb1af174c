//! The next look into the store for what ends by the database's clock.

use crate::{core::Core, timers::Due};
use carewire_protocol::Timestamp;
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// How long a node that knows of nothing waits before it looks again: another node may have
/// stored something and died.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// How soon it looks again at most, where the database's clock is behind its own.
const NOT_BEFORE: Duration = Duration::from_millis(20);

/// One waiting deadline, however much waits in the store: the first of all of them.
#[derive(Debug, Default)]
pub struct Alarm(Mutex<Option<Duration>>);

impl Alarm {
    fn next(&self) -> MutexGuard<'_, Option<Duration>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something ends at this time of the wall clock, or nothing is known to.
    pub fn set(&self, core: &Core, at: Option<Timestamp>, due: Due) {
        let wait = at.map_or(LOOK_AGAIN, |at| {
            let ms = at.as_millis().saturating_sub(core.wall().as_millis());
            Duration::from_millis(u64::try_from(ms).unwrap_or(0)).clamp(NOT_BEFORE, LOOK_AGAIN)
        });
        let at = core.now() + wait;
        let mut next = self.next();
        if next.is_none_or(|next| at < next) {
            *next = Some(at);
            drop(next);
            core.timers.set(at, due);
        }
    }

    /// A deadline was reached. Yields whether it is the one that counts, and forgets it.
    pub fn rang(&self, now: Duration) -> bool {
        let mut next = self.next();
        let counts = next.is_some_and(|at| at <= now);
        if counts {
            *next = None;
        }
        counts
    }
}
