//! Everything that is tested, in one command.

use crate::{
    autobahn,
    cargo::{cargo, run as sh},
    chaos, demo, lint,
};
use std::time::Instant;

pub(crate) fn run() -> anyhow::Result<()> {
    let started = Instant::now();
    lint::run()?;
    // `chaos` comes after it, with what it injected and what held.
    let workspace = [
        "test",
        "--workspace",
        "--no-fail-fast",
        "--",
        "--skip",
        "chaos",
    ];
    sh(&mut cargo(&workspace))?;
    chaos::short()?;
    autobahn::check()?;
    demo::headless()?;
    println!("\nAll of it passed in {} s.", started.elapsed().as_secs());
    println!("Not run: browser, Kotlin, Swift, PostgreSQL, Redis: they come with their packages.");
    Ok(())
}
