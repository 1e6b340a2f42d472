//! K-Means against its peers: the same rows, threads and number of iterations, in turn, and the same
//! initial rows for those who take any.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::example;
use super::targets::Targets;
use crate::places::Places;
use crate::process::run;
use crate::python;

const PEERS: [&str; 4] = ["faiss", "sklearn", "superkmeans", BYTES];

/// SuperKMeans on byte rows: reported separately. At 100 000 rows it spends once in every fit, in its first iteration
/// or beside it, as long as in some fifty iterations, which no figure an iteration says.
const BYTES: &str = "superkmeans-sq8";
const OURS: &str = "clusterclip";

/// One size at which everyone runs.
struct Size {
    n: usize,
    d: usize,
    k: usize,
    iters: usize,
}

/// Enough iterations that single ones do not decide, few enough that nobody converges before the end.
const SIZES: [Size; 2] =
    [Size { n: 50_000, d: 384, k: 256, iters: 20 }, Size { n: 100_000, d: 768, k: 1000, iters: 15 }];

/// What everyone is held to: the peers' `--isa` and our `--kernel`.
const HELD: [(&str, Option<&str>); 2] = [("best", None), ("avx2", Some("avx2"))];

/// How many times as fast as the best peer an iteration must be with the kernel that ran; none where nothing
/// was promised.
fn target(kernel: &str) -> Option<f64> {
    match kernel {
        "avx512vnni" | "avxvnni" => Some(3.0),
        "avx2" => Some(1.5),
        _ => None,
    }
}

/// The figures of one program, one entry a repeat.
struct Runs {
    name: &'static str,
    per_iter: Vec<f64>,
    whole: Vec<f64>,
    inertia: f64,
    kernel: String,
}

/// Runs everyone at every size, on the best instructions there are and held to AVX2.
///
/// # Errors
/// If a program cannot be built, installed or run, or did not do all its iterations.
pub fn run_all(places: &Places, repeats: usize, threads: usize, targets: &mut Targets) -> Result<()> {
    let python = python::interpreter(places, &python::PEERS)?;
    let ours = example(places, "clusterclip-core", "kmeans_bench")?;
    for size in &SIZES {
        let (rows, init) = make_rows(places, &python, size)?;
        for (isa, kernel) in HELD {
            if isa == "avx2" && !has_avx2() {
                println!("\nThis processor has no AVX2: not compared there.");
                continue;
            }
            let mut all: Vec<Runs> = Vec::new();
            for _ in 0..repeats.max(1) {
                for name in std::iter::once(OURS).chain(PEERS) {
                    let mut command;
                    if name == OURS {
                        command = Command::new(&ours);
                        command.arg(&rows).args(["--k", &size.k.to_string()]);
                        command.args(kernel.iter().flat_map(|kernel| ["--kernel", kernel]));
                    } else {
                        command = Command::new(&python);
                        command
                            .arg(places.root.join("scripts/peers.py"))
                            .arg(name)
                            .arg(&rows)
                            .args(["--isa", isa]);
                    }
                    command.arg("--init").arg(&init).args(["--iters", &size.iters.to_string()]);
                    command.args(["--threads", &threads.to_string()]);
                    note(&mut all, name, &figures(&mut command, size)?)?;
                }
            }
            print_table(size, isa, threads, &all, targets);
        }
    }
    Ok(())
}

/// Runs one program and reads its one line of JSON.
fn figures(command: &mut Command, size: &Size) -> Result<Value> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        bail!("{command:?} ended with {}", output.status);
    }
    let line = String::from_utf8(output.stdout)?;
    let value: Value =
        serde_json::from_str(line.trim()).with_context(|| format!("{command:?} printed {line}"))?;
    let done = &value["iters"];
    if *done != size.iters {
        bail!("{command:?} did {done} of {} iterations: no comparison", size.iters);
    }
    Ok(value)
}

