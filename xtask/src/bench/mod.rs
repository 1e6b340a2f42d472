//! `cargo xtask bench`: the project's figures, as ratios to its peers where there are any.

mod demo;
mod kmeans;
mod python;

use std::process::Command;

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::places::Places;
use crate::process::run;

/// What is measured.
#[derive(Args)]
pub struct Arguments {
    /// What to measure; nothing named: everything
    #[arg(value_enum)]
    names: Vec<Name>,
    /// K-Means: how often each program runs, in turn with the others; the median counts
    #[arg(long, default_value_t = 3)]
    repeats: usize,
    /// Threads for both sides
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Demo: the folder to read (default: the sources of the crates this workspace is built from)
    #[arg(long, value_name = "DIR")]
    input: Option<std::path::PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Name {
    /// Draws a second and the time of `at`
    Sampler,
    /// Time an iteration against faiss, scikit-learn and SuperKMeans
    Kmeans,
    /// Megabytes of text a second
    Lexical,
    /// The program against a separate implementation of core/SPEC.md, on random cases
    Reference,
    /// Agreement with labels and inertia against scikit-learn, on labelled real text (fetched)
    Quality,
    /// `clusterclip run` on a folder of sources: time, peak memory, reuse
    Demo,
}

/// Measures what was named, parts before the whole.
///
/// # Errors
/// If a benchmark cannot be built or run.
pub fn run_all(places: &Places, arguments: &Arguments) -> Result<()> {
    for name in Name::value_variants() {
        if !arguments.names.is_empty() && !arguments.names.contains(name) {
            continue;
        }
        match name {
            Name::Sampler => divan(places, "sampler")?,
            Name::Kmeans => kmeans::run_all(places, arguments.repeats, arguments.threads)?,
            Name::Lexical => divan(places, "lexical")?,
            Name::Reference => reference(places)?,
            Name::Quality => quality(places)?,
            Name::Demo => demo::run_twice(places, arguments.input.as_deref())?,
        }
    }
    Ok(())
}

/// One of the core's own benchmarks.
fn divan(places: &Places, name: &str) -> Result<()> {
    println!("\n== {name}");
    run(Command::new("cargo").current_dir(&places.root).args([
        "bench",
        "--quiet",
        "--package",
        "clusterclip-core",
        "--bench",
        name,
    ]))
}

/// The script that implements the specification again.
fn reference(places: &Places) -> Result<()> {
    let python = python::interpreter(places)?;
    let clusterclip = demo::build(places)?;
    println!("\n== reference");
    run(Command::new(python).arg(places.root.join("scripts/reference.py")).arg(clusterclip))
}

/// The scripts that compare results, not times, with scikit-learn.
fn quality(places: &Places) -> Result<()> {
    let python = python::interpreter(places)?;
    let clusterclip = demo::build(places)?;
    for script in ["quality.py", "kmeans_quality.py"] {
        println!("\n== quality: {script}");
        run(Command::new(&python)
            .current_dir(&places.root)
            .arg(places.root.join("scripts").join(script))
            .arg("--clusterclip")
            .arg(&clusterclip)
            .arg("--cache")
            .arg(places.cache.join("texts")))?;
    }
    Ok(())
}
