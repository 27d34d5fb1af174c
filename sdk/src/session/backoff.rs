//! How long to wait before the next attempt. The only file that knows the `backoff` crate.

use backoff::{SystemClock, backoff::Backoff as _, exponential::ExponentialBackoff};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use std::time::Duration;

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

/// Counts the attempts. The crate is used as a calculator: its randomness is off and it never
/// gives up, because both would hide from the session what is going on.
pub(super) struct Attempts {
    curve: ExponentialBackoff<SystemClock>,
    at_once: Option<Duration>,
    count: u32,
}

impl Attempts {
    pub(super) fn new(settings: Backoff) -> Self {
        let curve = ExponentialBackoff {
            current_interval: settings.first,
            initial_interval: settings.first,
            randomization_factor: 0.0,
            multiplier: settings.factor.max(1.0),
            max_interval: settings.most.max(settings.first),
            max_elapsed_time: None,
            ..ExponentialBackoff::default()
        };
        Self {
            curve,
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
    pub(super) fn next(&mut self, rng: &mut ChaCha8Rng) -> Duration {
        self.count = self.count.saturating_add(1);
        if let Some(spread) = self.at_once.take() {
            return spread.mul_f64(rng.random_range(0.0..=1.0));
        }
        let interval = self.curve.next_backoff().unwrap_or(self.curve.max_interval);
        jitter(interval, rng)
    }

    /// Somebody else said how long: it counts as an attempt, the curve goes on where it was.
    pub(super) fn told(&mut self) {
        self.count = self.count.saturating_add(1);
        self.at_once = None;
    }
}

/// A random part of an interval, from half of it to all of it, in whole milliseconds.
pub(super) fn jitter(interval: Duration, rng: &mut ChaCha8Rng) -> Duration {
    // The calculator adds up to a nanosecond of noise even without randomness.
    let ms = u64::try_from(interval.as_millis()).unwrap_or(u64::MAX);
    Duration::from_millis(rng.random_range(ms / 2..=ms))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn the_curve_grows_to_the_cap_and_never_ends() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut attempts = Attempts::new(Backoff::default());
        let intervals = [500, 1000, 2000, 4000, 8000, 16_000, 20_000, 20_000];
        for most in intervals.into_iter().chain([20_000; 500]) {
            let wait = attempts.next(&mut rng).as_millis();
            assert!((most / 2..=most).contains(&wait), "{wait} of {most}");
        }
    }

    #[test]
    fn the_first_attempt_after_a_healthy_connection_is_made_at_once() {
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        let mut attempts = Attempts::new(Backoff::default());
        attempts.reset(Backoff::default());
        assert!(attempts.next(&mut rng) <= Duration::from_millis(500));
        assert!(attempts.next(&mut rng) <= Duration::from_millis(500));
        assert!(attempts.next(&mut rng) >= Duration::from_millis(500));
    }

    #[test]
    fn clients_at_the_cap_are_spread() {
        let waits: std::collections::BTreeSet<_> = (0..200)
            .map(|seed| {
                let mut rng = ChaCha8Rng::seed_from_u64(seed);
                let mut attempts = Attempts::new(Backoff::default());
                (0..10).map(|_| attempts.next(&mut rng)).last()
            })
            .collect();
        assert!(waits.len() > 190, "{} different waits of 200", waits.len());
    }
}
