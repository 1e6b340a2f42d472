//! Reading: a column of Parquet against pyarrow, and the same texts as JSON lines and CSV.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::demo::cargo_home;
use super::example;
use super::kmeans::median;
use super::targets::Targets;
use crate::places::Places;
use crate::process::{exists, run};
use crate::python::{self, FORMATS};

/// What is made, by the ending of the file.
const PARQUET: &str = "parquet";
const OTHERS: [&str; 2] = ["jsonl", "csv"];

/// What one run of a program told.
struct Told {
    rows: u64,
    bytes: u64,
    seconds: f64,
    peak: f64,
}

/// Measures pyarrow and ours on one core, in turn; `before` is another build of ours to hold it against on the formats
/// that it reads.
///
/// # Errors
/// If a program cannot be built, installed or run.
pub fn run_all(
    places: &Places,
    repeats: usize,
    megabytes: u32,
    before: Option<&Path>,
    targets: &mut Targets,
) -> Result<()> {
    let python = python::interpreter(places, &FORMATS)?;
    let ours = example(places, "clusterclip-engine", "read_bench")?;
    let made = make(places, &python, megabytes)?;
    println!("\n== read: {megabytes} MB of text, one core; medians of {} runs in turn", repeats.max(1));

    let file = made.with_extension(PARQUET);
    let (mut rows_ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..repeats.max(1) {
        let mut peer = one_core(&python);
        theirs.push(told(peer.arg(places.root.join("scripts/read_peer.py")).arg(&file))?);
        rows_ours.push(told(one_core(&ours).arg(&file))?);
    }
    let (peer, own) = (print("parquet, pyarrow", &theirs), print("parquet, clusterclip", &rows_ours));
    println!("pyarrow / clusterclip: {:.2} of the time", peer / own);
    let (first, other) = (&theirs[0], &rows_ours[0]);
    targets.hold((first.rows, first.bytes) == (other.rows, other.bytes), || {
        format!(
            "pyarrow read {} rows of {} bytes, we {} of {}",
            first.rows, first.bytes, other.rows, other.bytes
        )
    });

    for ending in OTHERS {
        let file = made.with_extension(ending);
        let (mut now, mut earlier) = (Vec::new(), Vec::new());
        for _ in 0..repeats.max(1) {
            now.push(told(one_core(&ours).arg(&file))?);
            if let Some(before) = before {
                earlier.push(told(one_core(before).arg(&file))?);
            }
        }
        let own = print(&format!("{ending}, clusterclip"), &now);
        if !earlier.is_empty() {
            let seconds = print(&format!("{ending}, the build before"), &earlier);
            println!("before / clusterclip: {:.2} of the time", seconds / own);
        }
        targets.hold(now[0].bytes == first.bytes, || {
            format!("{ending} holds {} bytes of text, Parquet {}", now[0].bytes, first.bytes)
        });
    }
    Ok(())
}

/// A program that has one core, where `taskset` can see to it: helpers of its own are then no second one.
fn one_core(program: &Path) -> Command {
    let mut command = if exists("taskset") {
        let mut command = Command::new("taskset");
        command.args(["--cpu-list", "0"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    command.env("RAYON_NUM_THREADS", "1");
    command
}

/// Runs a program and reads the object that it prints.
fn told(command: &mut Command) -> Result<Told> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        bail!("{command:?} ended with {}", output.status);
    }
    let value: Value =
        serde_json::from_slice(&output.stdout).with_context(|| format!("{command:?} prints one object"))?;
    let count =
        |key: &str| value[key].as_u64().with_context(|| format!("{command:?} told no {key}: {value}"));
    Ok(Told {
        rows: count("rows")?,
        bytes: count("bytes")?,
        seconds: value["seconds"]
            .as_f64()
            .with_context(|| format!("{command:?} told no seconds: {value}"))?,
        peak: value["peak_mib"].as_f64().unwrap_or(f64::NAN),
    })
}

/// Prints what a program's runs told; returns the median of their seconds.
fn print(name: &str, runs: &[Told]) -> f64 {
    let seconds = median(&runs.iter().map(|run| run.seconds).collect::<Vec<_>>());
    let peak = runs.iter().map(|run| run.peak).fold(f64::NAN, f64::max);
    let rate = runs[0].bytes as f64 / 1e6 / seconds;
    println!("{name:24} {seconds:8.3} s {rate:8.0} MB of text a second, peak memory {peak:.0} MiB");
    seconds
}

/// Makes the files, or finds them in the cache; returns their path without an ending.
fn make(places: &Places, python: &Path, megabytes: u32) -> Result<PathBuf> {
    let folder = places.cache.join("bench");
    std::fs::create_dir_all(&folder)?;
    let made = folder.join(format!("read-{megabytes}"));
    // The Parquet file is written last.
    if !made.with_extension(PARQUET).exists() {
        let sources = cargo_home().context("no cargo home: set CARGO_HOME")?.join("registry/src");
        run(Command::new(python)
            .arg(places.root.join("scripts/read_corpus.py"))
            .arg(sources)
            .arg(&made)
            .args(["--megabytes", &megabytes.to_string()]))?;
    }
    Ok(made)
}
