//! How long to wait before the next attempt. The only file that knows the `backoff` crate.

use backoff::backoff::Backoff as _;
use carewire_protocol::Millis;
use rand::{Rng as _, RngExt as _, SeedableRng as _, rngs::Xoshiro256PlusPlus};
use std::time::Duration;

/// Where jitter and keys come from. Neither is a secret, so that no cipher is needed.
pub(super) type Rng = Xoshiro256PlusPlus;

pub(super) fn generator(seed: [u8; 32]) -> Rng {
    let mut rng = Rng::from_seed(seed);
    // A test's seed is mostly zeroes, and so are the first numbers drawn from it.
    for _ in 0..32 {
        rng.next_u64();
    }
    rng
}

/// The curve of waiting times between attempts to connect.
///
/// The interval begins at `first`, is multiplied by `factor` and never exceeds `most`. What is
/// waited is a random part of that interval, from half of it to all of it: the randomness covers
/// the capped interval, so clients that have all reached the cap still come back at different
/// times, and nobody waits longer than the cap.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Backoff {
    /// The first interval: 500 ms.
    pub first: Duration,
    /// What each further interval is multiplied by: 2.
    pub factor: f64,
    /// The longest interval: 20 s.
    pub most: Duration,
    /// After the loss of a healthy connection the first attempt is made at once, up to this much
    /// later: 500 ms.
    pub at_once: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            first: Duration::from_millis(500),
            factor: 2.0,
            most: Duration::from_secs(20),
            at_once: Duration::from_millis(500),
        }
    }
}

/// The intervals of a [`Backoff`], one after the other. The crate's own curve draws from a random
/// generator of its own, even with its randomness off, and reads a clock: a session has neither.
struct Curve {
    settings: Backoff,
    next: Duration,
}

impl backoff::backoff::Backoff for Curve {
    fn reset(&mut self) {
        self.next = self.settings.first;
    }

    /// Never `None`: when to give up is not decided here.
    fn next_backoff(&mut self) -> Option<Duration> {
        let most = self.settings.most.max(self.settings.first);
        let interval = self.next.min(most);
        self.next = scaled(interval, self.settings.factor.max(1.0));
        Some(interval)
    }
}

/// Counts the attempts.
pub(super) struct Attempts {
    curve: Curve,
    at_once: Option<Duration>,
    count: u32,
}

impl Attempts {
    pub(super) fn new(settings: Backoff) -> Self {
        let next = settings.first;
        Self {
            curve: Curve { settings, next },
            at_once: None,
            count: 0,
        }
    }

    /// How many attempts were made since the last healthy connection.
    pub(super) fn count(&self) -> u32 {
        self.count
    }

    /// The connection is healthy: the next loss is the first one.
    pub(super) fn reset(&mut self, settings: Backoff) {
        self.curve.reset();
        self.at_once = Some(settings.at_once);
        self.count = 0;
    }

    /// The time to wait before the next attempt.
    pub(super) fn next(&mut self, rng: &mut Rng) -> Duration {
        self.count = self.count.saturating_add(1);
        if let Some(spread) = self.at_once.take() {
            return between(Duration::ZERO, spread, rng);
        }
        let interval = self.curve.next_backoff();
        jitter(interval.unwrap_or(self.curve.settings.most), rng)
    }

    /// Somebody else said how long: it counts as an attempt, the curve goes on where it was.
    pub(super) fn told(&mut self) {
        self.count = self.count.saturating_add(1);
        self.at_once = None;
    }
}

/// A random part of an interval, from half of it to all of it, in whole milliseconds.
pub(super) fn jitter(interval: Duration, rng: &mut Rng) -> Duration {
    between(interval / 2, interval, rng)
}

fn between(least: Duration, most: Duration, rng: &mut Rng) -> Duration {
    let range = Millis::from(least).0..=Millis::from(most).0;
    Duration::from_millis(rng.random_range(range))
}

/// In whole milliseconds: what `Duration` has for it is half a kilobyte of every page.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a cast of what is too much ends at the most, and the factor is at least one"
)]
fn scaled(interval: Duration, factor: f64) -> Duration {
    // Rounded up, or a short interval would never grow.
    let ms = Millis::from(interval).0.max(1) as f64 * factor;
    Duration::from_millis(ms.ceil() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_grows_to_the_cap_and_never_ends() {
        let mut rng = Rng::seed_from_u64(1);
        let mut attempts = Attempts::new(Backoff::default());
        let intervals = [500, 1000, 2000, 4000, 8000, 16_000, 20_000, 20_000];
        for most in intervals.into_iter().chain([20_000; 500]) {
            let wait = attempts.next(&mut rng).as_millis();
            assert!((most / 2..=most).contains(&wait), "{wait} of {most}");
        }
    }

    #[test]
    fn the_first_attempt_after_a_healthy_connection_is_made_at_once() {
        let mut rng = Rng::seed_from_u64(2);
        let mut attempts = Attempts::new(Backoff::default());
        attempts.reset(Backoff::default());
        assert!(attempts.next(&mut rng) <= Duration::from_millis(500));
        assert!(attempts.next(&mut rng) <= Duration::from_millis(500));
        assert!(attempts.next(&mut rng) >= Duration::from_millis(500));
    }

    #[test]
    fn the_shortest_interval_grows_too() {
        let mut curve = Curve {
            settings: Backoff {
                first: Duration::from_micros(500),
                factor: 1.5,
                ..Backoff::default()
            },
            next: Duration::from_micros(500),
        };
        let intervals: Vec<_> = (0..20).filter_map(|_| curve.next_backoff()).collect();
        assert!(intervals.is_sorted_by(|a, b| a < b), "{intervals:?}");
    }

    #[test]
    fn clients_at_the_cap_are_spread() {
        let waits: std::collections::BTreeSet<_> = (0..200)
            .map(|seed| {
                let mut rng = Rng::seed_from_u64(seed);
                let mut attempts = Attempts::new(Backoff::default());
                (0..10).map(|_| attempts.next(&mut rng)).last()
            })
            .collect();
        assert!(waits.len() > 190, "{} different waits of 200", waits.len());
    }
}
