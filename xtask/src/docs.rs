//! Writes what is generated from the catalogue anew. The tests that write it otherwise compare.

use crate::cargo::{cargo, run as sh};

pub(crate) fn run() -> anyhow::Result<()> {
    let tests = [
        "--test",
        "reference",
        "--test",
        "asyncapi",
        "--test",
        "languages",
        "--test",
        "kotlin_swift",
    ];
    let write = [
        &["test", "--package", "carewire-protocol"][..],
        &tests,
        &["current"],
    ]
    .concat();
    sh(cargo(&write).env("UPDATE_DOCS", "1"))
}
