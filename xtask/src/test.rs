//! Everything that is tested, in one command.

use crate::{
    cargo::{cargo, run as sh},
    demo, lint,
};
use std::time::Instant;

pub(crate) fn run() -> anyhow::Result<()> {
    let started = Instant::now();
    lint::run()?;
    sh(&mut cargo(&["test", "--workspace", "--no-fail-fast"]))?;
    demo::headless()?;
    println!("\nAll of it passed in {} s.", started.elapsed().as_secs());
    println!("Not run: browser, Kotlin, Swift, PostgreSQL, Redis: they come with their packages.");
    Ok(())
}
