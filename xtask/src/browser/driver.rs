//! The SDK's browser driver alone, in a real browser: `sdk/tests/web.rs`.

use crate::{
    cargo::{cargo, exists, root, run as sh, target_folder},
    install,
    server::Server,
    wasm,
};
use anyhow::{Context, ensure};
use serde_json::{Value, json};
use std::{
    fs,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// How long all of the tests may take together, in seconds.
const PATIENCE: &str = "120";

pub(super) fn run(chromium: &Path) -> anyhow::Result<()> {
    let driver = chromedriver()?;
    let tests = build()?;
    let runner = runner()?;
    let folder = tempfile::tempdir()?;
    let server = Server::start(folder.path())?;
    let silent = TcpListener::bind("127.0.0.1:0")?;
    let stage = stage(server.address(), silent.local_addr()?)?;
    fs::write(folder.path().join("stage.json"), stage.to_string())?;
    let capabilities = json!({ "goog:chromeOptions": {
        "binary": chromium,
        "args": [
            format!("user-data-dir={}", folder.path().join("profile").display()),
            "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking",
            "disable-component-update", "disable-sync",
        ],
    }});
    fs::write(
        folder.path().join("webdriver.json"),
        capabilities.to_string(),
    )?;
    sh(Command::new(runner)
        .arg(tests)
        .current_dir(folder.path())
        .env("CHROMEDRIVER", driver)
        .env("WASM_BINDGEN_TEST_TIMEOUT", PATIENCE)
        .env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "60"))
}

/// What the tests find there: servers that work, that refuse and that say nothing, and people.
fn stage(server: SocketAddr, silent: SocketAddr) -> anyhow::Result<Value> {
    let ehr = Server::token(server, "ehr", "service")?;
    for (user, role) in [("dr-lee", "provider"), ("ana", "patient")] {
        let role = json!({ "role": role }).to_string();
        Server::call(
            server,
            "PUT",
            &format!("/v1/users/{user}"),
            Some(&ehr),
            &role,
        )?;
    }
    Server::call(server, "PUT", "/v1/care-team/dr-lee/ana", Some(&ehr), "")?;
    let nobody = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    Ok(json!({
        "server": format!("ws://{server}/ws"),
        "noSocket": format!("ws://{server}/health"),
        "nobody": format!("ws://{nobody}/ws"),
        "silent": format!("ws://{silent}/ws"),
        "ana": Server::token(server, "ana", "patient")?,
        "lee": Server::token(server, "dr-lee", "provider")?,
    }))
}

/// Builds the tests as the core is built, and says where they are.
fn build() -> anyhow::Result<PathBuf> {
    let mut command = wasm::cargo_for_wasm(&[
        "test",
        "--no-run",
        "--package=carewire",
        "--test=web",
        "--no-default-features",
        "--features=web",
        "--profile=wasm",
        "--message-format=json-render-diagnostics",
        // Or the standard library would be built twice, once to unwind and once not to.
        "-Zpanic-abort-tests",
    ])?;
    let output = command.stderr(Stdio::inherit()).output()?;
    ensure!(
        output.status.success(),
        "the tests of the driver do not build"
    );
    let messages = String::from_utf8(output.stdout)?;
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["target"]["name"] == "web")
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .context("cargo names no tests of the driver")
}

/// Builds wasm-bindgen's runner, in a folder of its own.
fn runner() -> anyhow::Result<PathBuf> {
    let folder = target_folder()?.join("driver-tests");
    let manifest = root().join("xtask/driver-tests/Cargo.toml");
    let mut build = cargo(&["build", "--quiet", "--locked"]);
    build.arg("--manifest-path").arg(manifest);
    sh(build.env("CARGO_TARGET_DIR", &folder))?;
    Ok(folder.join("debug/carewire-driver-tests"))
}

/// What drives the browser, Debian's where there is none.
fn chromedriver() -> anyhow::Result<PathBuf> {
    const NAME: &str = "chromedriver";
    if let Some(own) = std::env::var_os("CHROMEDRIVER") {
        return Ok(own.into());
    }
    if !exists(NAME, "--version") {
        let what = "chromedriver is not there, nor named by CHROMEDRIVER";
        install::packages(&["chromium-driver"], what)?;
        ensure!(exists(NAME, "--version"), "chromedriver was not installed");
    }
    Ok(NAME.into())
}
