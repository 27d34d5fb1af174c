//! Compiling for WebAssembly, with whatever toolchain can be had.

use crate::{
    cargo::{cargo, exists, root, run as sh, target_folder},
    install, toolchain,
};
use anyhow::{Context, ensure};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

pub(crate) const TARGET: &str = "wasm32-unknown-unknown";
const DEBIANS: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld-22"];
const DEBIANS_LINKER: &str = "/usr/bin/wasm-ld-22";

/// A cargo command for the wasm target, which builds the standard library too: as it is shipped it is
/// made to be fast, and a tenth larger. The folder is its own: two compilers would drive each other's
/// work out of a shared one.
pub(crate) fn cargo_for_wasm(arguments: &[&str]) -> anyhow::Result<Command> {
    let mut command = if toolchain::has_sources() {
        let mut command = cargo(arguments);
        command
            .args(["--target", TARGET])
            .env("RUSTC_BOOTSTRAP", "1");
        command
    } else {
        let mut command = debians_cargo_for(TARGET, arguments)?;
        command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", DEBIANS_LINKER);
        command
    };
    command
        .args(["-Z", "build-std=std,panic_abort"])
        .args(["-Z", "build-std-features=optimize_for_size"])
        .env("CARGO_TARGET_DIR", folder()?)
        .env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
            "-Zlocation-detail=none -Zfmt-debug=none",
        );
    Ok(command)
}

pub(crate) fn folder() -> anyhow::Result<PathBuf> {
    let target = target_folder()?;
    Ok(target.join("wasm"))
}

/// Debian's toolchain, for a target whose standard library it has to build.
pub(crate) fn debians_cargo_for(target: &str, arguments: &[&str]) -> anyhow::Result<Command> {
    if !(Path::new(DEBIANS_LINKER).exists() && exists("/usr/bin/cargo", "--version")) {
        let what = format!("the compiler has not what {target} needs; Debian's is not there");
        install::packages(&DEBIANS, &what)?;
    }
    let path = env::var("PATH").unwrap_or_default();
    let mut command = Command::new("/usr/bin/cargo");
    command
        .args(arguments)
        .args(["--target", target])
        .current_dir(root())
        .env("PATH", format!("/usr/bin:{path}"))
        .env("RUSTC", "/usr/bin/rustc")
        .env("RUSTC_BOOTSTRAP", "1");
    // What cargo says to the programs it runs is not for another cargo.
    for name in ["CARGO", "RUSTUP_TOOLCHAIN", "RUSTUP_HOME", "RUSTC_WRAPPER"] {
        command.env_remove(name);
    }
    Ok(command)
}

/// The core of the npm package: `carewire_core.js` and `carewire_core_bg.wasm`, in `out`.
pub(crate) fn core(out: &Path) -> anyhow::Result<()> {
    let build = ["build", "--package", "carewire-wasm", "--profile", "wasm"];
    sh(&mut cargo_for_wasm(&build)?)?;
    let module = folder()?.join(TARGET).join("wasm/carewire_wasm.wasm");
    ensure!(module.exists(), "{} was not built", module.display());
    fs::create_dir_all(out)?;
    let bindgen = ["run", "--quiet", "--package", "carewire-bindgen", "--"];
    let (module, out_text) = (module.to_str(), out.to_str());
    let module = module.context("a path in UTF-8")?;
    let out_text = out_text.context("a path in UTF-8")?;
    sh(&mut cargo(
        &[&bindgen[..], &[module, out_text, "carewire_core"]].concat(),
    ))
}
