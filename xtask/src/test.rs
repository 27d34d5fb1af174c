//! Everything that is tested, in one command.

use crate::{
    autobahn, browser,
    cargo::{cargo, run as sh},
    npm::test()?;
    browser::run(&browser::Args::default())?;
    kotlin::run()?;
    let swift = if swift::run()? { "" } else { "Swift, " };
    println!("\nAll of it passed in {} s.", started.elapsed().as_secs());
    println!("Not run: {swift}Redis.");
    Ok(())
}
