//! cargo-deny: licences, bans, sources and advisories of all dependencies.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::places::Places;
use crate::process::{output, run};

/// The version whose checks deny.toml is written for.
const VERSION: &str = "0.20.2";

/// Finds cargo-deny, or builds it into the cache.
///
/// # Errors
/// If it cannot be built.
pub fn find(places: &Places) -> Result<PathBuf> {
    let path = places.tools().join("bin").join(format!("cargo-deny{}", std::env::consts::EXE_SUFFIX));
    let wanted = format!("cargo-deny {VERSION}");
    let is_wanted = |path: &Path| output(Command::new(path).arg("--version")).as_deref() == Some(&wanted);
    if is_wanted(Path::new("cargo-deny")) {
        return Ok("cargo-deny".into());
    }
    if !is_wanted(&path) {
        // Built without optimisation: it runs for a second, and building it otherwise takes minutes.
        run(Command::new("cargo")
            .args(["install", "--locked", "--quiet", "--profile", "dev", "--version", VERSION])
            .args(["cargo-deny", "--root"])
            .arg(places.tools())
            .env("CARGO_TARGET_DIR", places.target.join("tools")))?;
    }
    Ok(path)
}
