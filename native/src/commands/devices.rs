//! `clusterclip devices`.

use anyhow::Result;

use crate::args::DevicesArgs;

/// Lists what this machine computes with.
pub fn run(args: &DevicesArgs) -> Result<()> {
    let _ = args;
    Ok(())
}
