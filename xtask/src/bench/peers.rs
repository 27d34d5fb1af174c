//! How each server is started.

use super::{
    machine,
    process::{Process, free_port, pinned},
    subject::Subject,
    token::SECRET,
};
use crate::cargo;
use anyhow::Context;
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// No limit of rates is met: they are not what is measured.
const UNLIMITED: &str = "1000000000";

/// What the servers are started from.
pub(super) struct Peers {
    carewire: PathBuf,
    /// This program, which has the bare loops in it.
    own: PathBuf,
    node: Option<PathBuf>,
    /// Databases and logs, on the disk that the sources are on.
    folder: tempfile::TempDir,
}

/// Where the Socket.IO server is.
pub(super) fn folder() -> PathBuf {
    cargo::root().join("xtask/bench")
}

impl Peers {
    /// Builds and installs everything.
    pub(super) fn prepare() -> anyhow::Result<Self> {
        let carewire = cargo::build("carewire-server", true)?;
        let target = carewire.parent().context("a target folder")?;
        let folder = tempfile::Builder::new()
            .prefix("bench-")
            .tempdir_in(target)?;
        Ok(Self {
            node: node(),
            own: cargo::own()?.to_owned(),
            carewire,
            folder,
        })
    }

    /// Where databases are.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The servers that can be started here.
    pub(super) fn subjects(&self) -> Vec<Subject> {
        let mut subjects = vec![Subject::Carewire];
        subjects.extend(self.node.as_ref().map(|_| Subject::SocketIo));
        subjects.push(Subject::Loop);
        subjects
    }

    /// Starts a server with nothing in it.
    pub(super) fn start(&self, subject: Subject) -> anyhow::Result<Process> {
        let address = free_port()?;
        let port = address.port().to_string();
        let mut command = match subject {
            Subject::Carewire => {
                let database = self.folder().join(format!("{port}.db"));
                let mut command = pinned(&self.carewire);
                command
                    .env_remove("CAREWIRE_DEV")
                    .env("CAREWIRE_LISTEN", address.to_string())
                    .env(
                        "CAREWIRE_DATABASE_URL",
                        format!("sqlite://{}", database.display()),
                    )
                    .env("CAREWIRE_JWT_SECRET", SECRET)
                    .env("CAREWIRE_MESSAGES_PER_SECOND", UNLIMITED)
                    .env("CAREWIRE_COMMANDS_PER_SECOND", UNLIMITED)
                    .env("CAREWIRE_CONNECTS_PER_MINUTE", UNLIMITED);
                command
            }
            Subject::SocketIo => {
                let node = self.node.as_deref().context("Node.js is not installed")?;
                let mut command = pinned(node);
                command
                    .arg(folder().join("server.mjs"))
                    .env("NODE_ENV", "production")
                    .env("JWT_SECRET", SECRET)
                    .env("PORT", &port);
                command
            }
            Subject::Loop => {
                let mut command = pinned(&self.own);
                command.args(["bench", "loop", &address.to_string()]);
                command
            }
        };
        Process::start(
            &mut command,
            address,
            &self.folder().join(format!("{port}.log")),
        )
    }

    /// A run of the bare loop of [`super::bare_rows`]: batches of so many messages for so long.
    pub(super) fn rows(&self, batch: usize, seconds: f64) -> anyhow::Result<String> {
        let port = free_port()?.port();
        let output = pinned(&self.own)
            .args(["bench", "rows"])
            .arg(self.folder().join(format!("rows-{port}.db")))
            .args([batch.to_string(), seconds.to_string()])
            .output()?;
        let errors = String::from_utf8_lossy(&output.stderr);
        anyhow::ensure!(output.status.success(), "the bare loop failed: {errors}");
        Ok(String::from_utf8(output.stdout)?)
    }
}

/// Node.js with the packages of the Socket.IO server; `None` where it is not installed.
fn node() -> Option<PathBuf> {
    if !cargo::exists("node", "--version") || !cargo::exists("npm", "--version") {
        println!("Node.js with npm is not installed: Socket.IO is not run");
        return None;
    }
    let mut install = Command::new("npm");
    install
        .args(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
        .current_dir(folder());
    if let Err(error) = cargo::run(&mut install) {
        println!("{error:#}: Socket.IO is not run");
        return None;
    }
    Some(PathBuf::from("node"))
}

/// Keeps this process and the servers apart, where that can be had. Yields how many files may be
/// open.
pub(super) fn settle() -> anyhow::Result<usize> {
    if machine::can_pin() {
        machine::pin_this()?;
    } else {
        println!("One core, or no taskset: the load disturbs the servers");
    }
    machine::raise_files()
}
