//! The commands, one file each, and what they have in common: flags, threads, signals, exit codes.

mod cluster;
mod devices;
mod embed;
mod join;
mod run;
mod sample;

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;
use clusterclip_core::monitor::{CancelFlag, Monitor};

use crate::args::{Cli, Command};
use crate::error;
use crate::progress::Progress;
use crate::signal;
use crate::terminal;

/// Keeps one of Mesa's Vulkan layers from complaining, on standard error, that nobody is logged in at a screen. It
/// lets a desktop choose the first GPU; on a machine without one it does nothing else.
fn quiet_drivers() {
    if cfg!(target_os = "linux") && std::env::var_os("XDG_RUNTIME_DIR").is_none() {
        // SAFETY: nothing has been started yet, so no other thread reads the environment.
        unsafe { std::env::set_var("NODEVICE_SELECT", "1") };
    }
}

/// Reads the command line, runs the command, tells what went wrong, and returns the exit code.
pub fn main() -> ExitCode {
    quiet_drivers();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => tell_usage(error),
    };
    let (done, cancel) = match signal::listen() {
        Ok(cancel) => (dispatch(cli.command, &cancel), cancel),
        Err(error) => (Err(error), CancelFlag::default()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => error::tell(&error, &cancel),
    }
}

/// Says what clap has to say: what is wrong with the words that were typed, help, or the version. A shell may have put
/// file names among the words, so they are given to it once more, with control characters escaped.
fn tell_usage(error: clap::Error) -> ! {
    let words = std::env::args_os().map(|word| word.to_string_lossy().into_owned());
    let shown: Vec<String> = words.map(|word| terminal::line(&word).into_owned()).collect();
    Cli::try_parse_from(shown).err().unwrap_or(error).exit()
}

fn dispatch(command: Command, cancel: &CancelFlag) -> Result<()> {
    match command {
        Command::Run(args) => run::run(&args, cancel),
        Command::Embed(args) => embed::run(&args, cancel),
        Command::Cluster(args) => cluster::run(&args, cancel),
        Command::Sample(args) => sample::run(&args, cancel),
        Command::Join(args) => join::run(&args, cancel),
        Command::Devices(args) => devices::run(&args),
    }
}

/// Calls `f` with a renderer of events, and with the monitor that sends them to it.
fn with_progress<T>(
    quiet: bool,
    cancel: &CancelFlag,
    f: impl FnOnce(&Progress, &Monitor<'_>) -> Result<T>,
) -> Result<T> {
    let progress = Progress::new(quiet);
    let sink = |event| progress.handle(event);
    f(&progress, &Monitor::new(&sink, cancel.clone()))
}

/// Starts the threads that every stage runs on.
fn start_threads(threads: Option<usize>) -> Result<()> {
    // 0 lets rayon choose: one thread a core.
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads.unwrap_or(0))
        .build_global()
        .context("cannot start the threads; ask for fewer with --threads")
}
