//! The core's own benchmarks, and the figures of theirs that have a target.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::targets::Targets;
use crate::places::Places;

/// Draws a second when iterating, and the longest time of a position, both at 2000 clusters on one core.
const DRAWS: f64 = 15e6;
const AT_NANOSECONDS: f64 = 200.0;
/// Bytes of text a second for the whole embedding, on two cores.
const TEXT: f64 = 20e6;

/// Runs the benchmark of the sampler.
///
/// # Errors
/// If it cannot be built, run or read.
pub fn sampler(places: &Places, targets: &mut Targets) -> Result<()> {
    let table = bench(places, "sampler")?;
    targets.at_least("draws a second", rate(&table, "iterate_2000_clusters", "cluster-clip")?, DRAWS);
    let at = 1e9 / rate(&table, "at", "2000")?;
    println!("at, 2000 clusters: {at:.0} ns (target {AT_NANOSECONDS})");
    targets.at_most("nanoseconds of `at`", at, AT_NANOSECONDS);
    Ok(())
}

/// Runs the benchmark of the lexical embedder.
///
/// # Errors
/// If it cannot be built, run or read.
pub fn lexical(places: &Places, targets: &mut Targets) -> Result<()> {
    let table = bench(places, "lexical")?;
    targets.at_least("bytes of text embedded a second", rate(&table, "whole", "")?, TEXT);
    Ok(())
}

/// Runs one benchmark, shows its table as it comes, and returns it.
fn bench(places: &Places, name: &str) -> Result<String> {
    println!("\n== {name}");
    let mut command = Command::new("cargo");
    command.current_dir(&places.root).stdin(Stdio::null()).stdout(Stdio::piped());
    command.args(["bench", "--quiet", "--package", "clusterclip-core", "--bench", name]);
    let mut child = command.spawn().context("cannot start cargo")?;
    let mut table = String::new();
    for line in BufReader::new(child.stdout.take().context("the output was piped")?).lines() {
        let line = line?;
        println!("{line}");
        table.push_str(&line);
        table.push('\n');
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("the benchmark {name} ended with {status}");
    }
    Ok(table)
}

/// The median rate in a table of divan's: of the benchmark `name`, of its row `argument` where it has several.
///
/// A rate stands in the line below its times; columns are fastest, slowest, median, mean, samples, iterations.
fn rate(table: &str, name: &str, argument: &str) -> Result<f64> {
    let told = |line: &str| line.trim_start_matches(['│', '├', '╰', '─', ' ']).to_owned();
    let is = |line: &str, word: &str| line.contains('─') && told(line).split(' ').next() == Some(word);
    let mut lines = table.lines().skip_while(|line| !is(line, name)).peekable();
    if !argument.is_empty() {
        lines.next();
        while lines.next_if(|line| !is(line, argument)).is_some() {}
    }
    let found = lines.nth(1).and_then(|line| number(line.rsplit('│').nth(3)?.trim()));
    found.with_context(|| format!("no rate of {name} {argument} in divan's table: has its layout changed?"))
}

/// Reads `24.54 Mitem/s` or `38.1 MB/s`.
fn number(text: &str) -> Option<f64> {
    let (number, unit) = text.split_once(' ')?;
    let unit = unit.strip_suffix("item/s").or_else(|| unit.strip_suffix("B/s"))?;
    let scale = match unit {
        "" => 1.0,
        "K" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        _ => return None,
    };
    Some(number.parse::<f64>().ok()? * scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
Timer precision: 20 ns
sampler                   fastest       │ slowest       │ median        │ mean          │ samples │ iters
├─ at                                   │               │               │               │         │
│  ├─ 100                 4.073 ms      │ 16.3 ms       │ 9.682 ms      │ 9.51 ms       │ 10      │ 10
│  │                      24.54 Mitem/s │ 6.134 Mitem/s │ 10.32 Mitem/s │ 10.51 Mitem/s │         │
│  ╰─ 2000                8.13 ms       │ 15.45 ms      │ 10.35 ms      │ 10.59 ms      │ 10      │ 10
│                         12.29 Mitem/s │ 6.468 Mitem/s │ 9.659 Mitem/s │ 9.436 Mitem/s │         │
╰─ whole                  4.064 s       │ 15.14 s       │ 10.58 s       │ 10.05 s       │ 3       │ 3
                          24.6 MB/s     │ 6.603 MB/s    │ 9.449 MB/s    │ 9.942 MB/s    │         │
";

    #[test]
    fn medians_are_read_from_the_row_that_is_named() {
        assert_eq!(rate(TABLE, "at", "100").unwrap(), 10.32e6);
        assert_eq!(rate(TABLE, "at", "2000").unwrap(), 9.659e6);
        assert_eq!(rate(TABLE, "whole", "").unwrap(), 9.449e6);
        for (name, argument) in [("at", "1000"), ("iterate", "100"), ("sampler", "")] {
            assert!(rate(TABLE, name, argument).is_err(), "{name} {argument}");
        }
    }
}
