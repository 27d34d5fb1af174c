//! The Kotlin package: its core, its bindings, its tests against a real server.

use crate::{
    cargo::{build, exists, own, run as sh},
    install, kotlin_swift as mobile, mobile_aar, mobile_targets as targets,
    server::Server,
};
use anyhow::{Context, ensure};
use std::{env, fs, path::Path, process::Command};

pub(crate) fn run() -> anyhow::Result<()> {
    // Before anybody builds this program anew.
    let own = own()?;
    if !exists("mvn", "--version") {
        install::packages(&["maven", "default-jdk-headless"], "Maven is not there")?;
        ensure!(exists("mvn", "--version"), "Maven was not installed");
    }
    targets::check(targets::ANDROID)?;
    let server = build("carewire-server", false)?;
    let library = mobile::library()?;
    let package = mobile::folder().join("kotlin");
    let core = package.join("target/core");
    mobile::bindings(&library, "kotlin", &core.join("kotlin"))?;
    mobile::strip(&library, &core.join("natives").join(natives()?))?;
    sh(maven(&package, "verify")
        .env("CAREWIRE_SERVER_BIN", server)
        .env("CAREWIRE_TLS_FRONT", own))?;
    let folder = tempfile::tempdir()?;
    let sample = Server::start(folder.path())?;
    sh(maven(&package, "exec:java").arg(format!("-Dexec.args={}", sample.address())))?;
    let screen = package.join("samples/screen");
    sh(&mut maven(&screen, "compile"))?;
    mobile_aar::check()?;
    let jar = package.join("target/carewire-0.1.0.jar");
    let size = fs::metadata(&jar)
        .with_context(|| jar.display().to_string())?
        .len();
    println!("carewire-0.1.0.jar, with one native library: {size} bytes");
    Ok(())
}

fn maven(package: &Path, phase: &str) -> Command {
    let mut command = Command::new("mvn");
    command
        .args(["--batch-mode", "--quiet", phase])
        .current_dir(package)
        // Cargo's own is searched first, and may hold the core as it was built for Rust's tests.
        .env_remove("LD_LIBRARY_PATH");
    command
}

/// The folder in which JNA looks for the native library of this machine.
fn natives() -> anyhow::Result<&'static str> {
    match (env::consts::OS, env::consts::ARCH) {
        ("linux", "x86_64") => Ok("linux-x86-64"),
        ("linux", "aarch64") => Ok("linux-aarch64"),
        ("macos", "x86_64") => Ok("darwin-x86-64"),
        ("macos", "aarch64") => Ok("darwin-aarch64"),
        (system, machine) => anyhow::bail!("no Kotlin tests on {system} with {machine}"),
    }
}
