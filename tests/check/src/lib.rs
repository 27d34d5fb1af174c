//! The invariants I1 to I10 of Carewire, judged from a recorded history: the same judge for the
//! simulation, for real processes and for storms.
//!
//! A history is recorded as in Jepsen. Operations are invoked and later acknowledged, refused or
//! unknown (a time-out is unknown, not refused); devices note what their application was given; in
//! the end the server's logs are read. [`check`] then says which invariants were violated, or how
//! much was checked.
//!
//! Nothing here knows the server's rules: who may see what is written a second time, in `access`.

mod access;
mod baselines;
mod convergence;
mod effects;
mod history;
mod leases;
mod recorder;
mod streams;

#[cfg(test)]
mod tests;

pub use history::{
    Access, Durable, Entry, Event, History, LeaseStep, Limits, Log, Name, Op, Operation, What,
};
pub use recorder::Recorder;

use std::{collections::BTreeMap, fmt, time::Duration};

/// What Carewire promises under every fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Invariant {
    /// What was acknowledged is in the log exactly once.
    I1,
    /// A key has one effect; a refused command has none.
    I2,
    /// Each member's retained stream is the log, contiguous, or it was told to start over.
    I3,
    /// A place in a log holds the same event for every observer, node and restart.
    I4,
    /// Nobody hears of what is not durable.
    I5,
    /// All converge within a time after the faults have ended.
    I6,
    /// Whatever was delivered was permitted when it was queued.
    I7,
    /// No gap is repaired where no fault was injected.
    I8,
    /// Tasks, rooms, sockets, timers and memory return to their baseline.
    I9,
    /// A lease has one holder at a time, its tokens only grow, and a stale one is worth nothing.
    I10,
}

impl Invariant {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::I1,
        Self::I2,
        Self::I3,
        Self::I4,
        Self::I5,
        Self::I6,
        Self::I7,
        Self::I8,
        Self::I9,
        Self::I10,
    ];
}

impl fmt::Display for Invariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

/// A promise that was not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which.
    pub invariant: Invariant,
    /// When it showed, in time since the start of the run.
    pub at: Duration,
    /// What happened, in names only.
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.at.as_secs_f64();
        write!(f, "{} at {at:.3} s: {}", self.invariant, self.what)
    }
}

/// How often each invariant was looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// By invariant.
    pub checked: BTreeMap<Invariant, u64>,
}

impl Report {
    /// Adds what another run checked.
    pub fn add(&mut self, other: &Self) {
        for (invariant, count) in &other.checked {
            *self.checked.entry(*invariant).or_default() += count;
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts: Vec<String> = Invariant::ALL
            .iter()
            .map(|invariant| {
                let count = self.checked.get(invariant).copied().unwrap_or_default();
                format!("{invariant} {count}")
            })
            .collect();
        f.write_str(&counts.join(" · "))
    }
}

/// Judges a history. Every violation is reported, in the order of the invariants.
pub fn check(history: &History) -> Result<Report, Vec<Violation>> {
    let mut judge = Judge::default();
    effects::judge(history, &mut judge);
    streams::judge(history, &mut judge);
    convergence::judge(history, &mut judge);
    access::judge(history, &mut judge);
    baselines::judge(history, &mut judge);
    leases::judge(history, &mut judge);
    if judge.violations.is_empty() {
        Ok(judge.report)
    } else {
        judge
            .violations
            .sort_by_key(|violation| violation.invariant);
        Err(judge.violations)
    }
}

/// Collects verdicts.
#[derive(Default)]
struct Judge {
    report: Report,
    violations: Vec<Violation>,
}

impl Judge {
    /// Something was looked at; what to say where it does not hold.
    fn expect(
        &mut self,
        invariant: Invariant,
        at: Duration,
        holds: bool,
        what: impl FnOnce() -> String,
    ) {
        *self.report.checked.entry(invariant).or_default() += 1;
        if !holds {
            let what = what();
            self.violations.push(Violation {
                invariant,
                at,
                what,
            });
        }
    }
}
