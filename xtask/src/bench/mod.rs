//! `cargo xtask bench`: the project's figures, as ratios to its peers where there are any.

mod demo;
mod divan;
mod kmeans;
mod python;
mod targets;

use std::process::Command;

use anyhow::Result;
use clap::{Args, ValueEnum};
use targets::Targets;

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

/// Measures what was named, parts before the whole, whatever becomes of the others. Returns whether everything
/// ran and no target was missed.
///
/// # Errors
/// If the summary cannot be told; what fails on the way is in it.
pub fn run_all(places: &Places, arguments: &Arguments) -> Result<bool> {
    let mut targets = Targets::default();
    for name in Name::value_variants() {
        if !arguments.names.is_empty() && !arguments.names.contains(name) {
            continue;
        }
        let measured = match name {
            Name::Sampler => divan::sampler(places, &mut targets),
            Name::Kmeans => kmeans::run_all(places, arguments.repeats, arguments.threads, &mut targets),
            Name::Lexical => divan::lexical(places, &mut targets),
            Name::Reference => reference(places),
            Name::Quality => quality(places, &mut targets),
            Name::Demo => demo::run_twice(places, arguments.input.as_deref(), &mut targets),
        };
        if let Err(error) = measured {
            targets.failed(&format!("{error:#}"));
        }
    }
    Ok(targets.finish())
}

/// The script that implements the specification again.
fn reference(places: &Places) -> Result<()> {
    let python = python::interpreter(places)?;
    let clusterclip = demo::build(places)?;
    println!("\n== reference");
    run(Command::new(python).arg(places.root.join("scripts/reference.py")).arg(clusterclip))
}

/// The scripts that compare results, not times, with scikit-learn.
fn quality(places: &Places, targets: &mut Targets) -> Result<()> {
    let python = python::interpreter(places)?;
    let clusterclip = demo::build(places)?;
    for script in ["quality.py", "kmeans_quality.py"] {
        println!("\n== quality: {script}");
        let ran = run(Command::new(&python)
            .current_dir(&places.root)
            .arg(places.root.join("scripts").join(script))
            .arg("--clusterclip")
            .arg(&clusterclip)
            .arg("--cache")
            .arg(places.cache.join("texts")));
        // It says itself which of its targets was missed; the other one runs all the same.
        if let Err(error) = ran {
            targets.failed(&format!("{error:#}"));
        }
    }
    Ok(())
}
