//! The SDK's driver, the package and the demo in a real browser, against the real server.

mod driver;

use crate::{
    cargo::{self, exists, own, root, run as sh},
    demo, install,
    npm::{modules, npm},
};
use anyhow::ensure;
use std::{
    env,
    path::{Path, PathBuf},
};

#[derive(clap::Args, Default)]
pub(crate) struct Args {
    /// Only the tests whose file matches; `driver`: those of the SDK's driver.
    filter: Vec<String>,
}

/// Builds everything, and runs the tests of the driver and Playwright's.
pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let chromium = chromium()?;
    let is_driver = |only: &String| only == "driver";
    if args.filter.is_empty() || args.filter.iter().any(is_driver) {
        driver::run(&chromium)?;
    }
    if args.filter.is_empty() || !args.filter.iter().all(is_driver) {
        playwright(args, &chromium)?;
    }
    Ok(())
}

fn playwright(args: &Args, chromium: &Path) -> anyhow::Result<()> {
    let tests = root().join("sdk-wasm/tests");
    demo::build(&tests.join(".pages/demo"))?;
    modules(&tests)?;
    let projects =
        args.filter.is_empty() || args.filter.iter().any(|only| only.contains("projects"));
    let steps = ["check", "pages"].into_iter();
    for step in steps.chain(projects.then_some("projects")) {
        sh(&mut npm(&tests, &["run", step]))?;
    }
    let mut test = npm(&tests, &["test", "--"]);
    test.args(&args.filter)
        .env("CAREWIRE_CHROMIUM", chromium)
        .env(
            "CAREWIRE_SERVER_BIN",
            cargo::build("carewire-server", false)?,
        )
        .env("CAREWIRE_XTASK_BIN", own()?);
    sh(&mut test)
}

/// A browser, Debian's where there is none.
fn chromium() -> anyhow::Result<PathBuf> {
    const PATH: &str = "/usr/bin/chromium";
    if let Some(own) = env::var_os("CAREWIRE_CHROMIUM") {
        return Ok(own.into());
    }
    if !exists(PATH, "--version") {
        let what = "Chromium is not there, nor named by CAREWIRE_CHROMIUM";
        install::packages(&["chromium", "fonts-noto-color-emoji"], what)?;
        ensure!(exists(PATH, "--version"), "Chromium was not installed");
    }
    Ok(Path::new(PATH).to_path_buf())
}
