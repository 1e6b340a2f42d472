//! A Python of our own with the peers in it; nothing is installed for the whole machine.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::places::Places;
use crate::process::run;

const REQUIREMENTS: &str = "scripts/requirements.txt";

/// Makes the environment, or brings it up to date with scripts/requirements.txt, and returns its interpreter.
///
/// # Errors
/// If there is no `python3` with `venv`, or a package cannot be installed.
pub fn interpreter(places: &Places) -> Result<PathBuf> {
    let folder = places.cache.join("python");
    let python = if cfg!(windows) { folder.join("Scripts/python.exe") } else { folder.join("bin/python") };
    let requirements = places.root.join(REQUIREMENTS);
    let wanted =
        std::fs::read_to_string(&requirements).with_context(|| format!("cannot read {REQUIREMENTS}"))?;
    let installed = folder.join("requirements.txt");
    if !python.exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    }
    if std::fs::read_to_string(&installed).ok().as_ref() != Some(&wanted) {
        run(Command::new(&python)
            .args(["-m", "pip", "install", "--quiet", "--requirement"])
            .arg(&requirements))?;
        std::fs::write(&installed, wanted)?;
    }
    Ok(python)
}
