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
        match &self.outcome {
            Ok(Done::Ok | Done::NotRun(_)) => false,
            // A name that no test has, or output that is not understood, must not look like success.
            Ok(Done::Tests(tests, success)) => !success || tests.passed == 0,
            Err(_) => true,
        }
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
    /// whether all is well: no step failed, each that runs tests ran some, and not every step was left out.
    pub fn finish(self) -> bool {
        println!("\n== summary");
        let mut sum = None;
        for step in &self.steps {
            let seconds = step.time.as_secs_f64();
            let (word, rest) = match &step.outcome {
                Ok(Done::Ok) => ("ok", String::new()),
                Ok(Done::Tests(tests, _)) => {
                    *sum.get_or_insert_with(Tests::default) += *tests;
                    let rest = if *tests == Tests::default() {
                        ": ran no test".to_owned()
                    } else {
                        format!(": {} passed, {} failed", tests.passed, tests.failed)
                    };
                    (if step.has_failed() { "FAILED" } else { "ok" }, rest)
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
        let some_ran = self.steps.iter().any(|step| !matches!(step.outcome, Ok(Done::NotRun(_))));
        if !some_ran {
            println!("no step was run");
        }
        if let Some(sum) = sum {
            println!("{} passed, {} failed", sum.passed, sum.failed);
        }
        failed.is_empty() && some_ran
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all_is_well(steps: impl IntoIterator<Item = Result<Done>>) -> bool {
        let mut summary = Summary::begin();
        summary.add(steps.into_iter().map(|outcome| Ended::of("step".to_owned(), || outcome)));
        summary.finish()
    }

    fn ran(passed: u64, failed: u64) -> Result<Done> {
        Ok(Done::Tests(Tests { passed, failed }, failed == 0))
    }

    fn not_run() -> Result<Done> {
        Ok(Done::NotRun("nothing to run it with".to_owned()))
    }

    #[test]
    fn a_step_that_ran_no_test_fails_beside_one_that_did() {
        assert!(all_is_well([ran(3, 0), ran(1, 0)]));
        assert!(!all_is_well([ran(3, 0), ran(0, 0)]));
        assert!(!all_is_well([ran(3, 0), ran(2, 1)]));
        assert!(!all_is_well([ran(3, 0), Err(anyhow::anyhow!("not built"))]));
    }

    #[test]
    fn a_step_that_was_not_run_is_well_beside_others_but_not_alone() {
        assert!(all_is_well([Ok(Done::Ok), not_run()]));
        assert!(all_is_well([not_run(), ran(1, 0)]));
        assert!(!all_is_well([not_run()]));
        assert!(!all_is_well([not_run(), not_run()]));
    }
}
