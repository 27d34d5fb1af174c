//! A server under measurement: a process of its own, on a core of its own.

use super::machine::{SERVER_CORE, can_pin};
use anyhow::{Context, bail};
use std::{
    fs::{self, File},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// What `/proc` counts in: Linux shows user space a hundred ticks a second on every platform.
const TICKS_PER_SECOND: f64 = 100.0;

/// A running server. Killed when dropped.
pub(super) struct Process {
    child: Child,
    address: SocketAddr,
}

/// A command that stays on the servers' core, where that can be had.
pub(super) fn pinned(program: &Path) -> Command {
    if can_pin() {
        let mut command = Command::new("taskset");
        command.args(["-c", SERVER_CORE]).arg(program);
        command
    } else {
        Command::new(program)
    }
}

/// A port of loopback that nobody listens on.
pub(super) fn free_port() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?)
}

impl Process {
    /// Starts a server that will listen on this address, and waits until it does.
    pub(super) fn start(
        command: &mut Command,
        address: SocketAddr,
        log: &Path,
    ) -> anyhow::Result<Self> {
        let output = File::create(log)?;
        let child = command
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .with_context(|| format!("starting {}", command.get_program().display()))?;
        let mut process = Self { child, address };
        let started = Instant::now();
        while TcpStream::connect(address).is_err() {
            if process.child.try_wait()?.is_some() || started.elapsed() > Duration::from_secs(20) {
                bail!("a server did not start:\n{}", fs::read_to_string(log)?);
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(process)
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The CPU time it has used, in seconds, in user space and in the kernel.
    pub(super) fn cpu(&self) -> anyhow::Result<f64> {
        cpu_of(self.child.id())
    }

    /// The memory it holds, in KiB.
    pub(super) fn memory(&self) -> anyhow::Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:"));
        let number = line.and_then(|line| line.split_whitespace().nth(1));
        Ok(number.context("no VmRSS")?.parse()?)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The CPU time a process has used, in seconds.
///
/// The kernel shows the time of a whole process cut down to hundredths, twice, and that of its
/// living threads in nanoseconds: the latter, within what the former allows.
pub(super) fn cpu_of(id: u32) -> anyhow::Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat"))?;
    // The name in parentheses may hold anything; what follows it is numbers.
    let (_, rest) = stat.rsplit_once(')').context("no name in stat")?;
    let mut numbers = rest.split_whitespace().skip(11);
    let mut next =
        || -> anyhow::Result<f64> { Ok(numbers.next().context("stat is too short")?.parse()?) };
    let ticks = next()? + next()?;
    let threads = threads_of(id).unwrap_or_default();
    Ok(threads.clamp(ticks / TICKS_PER_SECOND, (ticks + 2.0) / TICKS_PER_SECOND))
}

/// The CPU time of the threads that live.
fn threads_of(id: u32) -> anyhow::Result<f64> {
    let mut seconds = 0.0;
    for thread in fs::read_dir(format!("/proc/{id}/task"))? {
        let text = fs::read_to_string(thread?.path().join("schedstat"))?;
        let nanoseconds = text.split_whitespace().next().context("no time")?;
        seconds += nanoseconds.parse::<f64>()? / 1e9;
    }
    Ok(seconds)
}
