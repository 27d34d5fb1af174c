//! The server as a process.

use crate::{
    binary::server_binary,
    log::Log,
    postgres::Postgres,
    token::{SECRET, Token},
    wait::within,
};
use std::{
    collections::BTreeMap,
    env,
    ffi::OsString,
    fmt::Display,
    net::SocketAddr,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, Weak},
};
use tempfile::TempDir;

/// How to start a server. Every setting is given as an environment variable unless said otherwise.
pub struct Options {
    env: BTreeMap<String, String>,
    args: Vec<String>,
    under: Vec<String>,
    folder: TempDir,
}

impl Options {
    fn new() -> Self {
        let options = Self::empty();
        let database = database(options.folder());
        options
            .env("CAREWIRE_LISTEN", "127.0.0.1:0")
            .env("CAREWIRE_DATABASE_URL", database)
            .env("CAREWIRE_JWT_SECRET", SECRET)
            .env("CAREWIRE_LOG", "info")
    }

    fn empty() -> Self {
        Self {
            env: BTreeMap::new(),
            args: Vec::new(),
            under: Vec::new(),
            folder: TempDir::new().expect("a folder for the database"),
        }
    }

    /// Sets an environment variable.
    pub fn env(mut self, name: &str, value: impl Display) -> Self {
        self.env.insert(name.to_owned(), value.to_string());
        self
    }

    /// Takes a variable back that the harness sets by itself.
    pub fn without(mut self, name: &str) -> Self {
        self.env.remove(name);
        self
    }

    /// Adds an argument to the command line.
    pub fn arg(mut self, arg: impl Display) -> Self {
        self.args.push(arg.to_string());
        self
    }

    /// Starts it by a command that becomes it, such as `env` or `nice`.
    pub fn under(mut self, command: &[&str]) -> Self {
        self.under = command.iter().map(ToString::to_string).collect();
        self
    }

    /// The folder of this server, removed with it: for key files, TOML files and the database.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file into the folder, and sets a variable to its path.
    pub fn file(self, variable: &str, name: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).expect("the folder should take files");
        self.env(variable, path.display())
    }
}

/// The database of a server: a file in its folder, or with `CAREWIRE_TEST_DATABASE=postgres` one
/// on the PostgreSQL of this process.
fn database(folder: &Path) -> String {
    match env::var("CAREWIRE_TEST_DATABASE").as_deref() {
        Ok("postgres") => Postgres::shared().database(),
        Ok("sqlite") | Err(_) => format!("sqlite://{}", folder.join("carewire.db").display()),
        Ok(other) => panic!("CAREWIRE_TEST_DATABASE is sqlite or postgres, not {other}"),
    }
}

/// A server that did not start.
#[derive(Debug)]
pub struct Refusal {
    /// How the process ended.
    pub status: ExitStatus,
    /// What it said.
    pub log: String,
}

/// A running `carewire-server`. It is killed when this is dropped, and its files are removed.
pub struct Server {
    address: SocketAddr,
    child: Child,
    log: Log,
    options: Options,
}

impl Server {
    /// Starts the binary with a database file of its own, on a port of its own, and returns when
    /// it listens.
    pub fn start(configure: impl FnOnce(Options) -> Options) -> Self {
        match Self::try_start(configure) {
            Ok(server) => server,
            Err(Refusal { status, log }) => panic!("the server ended with {status}:\n{log}"),
        }
    }

    /// Like [`Server::start`], for servers that are to refuse.
    pub fn try_start(configure: impl FnOnce(Options) -> Options) -> Result<Self, Refusal> {
        let options = configure(Options::new());
        let log = Log::new();
        let (child, address) = launch(&options, &log)?;
        Ok(Self {
            address,
            child,
            log,
            options,
        })
    }

    /// A server with the default settings that tests share; it ends with the last of them. Each
    /// test takes a tenant of its own there ([`crate::unique`]) and breaks nothing for others.
    /// Only the limit of failing connections per address is lifted: all tests have one address.
    pub fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<Server>> = Mutex::new(Weak::new());
        let mut shared = SHARED
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(server) = shared.upgrade() {
            return server;
        }
        let server = Arc::new(Self::start(|o| {
            o.env("CAREWIRE_CONNECTS_PER_MINUTE", 1_000_000)
        }));
        *shared = Arc::downgrade(&server);
        server
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address of its WebSocket, for an SDK.
    pub fn url(&self) -> String {
        format!("ws://{}/ws", self.address)
    }

