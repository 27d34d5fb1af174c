//! Running cargo, always the one that runs us.

use anyhow::{Context, anyhow, ensure};
use std::{
    env, io,
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
};

static OWN: LazyLock<io::Result<PathBuf>> = LazyLock::new(env::current_exe);

/// This program, for what we start to start it. `main` asks first of all: cargo replaces the file
/// when it builds the tests of the workspace, and Linux then calls the one that runs deleted.
pub(crate) fn own() -> anyhow::Result<&'static Path> {
    let own = OWN.as_deref();
    own.map_err(|error| anyhow!("which program this is: {error}"))
}

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// A cargo command in the workspace. What `.cargo/config.toml` sets for `cargo run` is not for
/// what we start.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .args(arguments)
        .current_dir(root())
        .env_remove("CAREWIRE_DEV");
    command
}

/// Runs a command and shows what it prints.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    println!("$ {}", shown(command));
    let status = command
        .status()
        .with_context(|| format!("starting {}", shown(command)))?;
    ensure!(status.success(), "{} ended with {status}", shown(command));
    Ok(())
}

/// Whether a program can be started.
pub(crate) fn exists(program: &str, argument: &str) -> bool {
    Command::new(program)
        .arg(argument)
        .output()
        .is_ok_and(|output| output.status.success())
}

fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Builds a binary of the workspace and says where it is.
pub(crate) fn build(package: &str, release: bool) -> anyhow::Result<PathBuf> {
    let mut command = cargo(&["build", "--quiet", "--package", package, "--bin", package]);
    if release {
        command.arg("--release");
    }
    run(&mut command)?;
    let binary = target_folder()?
        .join(if release { "release" } else { "debug" })
        .join(package);
    ensure!(binary.exists(), "{} was not built", binary.display());
    Ok(binary)
}

/// The target folder, whatever it is: our own binary lies in it.
pub(crate) fn target_folder() -> anyhow::Result<PathBuf> {
    let own = own()?;
    let folder = own.parent().and_then(Path::parent);
    Ok(folder.context("a target folder")?.to_path_buf())
}
