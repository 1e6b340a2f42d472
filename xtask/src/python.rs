//! Pythons of our own with pinned packages in them; nothing is installed for the whole machine.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::places::Places;
use crate::process::{exists, run};

/// Packages for a purpose: a folder in the cache, and the file that pins them.
pub struct Packages {
    folder: &'static str,
    requirements: &'static str,
}

/// What the benchmarks compare with.
pub const PEERS: Packages = Packages { folder: "python", requirements: "scripts/requirements.txt" };

/// What writes the files that the tests of formats read. Those look for this folder too where no variable names it.
pub const FORMATS: Packages =
    Packages { folder: "python-formats", requirements: "tests/python/requirements.txt" };

/// Names the interpreter with [`FORMATS`] to the tests.
pub const VARIABLE: &str = "CLUSTERCLIP_PYTHON";

/// Makes an environment, or brings it up to date with the packages it is for, and returns its interpreter.
///
/// # Errors
/// If there is no `python3` with `venv`, or a package cannot be installed: says what to do.
pub fn interpreter(places: &Places, packages: &Packages) -> Result<PathBuf> {
    let folder = places.cache.join(packages.folder);
    let python = if cfg!(windows) { folder.join("Scripts/python.exe") } else { folder.join("bin/python") };
    let requirements = places.root.join(packages.requirements);
    let wanted = fs::read_to_string(&requirements)
        .with_context(|| format!("cannot read {}", packages.requirements))?;
    let installed = folder.join("requirements.txt");
    // A link to a Python that is gone is none. What was installed for it is of no use to another.
    if !python.exists() {
        if !exists("python3") {
            bail!(
                "no python3: install Python 3.11 or newer, on Debian `apt-get install python3 python3-venv`"
            );
        }
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder)).with_context(|| {
            let folder = folder.display();
            format!("python3 makes no environment in {folder} (on Debian `apt-get install python3-venv`)")
        })?;
    }
    if fs::read_to_string(&installed).ok().as_ref() != Some(&wanted) {
        run(Command::new(&python)
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"])
            .arg(&requirements))
        .with_context(|| {
            format!(
                "the packages of {} cannot be installed (they need Python 3.11 or newer, and PyPI or an index \
                 that PIP_INDEX_URL names; wheels in a folder do with PIP_NO_INDEX=1 PIP_FIND_LINKS=FOLDER)",
                packages.requirements
            )
        })?;
        // Written last: where it is, the packages are whole.
        fs::write(&installed, wanted)?;
    }
    Ok(python)
}
