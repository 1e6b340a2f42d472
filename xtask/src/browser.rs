//! A browser for the tests: Chromium or Chrome, with WebGPU.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::apt;
use crate::process::output;

/// Names another browser than the one that is found.
pub const VARIABLE: &str = "CLUSTERCLIP_CHROMIUM";

/// What it is called, best known first.
const NAMES: [&str; 5] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/// Where it is installed without a name on the path.
const PLACES: [&str; 4] = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
];

/// Chromium or Chrome.
pub struct Browser {
    /// The program.
    pub path: PathBuf,
    /// What it says of itself.
    pub version: String,
}

/// Finds a browser; where there is none, tries Debian's.
///
/// # Errors
/// If there is none and none can be had: says what to install.
pub fn find() -> Result<Browser> {
    if let Some(path) = std::env::var_os(VARIABLE).map(PathBuf::from) {
        let Some(browser) = at(&path) else { bail!("{VARIABLE}={} cannot be started", path.display()) };
        return Ok(browser);
    }
    let there = || {
        let named = NAMES.iter().flat_map(|name| on_path(name));
        named.chain(PLACES.map(PathBuf::from)).find_map(|path| at(&path))
    };
    if let Some(browser) = there() {
        return Ok(browser);
    }
    apt::install(&["chromium"]);
    match there() {
        Some(browser) => Ok(browser),
        None => bail!(
            "no browser: install Chromium or Chrome (on Debian `apt-get install chromium`), or name one in {VARIABLE}"
        ),
    }
}

/// Where a program of this name may be: the tests start it without a shell.
fn on_path(name: &str) -> Vec<PathBuf> {
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders).map(|folder| folder.join(&file)).filter(|path| path.is_file()).collect()
}

fn at(path: &Path) -> Option<Browser> {
    // On Windows the version is not printed, but the program is there.
    let version = if cfg!(windows) && path.exists() {
        Some("Chrome".to_owned())
    } else {
        output(Command::new(path).arg("--version"))
    };
    version.map(|version| Browser { path: path.into(), version })
}
