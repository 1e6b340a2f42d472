//! `cargo xtask bench`: the project's figures, as ratios to its peers where there are any.

mod demo;
mod divan;
mod embed;
mod gpu;
mod kmeans;
mod read;
mod targets;
mod web;

use std::env::consts::EXE_SUFFIX;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use targets::Targets;

use crate::places::Places;
use crate::process::run;
use crate::python;

/// Threads for both sides, where nothing else is said.
const THREADS: usize = 2;

/// What is measured.
#[derive(Args)]
pub struct Arguments {
    /// What to measure; nothing named: everything
    #[arg(value_enum)]
    names: Vec<Name>,
    /// K-Means, models and reading: how often each program or plan runs, in turn with the others; the median counts
    #[arg(long, default_value_t = 3)]
    repeats: usize,
    /// K-Means on the CPU: threads for both sides (default: 2)
    #[arg(long)]
    threads: Option<usize>,
    /// K-Means: the CPU against its peers, or every plan of the shaders against a naive kernel
    #[arg(long, value_enum, default_value_t = Device::Cpu)]
    device: Device,
    /// K-Means on a GPU: the one whose name holds this text (default: hardware before software)
    #[arg(long, value_name = "NAME")]
    adapter: Option<String>,
    /// Demo: the folder to read (default: the sources of the crates this workspace is built from)
    #[arg(long, value_name = "DIR")]
    input: Option<PathBuf>,
    /// Reading: megabytes of text in the files that are made
    #[arg(long, value_name = "N", default_value_t = 1000)]
    megabytes: u32,
    /// Reading: another build of the example read_bench, to hold this one against on JSON lines and CSV
    #[arg(long, value_name = "FILE")]
    before: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Device {
    Cpu,
    Gpu,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Name {
    /// Draws a second and the time of `at`
    Sampler,
    /// Time an iteration against faiss, scikit-learn and SuperKMeans
    Kmeans,
    /// Megabytes of text a second
    Lexical,
    /// Megabytes of text a second: a column of Parquet against pyarrow, JSON lines, CSV
    Read,
    /// Documents a second of models, against ONNX Runtime, OpenVINO and WordLlama
    Embed,
    /// The program against a separate implementation of core/SPEC.md, on random cases
    Reference,
    /// Agreement with labels and inertia against scikit-learn, on labelled real text (fetched)
    Quality,
    /// How evenly orders draw domains that the program is not shown, by kind of weights (texts fetched)
    Balance,
    /// `clusterclip run` on a folder of sources: time, peak memory, reuse
    Demo,
    /// The page and K-Means in a browser, beside native K-Means on the same rows
    Web,
}

impl Arguments {
    /// Refuses what would go unheard.
    fn check(&self) -> Result<()> {
        if self.device == Device::Cpu {
            if self.adapter.is_some() {
                bail!("--adapter is for --device gpu");
            }
            return Ok(());
        }
        if self.names != [Name::Kmeans] {
            bail!("--device gpu is for K-Means alone: cargo xtask bench kmeans --device gpu");
        }
        if self.threads.is_some() {
            bail!("--threads is for --device cpu: a GPU decides itself");
        }
        if self.input.is_some() {
            bail!("--input is for the demo: a GPU is measured on made-up rows");
        }
        Ok(())
    }
}

/// Measures what was named, parts before the whole, whatever becomes of the others. Returns whether everything
/// ran and no target was missed.
///
/// # Errors
/// If options do not go together; what fails on the way is in the summary.
pub fn run_all(places: &Places, arguments: &Arguments) -> Result<bool> {
    arguments.check()?;
    let mut targets = Targets::default();
    for name in Name::value_variants() {
        if !arguments.names.is_empty() && !arguments.names.contains(name) {
            continue;
        }
        let measured = match name {
            Name::Sampler => divan::sampler(places, &mut targets),
            Name::Kmeans if arguments.device == Device::Gpu => {
                gpu::run_all(places, arguments.repeats, arguments.adapter.as_deref(), &mut targets)
            }
            Name::Kmeans => {
                kmeans::run_all(places, arguments.repeats, arguments.threads.unwrap_or(THREADS), &mut targets)
            }
            Name::Lexical => divan::lexical(places, &mut targets),
            Name::Read => {
                let before = arguments.before.as_deref();
                read::run_all(places, arguments.repeats, arguments.megabytes, before, &mut targets)
            }
            Name::Embed => embed::run_all(places, arguments.repeats, &mut targets),
            Name::Reference => reference(places),
            Name::Quality => quality(places, &mut targets),
            Name::Balance => balance(places),
            Name::Demo => demo::run_twice(places, arguments.input.as_deref(), &mut targets),
            Name::Web => web::run_all(places, arguments.repeats, &mut targets),
        };
        if let Err(error) = measured {
            targets.failed(&format!("{error:#}"));
        }
    }
    Ok(targets.finish())
}

/// The script that implements the specification again.
fn reference(places: &Places) -> Result<()> {
    let python = python::interpreter(places, &python::PEERS)?;
    let clusterclip = program(places)?;
    println!("\n== reference");
    run(Command::new(python).arg(places.root.join("scripts/reference.py")).arg(clusterclip))
}

/// The scripts that compare results, not times, with scikit-learn.
fn quality(places: &Places, targets: &mut Targets) -> Result<()> {
    let python = python::interpreter(places, &python::PEERS)?;
    let clusterclip = program(places)?;
    let models = crate::models::fetch(places)?;
    for script in ["quality.py", "kmeans_quality.py"] {
        println!("\n== quality: {script}");
        let mut command = Command::new(&python);
        command
            .current_dir(&places.root)
            .arg(places.root.join("scripts").join(script))
            .arg("--clusterclip")
            .arg(&clusterclip)
            .arg("--cache")
            .arg(places.cache.join("texts"));
        if script == "quality.py" {
            command.arg("--models").arg(&models);
        }
        let ran = run(&mut command);
        // It says itself which of its targets was missed; the other one runs all the same.
        if let Err(error) = ran {
            targets.failed(&format!("{error:#}"));
        }
    }
    Ok(())
}

/// The script that compares weights by the domains they draw; it says itself which targets were missed.
fn balance(places: &Places) -> Result<()> {
    let python = python::interpreter(places, &python::PEERS)?;
    let clusterclip = program(places)?;
    let models = crate::models::fetch(places)?;
    println!("\n== balance");
    let mut command = Command::new(python);
    command.arg(places.root.join("scripts/balance.py")).arg("--clusterclip").arg(clusterclip);
    run(command.arg("--cache").arg(places.cache.join("balance")).arg("--models").arg(models))
}

/// Builds the command line tool and returns its path.
fn program(places: &Places) -> Result<PathBuf> {
    build(places, &["clusterclip"])?;
    Ok(places.target.join("release").join(format!("clusterclip{EXE_SUFFIX}")))
}

/// Builds an example of a crate and returns its path.
fn example(places: &Places, package: &str, name: &str) -> Result<PathBuf> {
    build(places, &[package, "--example", name])?;
    Ok(places.target.join("release/examples").join(format!("{name}{EXE_SUFFIX}")))
}

fn build(places: &Places, package: &[&str]) -> Result<()> {
    let mut cargo = Command::new("cargo");
    run(cargo.current_dir(&places.root).args(["build", "--quiet", "--release", "--package"]).args(package))
}
