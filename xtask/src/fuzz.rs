//! Fuzzing, where nightly and cargo-fuzz are installed.

use crate::cargo::{self, exists};
use anyhow::{Context, ensure};
use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

const TARGETS: [&str; 5] = ["frame", "room_id", "session", "token", "websocket"];

#[derive(clap::Args)]
pub(crate) struct Args {
    /// How long each target runs.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Which targets; all of them unless some are named.
    #[arg(value_parser = TARGETS)]
    targets: Vec<String>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    if !exists("cargo-fuzz", "--version") || !exists("rustc", "+nightly") {
        println!("not run: fuzzing (it needs nightly and cargo-fuzz)");
        return Ok(());
    }
    let all = TARGETS.map(str::to_owned);
    let chosen = if args.targets.is_empty() {
        &all[..]
    } else {
        &args.targets
    };
    for target in chosen {
        let executions = fuzz(target, args.seconds)?;
        println!(
            "{target}: {executions} executions in {} s, nothing found",
            args.seconds
        );
    }
    Ok(())
}

/// Fuzzes one target, and says how often it was run.
fn fuzz(target: &str, seconds: u64) -> anyhow::Result<u64> {
    let mut child = Command::new("cargo")
        .args(["+nightly", "fuzz", "run", target, "--"])
        .args(["-print_final_stats=1", "-verbosity=0"])
        .arg(format!("-max_total_time={seconds}"))
        .current_dir(cargo::root())
        // Not the toolchain that runs us.
        .env_remove("CARGO")
        .env_remove("RUSTC")
        .env_remove("RUSTUP_TOOLCHAIN")
        .stderr(Stdio::piped())
        .spawn()
        .context("starting cargo fuzz")?;
    let output = child.stderr.take().context("the fuzzer's output")?;
    let mut executions = 0;
    for line in BufReader::new(output).lines() {
        let line = line?;
        match line.split_once("stat::number_of_executed_units:") {
            Some((_, count)) => executions = count.trim().parse()?,
            None if line.starts_with("stat::") => {}
            None => eprintln!("{line}"),
        }
    }
    let status = child.wait()?;
    ensure!(
        status.success(),
        "{target}: something was found, see above and fuzz/artifacts"
    );
    Ok(executions)
}
