//! The types of the contract in other languages are made from the catalogue. `UPDATE_DOCS=1` writes
//! them anew.

#![allow(
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a test fails by panicking; its modules are no library"
)]

mod model;
#[path = "../common/names.rs"]
mod names;
mod typescript;

use std::path::PathBuf;

/// Compares a generated file with what it is to be, or writes it.
fn compare(path: &str, new: &str) {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(path);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, new).unwrap();
        return;
    }
    let old = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(new == old, "{path} is not current: cargo xtask docs");
}

#[test]
fn typescript_is_current() {
    compare("sdk-wasm/npm/src/protocol.ts", &typescript::generate());
}
