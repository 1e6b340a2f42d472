//! What libFuzzer tells of a run.

/// How far a run came.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Told {
    /// Files that were tried.
    pub cases: u64,
    /// How long that took.
    pub seconds: f64,
    /// Edges of code and how often they are passed, as libFuzzer counts them.
    pub features: u64,
    /// Edges of code that were reached.
    pub edges: u64,
}

impl Told {
    /// What stands above the lines.
    pub const HEAD: &str = "target                cases   a second     edges  features   failed";

    /// Reads what libFuzzer printed.
    pub fn of(log: &[u8]) -> Self {
        let mut told = Self::default();
        for line in String::from_utf8_lossy(log).lines() {
            if let Some(number) = line.strip_prefix("stat::number_of_executed_units:") {
                told.cases = number.trim().parse().unwrap_or(0);
            }
            let mut words = line.split_whitespace().skip_while(|&word| word != "cov:");
            if let (Some(_), Some(edges), Some("ft:"), Some(features)) =
                (words.next(), words.next(), words.next(), words.next())
            {
                told.edges = edges.parse().unwrap_or(told.edges);
                told.features = features.parse().unwrap_or(told.features);
            }
        }
        told
    }

    /// Adds a further run; of what was reached the most counts.
    pub fn add(&mut self, other: &Self) {
        self.cases += other.cases;
        self.seconds += other.seconds;
        self.features = self.features.max(other.features);
        self.edges = self.edges.max(other.edges);
    }

    /// A line of the table.
    pub fn line(&self, name: &str, failed: usize) -> String {
        let speed = self.cases as f64 / self.seconds.max(0.001);
        let Self { cases, edges, features, .. } = self;
        format!("{name:16} {cases:>10} {speed:>10.0} {edges:>9} {features:>9} {failed:>8}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_of_progress_and_the_statistics_are_read() {
        let log = "INFO: seed corpus: files: 3 min: 2b max: 9b total: 20b rss: 60Mb\n\
                   #4\tINITED cov: 10 ft: 12 corp: 3/20b exec/s: 0 rss: 61Mb\n\
                   #900\tNEW    cov: 31 ft: 45 corp: 9/80b lim: 9 exec/s: 450 rss: 70Mb L: 4/9 MS: 1 CopyPart-\n\
                   stat::number_of_executed_units: 1000\nstat::average_exec_per_sec:     500\n";
        let told = Told::of(log.as_bytes());
        assert_eq!(told, Told { cases: 1000, seconds: 0.0, features: 45, edges: 31 });
        let mut sum = told;
        sum.add(&Told { cases: 5, seconds: 2.0, features: 44, edges: 40 });
        assert_eq!(sum, Told { cases: 1005, seconds: 2.0, features: 45, edges: 40 });
        assert_eq!(sum.line("npy", 1).len(), Told::HEAD.len());
    }
}
