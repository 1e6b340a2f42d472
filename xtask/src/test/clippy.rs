//! Lints of what runs in a browser. Clippy reads one file of configuration: wasm32 needs the bans of a crate and its
//! own.

use std::path::PathBuf;

use anyhow::{Context, Result};
use toml::{Table, Value};

use super::summary::Done;
use crate::places::Places;
use crate::process::run;
use crate::toolchain::{Toolchain, WASM};

/// What is banned on wasm32, on top of what a crate bans everywhere.
const CONFIGURATION: &str = "xtask/clippy-wasm.toml";
const BANS: &str = "disallowed-methods";

/// What must also work in a browser: packages, their folders, and features.
const PORTABLE: [(&str, &str, &[&str]); 7] = [
    ("clusterclip-core", "core", &["--no-default-features"]),
    ("clusterclip-models", "models", &["--no-default-features"]),
    ("clusterclip-shaders", "shaders", &[]),
    ("clusterclip-web-border", "web/border", &[]),
    ("clusterclip-web-core", "web/core", &[]),
    ("clusterclip-web-gpu", "web/gpu", &[]),
    ("clusterclip-web-models", "web/models", &[]),
];

/// Clippy with the second configuration, which bans what cannot work in a browser.
///
/// # Errors
/// If a crate is not as it should be.
pub fn wasm(places: &Places, toolchain: &Toolchain) -> Result<Done> {
    if let Toolchain::Debian = toolchain {
        // Its compiler comes without clippy: hold at least the compiler's own warnings against the crates.
        for (name, _, features) in PORTABLE {
            let mut command = toolchain.cargo(places, WASM, "rustc");
            // The name of a profile that checks and makes no code.
            command.args(["--profile", "check", "--package", name, "--lib"]).args(features);
            run(command.args(["--", "-D", "warnings"]))?;
        }
        return Ok(Done::NotRun("Debian's toolchain has no clippy; rustc's own warnings were denied".into()));
    }
    for (name, folder, features) in PORTABLE {
        let folder = configure(places, folder)?;
        let mut command = toolchain.cargo(places, WASM, "clippy");
        command.args(["--package", name, "--no-deps", "--lib"]).args(features);
        run(command.args(["--", "-D", "warnings"]).env("CLIPPY_CONF_DIR", folder))?;
    }
    Ok(Done::Ok)
}

/// Joins the bans of the crate in `folder`, if it has any, and those of wasm32 in one file and returns the folder of
/// that.
fn configure(places: &Places, folder: &str) -> Result<PathBuf> {
    let read = |name: &str| -> Result<Table> {
        let path = places.root.join(name);
        let text =
            std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        text.parse().with_context(|| format!("cannot parse {}", path.display()))
    };
    let own = format!("{folder}/clippy.toml");
    let mut joined = if places.root.join(&own).exists() { read(&own)? } else { Table::new() };
    for (key, value) in read(CONFIGURATION)? {
        match (joined.get_mut(&key), value) {
            (Some(Value::Array(bans)), Value::Array(more)) if key == BANS => bans.extend(more),
            (_, value) => drop(joined.insert(key, value)),
        }
    }
    let folder = places.target.join("clippy-wasm").join(folder);
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("clippy.toml"), joined.to_string())?;
    Ok(folder)
}
