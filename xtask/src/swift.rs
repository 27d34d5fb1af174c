//! The Swift package: its core, its bindings, its tests against a real server.

use crate::{
    cargo::{build, exists, own, root, run as sh, target_folder},
    install, kotlin_swift as mobile, mobile_targets as targets,
    server::Server,
};
use anyhow::{Context, ensure};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// What Debian's packages of Swift need around them.
const DEBIANS: &str = "swiftlang libc6-dev libstdc++-14-dev git ca-certificates";
const LIBRARIES: &str = "LD_LIBRARY_PATH=/usr/libexec/swift/lib/swift/linux";
const MODULE_MAP: &str = "\
module CarewireFFI {
    header \"CarewireFFI.h\"
    export *
    link \"carewire_mobile\"
}
";

/// Builds and tests the package. Says whether that was possible here: not without a Swift
/// toolchain where none can be had.
pub(crate) fn run() -> anyhow::Result<bool> {
    // Before anybody builds this program anew.
    let own = own()?;
    targets::check(targets::IOS)?;
    let Some(swift) = Swift::find()? else {
        ensure!(
            env::var_os("CI").is_none(),
            "no Swift toolchain, and CI must run the Swift tests"
        );
        println!("Swift: not run. There is no Swift toolchain, and none can be installed here.");
        return Ok(false);
    };
    let server = build("carewire-server", false)?;
    let package = mobile::folder().join("swift");
    let libraries = package.join("Core");
    if cfg!(target_os = "macos") {
        xcframework()?;
    } else {
        core(&mobile::library()?, &libraries)?;
    }
    let server_folder = server.parent().context("a folder")?;
    let scratch = target_folder()?.join("swift");
    fs::create_dir_all(&scratch)?;
    let seen = [&root(), server_folder, &scratch];
    let package_command = |words: &[&str]| -> anyhow::Result<Command> {
        let mut command = swift.command(words, &seen)?;
        command
            .arg("--package-path")
            .arg(&package)
            .arg("--scratch-path")
            .arg(&scratch)
            .env_remove("LD_LIBRARY_PATH");
        if cfg!(target_os = "linux") {
            command
                .args(["-Xlinker".into(), format!("-L{}", libraries.display())])
                .args(["-Xlinker", "-rpath", "-Xlinker"])
                .arg(&libraries)
                // Swift 6.0's own library of `Observation` names a function that it never calls.
                .args(["-Xlinker", "--allow-shlib-undefined"]);
        }
        Ok(command)
    };
    sh(package_command(&["test", "--disable-swift-testing"])?
        .env("CAREWIRE_SERVER_BIN", &server)
        .env("CAREWIRE_TLS_FRONT", own))?;
    let folder = tempfile::tempdir()?;
    let sample = Server::start(folder.path())?;
    let address = sample.address().to_string();
    sh(package_command(&["run"])?.args(["CarewireVisit", &address]))?;
    Ok(true)
}

/// The bindings and the library, where `Package.swift` looks for them.
fn core(library: &Path, out: &Path) -> anyhow::Result<()> {
    let (sources, headers) = (out.join("CarewireCore"), out.join("CarewireFFI"));
    mobile::bindings(library, "swift", &sources)?;
    mobile::empty(&headers)?;
    fs::rename(sources.join("CarewireFFI.h"), headers.join("CarewireFFI.h"))?;
    fs::remove_file(sources.join("CarewireFFI.modulemap"))?;
    fs::write(headers.join("module.modulemap"), MODULE_MAP)?;
    mobile::strip(library, out)
}

/// What `Package.swift` looks for on a Mac instead. It needs Xcode.
fn xcframework() -> anyhow::Result<()> {
    let script = mobile::folder().join("scripts/xcframework.sh");
    sh(Command::new("bash")
        .arg(script)
        .env("CARGO_TARGET_DIR", target_folder()?))
}

/// A Swift toolchain.
enum Swift {
    /// The user's own.
    Here,
    /// Debian's, in the root of a newer Debian.
    Within(PathBuf),
}

impl Swift {
    fn find() -> anyhow::Result<Option<Self>> {
        if exists("swift", "--version") {
            return Ok(Some(Self::Here));
        }
        let is_root = Command::new("id").arg("-u").output()?.stdout == b"0\n";
        if !(cfg!(target_os = "linux") && is_root && exists("apt-get", "--version")) {
            return Ok(None);
        }
        let folder = target_folder()?.join("swift-root");
        if !folder.join("usr/libexec/swift").exists() {
            debian(&folder)?;
        }
        Ok(Some(Self::Within(folder)))
    }

    /// A command of the toolchain, which sees these folders.
    fn command(&self, arguments: &[&str], folders: &[&Path]) -> anyhow::Result<Command> {
        let mut command = match self {
            Self::Here => Command::new("swift"),
            Self::Within(within) => {
                let environment = ["env", "HOME=/root", LIBRARIES, "swift"];
                inside(within, folders, &environment)?
            }
        };
        command.args(arguments);
        if matches!(self, Self::Within(_)) {
            // There is no sandbox to be had inside of another.
            command.arg("--disable-sandbox");
        }
        Ok(command)
    }
}

/// A command in another root, which sees these folders where they are. They are mounted in a
/// namespace that ends with the command: nobody who empties the target folder finds them there.
fn inside(within: &Path, folders: &[&Path], words: &[&str]) -> anyhow::Result<Command> {
    let mut mounts = vec!["set -e; mount -t proc proc \"$0/proc\"".to_owned()];
    for folder in folders {
        let folder = folder.to_str().context("a path in UTF-8")?;
        ensure!(!folder.contains('\''), "a quotation mark in {folder}");
        fs::create_dir_all(within.join(folder.trim_start_matches('/')))?;
        mounts.push(format!("mount --bind '{folder}' \"$0{folder}\""));
    }
    mounts.push("exec chroot \"$0\" \"$@\"".to_owned());
    let mut command = Command::new("unshare");
    command
        .args(["--mount", "sh", "-c", &mounts.join("; ")])
        .arg(within)
        .args(words);
    Ok(command)
}

/// Debian 13 with its Swift, in a folder.
fn debian(folder: &Path) -> anyhow::Result<()> {
    if !exists("debootstrap", "--version") {
        install::packages(
            &["debootstrap"],
            "debootstrap, which brings Swift, is not there",
        )?;
    }
    sh(Command::new("debootstrap")
        .args(["--variant=minbase", "trixie"])
        .arg(folder))?;
    let install = ["apt-get", "install", "--yes", "--no-install-recommends"];
    sh(inside(folder, &[], &install)?.args(DEBIANS.split(' ')))
}
