//! What the compiler that builds us has, which need not be the one that rustup manages.

use crate::cargo::root;
use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
};

/// What is asked: cargo's compiler, and rustup, which may have nothing to do with it.
struct Toolchain {
    rustc: OsString,
    rustup: OsString,
}

/// Whether the compiler has the standard library for a target, or gets it now.
pub(crate) fn has_target(target: &str) -> bool {
    let library = Path::new(target).join("lib");
    Toolchain::ours().has(&library, &["target", "add", target])
}

/// Whether the compiler has the source of the standard library, or gets it now, and a linker for
/// WebAssembly: Debian's compiler has none of its own.
pub(crate) fn has_sources() -> bool {
    let ours = Toolchain::ours();
    let source = Path::new("src/rust/library/Cargo.lock");
    ours.has_linker() && ours.has(source, &["component", "add", "rust-src"])
}

impl Toolchain {
    fn ours() -> Self {
        Self {
            rustc: env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()),
            rustup: "rustup".into(),
        }
    }

    /// Whether this lies in the compiler's own folder, if need be after rustup has added it. That
    /// rustup could says nothing: it adds to its own compiler.
    fn has(&self, part: &Path, adding: &[&str]) -> bool {
        let is_there = || {
            self.printed("sysroot")
                .is_some_and(|sysroot| sysroot.join("lib/rustlib").join(part).exists())
        };
        is_there() || {
            let added = command(&self.rustup).args(adding).output();
            added.is_ok_and(|output| output.status.success()) && is_there()
        }
    }

    fn has_linker(&self) -> bool {
        let (sysroot, host) = (self.printed("sysroot"), self.printed("host-tuple"));
        sysroot.zip(host).is_some_and(|(sysroot, host)| {
            let folder = sysroot.join("lib/rustlib").join(host);
            folder.join("bin/rust-lld").exists()
        })
    }

    fn printed(&self, what: &str) -> Option<PathBuf> {
        let printed = command(&self.rustc).args(["--print", what]).output().ok()?;
        let text = String::from_utf8(printed.stdout).ok()?;
        (printed.status.success()).then(|| text.trim().into())
    }
}

/// In the workspace, which may name its toolchain.
fn command(program: &OsString) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root());
    command
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use std::{fs, os::unix::fs::PermissionsExt as _};

    fn script(folder: &Path, name: &str, line: &str) -> OsString {
        let script = folder.join(name);
        fs::write(&script, format!("#!/bin/sh\n{line}\n")).unwrap();
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
        script.into()
    }

    #[test]
    fn what_rustup_adds_to_another_compiler_is_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let sysroot = folder.path().join("usr");
        let library = sysroot.join("lib/rustlib/wasm/lib");
        let print = format!("echo '{}'", sysroot.display());
        let rustc = script(folder.path(), "rustc", &print);
        let rustup = script(folder.path(), "elsewhere", "exit 0");
        let debians = Toolchain {
            rustc: rustc.clone(),
            rustup,
        };
        assert!(!debians.has(Path::new("wasm/lib"), &[]));
        let add = format!("mkdir -p '{}'", library.display());
        let rustup = script(folder.path(), "rustup", &add);
        let rustups = Toolchain { rustc, rustup };
        assert!(rustups.has(Path::new("wasm/lib"), &[]));
        assert!(debians.has(Path::new("wasm/lib"), &[]), "as it is there");
    }
}
