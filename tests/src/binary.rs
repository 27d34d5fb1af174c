//! Finds the server binary: builds it once per test process, with cargo's own bookkeeping.

use serde_json::Value;
use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

/// The path of `carewire-server`, built in the profile and target folder of the tests
/// themselves. `CAREWIRE_SERVER_BIN` names one that is already built.
pub fn server_binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| match env::var_os("CAREWIRE_SERVER_BIN") {
        Some(path) => path.into(),
        None => build(),
    })
}

fn build() -> PathBuf {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .args([
            "build",
            "--package",
            "carewire-server",
            "--bin",
            "carewire-server",
        ])
        .args(["--message-format", "json-render-diagnostics"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::null())
        .stderr(Stdio::inherit());
    if let Some((target, profile)) = place_of_tests() {
        command.arg("--target-dir").arg(target);
        if profile != "debug" {
            command.args(["--profile", &profile]);
        }
    }
    let output = command.output().expect("cargo should start");
    assert!(
        output.status.success(),
        "carewire-server does not build ({}); see above, or set CAREWIRE_SERVER_BIN",
        output.status
    );
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter_map(|message| message["executable"].as_str().map(PathBuf::from))
        .find(|path| {
            path.file_stem()
                .is_some_and(|name| name == "carewire-server")
        })
        .expect("cargo should name the executable it built")
}

/// The target folder and profile from the path of this very test: `{target}/{profile}/deps/…`.
fn place_of_tests() -> Option<(PathBuf, String)> {
    let exe = env::current_exe().ok()?;
    let deps = exe.parent().filter(|folder| folder.ends_with("deps"))?;
    let profile = deps.parent()?;
    let name = profile.file_name()?.to_str()?.to_owned();
    Some((profile.parent()?.to_owned(), name))
}
