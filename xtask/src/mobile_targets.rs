//! Whether the core compiles for phones, with whatever toolchain can be had. It is checked and not
//! linked: that needs an Android NDK or a Mac, and `sdk-mobile/scripts` do it there.

use crate::{
    cargo::{cargo, run as sh, target_folder},
    kotlin_swift as mobile,
    wasm::{debians_cargo_for, has_target},
};

pub(crate) const ANDROID: &str = "aarch64-linux-android";
pub(crate) const IOS: &str = "aarch64-apple-ios";

pub(crate) fn check(target: &str) -> anyhow::Result<()> {
    let check = ["check", "--quiet", "--package", "carewire-mobile", "--lib"];
    let mut command = if has_target(target) {
        let mut command = cargo(&check);
        command.args(["--target", target]);
        command
    } else {
        let mut command = debians_cargo_for(target, &check)?;
        command.args(["-Z", "build-std=std"]);
        command
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
