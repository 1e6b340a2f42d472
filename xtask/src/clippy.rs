//! The second clippy configuration: clippy reads one file, wasm32 needs the bans of a crate and its own.

use std::path::PathBuf;

use anyhow::{Context, Result};
use toml::{Table, Value};

use crate::places::Places;

/// What is banned on wasm32, on top of what a crate bans everywhere.
const WASM: &str = "xtask/clippy-wasm.toml";
const BANS: &str = "disallowed-methods";

/// Joins the bans of the crate in `folder`, if it has any, and those of wasm32 in one file and returns the folder of
/// that, for `CLIPPY_CONF_DIR`.
///
/// # Errors
/// If a file cannot be read, parsed or written.
pub fn write_wasm_configuration(places: &Places, folder: &str) -> Result<PathBuf> {
    let read = |name: &str| -> Result<Table> {
        let path = places.root.join(name);
        let text =
            std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        text.parse().with_context(|| format!("cannot parse {}", path.display()))
    };
    let own = format!("{folder}/clippy.toml");
    let mut joined = if places.root.join(&own).exists() { read(&own)? } else { Table::new() };
    for (key, value) in read(WASM)? {
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
