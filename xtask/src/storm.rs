//! What is measured on the real server, optimised: a storm of returning clients (`tests/storm`),
//! and what a noisy tenant costs its neighbours (`tests/fair`).

use crate::{
    bench::machine,
    cargo::{self, cargo, run as sh},
};
use anyhow::ensure;
use clap::ValueEnum;
use std::{path::Path, process::Command};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// How many clients there are.
    #[arg(long, default_value_t = 10_000)]
    clients: usize,
    /// How the server goes; in every way unless one is named.
    #[arg(long)]
    how: Option<How>,
}

/// How a server goes.
#[derive(Clone, Copy, ValueEnum)]
enum How {
    /// SIGTERM: everybody is told when to come back.
    Drain,
    /// SIGKILL: everybody finds out.
    Kill,
}

/// Files of a process that are no connections of clients.
const OTHER_FILES: usize = 500;

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let files = machine::raise_files()?;
    ensure!(
        args.clients + OTHER_FILES <= files,
        "{files} open files are allowed here, too few for {} clients",
        args.clients
    );
    let server = cargo::build("carewire-server", true)?;
    let chosen = match args.how {
        Some(how) => vec![how],
        None => vec![How::Drain, How::Kill],
    };
    for how in chosen {
        let mut storm = example("storm", &server);
        sh(storm.args([&args.clients.to_string(), how.word()]))?;
    }
    Ok(())
}

/// Measures what a noisy tenant costs.
pub(crate) fn fair() -> anyhow::Result<()> {
    let server = cargo::build("carewire-server", true)?;
    sh(&mut example("fair", &server))
}

fn example(name: &str, server: &Path) -> Command {
    let mut command = cargo(&["run", "--quiet", "--release", "--package", "carewire-tests"]);
    command.args(["--example", name, "--"]);
    command.env("CAREWIRE_SERVER_BIN", server);
    command
}

impl How {
    fn word(self) -> &'static str {
        match self {
            Self::Drain => "drain",
            Self::Kill => "kill",
        }
    }
}
