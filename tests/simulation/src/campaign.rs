//! Many seeds at once.

#[cfg(feature = "planted-bugs")]
use crate::plants::Plant;
use crate::run;
use carewire_check::{Invariant, Report};
use std::{
    collections::BTreeMap,
    fmt,
    num::NonZeroUsize,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// Without the feature `planted-bugs` there is none.
#[cfg(not(feature = "planted-bugs"))]
#[derive(Debug, Clone, Copy)]
pub enum Plant {}

/// How many failures are described.
const SHOWN: usize = 5;

/// Seeds to run.
#[derive(Debug, Clone, Copy)]
pub struct Campaign {
    /// The first.
    pub first: u64,
    /// How many.
    pub seeds: u64,
    /// How many run at once; `None`: as many as there are processors.
    pub threads: Option<usize>,
    /// The bug that is planted.
    pub plant: Option<Plant>,
}

/// What came of them.
#[derive(Debug, Default)]
pub struct Result {
    /// How many ran.
    pub seeds: u64,
    /// How long that took.
    pub took: Duration,
    /// How much was checked where all held.
    pub report: Report,
    /// How often each fault was injected.
    pub faults: BTreeMap<&'static str, u64>,
    /// The seeds that failed, and why.
    pub failed: BTreeMap<u64, Failure>,
}

/// Why a seed failed.
#[derive(Debug, Clone, Default)]
pub struct Failure {
    /// What was violated; nothing where it panicked.
    pub violated: Vec<Invariant>,
    /// In words.
    pub words: Vec<String>,
}

impl Campaign {
    /// Plants the bug on this thread.
    #[cfg(feature = "planted-bugs")]
    pub(crate) fn plant_here(&self) {
        Plant::plant(self.plant);
    }

    /// Runs the seeds, each by itself, on all threads.
    pub fn run(&self) -> Result {
        let started = Instant::now();
        let next = AtomicU64::new(self.first);
        let end = self.first + self.seeds;
        let result = Mutex::new(Result::default());
        let threads = self
            .threads
            .unwrap_or_else(|| thread::available_parallelism().map_or(2, NonZeroUsize::get));
        thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    #[cfg(feature = "planted-bugs")]
                    self.plant_here();
                    loop {
                        let seed = next.fetch_add(1, Ordering::Relaxed);
                        if seed >= end {
                            return;
                        }
                        one(seed, &result);
                    }
                });
            }
        });
        let mut result = result.into_inner().unwrap();
        result.took = started.elapsed();
        result
    }
}

fn one(seed: u64, result: &Mutex<Result>) {
    let outcome = catch_unwind(AssertUnwindSafe(|| run(seed, false)));
    let mut result = result.lock().unwrap();
    result.seeds += 1;
    let failure = match outcome {
        Ok(outcome) => {
            for (fault, times) in outcome.faults {
                *result.faults.entry(fault).or_default() += times;
            }
            match outcome.verdict {
                Ok(report) => {
                    result.report.add(&report);
                    return;
                }
                Err(violations) => {
                    let mut violated: Vec<_> = violations
                        .iter()
                        .map(|violation| violation.invariant)
                        .collect();
                    violated.dedup();
                    let words = violations.iter().map(ToString::to_string).collect();
                    Failure { violated, words }
                }
            }
        }
        Err(_) => Failure {
            violated: Vec::new(),
            words: vec!["panicked".to_owned()],
        },
    };
    result.failed.insert(seed, failure);
}

impl fmt::Display for Result {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.took.as_secs_f64();
        let a_minute = self.seeds as f64 / seconds * 60.0;
        writeln!(
            f,
            "{} seeds in {seconds:.1} s ({a_minute:.0} a minute)",
            self.seeds
        )?;
        writeln!(f, "checked: {}", self.report)?;
        let faults: Vec<_> = self
            .faults
            .iter()
            .map(|(fault, times)| format!("{fault} {times}"))
            .collect();
        writeln!(f, "injected: {}", faults.join(" · "))?;
        for (seed, failure) in self.failed.iter().take(SHOWN) {
            writeln!(f, "\nSEED={seed} fails:")?;
            for words in failure.words.iter().take(SHOWN) {
                writeln!(f, "  {words}")?;
            }
        }
        if !self.failed.is_empty() {
            let count = self.failed.len();
            write!(f, "\n{count} of {} seeds failed", self.seeds)?;
        }
        Ok(())
    }
}
