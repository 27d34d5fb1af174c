//! A storm of returning clients: `tests/storm`, optimised, once with a drain and once with a kill.

use crate::{
    bench::machine,
    cargo::{self, cargo, run as sh},
};
use anyhow::ensure;
use clap::ValueEnum;

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
        let mut storm = cargo(&["run", "--quiet", "--release", "--package", "carewire-tests"]);
        storm.args(["--example", "storm", "--"]);
        storm.args([&args.clients.to_string(), how.word()]);
        sh(storm.env("CAREWIRE_SERVER_BIN", &server))?;
    }
    Ok(())
}

impl How {
    fn word(self) -> &'static str {
        match self {
            Self::Drain => "drain",
            Self::Kill => "kill",
        }
    }
}
