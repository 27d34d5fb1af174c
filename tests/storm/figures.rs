//! How soon clients were back, and after how many attempts.

use std::{fmt, time::Duration};

/// When one client was back, and how often it had to try.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Return {
    pub(crate) after: Duration,
    pub(crate) attempts: u32,
}

pub(crate) struct Figures {
    half: Duration,
    most: Duration,
    all: Duration,
    attempts_mean: f64,
    attempts_most: u32,
}

impl Figures {
    pub(crate) fn of(returns: &[Return]) -> Self {
        let mut times: Vec<_> = returns.iter().map(|back| back.after).collect();
        times.sort();
        let share = |share: f64| times[((times.len() as f64 * share).ceil() as usize).max(1) - 1];
        let attempts: u64 = returns.iter().map(|back| u64::from(back.attempts)).sum();
        Self {
            half: share(0.5),
            most: share(0.99),
            all: share(1.0),
            attempts_mean: attempts as f64 / returns.len() as f64,
            attempts_most: returns.iter().map(|back| back.attempts).max().unwrap_or(0),
        }
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            half,
            most,
            all,
            attempts_mean,
            attempts_most,
        } = self;
        let [half, most, all] = [half, most, all].map(Duration::as_secs_f64);
        write!(
            f,
            "resumed since it went: half {half:.2} s, 99 % {most:.2} s, all {all:.2} s; \
             attempts {attempts_mean:.2} on average, {attempts_most} at most"
        )
    }
}
