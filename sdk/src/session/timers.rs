//! A small table of timers: setting one again moves it.

use std::time::Duration;

/// Timers by name, each at most once, the next one first; of several for one moment, the one set first.
#[derive(Debug)]
pub(super) struct Timers<T>(Vec<(Duration, T)>);

impl<T: PartialEq> Timers<T> {
    pub(super) fn new() -> Self {
        Self(Vec::new())
    }

    pub(super) fn set(&mut self, name: T, at: Duration) {
        self.clear(&name);
        let place = self.0.partition_point(|(other, _)| *other <= at);
        self.0.insert(place, (at, name));
    }

    pub(super) fn clear(&mut self, name: &T) {
        if let Some(place) = self.0.iter().position(|(_, other)| other == name) {
            self.0.remove(place);
        }
    }

    pub(super) fn clear_where(&mut self, unwanted: impl Fn(&T) -> bool) {
        self.0.retain(|(_, name)| !unwanted(name));
    }

    pub(super) fn is_set(&self, name: &T) -> bool {
        self.0.iter().any(|(_, other)| other == name)
    }

    /// The time of the next one.
    pub(super) fn next(&self) -> Option<Duration> {
        self.0.first().map(|(at, _)| *at)
    }

    /// Takes the next one that is due, with the time it was set for.
    pub(super) fn due(&mut self, now: Duration) -> Option<(Duration, T)> {
        let is_due = self.next()? <= now;
        is_due.then(|| self.0.remove(0))
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
