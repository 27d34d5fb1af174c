//! Whether the core compiles for phones, with whatever toolchain can be had. It is checked and not
//! linked: that needs an Android NDK or a Mac, and `sdk-mobile/scripts` do it there.

use crate::{
    cargo::{cargo, run as sh, target_folder},
    kotlin_swift as mobile,
    wasm::debians_cargo_for,
};
use anyhow::ensure;
use std::{env, process::Command};

pub(crate) const ANDROID: &str = "aarch64-linux-android";
pub(crate) const IOS: &str = "aarch64-apple-ios";

pub(crate) fn check(target: &str) -> anyhow::Result<()> {
    let check = ["check", "--quiet", "--package", "carewire-mobile", "--lib"];
    let mut command = if has_target(target) {
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
    // Or Xcode would be asked where it is.
    command.env("SDKROOT", mobile::folder());
    sh(&mut command)?;
    println!("{target}: checked with TLS, and not linked");
    Ok(())
}

/// Whether rustup has the target, or gets it now.
fn has_target(target: &str) -> bool {
    let installed = Command::new("rustup")
        .args(["target", "list", "--installed"])
        .output();
    installed.is_ok_and(|output| {
        String::from_utf8_lossy(&output.stdout)
            .lines()
            .any(|line| line == target)
    }) || can_add(target)
}

fn can_add(target: &str) -> bool {
    let added = Command::new("rustup")
        .args(["target", "add", target])
        .output();
    added.is_ok_and(|output| output.status.success())
}
