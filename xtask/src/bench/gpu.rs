//! The shaders: every plan of assign beside a naive kernel, on the same made-up rows and the same adapter.
//!
//! shaders/examples/gpu_bench.rs measures, and tells one JSON object a line: `adapter`, `software`, `plan` (`naive`
//! for that kernel), `chosen` (by the device, which took `choosing_seconds`), `iteration` (`first`: every row moves;
//! `still`: none does), `seconds` as the host sees it, `products_per_second`, `share_of_peak` or null, `stages`
//! (seconds of each by the device's clock; empty without one), `dispatches`, `submissions`, `waits`, `bytes_up`,
//! `bytes_down`.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::kmeans::median;
use super::targets::Targets;
use crate::places::Places;
use crate::process::run;
use crate::vulkan;

/// How many times as fast as the naive kernel the chosen plan must be on a software adapter.
const TIMES_NAIVE: f64 = 4.0;
/// How much of an iteration may pass outside of assign.
const OUTSIDE: f64 = 0.15;

const NAIVE: &str = "naive";
const STILL: &str = "still";

/// Rows, columns and clusters: what a software adapter does in about a second, and what a GPU does in one.
const SOFTWARE: [[usize; 3]; 2] = [[20_000, 384, 256], [8_192, 768, 1000]];
const HARDWARE: [[usize; 3]; 2] = [[100_000, 768, 1000], [1_000_000, 384, 1000]];

/// What was told of one plan in one kind of iteration, once a run.
struct Runs {
    plan: String,
    /// Which rows moved: `first`, all; `still`, none.
    iteration: String,
    /// Whether the device chose the plan itself.
    chosen: bool,
    told: Vec<Value>,
}

/// Runs the example of the shaders at both sizes and holds its figures against the targets.
///
/// # Errors
/// If it cannot be built, finds no adapter, or tells something else than expected.
pub fn run_all(places: &Places, repeats: usize, adapter: Option<&str>, targets: &mut Targets) -> Result<()> {
    let vulkan = vulkan::find(places)?;
    let program = build(places)?;
    let measure = |size: [usize; 3], plan: &str| {
        let mut command = Command::new(&program);
        command.args(size.map(|number| number.to_string())).args([plan, "--json"]);
        command.args(adapter.iter().flat_map(|name| ["--adapter", name]));
        vulkan.lend(&mut command);
        objects(&mut command)
    };
    // The smallest of all sizes tells what the adapter is.
    let first = measure(SOFTWARE[0], NAIVE)?;
    let told = first.first().context("the example told nothing")?;
    let is_software = told["software"].as_bool().with_context(|| format!("hardware or software? {told}"))?;
    for size in if is_software { SOFTWARE } else { HARDWARE } {
        let mut all = Vec::new();
        for _ in 0..repeats.max(1) {
            measure(size, "all")?.into_iter().try_for_each(|object| note(&mut all, object))?;
        }
        let [n, d, k] = size;
        let size = format!("{n} x {d}, k {k}");
        println!("\n== K-Means on {}, {size}: medians of {} runs", told["adapter"], repeats.max(1));
        report(&size, &all, is_software, targets)?;
    }
    Ok(())
}

/// Builds the example and returns its path.
fn build(places: &Places) -> Result<PathBuf> {
    run(Command::new("cargo").current_dir(&places.root).args([
        "build",
        "--quiet",
        "--release",
        "--package",
        "clusterclip-shaders",
        "--example",
        "gpu_bench",
    ]))?;
    Ok(places.target.join("release/examples").join(format!("gpu_bench{}", std::env::consts::EXE_SUFFIX)))
}

/// Runs the example and reads its output, one JSON object a line.
fn objects(command: &mut Command) -> Result<Vec<Value>> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        bail!("{command:?} ended with {}", output.status);
    }
    let text = String::from_utf8(output.stdout)?;
    let read = |line| serde_json::from_str(line).with_context(|| format!("{command:?} printed {line}"));
    text.lines().map(read).collect()
}

fn note(all: &mut Vec<Runs>, told: Value) -> Result<()> {
    let text = |key: &str| told[key].as_str().map(str::to_owned).with_context(|| format!("no {key}: {told}"));
    let (plan, iteration) = (text("plan")?, text("iteration")?);
    let chosen = told["chosen"].as_bool().unwrap_or(false);
    let same = |runs: &&mut Runs| (&runs.plan, &runs.iteration, runs.chosen) == (&plan, &iteration, chosen);
    match all.iter_mut().find(same) {
        Some(runs) => runs.told.push(told),
        None => all.push(Runs { plan, iteration, chosen, told: vec![told] }),
    }
    Ok(())
}

impl Runs {
    /// The median of a figure; none where it is not known.
    fn figure(&self, figure: impl Fn(&Value) -> Option<f64>) -> Option<f64> {
        let figures: Option<Vec<f64>> = self.told.iter().map(figure).collect();
        figures.map(|figures| median(&figures))
    }

