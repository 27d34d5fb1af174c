//! I9 for processes: what they hold when everybody has gone. On Linux; nothing is measured where
//! there is no `/proc`.

use carewire_tests::{Server, check::What, http};
use std::{fmt, fs, path::PathBuf, time::Duration};
use tokio::{
    runtime::Handle,
    time::{Instant, sleep},
};

/// How long a process may take to let go: idle threads end after ten seconds.
const SETTLE: Duration = Duration::from_secs(15);
/// How much more memory than after the first round is no leak: allocators keep what was free.
const SLACK_KIB: u64 = 48 * 1_024;

/// What both processes held after the first round, which has warmed everything up.
#[derive(Default)]
pub(crate) struct Baseline {
    own: Option<Held>,
    server: Option<Held>,
    last: [Held; 2],
}

#[derive(Debug, Clone, Copy, Default)]
struct Held {
    sockets: u64,
    /// Tasks in this process, threads in the server, which counts no tasks.
    tasks: u64,
    memory_kib: u64,
    connections: u64,
    rooms: u64,
}

impl Baseline {
    /// What has grown, in the form of the checker.
    pub(crate) async fn compare(&mut self, server: &Server) -> Vec<What> {
        let mut verdicts = Vec::new();
        let own = settled(self.own, async || own()).await;
        let pid = server.pid();
        let other = settled(self.server, async || of_server(server, pid).await).await;
        self.last = [own, other];
        for (who, before, after) in [
            ("clients", self.own.get_or_insert(own), own),
            ("server", self.server.get_or_insert(other), other),
        ] {
            for (what, before, after) in [
                ("sockets", before.sockets, after.sockets),
                ("tasks", before.tasks, after.tasks),
                ("connections", before.connections, after.connections),
                ("rooms", before.rooms, after.rooms),
            ] {
                let name = format!("{what} of the {who}").into();
                verdicts.push(What::Baseline {
                    name,
                    before,
                    after,
                });
            }
            verdicts.push(What::Bound {
                name: format!("KiB of the {who}").into(),
                seen: after.memory_kib,
                most: before.memory_kib + SLACK_KIB,
            });
        }
        verdicts
    }
}

impl fmt::Display for Baseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [own, server] = self.last;
        let first = [self.own, self.server].map(Option::unwrap_or_default);
        write!(
            f,
            "clients: {} → {own}; server: {} → {server}",
            first[0], first[1]
        )
    }
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            sockets,
            tasks,
            memory_kib,
            ..
        } = self;
        write!(
            f,
            "{sockets} sockets, {tasks} tasks, {} MiB",
            memory_kib / 1_024
        )
    }
}

/// Measures until nothing is above the baseline, or for [`SETTLE`].
async fn settled(baseline: Option<Held>, measure: impl AsyncFn() -> Held) -> Held {
    let end = Instant::now() + SETTLE;
    loop {
        let held = measure().await;
        let low = match baseline {
            Some(baseline) => held.sockets <= baseline.sockets && held.tasks <= baseline.tasks,
            None => false,
        };
        if (low && held.connections == 0 && held.rooms == 0) || Instant::now() > end {
            return held;
        }
        sleep(Duration::from_millis(50)).await;
    }
}

fn own() -> Held {
    Held {
        tasks: Handle::current().metrics().num_alive_tasks() as u64,
        ..of_process("self")
    }
}

async fn of_server(server: &Server, pid: u32) -> Held {
    let health = http::get(server, "/health").await.json();
    let count = |name: &str| health[name].as_u64().expect("a number");
    Held {
        connections: count("connections"),
        rooms: count("rooms"),
        ..of_process(&pid.to_string())
    }
}

fn of_process(pid: &str) -> Held {
    let folder = PathBuf::from("/proc").join(pid);
    let status = fs::read_to_string(folder.join("status")).unwrap_or_default();
    let field = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name));
        let number = line.and_then(|line| line.split_whitespace().nth(1));
        number.and_then(|number| number.parse().ok()).unwrap_or(0)
    };
    let files = fs::read_dir(folder.join("fd"))
        .into_iter()
        .flatten()
        .flatten();
    let sockets = files
        .filter_map(|file| fs::read_link(file.path()).ok())
        .filter(|target| target.to_string_lossy().starts_with("socket:"));
    Held {
        sockets: sockets.count() as u64,
        tasks: field("Threads:"),
        memory_kib: field("VmRSS:"),
        connections: 0,
        rooms: 0,
    }
}
