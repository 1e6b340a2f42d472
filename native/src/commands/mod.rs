//! The commands, one file each, and what they have in common: flags, threads, signals, exit codes.

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;
use clusterclip_core::monitor::{CancelFlag, Event, Monitor};

use crate::args::{Cli, Command, ComputeArgs, Device, OutputArgs};
use crate::error::{self, OutputClosed};
use crate::progress::Progress;
use crate::signal;

/// Reads the command line, runs the command, tells what went wrong, and returns the exit code.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let cancel = CancelFlag::default();
    match signal::install(&cancel).and_then(|()| dispatch(cli.command, &cancel)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => error::tell(&error, &cancel),
    }
}
