//! What is asked of the figures, and whether they gave it.

/// Collects what was missed and what failed, to be told once everything has run.
#[derive(Debug, Default)]
pub struct Targets {
    met: u64,
    wrong: Vec<String>,
}

impl Targets {
    /// Holds a figure that must be at least `target`. Figures are printed where they are measured.
    pub fn at_least(&mut self, what: &str, figure: f64, target: f64) {
        self.hold(figure >= target, || format!("{what}: {figure:.2}, at least {target} is wanted"));
    }

    /// Holds a figure that must be at most `target`.
    pub fn at_most(&mut self, what: &str, figure: f64, target: f64) {
        self.hold(figure <= target, || format!("{what}: {figure:.2}, at most {target} is wanted"));
    }

    /// Holds something that is so or not.
    pub fn hold(&mut self, met: bool, otherwise: impl FnOnce() -> String) {
        if met {
            self.met += 1;
        } else {
            self.wrong.push(otherwise());
        }
    }

    /// Notes a benchmark that could not be run to its end.
    pub fn failed(&mut self, why: &str) {
        self.wrong.push(why.to_owned());
    }

    /// Prints what was missed; returns whether that was nothing.
    pub fn finish(self) -> bool {
        println!("\n== targets: {} met, {} missed or failed", self.met, self.wrong.len());
        for wrong in &self.wrong {
            println!("   {wrong}");
        }
        self.wrong.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missed_target_is_remembered_and_a_met_one_does_not_hide_it() {
        let mut targets = Targets::default();
        targets.at_least("speed", 3.0, 3.0);
        targets.at_most("time", 59.0, 60.0);
        assert!(targets.wrong.is_empty());
        targets.at_least("speed", 2.994, 3.0);
        targets.at_most("time", f64::NAN, 60.0);
        targets.at_least("speed", 4.0, 3.0);
        assert_eq!((targets.met, targets.wrong.len()), (3, 2));
        assert_eq!(targets.wrong[0], "speed: 2.99, at least 3 is wanted");
        assert!(!targets.finish());
    }
}
