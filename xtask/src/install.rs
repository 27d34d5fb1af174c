//! Debian's packages, where they can be had.

use crate::cargo::{exists, run as sh};
use anyhow::ensure;
use std::process::Command;

/// Installs packages. `what` says what they are for, where that is impossible.
pub(crate) fn packages(names: &[&str], what: &str) -> anyhow::Result<()> {
    let is_root = Command::new("id").arg("-u").output()?.stdout == b"0\n";
    ensure!(
        is_root && exists("apt-get", "--version"),
        "{what}, and cannot be installed from here: install it, and run this again"
    );
    for arguments in [&["update"][..], &[&["install", "--yes"], names].concat()] {
        let mut command = Command::new("apt-get");
        command.arg("--quiet").args(arguments);
        sh(command.env("DEBIAN_FRONTEND", "noninteractive"))?;
    }
    Ok(())
}
