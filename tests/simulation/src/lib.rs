//! The simulation: the real client session (`carewire::session`) and the real server core
//! (`carewire_server`: sessions, hub, domains, policy) in virtual time, on a database in memory, on
//! one node or three, under faults. Everything that happens follows from a seed.
//!
//! [`run`] lives through the world of a seed and judges it by `carewire_check`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::unchecked_time_subtraction,
    reason = "a world that cannot go on fails the test that runs it, and its numbers are small"
)]

mod backplane;
mod book;
mod campaign;
mod clock;
mod device;
mod disk;
mod env;
mod event;
mod faults;
mod node;
mod people;
mod pipe;
mod plan;
#[cfg(feature = "planted-bugs")]
mod plants;
#[cfg(test)]
mod presence;
mod seeing;
mod socket;
mod workload;
mod world;

#[cfg(not(feature = "planted-bugs"))]
pub use campaign::Plant;
pub use campaign::{Campaign, Failure, Result as CampaignResult};
#[cfg(feature = "planted-bugs")]
pub use plants::{Catch, Hunt, Plant};

use carewire_check::{Report, Violation, check};
use plan::Plan;
use std::collections::BTreeMap;
use world::World;

/// What came of a seed.
#[derive(Debug)]
pub struct Outcome {
    /// The seed.
    pub seed: u64,
    /// The same for every run of it.
    pub hash: u64,
    /// How much was checked, or what was violated.
    pub verdict: Result<Report, Vec<Violation>>,
    /// How often each fault was injected.
    pub faults: BTreeMap<&'static str, u64>,
    /// What happened, where that was asked for.
    pub trace: Vec<String>,
}

/// Lives through the world of a seed.
pub fn run(seed: u64, traced: bool) -> Outcome {
    live(seed, Plan::of(seed), traced)
}

fn live(seed: u64, plan: Plan, traced: bool) -> Outcome {
    let mut world = World::new(seed, plan, traced);
    world.run();
    let record = world.close();
    Outcome {
        seed,
        hash: record.hash,
        verdict: check(&record.history),
        faults: record.faults,
        trace: record.trace,
    }
}

/// How often a world is run again to find the faults that matter.
const TRIES: usize = 200;

/// Runs a seed, and where it fails again and again with fewer faults. Yields the run with the
/// fewest that still fails, with its trace.
pub fn shrink(campaign: &Campaign, seed: u64) -> Outcome {
    #[cfg(feature = "planted-bugs")]
    campaign.plant_here();
    #[cfg(not(feature = "planted-bugs"))]
    let _ = campaign;
    let whole = live(seed, Plan::of(seed), true);
    if whole.verdict.is_ok() {
        return whole;
    }
    let mut kept: Vec<usize> = (0..Plan::of(seed).faults.len()).collect();
    let with = |kept: &[usize], traced| {
        let mut plan = Plan::of(seed);
        let faults = std::mem::take(&mut plan.faults);
        let chosen = faults.into_iter().enumerate();
        plan.faults = chosen
            .filter(|(place, _)| kept.contains(place))
            .map(|(_, fault)| fault)
            .collect();
        live(seed, plan, traced)
    };
    let mut tries = 0;
    let mut place = 0;
    while place < kept.len() && tries < TRIES {
        let mut fewer = kept.clone();
        fewer.remove(place);
        tries += 1;
        if with(&fewer, false).verdict.is_err() {
            kept = fewer;
        } else {
            place += 1;
        }
    }
    with(&kept, true)
}
