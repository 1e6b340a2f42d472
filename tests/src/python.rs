//! The scripts of tests/python: what they write is read by the program, and they count it with other libraries.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// Names a Python that has the packages of tests/python/requirements.txt.
const VARIABLE: &str = "CLUSTERCLIP_PYTHON";

/// Runs the script of this name and reads what it prints, one JSON value.
///
/// # Panics
/// If there is no such Python, or the script fails: a test without what it is held against has shown nothing.
#[track_caller]
pub fn run<A: AsRef<OsStr>>(name: &str, arguments: impl IntoIterator<Item = A>) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python").join(name);
    let mut command = Command::new(interpreter());
    // Without -B Python would write beside its sources, and what is set for other programs is not for these.
    command.arg("-B").arg(script).args(arguments).stdin(Stdio::null());
    command.env_remove("PYTHONPATH").env_remove("HF_HOME").env_remove("HF_DATASETS_CACHE");
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}; {}", advice()));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} ended with {}:\n{said}", output.status);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{command:?}: {error}\n{said}"))
}

/// What the variable names, else what `cargo xtask` has made.
#[track_caller]
fn interpreter() -> PathBuf {
    let named = std::env::var_os(VARIABLE).map(PathBuf::from);
    let path = named.or_else(|| {
        let cache = std::env::var_os("XDG_CACHE_HOME")
            .or_else(|| std::env::var_os("LOCALAPPDATA"))
            .map(PathBuf::from)
            .or_else(|| std::env::home_dir().map(|home| home.join(".cache")))?;
        let python = if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" };
        Some(cache.join("clusterclip/python-formats").join(python))
    });
    let path = path.unwrap_or_else(|| panic!("no folder for caches: {}", advice()));
    assert!(path.exists(), "{} does not exist: {}", path.display(), advice());
    path
}

fn advice() -> String {
    format!(
        "these tests need Python with the packages of tests/python/requirements.txt; `cargo xtask setup` makes \
         one, or {VARIABLE} names one"
    )
}
