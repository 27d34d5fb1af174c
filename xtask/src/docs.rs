//! Writes what is generated from the catalogue anew. The tests that write it otherwise compare.

use crate::cargo::{cargo, run as sh};

pub(crate) fn run() -> anyhow::Result<()> {
    let generators = ["--test", "reference", "--test", "asyncapi", "current"];
    let write = [&["test", "--package", "carewire-protocol"][..], &generators].concat();
    sh(cargo(&write).env("UPDATE_DOCS", "1"))
}
