//! A PostgreSQL of our own: on a free port, in a temporary folder, and gone with this process
//! however that ends.

mod find;

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

/// A running PostgreSQL server. It is stopped and its files are removed when this is dropped, and
/// when the process ends without that: by `exit`, a panic or `kill -9`.
pub struct Postgres {
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
    databases: AtomicU32,
    watchdog: Child,
}

impl Postgres {
    /// The one that the tests of this process share. Each takes a database of its own there.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Postgres> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// Whether PostgreSQL is installed here.
    pub fn is_installed() -> bool {
        find::programs().is_some()
    }

    /// One that a test can stop and start as it likes.
    pub fn start() -> Self {
        let programs = find::programs().expect("PostgreSQL should be installed");
        let pattern = std::env::temp_dir().join("carewire-postgres-XXXXXX");
        let made = run(as_owner("mktemp").arg("-d").arg(&pattern));
        let folder = PathBuf::from(made.trim());
        let watchdog = watch(&programs, &folder);
        // A locale that does not sort by bytes: the store must not depend on it.
        let initdb = |locale: &[&str]| {
            as_owner(programs.join("initdb"))
                .args([
                    "--no-sync",
                    "--auth=trust",
                    "--username=carewire",
                    "--encoding=UTF8",
                ])
                .args(locale)
                .arg(folder.join("data"))
                .output()
                .expect("initdb should start")
        };
        let foreign = ["--locale=C", "--locale-provider=icu", "--icu-locale=en"];
        if !initdb(&foreign).status.success() {
            succeeded(&initdb(&["--locale=C"]));
        }
        let mut postgres = Self {
            programs,
            folder,
            port: 0,
            databases: AtomicU32::new(0),
            watchdog,
        };
        // Whatever else takes the port meanwhile is rare, and then another one will do.
        for _ in 0..5 {
            postgres.port = free_port();
            if postgres.launch().status.success() {
                return postgres;
            }
        }
        panic!("PostgreSQL does not start:\n{}", postgres.log());
    }

    /// A new database, as a URL.
    pub fn database(&self) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.sql("postgres", &format!("CREATE DATABASE {name}"));
        format!("postgres://carewire@127.0.0.1:{}/{name}", self.port)
    }

    /// Runs statements in a database (its name, or its URL), as an operator would. Yields the
    /// rows, a line each.
    pub fn sql(&self, database: &str, statements: &str) -> String {
        let name = database.rsplit('/').next().unwrap();
        run(Command::new(self.programs.join("psql"))
            .args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align"])
            .args([
                "--set=ON_ERROR_STOP=1",
                "--host=127.0.0.1",
                "--username=carewire",
            ])
            .arg(format!("--port={}", self.port))
            .arg(format!("--dbname={name}"))
            .arg(format!("--command={statements}")))
    }

    /// Stops it at once, as a crash would: nothing is finished, and its log is replayed at the
    /// next start.
    pub fn crash(&self) {
        run(self.pg_ctl().args(["-m", "immediate", "stop"]));
    }

    /// Stops it as an operator does: connections are ended, transactions undone.
    pub fn stop(&self) {
        run(self.pg_ctl().args(["-m", "fast", "stop"]));
    }

    /// Starts it after a stop, with the same data on the same port.
    pub fn start_again(&self) {
        succeeded(&self.launch());
    }

    fn launch(&self) -> Output {
        let options = format!(
            "-h 127.0.0.1 -p {} -c unix_socket_directories= -c fsync=off -c max_connections=400",
            self.port
        );
        self.pg_ctl()
            .args(["-w", "-s", "-o", &options, "-l"])
            .arg(self.folder.join("log"))
            .arg("start")
            .output()
            .expect("pg_ctl should start")
    }

    fn pg_ctl(&self) -> Command {
        let mut command = as_owner(self.programs.join("pg_ctl"));
        command.arg("-D").arg(self.folder.join("data"));
        command
    }

    /// Where its files are, until it ends.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.watchdog.stdin.take());
        let _ = self.watchdog.wait();
    }
}

/// Waits for the end of its input, which comes with the end of this process, and cleans up then.
fn watch(programs: &Path, folder: &Path) -> Child {
    use std::os::unix::process::CommandExt;
    let script = r#"read -r _; "$1/pg_ctl" -D "$2/data" -m immediate -s stop; rm -rf "$2""#;
    as_owner("sh")
        .args(["-c", script, "watchdog"])
        .args([programs, folder])
        // Ctrl-C is for the tests; this outlives them.
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("sh should start")
}

/// A command that PostgreSQL runs as: it refuses to be root.
fn as_owner(program: impl AsRef<Path>) -> Command {
    let is_root = run(Command::new("id").arg("-u")).trim() == "0";
    let mut command;
    if is_root {
        command = Command::new("setpriv");
        command.args([
            "--reuid=postgres",
            "--regid=postgres",
            "--init-groups",
            "--",
        ]);
        command.arg(program.as_ref());
    } else {
        command = Command::new(program.as_ref());
    }
    // Where we are may be closed to that user.
    command.current_dir("/");
    command
}

fn run(command: &mut Command) -> String {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{}: {error}", command.get_program().display()));
    succeeded(&output)
}

fn succeeded(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let status = output.status;
    assert!(
        status.success(),
        "{status}\n{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    text
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("its number").port()
}
