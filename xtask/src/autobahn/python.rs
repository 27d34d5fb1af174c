//! Python 2.7 with the test suite, where it can be had.

use crate::cargo;
use anyhow::Context;
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// Runs the suite from its folder; `.pth` files are read, which `PYTHONPATH` would not do.
const START: &str = "\
import site, sys
site.addsitedir(sys.argv[1])
sys.argv = ['wstest', '--mode', sys.argv[2], '--spec', sys.argv[3], '--webport', '0']
from autobahntestsuite.wstest import run
run()
";

/// An installed suite.
pub(super) struct Suite {
    python: PathBuf,
    packages: PathBuf,
}

impl Suite {
    /// The suite, installed at need, or why it cannot be had here.
    pub(super) fn find() -> anyhow::Result<Result<Self, &'static str>> {
        let Some(python) = python() else {
            return Ok(Err("there is no Python 2.7"));
        };
        let packages = cargo::target_folder()?.join("autobahn");
        let requirements = cargo::root().join("tests/conformance/requirements.txt");
        let wanted = fs::read(&requirements).context("the list of packages")?;
        let mark = packages.join("installed.txt");
        if fs::read(&mark).is_ok_and(|installed| installed == wanted) {
            return Ok(Ok(Self { python, packages }));
        }
        println!(
            "installing Autobahn's test suite into {}",
            packages.display()
        );
        let _ = fs::remove_dir_all(&packages);
        let installed = Command::new(&python)
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
            ])
            .arg("--target")
            .arg(&packages)
            .arg("--requirement")
            .arg(&requirements)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
        if !installed.success() {
            return Ok(Err("its packages cannot be installed"));
        }
        fs::write(mark, wanted)?;
        Ok(Ok(Self { python, packages }))
    }

    /// Starts it in a mode, with a specification.
    pub(super) fn start(&self, mode: &str, file: &Path, folder: &Path) -> anyhow::Result<Child> {
        Command::new(&self.python)
            .args(["-W", "ignore", "-c", START])
            .arg(&self.packages)
            .arg(mode)
            .arg(file)
            .current_dir(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("starting Autobahn")
    }
}

/// A Python 2.7 on the path, or one of pyenv's, whose shims work for a chosen version only.
fn python() -> Option<PathBuf> {
    let works = |python: &PathBuf| {
        let output = Command::new(python).args(["-c", "print 27"]).output();
        output.is_ok_and(|output| output.stdout.starts_with(b"27"))
    };
    let on_path = ["python2.7", "python2"].map(PathBuf::from);
    let root = Command::new("pyenv").arg("root").output().ok();
    let root = root.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    let versions = root.and_then(|root| fs::read_dir(Path::new(&root).join("versions")).ok());
    let of_pyenv = versions
        .into_iter()
        .flatten()
        .flatten()
        .filter(|version| version.file_name().to_string_lossy().starts_with("2.7"))
        .map(|version| version.path().join("bin/python2.7"));
    on_path.into_iter().chain(of_pyenv).find(works)
}
