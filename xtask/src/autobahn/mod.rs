//! Autobahn's test suite, from both sides: its fuzzing client against the server's upgrade and
//! codec, its fuzzing server against the SDK's driver. What each case must come to is in
//! `tests/conformance`.

mod python;
mod verdict;

use crate::cargo::{self, cargo, run as sh};
use anyhow::{Context, ensure};
use python::Suite;
use serde_json::json;
use std::{
    fs,
    io::{BufRead, BufReader},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use verdict::Verdicts;

/// Compression, which is not negotiated.
const NOT_IMPLEMENTED: [&str; 2] = ["12.*", "13.*"];
/// Messages larger than a server of ours ever sends, which the SDK does not take.
const TOO_LARGE_FOR_CLIENTS: [&str; 8] = [
    "9.1.4", "9.1.5", "9.1.6", "9.2.4", "9.2.5", "9.2.6", "9.3.*", "9.4.*",
];
/// How long the suite may take to begin.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Keeps what comes out as what is expected.
    #[arg(long)]
    update: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    match Suite::find()? {
        Ok(suite) => both(&suite, args.update),
        Err(why) => {
            println!("not run: Autobahn ({why})");
            Ok(())
        }
    }
}

/// The run of the test command.
pub(crate) fn check() -> anyhow::Result<()> {
    run(&Args { update: false })
}

fn both(suite: &Suite, update: bool) -> anyhow::Result<()> {
    let build = [
        "build",
        "--quiet",
        "--package",
        "carewire-tests",
        "--example",
        "conformance",
    ];
    sh(&mut cargo(&build))?;
    let echo = cargo::target_folder()?.join("debug/examples/conformance");
    let reports = tempfile::tempdir()?;
    for (side, verdicts) in [
        ("server", of_server(suite, &echo, reports.path())?),
        ("client", of_client(suite, &echo, reports.path())?),
    ] {
        let file = expected(side);
        if update {
            fs::write(&file, verdicts.to_text())?;
        }
        let kept = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        verdicts
            .compare(&Verdicts::from_text(&kept)?)
            .with_context(|| format!("the {side}"))?;
        println!("Autobahn, {side}: {}, as expected", verdicts.summary());
    }
    Ok(())
}

fn expected(side: &str) -> PathBuf {
    cargo::root()
        .join("tests/conformance")
        .join(format!("{side}.json"))
}

fn of_server(suite: &Suite, echo: &Path, folder: &Path) -> anyhow::Result<Verdicts> {
    let mut server = Killed(
        Command::new(echo)
            .arg("server")
            .stdout(Stdio::piped())
            .spawn()?,
    );
    let output = server.0.stdout.take().context("the echo's output")?;
    let mut address = String::new();
    BufReader::new(output).read_line(&mut address)?;
    let specification = json!({
        "outdir": folder.join("of-server"),
        "servers": [{"agent": "carewire", "url": format!("ws://{}/echo", address.trim())}],
        "cases": ["*"],
        "exclude-cases": NOT_IMPLEMENTED,
        "exclude-agent-cases": {},
    });
    let file = folder.join("fuzzingclient.json");
    fs::write(&file, specification.to_string())?;
    let status = suite.start("fuzzingclient", &file, folder)?.wait()?;
    ensure!(status.success(), "the fuzzing client ended with {status}");
    Verdicts::read(&folder.join("of-server/index.json"))
}

fn of_client(suite: &Suite, echo: &Path, folder: &Path) -> anyhow::Result<Verdicts> {
    let address = free_address()?;
    let excluded: Vec<_> = NOT_IMPLEMENTED
        .into_iter()
        .chain(TOO_LARGE_FOR_CLIENTS)
        .collect();
    let specification = json!({
        "outdir": folder.join("of-client"),
        "url": format!("ws://{address}"),
        "cases": ["*"],
        "exclude-cases": excluded,
        "exclude-agent-cases": {},
    });
    let file = folder.join("fuzzingserver.json");
    fs::write(&file, specification.to_string())?;
    let _server = Killed(suite.start("fuzzingserver", &file, folder)?);
    let end = Instant::now() + PATIENCE;
    while TcpStream::connect(address).is_err() {
        ensure!(Instant::now() < end, "the fuzzing server does not listen");
        std::thread::sleep(Duration::from_millis(50));
    }
    let cases = Verdicts::from_text(&fs::read_to_string(expected("client")).unwrap_or_default());
    let cases = cases.map_or(MOST_CASES, |kept| kept.len());
    let status = Command::new(echo)
        .args(["client", &address.to_string(), &cases.to_string()])
        .status()?;
    ensure!(status.success(), "the echo ended with {status}");
    Verdicts::read(&folder.join("of-client/index.json"))
}

/// As many as there are when nobody has counted them yet: what is too much is answered at once.
const MOST_CASES: usize = 301;

fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// A process that ends with whoever started it.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
