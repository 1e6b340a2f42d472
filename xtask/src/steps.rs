//! A list of named steps: each runs whatever became of the others, and the end says how each went.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::process::Tests;

/// What a step found.
pub enum Done {
    /// It went well.
    Ok,
    /// It ran tests; the flag is whether the command succeeded.
    Tests(Tests, bool),
    /// It could not run here, and why; said at the end, never in silence.
    NotRun(String),
}

enum Outcome {
    Ok,
    Failed,
    NotRun(String),
}

/// The steps so far.
#[derive(Default)]
pub struct Steps {
    done: Vec<(&'static str, Outcome, Duration, Option<Tests>)>,
}

impl Steps {
    /// Runs one step and keeps how it went.
    pub fn run(&mut self, name: &'static str, step: impl FnOnce() -> Result<Done>) {
        println!("\n== {name}");
        let start = Instant::now();
        let (outcome, tests) = match step() {
            Ok(Done::Ok) => (Outcome::Ok, None),
            Ok(Done::Tests(tests, true)) => (Outcome::Ok, Some(tests)),
            Ok(Done::Tests(tests, false)) => (Outcome::Failed, Some(tests)),
            Ok(Done::NotRun(reason)) => (Outcome::NotRun(reason), None),
            Err(error) => {
                println!("failed: {error:#}");
                (Outcome::Failed, None)
            }
        };
        self.done.push((name, outcome, start.elapsed(), tests));
    }

    /// Prints the summary, whose last line is `N passed, N failed`, and returns whether all is well: no step
    /// failed, and tests ran.
    pub fn finish(self) -> bool {
        println!("\n== summary");
        let mut sum = Tests::default();
        let mut failed = Vec::new();
        for (name, outcome, time, tests) in &self.done {
            let word = match outcome {
                Outcome::Ok => "ok",
                Outcome::Failed => "FAILED",
                Outcome::NotRun(_) => "not run",
            };
            let mut line = format!("{word:8} {:7.1} s  {name}", time.as_secs_f64());
            if let Some(tests) = tests {
                line += &format!(": {} passed, {} failed", tests.passed, tests.failed);
                sum += *tests;
            }
            if let Outcome::NotRun(reason) = outcome {
                line += &format!(": {reason}");
            }
            println!("{line}");
            if matches!(outcome, Outcome::Failed) {
                failed.push(*name);
            }
        }
        if !failed.is_empty() {
            println!("{} of {} steps failed: {}", failed.len(), self.done.len(), failed.join(", "));
        }
        if sum.passed == 0 {
            println!("no test ran");
        }
        println!("{} passed, {} failed", sum.passed, sum.failed);
        failed.is_empty() && sum.passed > 0
    }
}
