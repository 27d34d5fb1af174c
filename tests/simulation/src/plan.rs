//! What is decided about a world before it begins.

use crate::{
    disk::Slowness,
    faults::{self, Fault},
    people::PEOPLE,
    workload::{self, Deed},
};
use carewire_server::config::{Config, Settings};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::time::Duration;

/// A run of so many events may be queued at once where nothing waits.
pub(crate) const RUN: usize = 64;

/// What follows from a seed alone.
pub(crate) struct Plan {
    pub(crate) faults: Vec<(Duration, Fault)>,
    pub(crate) deeds: Vec<(Duration, Deed)>,
    pub(crate) devices: usize,
    pub(crate) nodes: usize,
    pub(crate) end: Duration,
    pub(crate) slowness: Slowness,
    pub(crate) slowest_wire: u64,
    pub(crate) token_life: Duration,
    pub(crate) client_queue: usize,
    pub(crate) config: Config,
}

impl Plan {
    /// Draws a seed's world.
    pub(crate) fn of(seed: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let nodes = if random.random_bool(0.35) { 3 } else { 1 };
        let devices = random.random_range(3..=PEOPLE.len());
        let end = Duration::from_secs(random.random_range(6..=25));
        let slowness = Slowness {
            share: random.random_range(0..=400),
            most: [0, 500, 5_000, 30_000][random.random_range(0..4)],
        };
        let slowest_wire = [1_500, 20_000, 80_000][random.random_range(0..3)];
        let faults = faults::draw(&mut random, devices, nodes, end);
        let jumps = faults
            .iter()
            .any(|(_, fault)| matches!(fault, Fault::Jump { .. }));
        // A clock that is an hour wrong must not end every token.
        let token_life = if !jumps && random.random_bool(0.15) {
            Duration::from_secs(random.random_range(8..=75))
        } else {
            Duration::from_hours(24)
        };
        let mut config = config();
        config.call_grace = Duration::from_secs(5);
        if random.random_bool(0.15) {
            config.queue.frames = 16;
        }
        if random.random_bool(0.1) {
            config.retain_events = 12;
        }
        let client_queue = if random.random_bool(0.2) { 4 } else { 1000 };
        let small_queue = config.queue.frames < RUN;
        let deeds = workload::draw(&mut random, devices, nodes, end, small_queue);
        Self {
            faults,
            deeds,
            devices,
            nodes,
            end,
            slowness,
            slowest_wire,
            token_life,
            client_queue,
            config,
        }
    }
}

fn config() -> Config {
    let settings = Settings {
        dev: true,
        ..Settings::default()
    };
    settings.config().unwrap()
}
