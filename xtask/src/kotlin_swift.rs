//! What the Kotlin and the Swift package have in common: the core as a library, and its bindings.

use crate::cargo::{cargo, root, run as sh, target_folder};
use anyhow::{Context, ensure};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The most that the stripped library with TLS may take on Linux with x86-64, in bytes. Other machines
/// and formats have sizes of their own, which are only printed.
const MOST: u64 = 2_000_000;

const LIBRARY: &str = if cfg!(target_os = "macos") {
    "libcarewire_mobile.dylib"
} else {
    "libcarewire_mobile.so"
};

pub(crate) fn folder() -> PathBuf {
    root().join("sdk-mobile")
}

/// Builds the library as it ships. With its symbols, which the bindings are made from.
pub(crate) fn library() -> anyhow::Result<PathBuf> {
    let build = ["build", "--quiet", "--package", "carewire-mobile", "--lib"];
    sh(cargo(&build).args(["--profile", "mobile"]))?;
    let library = target_folder()?.join("mobile").join(LIBRARY);
    ensure!(library.exists(), "{} was not built", library.display());
    Ok(library)
}

/// Writes the side of a language into an empty folder.
pub(crate) fn bindings(library: &Path, language: &str, out: &Path) -> anyhow::Result<()> {
    empty(out)?;
    let program = [
        "run",
        "--quiet",
        "--package",
        "carewire-mobile",
        "--features",
        "bindgen",
        "--bin",
        "carewire-mobile-bindgen",
        "--",
        "generate",
        "--no-format",
        "--language",
        language,
    ];
    sh(cargo(&program)
        .arg("--config")
        .arg(folder().join("bindgen.toml"))
        .arg("--out-dir")
        .arg(out)
        .arg(library))
}

/// Strips a library of what only tools need, and holds it to its size where that is set.
pub(crate) fn strip(library: &Path, out: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(out)?;
    let stripped = out.join(LIBRARY);
    let option = if cfg!(target_os = "macos") {
        "-x"
    } else {
        "--strip-unneeded"
    };
    sh(Command::new("strip")
        .arg(option)
        .arg("-o")
        .args([&stripped, library]))?;
    let size = fs::metadata(&stripped)?.len();
    println!("{LIBRARY}, stripped, with TLS: {size} bytes");
    let is_held = cfg!(all(target_os = "linux", target_arch = "x86_64"));
    ensure!(
        !is_held || size <= MOST,
        "{LIBRARY} has more than {MOST} bytes"
    );
    Ok(())
}

/// An empty folder, whatever was there.
pub(crate) fn empty(folder: &Path) -> anyhow::Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())
}
