//! Recording a history from many tasks at once, in real time.

use super::{History, What};
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Takes what happens, and when. Shared by reference or in an `Arc`.
#[derive(Debug)]
pub struct Recorder {
    start: Instant,
    history: Mutex<History>,
}

impl Default for Recorder {
    fn default() -> Self {
        Self {
            start: Instant::now(),
            history: Mutex::default(),
        }
    }
}

impl Recorder {
    /// Time since the start of the run.
    pub fn now(&self) -> Duration {
        self.start.elapsed()
    }

    /// Notes that something happens now. The lock orders what several tasks note.
    pub fn note(&self, what: What) {
        let mut history = self.history();
        let at = self.start.elapsed();
        history.push(at, what);
    }

    /// What was recorded, to be read or completed.
    pub fn history(&self) -> MutexGuard<'_, History> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
