//! How each step went, and whether all is well.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::process::{Tests, say};

/// What a step found.
pub enum Done {
    /// It went well.
    Ok,
    /// It ran tests; the flag is whether the command succeeded.
    Tests(Tests, bool),
    /// It could not run here, and why; said at the end, never in silence.
    NotRun(String),
}

/// A step that has ended.
pub struct Ended {
    name: String,
    time: Duration,
    outcome: Result<Done>,
}

impl Ended {
    /// Runs a step and keeps how it went.
    pub fn of(name: String, step: impl FnOnce() -> Result<Done>) -> Self {
        let start = Instant::now();
        let outcome = step();
        if let Err(error) = &outcome {
            say(format_args!("failed: {error:#}"));
        }
        Self { name, time: start.elapsed(), outcome }
    }

    fn has_failed(&self) -> bool {
        matches!(self.outcome, Err(_) | Ok(Done::Tests(_, false)))
    }
}

/// The steps that have ended.
pub struct Summary {
    begun: Instant,
    steps: Vec<Ended>,
}

impl Summary {
    /// None yet; the clock runs.
    pub fn begin() -> Self {
        Self { begun: Instant::now(), steps: Vec::new() }
    }

    /// Takes in steps.
    pub fn add(&mut self, steps: impl IntoIterator<Item = Ended>) {
        self.steps.extend(steps);
    }

    /// Prints how each went, with its time; the last line is `N passed, N failed`, where tests were run. Returns
    /// whether all is well: no step failed, and those that run tests ran some.
    pub fn finish(self) -> bool {
        println!("\n== summary");
        let mut sum = None;
        for step in &self.steps {
            let seconds = step.time.as_secs_f64();
            let (word, rest) = match &step.outcome {
                Ok(Done::Ok) => ("ok", String::new()),
                Ok(Done::Tests(tests, success)) => {
                    *sum.get_or_insert_with(Tests::default) += *tests;
                    let word = if *success { "ok" } else { "FAILED" };
                    (word, format!(": {} passed, {} failed", tests.passed, tests.failed))
                }
                Ok(Done::NotRun(reason)) => ("not run", format!(": {reason}")),
                Err(_) => ("FAILED", String::new()),
            };
            println!("{word:8} {seconds:7.1} s  {}{rest}", step.name);
        }
        println!("{:8} {:7.1} s  in all", "", self.begun.elapsed().as_secs_f64());
        let failed: Vec<&str> =
            self.steps.iter().filter(|step| step.has_failed()).map(|step| step.name.as_str()).collect();
        if !failed.is_empty() {
            println!("{} of {} steps failed: {}", failed.len(), self.steps.len(), failed.join(", "));
        }
        let Some(sum) = sum else { return failed.is_empty() };
        if sum.passed == 0 {
            println!("no test ran");
        }
        println!("{} passed, {} failed", sum.passed, sum.failed);
        failed.is_empty() && sum.passed > 0
    }
}
