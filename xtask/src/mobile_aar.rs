//! The AAR as its script packs it, with libraries that are none: what lies where.

use crate::{
    cargo::{exists, run as sh},
    kotlin_swift as mobile,
};
use anyhow::ensure;
use std::{collections::BTreeSet, fs, path::Path, process::Command};

const LIBRARIES: [&str; 3] = [
    "jni/arm64-v8a/libcarewire_mobile.so",
    "jni/armeabi-v7a/libcarewire_mobile.so",
    "jni/x86_64/libcarewire_mobile.so",
];

/// Checks the scripts, and what that of the AAR packs. The jar has to be there.
pub(crate) fn check() -> anyhow::Result<()> {
    let scripts = mobile::folder().join("scripts");
    let aar_script = scripts.join("aar.sh");
    if exists("shellcheck", "--version") {
        sh(Command::new("shellcheck").args([&aar_script, &scripts.join("xcframework.sh")]))?;
    } else {
        println!("shellcheck is not installed: the scripts were NOT checked");
    }
    let folder = tempfile::tempdir()?;
    for library in LIBRARIES {
        let library = folder.path().join(library);
        fs::create_dir_all(library.parent().unwrap_or(folder.path()))?;
        fs::write(library, "none")?;
    }
    let aar = folder.path().join("carewire.aar");
    sh(Command::new("bash")
        .arg(aar_script)
        .arg(folder.path().join("jni"))
        .env("AAR", &aar))?;
    let packed = entries(&aar)?;
    let parts = [
        "AndroidManifest.xml",
        "R.txt",
        "classes.jar",
        "proguard.txt",
    ];
    let expected = parts.iter().chain(&LIBRARIES);
    let expected: BTreeSet<String> = expected.map(ToString::to_string).collect();
    ensure!(packed == expected, "the AAR holds {packed:?}");
    sh(Command::new("jar")
        .args(["--extract", "--file"])
        .arg(&aar)
        .arg("classes.jar")
        .current_dir(folder.path()))?;
    let classes = entries(&folder.path().join("classes.jar"))?;
    ensure!(
        classes.contains("dev/carewire/CarewireClient.class"),
        "the classes are not in the AAR"
    );
    ensure!(
        !classes
            .iter()
            .any(|name| name.contains("libcarewire_mobile")),
        "a library of this machine is in the AAR"
    );
    Ok(())
}

/// The files in an archive.
fn entries(archive: &Path) -> anyhow::Result<BTreeSet<String>> {
    let listed = Command::new("jar")
        .args(["--list", "--file"])
        .arg(archive)
        .output()?;
    ensure!(
        listed.status.success(),
        "{} is no archive",
        archive.display()
    );
    let listed = String::from_utf8(listed.stdout)?;
    let files = listed.lines().filter(|name| !name.ends_with('/'));
    Ok(files.map(str::to_owned).collect())
}
