//! The simulation, with fast code.

use crate::cargo::{cargo, run as sh};

/// What is handed on to the simulation: `cargo xtask sim --help` shows it.
#[derive(clap::Args)]
#[command(disable_help_flag = true)]
pub(crate) struct Args {
    /// `--seeds N`, `--seed N`, `--plant NAME`, `--list`, `--hunt`; see `--help`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    rest: Vec<String>,
}

/// How many seeds belong to the tests.
const SEEDS: &str = "10000";
/// In how many seeds each planted bug is to be caught.
const HUNTED: &str = "500";

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let rest: Vec<&str> = args.rest.iter().map(String::as_str).collect();
    simulate(&rest)
}

/// The seeds and planted bugs that belong to the tests.
pub(crate) fn test() -> anyhow::Result<()> {
    simulate(&["--seeds", SEEDS])?;
    simulate(&["--hunt", "--seeds", HUNTED])
}

fn simulate(args: &[&str]) -> anyhow::Result<()> {
    let mut command = cargo(&[
        "--config",
        "tests/simulation/fast.toml",
        "run",
        "--quiet",
        "--package",
        "carewire-simulation",
        "--features",
        "planted-bugs",
        "--",
    ]);
    sh(command.args(args))
}
