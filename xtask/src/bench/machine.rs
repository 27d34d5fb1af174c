//! The machine the figures are from: its cores, its limits and what is installed on it.

use crate::cargo;
use anyhow::Context;
use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    sync::OnceLock,
};

/// The core of the servers.
pub(super) const SERVER_CORE: &str = "0";
/// The core of whoever loads them.
const LOAD_CORE: &str = "1";

/// Whether a process can be kept on one core here. Found out once: after [`pin_this`] it would
/// seem that there is one core only.
pub(super) fn can_pin() -> bool {
    static ANSWER: OnceLock<bool> = OnceLock::new();
    *ANSWER.get_or_init(|| {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        cores > 1 && cargo::exists("taskset", "--version")
    })
}

/// Keeps this process off the servers' core.
pub(super) fn pin_this() -> anyhow::Result<()> {
    on_this("taskset", &["-c", "-p", LOAD_CORE])
}

/// Lets this process, and those it starts, open as many files as the machine allows. Yields how
/// many that are.
pub(crate) fn raise_files() -> anyhow::Result<usize> {
    if cargo::exists("prlimit", "--version") {
        let (_, hard) = files()?;
        on_this("prlimit", &[&format!("--nofile={hard}:{hard}"), "--pid"])?;
    }
    Ok(files()?.0)
}

fn on_this(program: &str, arguments: &[&str]) -> anyhow::Result<()> {
    let own = std::process::id().to_string();
    let status = Command::new(program)
        .args(arguments)
        .arg(&own)
        .stdout(Stdio::null())
        .status()
        .with_context(|| format!("starting {program}"))?;
    anyhow::ensure!(status.success(), "{program} ended with {status}");
    Ok(())
}

/// How many files this process may open, and how many it may ask for.
fn files() -> anyhow::Result<(usize, usize)> {
    let limits = fs::read_to_string("/proc/self/limits").context("reading the limits")?;
    let line = limits
        .lines()
        .find(|line| line.starts_with("Max open files"));
    let mut numbers = line
        .context("no limit of files")?
        .split_whitespace()
        .filter_map(|word| word.parse().ok());
    let soft = numbers.next().context("no soft limit")?;
    Ok((soft, numbers.next().unwrap_or(soft)))
}

/// Lines that say what the figures were measured on and with.
pub(super) fn describe(folder: &Path) -> Vec<(&'static str, String)> {
    let words = |program: &str, arguments: &[&str]| {
        let output = Command::new(program)
            .args(arguments)
            .current_dir(cargo::root())
            .output();
        let text = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
        text.ok().filter(|text| !text.is_empty())
    };
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "not installed".to_owned());
    let cores = words("nproc", &["--all"]).unwrap_or_else(|| "?".to_owned());
    let commit = words(
        "git",
        &[
            "describe",
            "--always",
            "--abbrev=10",
            "--exclude=*",
            "--dirty",
        ],
    );
    vec![
        ("date", time::OffsetDateTime::now_utc().date().to_string()),
        (
            "processor",
            format!("{}, {cores} cores", field("/proc/cpuinfo", "model name")),
        ),
        ("memory", field("/proc/meminfo", "MemTotal")),
        ("kernel", or_none(words("uname", &["-sr"]))),
        ("database on", or_none(filesystem(folder))),
        (
            "load before",
            or_none(fs::read_to_string("/proc/loadavg").ok().map(loads)),
        ),
        (
            "Carewire",
            commit.map_or_else(|| "no commit".to_owned(), |id| format!("commit {id}")),
        ),
        ("Rust", or_none(words("rustc", &["--version"]))),
        ("Node.js", or_none(words("node", &["--version"]))),
        ("Socket.IO", or_none(socket_io())),
    ]
}

fn field(path: &str, name: &str) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with(name));
    let value = line.and_then(|line| line.split_once(':'));
    value.map_or_else(
        || "unknown".to_owned(),
        |(_, value)| value.trim().to_owned(),
    )
}

fn loads(text: String) -> String {
    let mut text = text;
    let end = text
        .match_indices(' ')
        .nth(2)
        .map_or(text.len(), |(at, _)| at);
    text.truncate(end);
    text
}

fn filesystem(folder: &Path) -> Option<String> {
    let output = Command::new("stat")
        .args(["--file-system", "--format=%T"])
        .arg(folder)
        .output()
        .ok()?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn socket_io() -> Option<String> {
    let lock = fs::read_to_string(super::peers::folder().join("package-lock.json")).ok()?;
    let lock: serde_json::Value = serde_json::from_str(&lock).ok()?;
    let version = &lock["packages"]["node_modules/socket.io"]["version"];
    version.as_str().map(str::to_owned)
}
