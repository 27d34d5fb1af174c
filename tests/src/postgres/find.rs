//! Where the programs of PostgreSQL are. Also part of the build script, which marks the tests that
//! need them as ignored where there are none.

use std::{env, fs, path::PathBuf};

/// The folder of `initdb`, `pg_ctl` and `psql`: the newest of Debian's, or one of the path.
pub(super) fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let newest = versions
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        .max();
    let debian = newest.map(|version| PathBuf::from(format!("/usr/lib/postgresql/{version}/bin")));
    let path = env::var_os("PATH").unwrap_or_default();
    debian
        .into_iter()
        .chain(env::split_paths(&path))
        .find(|folder| {
            ["initdb", "pg_ctl", "psql"]
                .iter()
                .all(|program| folder.join(program).exists())
        })
}
