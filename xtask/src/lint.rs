//! Formatting, lints, dependencies and documentation.

use crate::cargo::{cargo, exists, run as sh};

pub(crate) fn run() -> anyhow::Result<()> {
    sh(&mut cargo(&["fmt", "--all", "--check"]))?;
    sh(&mut cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "--deny",
        "warnings",
    ]))?;
    sh(cargo(&["doc", "--workspace", "--no-deps", "--quiet"])
        .env("RUSTDOCFLAGS", "--deny warnings"))?;
    deny()
}

/// The list of advisories has to be fetched; where it cannot be, everything else is checked.
fn deny() -> anyhow::Result<()> {
    if !exists("cargo-deny", "--version") {
        println!(
            "cargo-deny is not installed: dependencies were NOT checked (cargo install cargo-deny)"
        );
        return Ok(());
    }
    let fetched = cargo(&["deny", "fetch", "db"])
        .output()
        .is_ok_and(|output| output.status.success());
    if fetched {
        return sh(&mut cargo(&["deny", "--all-features", "check"]));
    }
    println!("the advisory database cannot be fetched here: advisories were NOT checked");
    sh(&mut cargo(&[
        "deny",
        "--all-features",
        "check",
        "bans",
        "licenses",
        "sources",
    ]))
}
