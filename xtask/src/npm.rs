//! The npm package: built, measured, packed.

use crate::{
    cargo::{exists, root, run as sh},
    install, wasm,
};
use anyhow::ensure;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// What the wasm binary may use: every browser of the last four years has it.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

pub(crate) fn package() -> PathBuf {
    root().join("sdk-wasm/npm")
}

/// Builds the package, and prints what a page downloads.
pub(crate) fn build() -> anyhow::Result<()> {
    install_node()?;
    let package = package();
    modules(&package)?;
    let core = package.join("core");
    wasm::core(&core)?;
    let module = core.join("carewire_core_bg.wasm");
    sh(Command::new(package.join("node_modules/.bin/wasm-opt"))
        .args([
            "-Oz",
            "--flatten",
            "--rereloop",
            "-Oz",
            "-Oz",
            // A function that is called once grows its caller, and brotli finds less in common.
            "--one-caller-inline-max-function-size=150",
            "--strip-debug",
            "--strip-producers",
            "--strip-target-features",
        ])
        .args(FEATURES)
        .arg(&module)
        .arg("-o")
        .arg(&module))?;
    sh(&mut npm(&package, &["run", "build"]))
}

/// Everything about the package that is tested without a server.
pub(crate) fn test() -> anyhow::Result<()> {
    build()?;
    let package = package();
    for step in [&["run", "check"][..], &["run", "size"], &["test"]] {
        sh(&mut npm(&package, step))?;
    }
    audit(&package)
}

/// Whether anything that the package needs is known to be unsafe. Where the registry does not say,
/// that is said.
fn audit(package: &Path) -> anyhow::Result<()> {
    let output = npm(package, &["audit"]).output()?;
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    if !output.status.success() && text.contains("audit endpoint returned an error") {
        println!("the registry answers no audits here: npm dependencies were NOT checked");
        return Ok(());
    }
    print!("{text}");
    ensure!(output.status.success(), "npm audit has findings");
    Ok(())
}

/// An npm command in a folder.
pub(crate) fn npm(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("npm");
    command.args(arguments).current_dir(folder);
    command
}

/// Installs what a package needs, exactly as its lock file says, unless it is there.
pub(crate) fn modules(folder: &Path) -> anyhow::Result<()> {
    let (lock, stamp) = (
        folder.join("package-lock.json"),
        folder.join("node_modules/.package-lock.json"),
    );
    let time = |path: &Path| fs::metadata(path).and_then(|data| data.modified()).ok();
    if time(&stamp).is_none_or(|stamp| Some(stamp) < time(&lock)) {
        sh(&mut npm(folder, &["ci", "--no-audit", "--no-fund"]))?;
    }
    Ok(())
}

fn install_node() -> anyhow::Result<()> {
    if !exists("npm", "--version") {
        install::packages(&["nodejs", "npm"], "Node.js with npm is not there")?;
        ensure!(exists("npm", "--version"), "npm was not installed");
    }
    Ok(())
}
