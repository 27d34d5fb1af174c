//! A real server process.

use crate::cargo;
use anyhow::{Context, bail};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

/// A server in `--dev`, with its data in a file. Killed when dropped.
pub(crate) struct Server {
    binary: PathBuf,
    database: PathBuf,
    pages: Option<PathBuf>,
    address: SocketAddr,
    child: Child,
}

impl Server {
    /// Builds and starts a server on a free port of loopback.
    pub(crate) fn start(folder: &Path) -> anyhow::Result<Self> {
        Self::start_at(folder, SocketAddr::from(([127, 0, 0, 1], 0)), None)
    }

    /// The same at an address, with pages to serve.
    pub(crate) fn start_at(
        folder: &Path,
        listen: SocketAddr,
        pages: Option<&Path>,
    ) -> anyhow::Result<Self> {
        let binary = cargo::build("carewire-server", false)?;
        let database = folder.join("carewire.db");
        let (child, address) = spawn(&binary, &database, listen, pages)?;
        Ok(Self {
            binary,
            database,
            pages: pages.map(Path::to_path_buf),
            address,
            child,
        })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Kills it without a warning, as a power cut would, and starts it again on the same data.
    pub(crate) fn kill_and_restart(&mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        let pages = self.pages.as_deref();
        (self.child, _) = spawn(&self.binary, &self.database, self.address, pages)?;
        Ok(())
    }

    /// A token for one of the demo people.
    pub(crate) fn token(address: SocketAddr, user: &str, role: &str) -> anyhow::Result<String> {
        let body = serde_json::json!({ "sub": user, "role": role }).to_string();
        let reply = Self::call(address, "POST", "/dev/token", None, &body)?;
        let reply: serde_json::Value = serde_json::from_str(&reply)?;
        Ok(reply["token"]
            .as_str()
            .context("no token in the reply")?
            .to_owned())
    }
}

impl Server {
    /// One HTTP request, with nothing but what it needs. Yields the body of the reply.
    pub(crate) fn call(
        address: SocketAddr,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: &str,
    ) -> anyhow::Result<String> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        let bearer = token.map(|token| format!("authorization: Bearer {token}\r\n"));
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: {address}\r\n{}content-length: {}\r\nconnection: close\r\n\r\n{body}",
            bearer.unwrap_or_default(),
            body.len()
        )?;
        let mut response = String::new();
        stream.read_to_string(&mut response)?;
        let (head, body) = response.split_once("\r\n\r\n").context("half a response")?;
        if !head.starts_with("HTTP/1.1 200") {
            bail!("{path}: {}", head.lines().next().unwrap_or_default());
        }
        Ok(body.to_owned())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(
    binary: &Path,
    database: &Path,
    listen: SocketAddr,
    pages: Option<&Path>,
) -> anyhow::Result<(Child, SocketAddr)> {
    let mut command = Command::new(binary);
    if let Some(pages) = pages {
        command.arg("--dev-pages").arg(pages);
    }
    let mut child = command
        .arg("--dev")
        .args(["--listen", &listen.to_string()])
        .arg("--database-url")
        .arg(format!("sqlite://{}", database.display()))
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("starting {}", binary.display()))?;
    let log = child.stderr.take().context("a server's log")?;
    let mut lines = BufReader::new(log).lines();
    let mut said = Vec::new();
    for line in lines.by_ref() {
        let line = line?;
        if let Some(address) = line.split("listening address=").nth(1) {
            let address = address.trim().parse()?;
            // The pipe must be read on, or the server stops when it is full.
            std::thread::spawn(move || lines.for_each(drop));
            return Ok((child, address));
        }
        said.push(line);
    }
    let _ = child.wait();
    bail!("the server did not start:\n{}", said.join("\n"))
}
