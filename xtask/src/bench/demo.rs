//! The main job on real input: time, peak memory, and what the second run reuses.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::program;
use super::targets::Targets;
use crate::places::Places;

/// Often enough to see the peak that the system keeps for us; it is a maximum already.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// What the main job may take on up to [`UP_TO`] bytes of files.
const SECONDS: f64 = 60.0;
const MEBIBYTES: f64 = 1536.0;
const UP_TO: u64 = 300_000_000;

/// Runs `clusterclip run` twice on `input`, by default the sources of the crates that built it: the first must
/// make every stage, the second none.
///
/// # Errors
/// If it cannot be built or fails.
pub fn run_twice(places: &Places, input: Option<&Path>, targets: &mut Targets) -> Result<()> {
    let clusterclip = program(places)?;
    let input = match input {
        Some(input) => input.to_owned(),
        None => cargo_home().context("no cargo home: name a folder with --input")?.join("registry/src"),
    };
    let out = places.cache.join("bench/demo");
    if out.exists() {
        std::fs::remove_dir_all(&out)?;
    }
    let bytes = size(&input)?;
    let small = bytes <= UP_TO;
    println!("\n== demo: clusterclip run {} ({} MB)", input.display(), bytes / 1_000_000);
    for (title, reused) in [("first run", false), ("second run, which reuses every stage", true)] {
        let mut command = Command::new(&clusterclip);
        command.arg("run").arg(&input).arg("--json").arg("--out").arg(&out);
        let Measured { seconds, peak, told } = measure(&mut command)?;
        let memory = peak.map_or("peak memory unknown on this system".into(), |mebibytes| {
            format!("peak {mebibytes:.0} MiB")
        });
        println!(
            "{title}: {seconds:.1} s, {memory} (targets for up to 300 MB: {SECONDS} s, {MEBIBYTES} MiB)"
        );
        let stages = stages(&told)?;
        println!("   stages reused: {stages:?}");
        targets.hold(stages.len() == 3 && stages.iter().all(|stage| stage.1 == reused), || {
            format!("demo, {title}: stages and whether they were reused: {stages:?}")
        });
        if small {
            targets.at_most(&format!("seconds of the demo, {title}"), seconds, SECONDS);
            if let Some(peak) = peak {
                targets.at_most(&format!("MiB of the demo, {title}"), peak, MEBIBYTES);
            }
        }
    }
    Ok(())
}

/// Bytes of all files under `path`; symbolic links are not followed, as by the program.
pub(super) fn size(path: &Path) -> Result<u64> {
    let found = std::fs::symlink_metadata(path).with_context(|| format!("cannot read {}", path.display()))?;
    if !found.is_dir() {
        return Ok(if found.is_file() { found.len() } else { 0 });
    }
    std::fs::read_dir(path)?.map(|entry| size(&entry?.path())).sum()
}

/// The stages that a report tells of, and whether each was there already.
fn stages(told: &Value) -> Result<Vec<(String, bool)>> {
    let stages = told["stages"].as_array().context("the report names no stages")?;
    let stage = |stage: &Value| Some((stage["stage"].as_str()?.to_owned(), stage["reused"].as_bool()?));
    stages.iter().map(|value| stage(value).with_context(|| format!("no stage: {value}"))).collect()
}

/// What a run took, and its report.
pub(super) struct Measured {
    pub(super) seconds: f64,
    /// Peak memory in MiB, where `/proc` tells it.
    pub(super) peak: Option<f64>,
    pub(super) told: Value,
}

/// Runs a command that prints one JSON object.
pub(super) fn measure(command: &mut Command) -> Result<Measured> {
    let start = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let status_file = PathBuf::from(format!("/proc/{}/status", child.id()));
    let mut peak: Option<u64> = None;
    let status = loop {
        // The last look may come too late for a peak in the last moments; the stages before hold more.
        if let Ok(text) = std::fs::read_to_string(&status_file) {
            let kib = text
                .lines()
                .find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse().ok());
            peak = peak.max(kib);
        }
        if let Some(status) = child.try_wait()? {
            break status;
        }
        std::thread::sleep(LOOK_EVERY);
    };
    let seconds = start.elapsed().as_secs_f64();
    if !status.success() {
        bail!("{command:?} ended with {status}");
    }
    // The report is a few kilobytes: it fits the pipe, so nobody had to read it before the end.
    let mut told = String::new();
    child.stdout.take().context("the output was piped")?.read_to_string(&mut told)?;
    let told = serde_json::from_str(&told).with_context(|| format!("{command:?} printed {told}"))?;
    Ok(Measured { seconds, peak: peak.map(|kib| kib as f64 / 1024.0), told })
}

pub(super) fn cargo_home() -> Option<PathBuf> {
    std::env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(std::env::home_dir()?.join(".cargo")))
}
