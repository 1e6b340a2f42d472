//! Counts and sums of all clusters, kept up to date from the rows that move, and what they prove.

use super::backend::Step;
use super::centroid::Centroids;
use super::room;
use crate::par;

/// Counts and sums of all clusters.
pub(super) struct Totals {
    pub counts: Vec<u64>,
    /// Shape `(n_clusters, columns)`.
    pub sums: Vec<i64>,
}

impl Totals {
    /// `None` when memory does not suffice.
    pub fn zeros(n_clusters: usize, columns: usize) -> Option<Self> {
        // The larger first, so that what does not fit is noticed before memory is touched.
        Some(Self { sums: room::zeros(n_clusters, columns)?, counts: room::zeros(n_clusters, 1)? })
    }

    /// Adds what an assign with `centroids` found, and says whether it fits together: the sum of all scores is
    /// Σ over clusters of (c · S + m · b), for a score is linear in the row. A device that scores, counts or sums
    /// wrongly reports an objective that its sums do not give.
    ///
    /// Everything is modulo 2^64, because a wrong device may report anything; what is right fits i64.
    #[must_use]
    pub fn add(&mut self, step: &Step, centroids: &Centroids) -> bool {
        let columns = self.sums.len() / self.counts.len();
        if !step.is_whole(self.counts.len(), columns) {
            return false;
        }
        for ((&cluster, &count), sums) in
            step.clusters.iter().zip(&step.counts).zip(step.sums.chunks_exact(columns))
        {
            let cluster = cluster as usize;
            self.counts[cluster] = self.counts[cluster].wrapping_add_signed(count);
            for (total, &sum) in self.sums[cluster * columns..].iter_mut().zip(sums) {
                *total = total.wrapping_add(sum);
            }
        }
        self.objective(centroids) == step.objective
    }

    /// Σ over clusters of (c · S + m · b), modulo 2^64.
    fn objective(&self, centroids: &Centroids) -> i64 {
        /// Clusters that a thread takes at a time.
        const TOGETHER: usize = 64;
        let (k, columns) = (self.counts.len(), centroids.columns());
        let parts = par::map(k.div_ceil(TOGETHER), |part| {
            let mut objective = 0i64;
            for cluster in part * TOGETHER..k.min((part + 1) * TOGETHER) {
                let bias = i64::from(centroids.biases()[cluster]);
                objective = objective.wrapping_add(bias.wrapping_mul(self.counts[cluster] as i64));
                let sums = &self.sums[cluster * columns..][..columns];
                for (&sum, &c) in sums.iter().zip(centroids.value(cluster)) {
                    objective = objective.wrapping_add(sum.wrapping_mul(i64::from(c)));
                }
            }
            objective
        });
        parts.into_iter().fold(0, i64::wrapping_add)
    }

    /// Moves one row from a cluster to another.
    pub fn relabel(&mut self, q: &[i8], from: u32, to: u32) {
        let (from, to, columns) = (from as usize, to as usize, q.len());
        self.counts[from] -= 1;
        self.counts[to] += 1;
        for (j, &q) in q.iter().enumerate() {
            self.sums[from * columns + j] -= i64::from(q);
            self.sums[to * columns + j] += i64::from(q);
        }
    }
}
