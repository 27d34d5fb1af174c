//! PostgreSQL for the tests: they start their own, and need only its programs.

use crate::install;
use anyhow::ensure;

#[path = "../../tests/src/postgres/find.rs"]
mod find;

/// Installs PostgreSQL where there is none and Debian's packages can be had.
pub(crate) fn install() -> anyhow::Result<()> {
    if find::programs().is_none() {
        install::packages(
            &["postgresql"],
            "PostgreSQL (initdb, pg_ctl and psql) is neither in /usr/lib/postgresql nor on the path",
        )?;
        ensure!(find::programs().is_some(), "PostgreSQL was not installed");
    }
    Ok(())
}
