//! What an assign found, and how the findings of several devices add up.

/// What an assign found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Step {
    /// Sum of all scores.
    pub objective: i64,
    /// Rows whose label is another than before this assign; all of them at the first.
    pub moved: u64,
    /// The clusters that gained or lost a row, ascending.
    pub clusters: Vec<u32>,
    /// By how much the count of each of `clusters` changed.
    pub counts: Vec<i64>,
    /// By how much the sums of each of `clusters` changed, `columns` values each.
    pub sums: Vec<i64>,
}

impl Step {
    /// Whether it is in the form of a step with so many clusters of so many columns: a wrong device, or one that is
    /// far away, may send anything.
    pub fn is_whole(&self, n_clusters: usize, columns: usize) -> bool {
        let n = self.clusters.len();
        self.clusters.is_sorted_by(|a, b| a < b)
            && self.clusters.last().is_none_or(|&last| (last as usize) < n_clusters)
            && self.counts.len() == n
            && self.sums.len() == n * columns
    }

    /// Adds what another backend found on other rows with the same centroids; both are [whole](Self::is_whole). Numbers
    /// are added modulo 2^64, because a wrong device may report any; what is right fits.
    pub fn add(&mut self, other: &Self) {
        self.objective = self.objective.wrapping_add(other.objective);
        self.moved = self.moved.wrapping_add(other.moved);
        if other.clusters.is_empty() {
            return;
        }
        let columns = other.sums.len() / other.clusters.len();
        let (mut clusters, mut counts, mut sums) = (Vec::new(), Vec::new(), Vec::new());
        let (mut a, mut b) = (0, 0);
        // Both lists ascend: merge them, adding where a cluster is in both.
        while a < self.clusters.len() || b < other.clusters.len() {
            let of = |step: &Self, i: usize| step.clusters.get(i).copied().unwrap_or(u32::MAX);
            let cluster = of(self, a).min(of(other, b));
            let mut count = 0;
            let from = sums.len();
            sums.resize(from + columns, 0);
            for (step, i) in [(&*self, &mut a), (other, &mut b)] {
                if of(step, *i) == cluster {
                    count = step.counts[*i].wrapping_add(count);
                    for (sum, more) in sums[from..].iter_mut().zip(&step.sums[*i * columns..]) {
                        *sum = more.wrapping_add(*sum);
                    }
                    *i += 1;
                }
            }
            clusters.push(cluster);
            counts.push(count);
        }
        (self.clusters, self.counts, self.sums) = (clusters, counts, sums);
    }
}