    /// What it has logged, before and after restarts.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// Its folder, with `carewire.db` in it.
    pub fn folder(&self) -> &Path {
        self.options.folder()
    }

    /// The id of its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// A token for the backend API in a tenant.
    pub fn service_token(&self, tenant: &str) -> String {
        Token::new("backend", "service").tenant(tenant).sign()
    }

    /// Sends a signal by name: `TERM`, `INT`, `STOP`, `CONT`.
    pub fn signal(&self, name: &str) {
        let status = Command::new("kill")
            .args(["-s", name, &self.pid().to_string()])
            .status()
            .expect("kill should start");
        assert!(status.success(), "kill -s {name}: {status}");
    }

    /// Asks it to stop, as an operator does, without waiting.
    pub fn terminate(&self) {
        self.signal("TERM");
    }

    /// Waits until the process has ended.
    pub async fn wait(&mut self) -> ExitStatus {
        self.log.wait_for_end().await;
        self.child.wait().expect("the status of the server")
    }

    /// Whether the process still runs.
    pub fn is_running(&mut self) -> bool {
        self.child
            .try_wait()
            .expect("the status of the server")
            .is_none()
    }

    /// Kills it as a power cut would (`kill -9`), and returns when it is gone.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Starts it again with the same settings, on the same file and the same port. A process that
    /// still runs is killed first.
    pub fn restart(&mut self) {
        self.restart_with(|options| options);
    }

    /// Like [`Server::restart`], with other settings.
    pub fn restart_with(&mut self, configure: impl FnOnce(Options) -> Options) {
        self.kill();
        let options = std::mem::replace(&mut self.options, Options::empty());
        self.options = configure(options.env("CAREWIRE_LISTEN", self.address));
        match launch(&self.options, &self.log) {
            Ok((child, address)) => {
                self.child = child;
                self.address = address;
            }
            Err(Refusal { status, log }) => panic!("the restart ended with {status}:\n{log}"),
        }
    }

    /// The memory it holds now, in KiB, where the system tells (Linux).
    pub fn memory_kib(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
        line.split_whitespace().nth(1)?.parse().ok()
    }

    /// Waits until the log, as written from now on, holds `needle`.
    pub async fn logged(&self, needle: &str) {
        within("a line of the log", self.log.wait_for(needle)).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            // Shown with the failure of the test, and only then.
            eprintln!(
                "--- log of {} ---\n{}",
                self.address,
                tail(&self.log.text(), 6_000)
            );
        }
    }
}

fn launch(options: &Options, log: &Log) -> Result<(Child, SocketAddr), Refusal> {
    let inherited = env::vars_os().filter(|(name, _)| !is_ours(name));
    let binary = server_binary().as_os_str().to_owned();
    let mut words = options.under.iter().map(OsString::from).chain([binary]);
    let mut child = Command::new(words.next().expect("at least the binary"))
        .args(words)
        .env_clear()
        .envs(inherited)
        .envs(&options.env)
        .args(&options.args)
        .current_dir(options.folder())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the server should start");
    let mark = log.mark();
    log.follow(child.stderr.take().unwrap());
    log.follow(child.stdout.take().unwrap());
    match log.port(mark) {
        Some(port) => Ok((child, SocketAddr::from(([127, 0, 0, 1], port)))),
        None => Err(Refusal {
            status: child.wait().expect("the status of the server"),
            log: log.since(mark),
        }),
    }
}

fn is_ours(name: &OsString) -> bool {
    let name = name.to_string_lossy();
    name.starts_with("CAREWIRE_") || name == "RUST_LOG"
}

fn tail(text: &str, length: usize) -> &str {
    let start = text.len().saturating_sub(length);
    let start = (start..=text.len()).find(|at| text.is_char_boundary(*at));
    &text[start.unwrap_or(0)..]
}
