//! Everything that is tested, in one command.

use crate::{
    autobahn, browser,
    cargo::{cargo, run as sh},
    chaos, demo, kotlin, lint, npm, postgres, sim, swift,
};
use std::time::Instant;

pub(crate) fn run() -> anyhow::Result<()> {
    let started = Instant::now();
    postgres::install()?;
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
    sh(cargo(&workspace).env("CAREWIRE_TEST_POSTGRES", "required"))?;
    // What rooms promise, and what a crash leaves, does not depend on the database.
    let again = ["test", "--package", "carewire-tests", "--no-fail-fast"];
    let again = [&again[..], &["--test", "rooms", "--test", "crash"]].concat();
    sh(cargo(&again).env("CAREWIRE_TEST_DATABASE", "postgres"))?;
    sim::test()?;
    chaos::short()?;
    autobahn::check()?;
    demo::headless()?;
    npm::test()?;
    browser::run(&browser::Args::default())?;
    kotlin::run()?;
    let swift = if swift::run()? { "" } else { "Swift, " };
    println!("\nAll of it passed in {} s.", started.elapsed().as_secs());
    println!("Not run: {swift}Redis.");
    Ok(())
}
