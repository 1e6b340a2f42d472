//! Ctrl-C: the first asks the work to stop, the second stops it.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};
use clusterclip_core::monitor::CancelFlag;

/// The exit code of interrupted work.
pub const INTERRUPTED: u8 = 130;

/// Sets `cancel` at the first SIGINT, SIGTERM or SIGHUP and ends the process at the second.
///
/// Ending at once leaves nothing half-written either: results appear by renaming complete files, and what
/// lies beside them is cleared away by the next run.
pub fn install(cancel: &CancelFlag) -> Result<()> {
    let cancel = cancel.clone();
    let asked = AtomicBool::new(false);
    ctrlc::set_handler(move || {
        if asked.swap(true, Ordering::Relaxed) {
            std::process::exit(INTERRUPTED.into());
        }
        cancel.cancel();
    })
    .context("cannot listen for Ctrl-C")
}
