//! The commands, one file each, and what they have in common: flags, threads, signals, exit codes.

mod devices;

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Parser;
use clusterclip_core::monitor::CancelFlag;

use crate::args::{Cli, Command, ComputeArgs, Device};
use crate::error;
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

fn dispatch(command: Command, cancel: &CancelFlag) -> Result<()> {
    let _ = cancel;
    match command {
        Command::Devices(args) => devices::run(&args),
        _ => bail!("not yet"),
    }
}

/// Starts the pool that `core::par` works on.
fn start_threads(threads: Option<usize>) -> Result<()> {
    // 0 lets rayon choose: one thread a core.
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads.unwrap_or(0))
        .build_global()
        .context("cannot start the threads; ask for fewer with --threads")
}

/// Refuses a GPU: what was asked for never becomes the CPU in silence.
fn refuse_gpu(compute: &ComputeArgs) -> Result<()> {
    if compute.device == Device::Gpu {
        bail!("--device gpu: this build has no GPU yet; --device cpu gives the same bytes");
    }
    if let Some(adapter) = &compute.adapter {
        bail!("--adapter {adapter}: this build has no GPU yet; --device cpu gives the same bytes");
    }
    Ok(())
}
