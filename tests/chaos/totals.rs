//! What was injected, and what held.

use carewire_tests::check::Report;
use std::{collections::BTreeMap, fmt};

/// What one round did and showed.
#[derive(Default)]
pub(crate) struct Outcome {
    pub(crate) faults: BTreeMap<&'static str, u64>,
    pub(crate) operations: u64,
    pub(crate) delivered: u64,
    pub(crate) connections: u64,
    pub(crate) report: Report,
}

impl Outcome {
    pub(crate) fn summary(&self) -> String {
        let faults: u64 = self.faults.values().sum();
        format!(
            "{} operations, {} deliveries, {} connections, {faults} faults; held: {}",
            self.operations, self.delivered, self.connections, self.report
        )
    }
}

/// What all rounds did and showed.
#[derive(Default)]
pub(crate) struct Totals {
    rounds: u64,
    all: Outcome,
}

impl Totals {
    pub(crate) fn add(&mut self, outcome: Outcome) {
        self.rounds += 1;
        for (name, count) in outcome.faults {
            *self.all.faults.entry(name).or_default() += count;
        }
        self.all.operations += outcome.operations;
        self.all.delivered += outcome.delivered;
        self.all.connections += outcome.connections;
        self.all.report.add(&outcome.report);
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} rounds: {}", self.rounds, self.all.summary())?;
        let faults = self.all.faults.iter();
        let faults: Vec<_> = faults
            .map(|(name, count)| format!("{name} {count}"))
            .collect();
        write!(f, "injected: {}", faults.join(" · "))
    }
}
