//! PostgreSQL for the tests: they start their own, and need only its programs.

use crate::cargo::{exists, run as sh};
use anyhow::ensure;
use std::process::Command;

#[path = "../../tests/src/postgres/find.rs"]
mod find;

/// Installs PostgreSQL where there is none and Debian's packages can be had.
pub(crate) fn install() -> anyhow::Result<()> {
    if find::programs().is_some() {
        return Ok(());
    }
    let is_root = Command::new("id").arg("-u").output()?.stdout == b"0\n";
    ensure!(
        is_root && exists("apt-get", "--version"),
        "PostgreSQL (initdb, pg_ctl and psql) is neither in /usr/lib/postgresql nor on the path, \
         and cannot be installed from here: install it, and run this again"
    );
    for arguments in [&["update"][..], &["install", "--yes", "postgresql"]] {
        let mut command = Command::new("apt-get");
        command.arg("--quiet").args(arguments);
        sh(command.env("DEBIAN_FRONTEND", "noninteractive"))?;
    }
    ensure!(find::programs().is_some(), "PostgreSQL was not installed");
    Ok(())
}
