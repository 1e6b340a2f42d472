//! The browser side: how soon the page answers, and K-Means there beside the same rows on the CPU, natively.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::targets::Targets;
use super::{example, kmeans};
use crate::browser;
use crate::places::Places;
use crate::toolchain::{Toolchain, WASM};
use crate::vulkan;
use crate::web;

/// Seconds from navigation until the page answers, with nothing in the cache.
const INTERACTIVE: f64 = 1.0;

/// The most memory that the process of the page may hold, with 50 000 documents.
const MEBIBYTES: f64 = 2048.0;

/// What WebAssembly must reach of the native kernel of as many bits.
const OF_NATIVE: f64 = 0.7;

/// The kernel of 128 bits that every processor of this kind has.
const BITS128: &str = if cfg!(target_arch = "aarch64") { "neon" } else { "sse2" };

/// Measures the page and K-Means in a browser, then K-Means natively on the same rows, with one thread.
///
/// # Errors
/// If something cannot be built, found or run, or did another number of iterations.
pub fn run_all(places: &Places, repeats: usize, targets: &mut Targets) -> Result<()> {
    let wasm = Toolchain::find(WASM, true)?;
    web::node()?;
    let browser = browser::find()?;
    let vulkan = vulkan::find(places)?;
    web::build(places, &wasm)?;
    let native = example(places, "clusterclip-core", "kmeans_bench")?;
    let tests = places.root.join("tests/web");
    web::install(&tests)?;

    let rows = places.cache.join("bench/web.npy");
    let mut script = Command::new("node");
    script.current_dir(&tests).arg("bench.mjs").arg(&rows);
    web::lend(places, &browser, &mut script);
    vulkan.lend(&mut script);
    let told = json(&mut script)?;
    let number = |value: &Value| value.as_f64().with_context(|| format!("a figure is missing in {told}"));

    let seconds = number(&told["interactive"]["median_ms"])? / 1e3;
    println!("\n== the page in {}", browser.version);
    println!("from navigation until it answers, nothing in the cache: {seconds:.2} s (target {INTERACTIVE})");
    targets.at_most("seconds until the page answers", seconds, INTERACTIVE);
    let memory = &told["memory"];
    match memory["peak_mib"].as_f64() {
        Some(peak) => {
            println!("{} documents in it: {peak:.0} MiB at most (target {MEBIBYTES})", memory["documents"]);
            targets.at_most("mebibytes of the page", peak, MEBIBYTES);
        }
        None => println!("This system does not tell what a process held at most."),
    }

    let shape = &told["kmeans"];
    let iterations = &shape["cpu"]["iterations"];
    let natively = |kernel: Option<&str>| -> Result<(String, f64)> {
        let mut times = Vec::new();
        let mut name = String::new();
        for _ in 0..repeats.max(1) {
            let mut command = Command::new(&native);
            command.arg(&rows).args(["--threads", "1", "--k", &shape["clusters"].to_string()]);
            command.args(["--iters", &iterations.to_string()]);
            command.args(kernel.iter().flat_map(|kernel| ["--kernel", kernel]));
            let value = json(&mut command)?;
            if value["iters"] != *iterations {
                bail!("{} iterations natively, {iterations} in the browser: no comparison", value["iters"]);
            }
            value["kernel"].as_str().unwrap_or_default().clone_into(&mut name);
            times.push(1e3 * number(&value["per_iter"])?);
        }
        Ok((name, kmeans::median(&times)))
    };
    let in_browser = |device: &str| -> Result<(String, f64)> {
        let value = &shape[device];
        let name = format!("browser, {}", value["device"].as_str().unwrap_or_default());
        Ok((name, number(&value["ms_per_iteration"])?))
    };
    let (n, d, k) = (&shape["samples"], &shape["features"], &shape["clusters"]);
    println!("\n== K-Means, {n} x {d}, k {k}, {iterations} iterations, one thread; medians");
    println!("{:34} {:>9} {:>14} {:>14}", "", "ms/iter", "of best", format!("of {BITS128}"));
    let best = natively(None)?;
    let same = natively(Some(BITS128))?;
    let cpu = in_browser("cpu")?;
    for (name, time) in [&best, &same, &cpu, &in_browser("gpu")?] {
        println!("{name:34} {time:9.2} {:14.2} {:14.2}", best.1 / time, same.1 / time);
    }
    targets.at_least("speed of WebAssembly, of the native kernel of 128 bits", same.1 / cpu.1, OF_NATIVE);
    Ok(())
}

/// Runs a program that prints one JSON object.
fn json(command: &mut Command) -> Result<Value> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    let program = Path::new(command.get_program()).display().to_string();
    if !output.status.success() {
        bail!("{program} ended with {}", output.status);
    }
    let text = String::from_utf8(output.stdout)?;
    serde_json::from_str(&text).with_context(|| format!("{program} printed {text}"))
}