    fn number(&self, key: &str) -> Result<f64> {
        self.figure(|told| told[key].as_f64()).with_context(|| format!("{} told no {key}", self.plan))
    }

    /// Names of the stages that ran, and the seconds of each.
    fn stages(&self) -> Vec<(&str, f64)> {
        let stages = self.told[0]["stages"].as_object().into_iter().flatten();
        stages
            .filter_map(|(name, _)| Some((name.as_str(), self.figure(|told| told["stages"][name].as_f64())?)))
            .collect()
    }

    /// The share of an iteration that passes outside of assign.
    fn outside(&self) -> Option<f64> {
        self.figure(|told| {
            let seconds = told["stages"].as_object()?.iter().filter(|stage| stage.0.starts_with("assign"));
            let assign: f64 = seconds.map(|stage| stage.1.as_f64()).sum::<Option<f64>>()?;
            (assign > 0.0).then_some(1.0 - assign / told["seconds"].as_f64()?)
        })
    }
}

/// Prints the figures of one size and holds the chosen plan's against the targets.
fn report(size: &str, all: &[Runs], is_software: bool, targets: &mut Targets) -> Result<()> {
    let naive = all.iter().find(|runs| runs.plan == NAIVE).context("no naive kernel was measured")?;
    let naive_seconds = naive.number("seconds")?;
    println!(
        "{:28} {:6} {:>9} {:>9} {:>8} {:>7} {:>8} {:>8} {:>8} {:>5} {:>5} {:>5}",
        "plan",
        "rows",
        "ms",
        "G int/s",
        "of peak",
        "naive x",
        "outside",
        "MB up",
        "MB down",
        "disp.",
        "subm.",
        "waits"
    );
    let percent = |share: Option<f64>| share.map_or("?".into(), |share| format!("{:.1} %", 100.0 * share));
    for runs in all {
        let Runs { plan, iteration, chosen, .. } = runs;
        println!(
            "{:28} {iteration:6} {:9.2} {:9.2} {:>8} {:7.2} {:>8} {:8.3} {:8.3} {:5} {:5} {:5}",
            format!("{plan}{}", if *chosen { " (chosen)" } else { "" }),
            1e3 * runs.number("seconds")?,
            2e-9 * runs.number("products_per_second")?,
            percent(runs.figure(|told| told["share_of_peak"].as_f64())),
            naive_seconds / runs.number("seconds")?,
            percent(runs.outside()),
            1e-6 * runs.number("bytes_up")?,
            1e-6 * runs.number("bytes_down")?,
            runs.number("dispatches")?,
            runs.number("submissions")?,
            runs.number("waits")?,
        );
        let stages: Vec<String> =
            runs.stages().iter().map(|(name, seconds)| format!("{name} {:.3}", 1e3 * seconds)).collect();
        if !stages.is_empty() {
            println!("{:28} ms: {}", "", stages.join(", "));
        }
    }
    let chosen: Vec<&Runs> = all.iter().filter(|runs| runs.chosen).collect();
    let first = chosen.first().context("the device chose no plan")?;
    println!(
        "chosen by the device's own timing: {}, in {:.2} s",
        first.plan,
        first.number("choosing_seconds")?
    );
    for runs in chosen {
        let what = |figure: &str| format!("{size}, {}, {} rows: {figure}", runs.plan, runs.iteration);
        // The naive kernel only labels rows, so it is compared with an iteration in which no sums are to be made.
        if is_software && runs.iteration == STILL {
            let times = naive_seconds / runs.number("seconds")?;
            targets.at_least(&what("times as fast as the naive kernel"), times, TIMES_NAIVE);
        }
        match runs.outside() {
            Some(share) => targets.at_most(&what("share of the time outside of assign"), share, OUTSIDE),
            None => println!("This device has no clock: what passes outside of assign is not known."),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn figures_are_medians_of_the_runs_of_one_plan_and_what_is_outside_of_assign_is_the_rest() {
        let mut all = Vec::new();
        for (chosen, seconds) in [(false, 9.0), (true, 4.0), (true, 2.0), (true, 3.0)] {
            let stages = json!({ "assign_float": 0.9 * seconds, "gather": 0.1 });
            let told = json!({
                "plan": "float", "iteration": "still", "chosen": chosen, "seconds": seconds, "stages": stages,
            });
            note(&mut all, told).unwrap();
        }
        assert_eq!(all.len(), 2, "a plan that was asked for and the same one chosen are told apart");
        assert_eq!(all[1].number("seconds").unwrap(), 3.0);
        assert!((all[1].outside().unwrap() - 0.1).abs() < 1e-9);
        assert!((all[1].stages()[0].1 - 2.7).abs() < 1e-9);
        assert!(all[1].number("waits").is_err());
        assert!(note(&mut all, json!({ "plan": "float" })).is_err());
        note(&mut all, json!({ "plan": "naive", "iteration": "first", "seconds": 1.0, "stages": {} }))
            .unwrap();
        assert_eq!(all[2].outside(), None, "without a clock it is not known");
    }
}
