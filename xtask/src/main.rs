//! One command for each thing that would otherwise be done by hand: `cargo xtask help`.
#![allow(clippy::print_stdout, reason = "a command line speaks by printing")]

mod autobahn;
mod bench;
mod browser;
mod cargo;
mod chaos;
mod demo;
mod docs;
mod fuzz;
mod install;
mod kotlin;
mod kotlin_swift;
mod lint;
mod mobile_aar;
mod mobile_targets;
mod mobile_tls;
mod npm;
mod postgres;
mod server;
mod sim;
mod storm;
mod swift;
mod test;
mod toolchain;
mod wasm;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Build, show, test and measure Carewire")]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs Autobahn's test suite against the server's codec and the SDK's driver.
    Autobahn(autobahn::Args),
    /// Measures the server beside Socket.IO and bare loops, for docs/performance.md.
    Bench(bench::Args),
    /// Tests the SDK's browser driver, the npm package and the demo in a browser, against the real
    /// server.
    Browser(browser::Args),
    /// Lets everything fail at once, by a seed, and judges what comes of it.
    Chaos(chaos::Args),
    /// Plays the demo clinic's software against a server that runs already.
    #[command(hide = true)]
    Clinic(demo::Clinic),
    /// Starts the server with a demo clinic and says which page to open.
    Demo(demo::Options),
    /// Writes the tables of docs/protocol.md, and docs/asyncapi.json, anew.
    Docs,
    /// Measures what a noisy tenant costs its neighbours.
    Fair,
    /// Feeds whatever takes bytes with bytes, where nightly and cargo-fuzz are installed.
    Fuzz(fuzz::Args),
    /// Builds, tests and measures the Kotlin package.
    Kotlin,
    /// Checks formatting, lints and documentation.
    Lint,
    /// Builds the npm package, prints what a page downloads, and tests what needs no server.
    Npm,
    /// Runs the simulation: many seeds, one seed, or planted bugs.
    Sim(sim::Args),
    /// Stops a server with very many clients, and measures how they come back.
    Storm(storm::Args),
    /// Builds and tests the Swift package, where a Swift toolchain is or can be had.
    Swift,
    /// Runs everything that is tested.
    Test,
    /// Puts TLS in front of a server, for the Kotlin and Swift tests.
    #[command(hide = true)]
    TlsFront(mobile_tls::Args),
}

fn main() -> anyhow::Result<()> {
    cargo::own()?;
    match Args::parse().command {
        Command::Autobahn(args) => autobahn::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Browser(args) => browser::run(&args),
        Command::Chaos(args) => chaos::run(&args),
        Command::Clinic(options) => demo::clinic(&options),
        Command::Demo(options) => demo::run(&options),
        Command::Docs => docs::run(),
        Command::Fair => storm::fair(),
        Command::Fuzz(args) => fuzz::run(&args),
        Command::Kotlin => kotlin::run(),
        Command::Lint => lint::run(),
        Command::Npm => npm::test(),
        Command::Sim(args) => sim::run(&args),
        Command::Storm(args) => storm::run(&args),
        Command::Swift => swift::run().map(drop),
        Command::Test => test::run(),
        Command::TlsFront(args) => mobile_tls::run(&args),
    }
}
