//! Reading: a column of Parquet against pyarrow, and the same texts as JSON lines and CSV.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::demo::{Measured, cargo_home, measure};
use super::example;
use super::kmeans::median;
use super::targets::Targets;
use crate::places::Places;
use crate::process::run;
use crate::python::{self, FORMATS};

/// What is made, by the ending of the file.
const PARQUET: &str = "parquet";
const OTHERS: [&str; 2] = ["jsonl", "csv"];

/// What one run of a program told, and the most memory that it held, in MiB.
struct Told {
    documents: u64,
    bytes: u64,
    seconds: f64,
    peak: Option<f64>,
}

/// Measures pyarrow and ours on one thread, in turn; `before` is another build of ours to hold it against on the formats
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
    println!("\n== read: {megabytes} MB of text, one thread; medians of {} runs in turn", repeats.max(1));

    let file = made.with_extension(PARQUET);
    let (mut own, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..repeats.max(1) {
        let mut peer = Command::new(&python);
        theirs.push(told(peer.arg(places.root.join("scripts/read_peer.py")).arg(&file))?);
        own.push(told(Command::new(&ours).arg(&file))?);
    }
    let (peer, seconds) = (print("parquet, pyarrow", &theirs), print("parquet, clusterclip", &own));
    println!("pyarrow / clusterclip: {:.2} of the time", peer / seconds);
    let (first, other) = (&theirs[0], &own[0]);
    targets.hold((first.documents, first.bytes) == (other.documents, other.bytes), || {
        let (ours, theirs) = (other.documents, first.documents);
        format!("{theirs} texts of {} bytes by pyarrow, {ours} of {} by us", first.bytes, other.bytes)
    });

    for ending in OTHERS {
        let file = made.with_extension(ending);
        let (mut now, mut earlier) = (Vec::new(), Vec::new());
        for _ in 0..repeats.max(1) {
            now.push(told(Command::new(&ours).arg(&file))?);
            if let Some(before) = before {
                earlier.push(told(Command::new(before).arg(&file))?);
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

/// Runs a program that prints one object.
fn told(command: &mut Command) -> Result<Told> {
    let Measured { peak, told, .. } = measure(command)?;
    let missing = |key: &str| format!("{command:?} told no {key}: {told}");
    let count = |key: &str| told[key].as_u64().with_context(|| missing(key));
    let seconds = told["seconds"].as_f64().with_context(|| missing("seconds"))?;
    Ok(Told { documents: count("documents")?, bytes: count("bytes")?, seconds, peak })
}

/// Prints what a program's runs told; returns the median of their seconds.
fn print(name: &str, runs: &[Told]) -> f64 {
    let seconds = median(&runs.iter().map(|run| run.seconds).collect::<Vec<_>>());
    let peak = runs.iter().filter_map(|run| run.peak).fold(f64::NAN, f64::max);
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
