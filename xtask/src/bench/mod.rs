//! `cargo xtask bench`: Carewire beside Socket.IO and beside loops that do nothing but the work
//! nobody can leave out, in one run. Each server is a process on a core of its own; the load comes
//! from the other one.
#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts become figures, and figures are rounded"
)]

mod bare_loop;
mod bare_rows;
mod client;
mod connects;
mod fan_out;
mod figures;
pub(crate) mod machine;
mod peers;
mod process;
mod report;
mod sends;
mod subject;
mod swarm;
mod token;
mod wire;

use crate::cargo;
use clap::{Subcommand, ValueEnum};
use figures::Figures;
use peers::Peers;
use std::{net::SocketAddr, path::PathBuf, process::Command, time::Duration};
use subject::Subject;

/// What to measure.
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    /// One short round, to try the tool; the document stays as it is.
    #[arg(long)]
    quick: bool,
    /// Measures this alone; the document stays as it is.
    #[arg(long, value_name = "NAME")]
    only: Option<Measurement>,
    #[command(subcommand)]
    bare: Option<Bare>,
}

/// One of the measurements.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Measurement {
    /// Events of a room with many members, and answers to commands.
    FanOut,
    /// Durable messages.
    Sends,
    /// Connections that come.
    Connects,
    /// Connections that are idle.
    Memory,
}

/// The loops that servers are compared with: processes of their own, started by the measurement.
#[derive(Subcommand)]
enum Bare {
    /// A WebSocket server that does nothing it could leave out.
    #[command(hide = true)]
    Loop { address: SocketAddr },
    /// The rows of messages, without a server.
    #[command(hide = true)]
    Rows {
        database: PathBuf,
        batch: usize,
        seconds: f64,
    },
}

/// How much is measured.
struct Plan {
    rounds: usize,
    windows: fan_out::Windows,
    sends: Duration,
    connects: usize,
    idle: usize,
}

impl Plan {
    fn new(quick: bool) -> Self {
        let seconds = Duration::from_secs;
        if quick {
            let windows = fan_out::Windows {
                warm_up: seconds(1),
                burst: seconds(1),
                paced: seconds(2),
            };
            Self {
                rounds: 1,
                windows,
                sends: seconds(2),
                connects: 500,
                idle: 2_000,
            }
        } else {
            let windows = fan_out::Windows {
                warm_up: seconds(1),
                burst: seconds(2),
                paced: seconds(5),
            };
            Self {
                rounds: 3,
                windows,
                sends: seconds(6),
                connects: 2_000,
                idle: 10_000,
            }
        }
    }
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    match &args.bare {
        Some(Bare::Loop { address }) => bare_loop::serve(*address),
        Some(Bare::Rows {
            database,
            batch,
            seconds,
        }) => bare_rows::run(database, *batch, *seconds),
        // A slow load is measured along with the server.
        None if cfg!(debug_assertions) => run_released(args),
        None => measure(args),
    }
}

fn run_released(args: &Args) -> anyhow::Result<()> {
    let own = cargo::build("xtask", true)?;
    let mut command = Command::new(own);
    command.arg("bench");
    if args.quick {
        command.arg("--quick");
    }
    if let Some(name) = args.only.and_then(|only| only.to_possible_value()) {
        command.args(["--only", name.get_name()]);
    }
    cargo::run(&mut command)
}

fn measure(args: &Args) -> anyhow::Result<()> {
    let plan = Plan::new(args.quick);
    let peers = Peers::prepare()?;
    let machine = machine::describe(peers.folder());
    let files = peers::settle()?;
    // Some files are not connections.
    let idle = plan.idle.min(files.saturating_sub(200));
    let wants = |measurement| args.only.is_none_or(|only| only == measurement);
    let mut figures = Figures {
        idle_connections: idle,
        ..Figures::default()
    };
    for round in 1..=plan.rounds {
        println!("round {round} of {}", plan.rounds);
        if wants(Measurement::FanOut) {
            fan_out(&peers, &plan, &mut figures)?;
        }
        if wants(Measurement::Sends) {
            println!("  durable messages");
            let sends = sends::measure(&peers, plan.windows.warm_up, plan.sends)?;
            figures.sends.push(sends);
        }
        for subject in peers.subjects() {
            if wants(Measurement::Connects) {
                println!("  connections that come: {}", subject.name());
                let connects = connects::measure(&peers, subject, 200, plan.connects)?;
                figures.connects.entry(subject).or_default().push(connects);
            }
            if wants(Measurement::Memory) {
                println!("  idle connections: {}", subject.name());
                let memory = connects::memory(&peers, subject, idle)?;
                figures.memory.entry(subject).or_default().push(memory);
            }
        }
    }
    let text = report::text(&figures, &machine);
    println!("\n{text}");
    if args.quick || args.only.is_some() {
        println!("docs/performance.md stays as it is: it shows whole runs only");
        return Ok(());
    }
    report::record(&text)
}

fn fan_out(peers: &Peers, plan: &Plan, figures: &mut Figures) -> anyhow::Result<()> {
    let mut longest = fan_out::MESSAGE_BYTES;
    for subject in peers.subjects() {
        println!("  fan-out: {}", subject.name());
        let server = peers.start(subject)?;
        let measured = fan_out::measure(subject, &server, plan.windows, fan_out::MESSAGE_BYTES)?;
        if subject == Subject::Carewire {
            longest = measured.frame_bytes as usize;
        }
        figures.fan_out.entry(subject).or_default().push(measured);
    }
    // Bytes cost something too: the limit for frames that carry what Carewire's carry.
    println!("  fan-out: {}, {longest} bytes", Subject::Loop.name());
    let server = peers.start(Subject::Loop)?;
    let measured = fan_out::measure(Subject::Loop, &server, plan.windows, longest)?;
    figures.long_loop.push(measured);
    Ok(())
}
