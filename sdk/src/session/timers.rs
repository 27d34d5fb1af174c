//! A small table of timers: setting one again moves it.

use super::table::{Set, Table};
use std::time::Duration;

/// Timers by name, each at most once.
#[derive(Debug)]
pub(super) struct Timers<T> {
    by_name: Table<T, Duration>,
    by_time: Set<(Duration, T)>,
}

impl<T: Ord + Clone> Timers<T> {
    pub(super) fn new() -> Self {
        Self {
            by_name: Table::default(),
            by_time: Set::default(),
        }
    }

    pub(super) fn set(&mut self, name: T, at: Duration) {
        if let Some(before) = self.by_name.insert(name.clone(), at) {
            self.by_time.remove(&(before, name.clone()));
        }
        self.by_time.insert((at, name));
    }

    pub(super) fn clear(&mut self, name: &T) {
        if let Some(at) = self.by_name.remove(name) {
            self.by_time.remove(&(at, name.clone()));
        }
    }

    pub(super) fn clear_where(&mut self, unwanted: impl Fn(&T) -> bool) {
        self.by_name.retain(|name, _| !unwanted(name));
        self.by_time.retain(|(_, name)| !unwanted(name));
    }

    pub(super) fn is_set(&self, name: &T) -> bool {
        self.by_name.contains_key(name)
    }

    /// The time of the next one.
    pub(super) fn next(&self) -> Option<Duration> {
        self.by_time.first().map(|(at, _)| *at)
    }

    /// Takes the next one that is due, with the time it was set for.
    pub(super) fn due(&mut self, now: Duration) -> Option<(Duration, T)> {
        if self.next()? > now {
            return None;
        }
        let (at, name) = self.by_time.pop_first()?;
        self.by_name.remove(&name);
        Some((at, name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timer_set_again_has_moved() {
        let second = Duration::from_secs;
        let mut timers = Timers::new();
        timers.set("a", second(1));
        timers.set("b", second(2));
        timers.set("a", second(3));
        assert_eq!(timers.next(), Some(second(2)));
        assert_eq!(timers.due(second(9)), Some((second(2), "b")));
        assert_eq!(timers.due(second(2)), None);
        timers.clear(&"a");
        assert_eq!(timers.next(), None);
    }
}
