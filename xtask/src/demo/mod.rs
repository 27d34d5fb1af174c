//! The demo: a page to open, or a visit in the terminal.

mod call;
mod chart;
mod chat;
mod clinic;
mod desk;
mod page;
mod people;
mod transcript;
mod visit;

use crate::server::Server;
use clap::Args;
use std::{net::SocketAddr, path::PathBuf};

pub(crate) use page::build;

/// Where the page is, and who plays the clinic.
#[derive(Args)]
pub(crate) struct Options {
    /// Plays the visit of a doctor and a patient in the terminal instead, and ends.
    #[arg(long)]
    headless: bool,
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:9003")]
    listen: SocketAddr,
}

/// The demo clinic's software, for a server that runs already.
#[derive(Args)]
pub(crate) struct Clinic {
    /// The address of the server.
    #[arg(long)]
    server: SocketAddr,
    /// The folder that it serves.
    #[arg(long)]
    pages: PathBuf,
}

pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    if options.headless {
        headless()
    } else {
        serve(options.listen)
    }
}

/// Builds the page, serves it, and keeps a clinic alive behind it.
fn serve(listen: SocketAddr) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let pages = folder.path().join("pages");
    page::build(&pages)?;
    let server = Server::start_at(folder.path(), listen, Some(&pages))?;
    let address = server.address();
    println!("\nOpen http://{address}/   Ctrl-C ends it.");
    println!("Others to be: http://{address}/?as=nurse-kim, ?as=ana, ?as=dr-lee,nurse-kim\n");
    tokio::runtime::Runtime::new()?.block_on(async {
        tokio::select! {
            ended = clinic::live(address, &pages) => ended,
            stopped = tokio::signal::ctrl_c() => Ok(stopped?),
        }
    })
}

/// Plays the clinic alone.
pub(crate) fn clinic(options: &Clinic) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(clinic::live(options.server, &options.pages))
}

/// Plays the whole visit of a patient against a real server on a real file.
pub(crate) fn headless() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let server = Server::start(folder.path())?;
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(visit::play(server))
}
