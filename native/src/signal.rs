//! Ctrl-C: the first asks the work to stop, the second stops it.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::{Context, Result};
use clusterclip_core::monitor::CancelFlag;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// The exit code of interrupted work.
pub const INTERRUPTED: u8 = 130;

/// The signals that ask a program to stop.
#[cfg(unix)]
const SIGNALS: [i32; 3] = [SIGINT, SIGTERM, signal_hook::consts::SIGHUP];
/// The signals that ask a program to stop.
#[cfg(not(unix))]
const SIGNALS: [i32; 2] = [SIGINT, SIGTERM];

/// Gives a flag that the first of [`SIGNALS`] sets; the second ends the process.
///
/// The flag is set by the signal handler itself, so no step that begins after the signal misses it. Ending at
/// once leaves nothing half-written either: results appear by renaming complete files, and what lies beside
/// them is cleared away by the next run.
pub fn listen() -> Result<CancelFlag> {
    let asked = Arc::new(AtomicBool::new(false));
    for signal in SIGNALS {
        // In this order: a handler that finds the flag set comes after a signal that set it.
        flag::register_conditional_shutdown(signal, INTERRUPTED.into(), Arc::clone(&asked))
            .and_then(|_| flag::register(signal, Arc::clone(&asked)))
            .context("cannot listen for Ctrl-C")?;
    }
    Ok(CancelFlag::from(asked))
}
