//! `cargo xtask bench`: the project's figures, as ratios to its peers where there are any.

use anyhow::Result;
use clap::Args;

use crate::places::Places;

/// What is measured.
#[derive(Args)]
pub struct Arguments {}

/// Measures.
///
/// # Errors
/// If a benchmark cannot be built or run.
pub fn run(_places: &Places, _arguments: &Arguments) -> Result<()> {
    Ok(())
}
