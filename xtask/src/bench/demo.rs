//! The main job on real input: time, peak memory, and what the second run reuses.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::places::Places;
use crate::process::run;

/// Often enough to see the peak that the system keeps for us; it is a maximum already.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Builds the command line tool and returns its path.
///
/// # Errors
/// If it cannot be built.
pub fn build(places: &Places) -> Result<PathBuf> {
    run(Command::new("cargo").current_dir(&places.root).args([
        "build",
        "--quiet",
        "--release",
        "--package",
        "clusterclip",
    ]))?;
    Ok(places.target.join("release").join(format!("clusterclip{}", std::env::consts::EXE_SUFFIX)))
}

/// Runs `clusterclip run` twice on `input`, by default the sources of the crates that built it.
///
/// # Errors
/// If it cannot be built or fails.
pub fn run_twice(places: &Places, input: Option<&Path>) -> Result<()> {
    let clusterclip = build(places)?;
    let input = match input {
        Some(input) => input.to_owned(),
        None => cargo_home().context("no cargo home: name a folder with --input")?.join("registry/src"),
    };
    let out = places.cache.join("bench/demo");
    if out.exists() {
        std::fs::remove_dir_all(&out)?;
    }
    println!("\n== demo: clusterclip run {}", input.display());
    for title in ["first run", "second run, which reuses every stage"] {
        let (time, peak) = measure(Command::new(&clusterclip).arg("run").arg(&input).arg("--out").arg(&out))?;
        let peak = peak
            .map_or("peak memory unknown on this system".into(), |kib| format!("peak {} MiB", kib / 1024));
        println!("{title}: {:.1} s, {peak} (targets for up to 300 MB: 60 s, 1536 MiB)", time.as_secs_f64());
    }
    Ok(())
}

/// Runs a command and returns its time and, where `/proc` tells, its peak memory in KiB.
fn measure(command: &mut Command) -> Result<(Duration, Option<u64>)> {
    let start = Instant::now();
    let mut child = command.stdin(Stdio::null()).spawn()?;
    let status_file = PathBuf::from(format!("/proc/{}/status", child.id()));
    let mut peak = None;
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
    if !status.success() {
        bail!("{command:?} ended with {status}");
    }
    Ok((start.elapsed(), peak))
}

fn cargo_home() -> Option<PathBuf> {
    std::env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(std::env::home_dir()?.join(".cargo")))
}
