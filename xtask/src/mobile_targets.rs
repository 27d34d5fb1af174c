//! Whether the core type-checks for phones, with whatever toolchain can be had. Its C is not compiled
//! and nothing is linked: that needs an Android NDK or a Mac, and `sdk-mobile/scripts` do it there.

use crate::{
    cargo::{cargo, run as sh, target_folder},
    kotlin_swift as mobile, toolchain,
    wasm::debians_cargo_for,
};
use anyhow::ensure;
use std::env;

pub(crate) const ANDROID: &str = "aarch64-linux-android";
pub(crate) const IOS: &str = "aarch64-apple-ios";

pub(crate) fn check(target: &str) -> anyhow::Result<()> {
    let check = ["check", "--quiet", "--package", "carewire-mobile", "--lib"];
    let mut command = if toolchain::has_target(target) {
        let mut command = cargo(&check);
        command.args(["--target", target]);
        command
    } else {
        match debians_cargo_for(target, &check) {
            Ok(mut command) => {
                command.args(["-Z", "build-std=std"]);
                command
            }
            Err(error) => {
                ensure!(env::var_os("CI").is_none(), error);
                println!("{target}: NOT checked: {error}");
                return Ok(());
            }
        }
    };
    // A folder of its own, as two compilers would drive each other's work out of a shared one.
    command.env("CARGO_TARGET_DIR", target_folder()?.join("phones"));
    // The C of ring is for the platform's compiler. Nothing is linked, so nobody misses it.
    let name = target.replace('-', "_");
    for tool in ["CC", "AR"] {
        command.env(format!("{tool}_{name}"), "true");
    }
    if cfg!(not(target_os = "macos")) {
        // Or Xcode would be asked where it is. On a Mac it answers, and what is built for the Mac
        // itself needs the true one.
        command.env("SDKROOT", mobile::folder());
    }
    sh(&mut command)?;
    println!("{target}: type-checked with TLS, and not linked");
    Ok(())
}
