//! `cargo xtask sim`: runs many seeds, shows one, or looks for planted bugs.
#![allow(clippy::print_stdout, reason = "a command line speaks by printing")]

use carewire_simulation::{Campaign, shrink};
use clap::Parser;
use std::process::ExitCode;

#[derive(Parser)]
#[command(about = "The real client session and the real server core in virtual time, under faults")]
struct Args {
    /// How many seeds to run.
    #[arg(long, default_value_t = 10_000)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 1)]
    first: u64,
    /// Runs this one alone and shows what happens, with as few faults as make it fail.
    #[arg(long, env = "SEED")]
    seed: Option<u64>,
    /// How many run at once; by default as many as there are processors.
    #[arg(long)]
    threads: Option<usize>,
    #[cfg(feature = "planted-bugs")]
    #[command(flatten)]
    plants: Plants,
}

#[cfg(feature = "planted-bugs")]
#[derive(clap::Args)]
struct Plants {
    /// Runs with this bug planted, and has to fail.
    #[arg(long)]
    plant: Option<String>,
    /// Names the bugs that can be planted.
    #[arg(long)]
    list: bool,
    /// Plants every bug in turn, and succeeds if each is caught within `--seeds` seeds.
    #[arg(long)]
    hunt: bool,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let campaign = Campaign {
        first: args.first,
        seeds: args.seeds,
        threads: args.threads,
        plant: None,
    };
    #[cfg(feature = "planted-bugs")]
    let campaign = {
        use carewire_simulation::Plant;
        if args.plants.list {
            for plant in Plant::all() {
                println!("{}", plant.name());
            }
            return ExitCode::SUCCESS;
        }
        if args.plants.hunt {
            return hunt(args.seeds);
        }
        let plant = match &args.plants.plant {
            None => None,
            Some(name) => {
                let Some(plant) = Plant::named(name) else {
                    println!("there is no bug {name}; --list names them");
                    return ExitCode::FAILURE;
                };
                Some(plant)
            }
        };
        Campaign { plant, ..campaign }
    };
    match args.seed {
        Some(seed) => show(&campaign, seed),
        None => run(&campaign),
    }
}

fn show(campaign: &Campaign, seed: u64) -> ExitCode {
    let outcome = shrink(campaign, seed);
    for line in &outcome.trace {
        println!("{line}");
    }
    println!("\nseed {seed}, trace hash {:016x}", outcome.hash);
    match outcome.verdict {
        Ok(report) => {
            println!("all holds: {report}");
            ExitCode::SUCCESS
        }
        Err(violations) => {
            for violation in violations {
                println!("{violation}");
            }
            ExitCode::FAILURE
        }
    }
}

fn run(campaign: &Campaign) -> ExitCode {
    let result = campaign.run();
    println!("{result}");
    if result.failed.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

#[cfg(feature = "planted-bugs")]
fn hunt(seeds: u64) -> ExitCode {
    let hunt = carewire_simulation::Hunt::run(seeds);
    println!("{hunt}");
    let (escaped, idle) = (hunt.escaped(), hunt.idle());
    if !escaped.is_empty() {
        println!("not caught in {seeds} seeds: {}", escaped.join(", "));
    }
    for invariant in &idle {
        println!("{invariant} is never the only one to catch a bug");
    }
    if escaped.is_empty() && idle.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
