//! The best of several scores.

/// The best score of a row among some clusters, the cluster (the lowest on ties), and the best score of the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Best {
    pub score: i32,
    pub cluster: u32,
    pub second: i32,
}

impl Best {
    /// That among no clusters.
    pub const NONE: Self = Self { score: i32::MIN, cluster: u32::MAX, second: i32::MIN };

    /// Takes in one more score, of a higher cluster than those before.
    #[inline(always)]
    pub fn take(&mut self, score: i32, cluster: u32) {
        self.second = self.second.max(score.min(self.score));
        if score > self.score {
            (self.score, self.cluster) = (score, cluster);
        }
    }

    /// The best among the clusters of both, which have none in common.
    pub fn join(self, other: Self) -> Self {
        let first =
            (self.score, std::cmp::Reverse(self.cluster)) >= (other.score, std::cmp::Reverse(other.cluster));
        let (best, beaten) = if first { (self, other) } else { (other, self) };
        Self { second: best.second.max(beaten.score), ..best }
    }
}
