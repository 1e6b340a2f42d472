//! The commands, one file each, and what they have in common: flags, threads, signals, exit codes.

mod cluster;
mod devices;
mod embed;
mod run;
mod sample;

use std::path::Path;
use std::process::ExitCode;
use std::{fs, io};

use anyhow::{Context, Result, bail};
use clap::Parser;
use clusterclip_core::monitor::{CancelFlag, Monitor};

use crate::args::{Cli, Command, EmbedderChoice, Length, SamplingArgs};
use crate::error::{self, UsageError};
use crate::models::{ModelFiles, TokenizerFile};
use crate::pipeline::Work;
use crate::pipeline::sample::Plan;
use crate::progress::Progress;
use crate::signal;
use crate::store::{Machine, Results};

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
    let cli = Cli::parse();
    let (done, cancel) = match signal::listen() {
        Ok(cancel) => (dispatch(cli.command, &cancel), cancel),
        Err(error) => (Err(error), CancelFlag::default()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => error::tell(&error, &cancel),
    }
}

fn dispatch(command: Command, cancel: &CancelFlag) -> Result<()> {
    match command {
        Command::Run(args) => run::run(&args, cancel),
        Command::Embed(args) => embed::run(&args, cancel),
        Command::Cluster(args) => cluster::run(&args, cancel),
        Command::Sample(args) => sample::run(&args, cancel),
        Command::Devices(args) => devices::run(&args),
    }
}

/// Calls `f` with what every stage needs.
fn with_work<T>(
    quiet: bool,
    machine: &Machine,
    cancel: &CancelFlag,
    f: impl FnOnce(Work<'_>) -> Result<T>,
) -> Result<T> {
    let progress = Progress::new(quiet);
    let sink = |event| progress.handle(event);
    let monitor = Monitor::new(&sink, cancel.clone());
    f(Work { monitor: &monitor, progress: &progress, machine })
}

/// Starts the threads. Every stage but K-Means runs on them.
fn machine(threads: Option<usize>) -> Result<Machine> {
    // 0 lets rayon choose: one thread a core.
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads.unwrap_or(0))
        .build_global()
        .context("cannot start the threads; ask for fewer with --threads")?;
    Ok(Machine::cpu(None))
}

/// Finds the files of a model and of a tokenizer that are named.
fn models(work: Work<'_>, choice: &EmbedderChoice) -> Result<(Option<ModelFiles>, Option<TokenizerFile>)> {
    let model = choice.model().map(|named| ModelFiles::open(named, work.monitor, work.progress));
    let tokenizer = choice.tokenizer.as_deref();
    let tokenizer = tokenizer.map(|named| TokenizerFile::open(named, work.monitor, work.progress));
    Ok((model.transpose()?, tokenizer.transpose()?))
}

/// Checks the options of sampling together.
fn plan(args: &SamplingArgs, seed: u64) -> Result<Plan, UsageError> {
    let (options, length): (_, Length) = args.options(seed)?;
    Ok(Plan { options, length, rank: args.rank()?, drop_last: args.drop_last })
}

/// The token counts of the documents: where the plan needs them, or all of them are known.
fn tokens(work: Work<'_>, results: &Results, plan: &Plan) -> Result<Option<Vec<Option<u32>>>> {
    let known = results.manifest().documents.as_ref().is_some_and(|documents| documents.tokens.is_some());
    Ok((plan.needs_tokens() || known).then(|| results.tokens(work.monitor)).transpose()?)
}

/// The folder of results when it is to be another than the one that is read.
fn other<'a>(out: Option<&'a Path>, dir: &Path) -> Option<&'a Path> {
    let same = |out: &&Path| match (fs::canonicalize(out), fs::canonicalize(dir)) {
        (Ok(out), Ok(dir)) => out == dir,
        _ => false,
    };
    out.filter(|out| !same(out))
}

/// A file's name without the folders above it.
fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// Whether `path` is a folder.
fn is_folder(path: &Path) -> Result<bool> {
    match fs::metadata(path) {
        Ok(found) => Ok(found.is_dir()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => bail!("{} does not exist", path.display()),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}
