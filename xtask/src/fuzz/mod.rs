//! `cargo xtask fuzz`: every reader on changed files, guided by the code that they reach (`tests/fuzz`).

mod told;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;

use self::told::Told;
use crate::places::Places;
use crate::process::{output, run};

const PACKAGE: &str = "clusterclip-fuzz";

/// Has LLVM count which code runs and what is compared. The pass is a part of every stable compiler.
const COUNTERS: [&str; 5] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=3",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];

/// What no case may do: take longer (in seconds), or make the process larger (in MiB). The bound on what the reader
/// allocates is the program's own; here is room for the rest of the process.
const LIMITS: [&str; 2] = ["-timeout=10", "-rss_limit_mb=1600"];

/// The longest file, in bytes.
const LONGEST: &str = "-max_len=65536";

/// After so many failures a target is left, as what follows is mostly the same.
const FAILURES: usize = 8;

/// What is tried, and for how long.
#[derive(Args)]
pub struct Arguments {
    /// Seconds for each target
    #[arg(long, value_name = "N", default_value_t = 60)]
    seconds: u64,
    /// Cases for each target, if they are done before the seconds are over
    #[arg(long, value_name = "N")]
    cases: Option<u64>,
    /// A target, or several; without, all of them
    #[arg(long = "target", value_name = "NAME")]
    targets: Vec<String>,
    /// The seed; what was found before also decides what is tried
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u32,
}

/// Builds the program, runs target after target, and prints a line for each. Returns whether none failed.
///
/// # Errors
/// If the program cannot be built or run, or a target is not known.
pub fn run_all(places: &Places, arguments: &Arguments) -> Result<bool> {
    let program = build(places)?;
    let listed = output(&mut Command::new(&program)).context("the program lists its targets")?;
    let known: Vec<&str> = listed.lines().collect();
    if let Some(unknown) = arguments.targets.iter().find(|name| !known.contains(&name.as_str())) {
        bail!("no target {unknown}; there are {}", known.join(", "));
    }
    let chosen =
        |name: &&&str| arguments.targets.is_empty() || arguments.targets.iter().any(|one| one == **name);
    let mut sum = Told::default();
    let mut failed = Vec::new();
    println!("{}", Told::HEAD);
    for name in known.iter().filter(chosen) {
        let (told, files) = try_target(places, &program, name, arguments)?;
        println!("{}", told.line(name, files.len()));
        sum.add(&told);
        failed.extend(files);
    }
    println!("{}", sum.line("all", failed.len()));
    for file in &failed {
        println!("failed: {}", file.display());
    }
    Ok(failed.is_empty())
}

/// Builds the program, with counters, in a target folder of its own.
fn build(places: &Places) -> Result<PathBuf> {
    let version = output(Command::new("rustc").arg("-vV")).context("rustc -vV")?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
    let target = places.target.join("fuzz");
    // With a target named, even if it is this machine, the flags are not those of build scripts, which would not link.
    run(Command::new("cargo")
        .current_dir(&places.root)
        .args(["build", "--package", PACKAGE, "--features", "guided", "--bin", PACKAGE])
        .args(["--profile", "fuzz", "--target", host])
        .env("CARGO_TARGET_DIR", &target)
        .env("RUSTFLAGS", COUNTERS.join(" ")))?;
    Ok(target.join(host).join("fuzz").join(format!("{PACKAGE}{}", std::env::consts::EXE_SUFFIX)))
}

/// Runs a target until its time or its cases are over, however often it fails; gives the files on which it did.
fn try_target(
    places: &Places,
    program: &Path,
    name: &str,
    arguments: &Arguments,
) -> Result<(Told, Vec<PathBuf>)> {
    let folder = |path: PathBuf| {
        fs::create_dir_all(&path).with_context(|| path.display().to_string())?;
        anyhow::Ok(path)
    };
    // What reached new code is kept between runs, and between clones.
    let found = folder(places.cache.join("fuzz").join(name))?;
    let files = places.target.join("fuzz/files").join(name);
    if files.exists() {
        fs::remove_dir_all(&files)?;
    }
    let files = folder(files)?;
    let failed = folder(places.target.join("fuzz/failed").join(name))?;
    let log = places.target.join("fuzz/failed").join(format!("{name}.log"));
    let (begun, before) = (Instant::now(), list(&failed)?);
    let (mut sum, mut seed) = (Told::default(), arguments.seed);
    loop {
        let left = Duration::from_secs(arguments.seconds).saturating_sub(begun.elapsed());
        let runs = arguments.cases.map(|cases| cases.saturating_sub(sum.cases));
        let mut command = Command::new(program);
        command
            .env("CLUSTERCLIP_FUZZ_TARGET", name)
            .env("CLUSTERCLIP_FUZZ_FILES", &files)
            // One thread reaches the same code in the same order each time.
            .env("RAYON_NUM_THREADS", "1")
            .args(LIMITS)
            .arg(LONGEST)
            .arg(format!("-max_total_time={}", left.as_secs().max(1)))
            .arg(format!("-seed={seed}"))
            .arg(format!("-artifact_prefix={}/", failed.display()))
            .args(["-print_final_stats=1", "-verbosity=1"])
            .args(runs.map(|runs| format!("-runs={runs}")))
            .args([&found, &files]);
        let out = File::create(&log).with_context(|| log.display().to_string())?;
        let status = command.stdin(Stdio::null()).stdout(out.try_clone()?).stderr(out).status()?;
        let told = Told::of(&fs::read(&log)?);
        ensure!(told.cases > 0 || status.success(), "{name} did not begin: see {}", log.display());
        sum.add(&told);
        sum.seconds = begun.elapsed().as_secs_f64();
        let new: Vec<PathBuf> = list(&failed)?.into_iter().filter(|file| !before.contains(file)).collect();
        let over = begun.elapsed().as_secs() >= arguments.seconds
            || arguments.cases.is_some_and(|cases| sum.cases >= cases)
            || new.len() >= FAILURES;
        if status.success() || over {
            return Ok((sum, new));
        }
        seed += 1;
    }
}

fn list(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    files.sort();
    Ok(files)
}