fn note(all: &mut Vec<Runs>, name: &'static str, value: &Value) -> Result<()> {
    let number = |key: &str| value[key].as_f64().with_context(|| format!("{name} told no {key}: {value}"));
    let place = all.iter().position(|runs| runs.name == name).unwrap_or_else(|| {
        let kernel = value["kernel"].as_str().or(value["openblas"].as_str()).unwrap_or("").to_owned();
        all.push(Runs { name, per_iter: Vec::new(), whole: Vec::new(), inertia: 0.0, kernel });
        all.len() - 1
    });
    all[place].per_iter.push(number("per_iter")?);
    all[place].whole.push(number("seconds")?);
    all[place].inertia = number("inertia")?;
    Ok(())
}

fn print_table(size: &Size, isa: &str, threads: usize, all: &[Runs], targets: &mut Targets) {
    let Size { n, d, k, iters } = size;
    println!("\n== K-Means, {n} x {d}, k {k}, {iters} iterations, {threads} threads, instructions: {isa}");
    println!("{:16} {:>10} {:>8} {:>9} {:>8} {:>9}", "", "ms/iter", "ratio", "whole s", "ratio", "inertia");
    let ours = &all[0];
    for runs in all {
        println!(
            "{:16} {:10.2} {:8.2} {:9.3} {:8.2} {:9.5}  {}",
            runs.name,
            median(&runs.per_iter) * 1e3,
            median(&runs.per_iter) / median(&ours.per_iter),
            median(&runs.whole),
            median(&runs.whole) / median(&ours.whole),
            runs.inertia,
            runs.kernel,
        );
    }
    let best = |bytes: bool, figure: fn(&Runs) -> &Vec<f64>| {
        let peers = all[1..].iter().filter(|runs| (runs.name == BYTES) == bytes);
        peers.map(|runs| median(figure(runs))).fold(f64::INFINITY, f64::min) / median(figure(ours))
    };
    let ratio = best(false, |runs| &runs.per_iter);
    let target = target(&ours.kernel);
    println!(
        "best peer on f32 rows / {OURS}: {ratio:.2} an iteration ({}), {:.2} for the whole fit; medians of {} runs",
        target.map_or("no target".into(), |target| format!("target {target}")),
        best(false, |runs| &runs.whole),
        ours.per_iter.len(),
    );
    println!(
        "{BYTES} / {OURS}: {:.2} an iteration, {:.2} for the whole fit",
        best(true, |runs| &runs.per_iter),
        best(true, |runs| &runs.whole),
    );
    if let Some(target) = target {
        let what =
            format!("K-Means {n} x {d}, k {k}, kernel {}: times as fast as the best peer", ours.kernel);
        targets.at_least(&what, ratio, target);
    }
}

/// The middle value, or the mean of the two in the middle.
pub(super) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[middle] } else { (sorted[middle - 1] + sorted[middle]) / 2.0 }
}

/// Makes the rows and initial rows of one size, or finds them in the cache.
fn make_rows(places: &Places, python: &Path, size: &Size) -> Result<(PathBuf, PathBuf)> {
    let folder = places.cache.join("bench");
    std::fs::create_dir_all(&folder)?;
    let Size { n, d, k, .. } = size;
    let rows = folder.join(format!("rows-{n}-{d}-{k}.npy"));
    let init = folder.join(format!("init-{n}-{d}-{k}.npy"));
    // The initial rows are written last: they are there only when both are whole.
    if !init.exists() {
        run(Command::new(python)
            .arg(places.root.join("scripts/make_embeddings.py"))
            .arg(&rows)
            .args(["--rows", &n.to_string(), "--features", &d.to_string(), "--topics", &k.to_string()])
            .arg("--init")
            .arg(&init))?;
    }
    Ok((rows, init))
}

#[cfg(target_arch = "x86_64")]
fn has_avx2() -> bool {
    is_x86_feature_detected!("avx2")
}

#[cfg(not(target_arch = "x86_64"))]
fn has_avx2() -> bool {
    false
}
