//! The page of the demo.

use crate::{
    cargo::{root, run as sh},
    npm,
};
use std::path::Path;

/// Builds the package and the page from it, into a folder.
pub(crate) fn build(pages: &Path) -> anyhow::Result<()> {
    npm::build()?;
    let demo = root().join("sdk-wasm/demo");
    npm::modules(&demo)?;
    let arguments = ["run", "build", "--", "--emptyOutDir", "--outDir"];
    sh(npm::npm(&demo, &arguments).arg(pages))
}
