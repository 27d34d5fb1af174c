//! The demo: a page to open, or a visit in the terminal.

mod call;
mod chart;
mod chat;
mod desk;
mod people;
mod transcript;
mod visit;

use crate::{cargo, server::Server};
use std::process::Command;

/// Starts the server in `--dev` and waits for it.
pub(crate) fn serve() -> anyhow::Result<()> {
    let binary = cargo::build("carewire-server", false)?;
    println!("Open http://127.0.0.1:9003/ when the server listens; Ctrl-C ends it.\n");
    cargo::run(Command::new(binary).arg("--dev"))
}

/// Plays the whole visit of a patient against a real server on a real file.
pub(crate) fn headless() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let server = Server::start(folder.path())?;
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(visit::play(server))
}
