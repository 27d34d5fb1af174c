//! A long run of `tests/chaos`.

use crate::cargo::{cargo, run as sh};
use std::time::{SystemTime, UNIX_EPOCH};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// How long it runs.
    #[arg(long, default_value_t = 5.0)]
    minutes: f64,
    /// What goes wrong, and when; another each time unless it is given.
    #[arg(long)]
    seed: Option<u64>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let seed = match args.seed {
        Some(seed) => seed,
        None => SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs(),
    };
    play(args.minutes, seed)
}

/// The run of the test command: always the same, and short.
pub(crate) fn short() -> anyhow::Result<()> {
    play(0.8, 1)
}

fn play(minutes: f64, seed: u64) -> anyhow::Result<()> {
    let mut command = cargo(&["test", "--package", "carewire-tests", "--test", "chaos"]);
    command.args(["--", "--nocapture"]);
    command.env("CHAOS_MINUTES", minutes.to_string());
    sh(command.env("SEED", seed.to_string()))
}
