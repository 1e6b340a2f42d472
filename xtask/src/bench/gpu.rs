//! The shaders: every plan of assign beside a naive kernel, on the same made-up rows and the same adapter.
//!
//! shaders/examples/gpu_bench.rs measures and says there what it tells. Every plan does three iterations: in the
//! `first` every row moves; from then on none does, which the `still` one knows already, as late in a run.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::example;
use super::kmeans::median;
use super::targets::Targets;
use crate::places::Places;
use crate::vulkan;

/// How many times as fast as the naive kernel the chosen plan must be on a software adapter.
const TIMES_NAIVE: f64 = 4.0;
/// How much of an iteration may pass outside of assign, with rows and clusters of a size that needs a GPU.
const OUTSIDE: f64 = 0.15;

/// How the names of kernels begin that only label rows, one an invocation.
const NAIVE: &str = "naive";
const STILL: &str = "still";

/// Rows, columns and clusters: what a software adapter does in about a second, and what a GPU does in one.
const SOFTWARE: [[usize; 3]; 2] = [[20_000, 384, 256], [8_192, 768, 1000]];
const HARDWARE: [[usize; 3]; 2] = [[100_000, 768, 1000], [1_000_000, 384, 1000]];

/// What was told of one plan in one of its iterations, once a run.
struct Runs {
    plan: String,
    round: String,
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
    let program = example(places, "clusterclip-shaders", "gpu_bench")?;
    let measure = |size: [usize; 3], plan: &str| {
        let mut command = Command::new(&program);
        command.args(size.map(|number| number.to_string())).args([plan, "--json"]);
        command.args(adapter.map(|name| format!("--adapter={name}")));
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
        let held = d >= 384 && k >= 1000;
        let size = format!("{n} x {d}, k {k}");
        println!("\n== K-Means on {}, {size}: medians of {} runs", told["device"], repeats.max(1));
        report(&size, &all, is_software, held, targets)?;
    }
    Ok(())
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
    let (plan, round) = (text("plan")?, text("round")?);
    let chosen = told["chosen_in"].is_number();
    let same = |runs: &&mut Runs| (&runs.plan, &runs.round, runs.chosen) == (&plan, &round, chosen);
    match all.iter_mut().find(same) {
        Some(runs) => runs.told.push(told),
        None => all.push(Runs { plan, round, chosen, told: vec![told] }),
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

    /// The share of an iteration that passes outside of assign; none where the device has no clock.
    fn outside(&self) -> Option<f64> {
        self.figure(|told| told["outside_assign"].as_f64())
    }
}

/// Prints the figures of one size and holds the chosen plan's against the targets.
fn report(size: &str, all: &[Runs], is_software: bool, held: bool, targets: &mut Targets) -> Result<()> {
    let naive = all.iter().filter(|runs| runs.plan.starts_with(NAIVE) && runs.round == STILL);
    let naive = naive.map(|runs| runs.number("seconds")).collect::<Result<Vec<f64>>>()?;
    let naive = naive.into_iter().reduce(f64::min).context("no naive kernel was measured")?;
    println!(
        "{:28} {:6} {:>9} {:>9} {:>8} {:>7} {:>8} {:>8} {:>8} {:>5} {:>5} {:>5}",
        "plan",
        "round",
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
        let Runs { plan, round, chosen, .. } = runs;
        println!(
            "{:28} {round:6} {:9.2} {:9.2} {:>8} {:7.2} {:>8} {:8.3} {:8.3} {:5} {:5} {:5}",
            format!("{plan}{}", if *chosen { " (chosen)" } else { "" }),
            1e3 * runs.number("seconds")?,
            2e-9 * runs.number("products_per_second")?,
            percent(runs.figure(|told| told["share_of_peak"].as_f64())),
            naive / runs.number("seconds")?,
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
        // What the speed rests on follows from the plan, so once is enough.
        if let (Some(counters), "first", false) = (runs.told[0]["counters"].as_object(), &**round, *chosen) {
            let counters: Vec<String> =
                counters.iter().map(|(name, value)| format!("{name} {value}")).collect();
            println!("{:28} {}", "", counters.join(", ").replace('_', " "));
        }
    }
    let chosen: Vec<&Runs> = all.iter().filter(|runs| runs.chosen).collect();
    let first = chosen.first().context("the device chose no plan")?;
    println!(
        "The device's own timing chose {}; with opening and self-test that took {:.2} s.",
        first.plan,
        first.number("chosen_in")?
    );
    for runs in chosen {
        let what = |figure: &str| format!("{size}, {}, {} round: {figure}", runs.plan, runs.round);
        // The naive kernel only labels rows, so it is compared with an iteration in which no sums are to be made.
        if is_software && runs.round == STILL {
            let times = naive / runs.number("seconds")?;
            targets.at_least(&what("times as fast as the naive kernel"), times, TIMES_NAIVE);
        }
        match runs.outside() {
            // A software adapter adds up as slowly as it multiplies, so its share says nothing of a GPU's.
            Some(_) if is_software || !held => {}
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
    fn figures_are_medians_of_the_runs_of_one_plan_that_was_asked_for_or_chosen() {
        let mut all = Vec::new();
        for (chosen_in, seconds) in [(None, 9.0), (Some(1.0), 4.0), (Some(1.0), 2.0), (Some(1.0), 3.0)] {
            let told = json!({
                "plan": "float", "round": "still", "chosen_in": chosen_in, "seconds": seconds,
                "stages": { "assign_float": 0.9 * seconds }, "outside_assign": null,
            });
            note(&mut all, told).unwrap();
        }
        assert_eq!(all.len(), 2);
        assert_eq!(all[1].number("seconds").unwrap(), 3.0);
        assert!((all[1].stages()[0].1 - 2.7).abs() < 1e-9);
        assert_eq!(all[1].outside(), None);
        assert!(all[1].number("waits").is_err());
        assert!(note(&mut all, json!({ "plan": "float" })).is_err());
    }

    #[test]
    fn the_chosen_plan_is_held_against_the_fastest_naive_kernel() {
        let told = |plan: &str, chosen_in: Option<f64>, seconds: f64| {
            json!({
                "plan": plan, "round": STILL, "chosen_in": chosen_in, "seconds": seconds, "stages": {},
                "products_per_second": 1.0, "share_of_peak": null, "outside_assign": 0.1, "bytes_up": 0,
                "bytes_down": 0, "dispatches": 1, "submissions": 1, "waits": 1, "counters": null,
            })
        };
        for (seconds, met) in [(1.0, true), (1.1, false)] {
            let mut all = Vec::new();
            for told in [
                told("naive-float", None, 9.0),
                told("naive-packed", None, 4.0),
                told("a", None, 0.1),
                told("b", Some(1.0), seconds),
            ] {
                note(&mut all, told).unwrap();
            }
            let mut targets = Targets::default();
            report("", &all, true, true, &mut targets).unwrap();
            assert_eq!(targets.finish(), met);
        }
    }
}
