//! What a budget does to every cluster, in closed form.

use super::layout::Entry;
use super::shares::Share;
use super::water::Water;
use super::weighted::{Lane, Run};
use super::weights::UNIT;
use super::{Choice, Sampler, Strategy};
use crate::ordered::ordered;
use crate::par;

/// Clusters that are looked at together.
const BLOCK: usize = 1 << 10;

/// How often one cluster is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClusterExposure {
    /// Index of the cluster.
    pub cluster: u32,
    /// Documents in it.
    pub size: u64,
    /// Its weight: 1 on average, and what it is drawn a round. With random, which has none, 1.
    pub weight: f64,
    /// Its clip; `None` for strategies without one.
    pub clip: Option<u64>,
    /// Draws by the law. Where the law is no expectation, the order's own count differs by less than one; with weights
    /// by at most one, its places in a round and its share of one draw a cluster; with unimax not at all.
    pub draws: f64,
    /// Draws for each document, draws / size.
    pub epochs: f64,
    /// First position of the phase without this cluster, if within the budget; with s2g, where positions run
    /// backwards, the first position of the phase with it.
    pub clip_position: Option<u64>,
}

/// How often each cluster is drawn within the budget, in closed form from the sizes.
///
/// The law is water-filling: every cluster is drawn min(L · weight, clip · size) times with one level L.
///
/// ```
/// use clusterclip_core::sampler::{Budget, Options, Sampler};
/// let options = Options { clip: Some(2), budget: Budget::Documents(9), ..Options::default() };
/// let exposure = Sampler::new(&[1, 3, 5], options)?.exposure();
/// let draws: Vec<f64> = exposure.clusters.iter().map(|cluster| cluster.draws).collect();
/// assert_eq!(draws, [2.0, 3.5, 3.5]);
/// assert_eq!(exposure.clusters[0].clip_position, Some(6));
/// # Ok::<(), clusterclip_core::sampler::SamplerError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Exposure {
    /// The strategy.
    pub strategy: Strategy,
    /// Whether the figures are expectations (random, and independent choice), not the order's own.
    pub expected: bool,
    /// Length of the order.
    pub draws: u64,
    /// Clustered documents.
    pub documents: u64,
    /// The clip in force where a cluster has none of its own: `None` for strategies without one.
    pub clip: Option<u64>,
    /// Whether the clip leaves some cluster out before the order ends; without a clip it never does.
    pub clip_acts: bool,
    /// Every cluster that is neither empty nor left out by a weight of 0, in index order.
    pub clusters: Vec<ClusterExposure>,
    /// Share of the documents that are drawn at all: Σ min(draws, size) / n.
    pub coverage: f64,
    /// exp(H), H the entropy (natural logarithm) of the clusters' shares of the draws.
    pub effective_clusters: f64,
}

/// The draws of an [`Exposure`] in tokens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TokenExposure {
    /// Tokens drawn: each cluster's draws by the mean of its documents.
    pub tokens: f64,
    /// exp(H), H the entropy (natural logarithm) of the clusters' shares of these tokens.
    pub effective_clusters: f64,
}

impl Exposure {
    /// Weighs the draws by tokens; `tokens` holds the sum of each cluster's documents, by its index. `None` where
    /// nothing has a token.
    ///
    /// ```
    /// use clusterclip_core::sampler::{Budget, Options, Sampler};
    /// let options = Options { budget: Budget::Documents(8), ..Options::default() };
    /// let exposure = Sampler::new(&[4, 4], options)?.exposure();
    /// assert_eq!(exposure.in_tokens(&[100, 100]).map(|all| all.tokens), Some(200.0));
    /// # Ok::<(), clusterclip_core::sampler::SamplerError>(())
    /// ```
    ///
    /// # Panics
    /// If a cluster has no sum.
    pub fn in_tokens(&self, tokens: &[u64]) -> Option<TokenExposure> {
        let drawn = |cluster: &ClusterExposure| tokens[cluster.cluster as usize] as f64 * cluster.epochs;
        let whole: f64 = self.clusters.iter().map(drawn).sum();
        let shares = self.clusters.iter().map(drawn).map(|drawn| drawn / whole).filter(|&share| share > 0.0);
        let entropy: f64 = shares.map(|share| -share * libm::log(share)).sum();
        (whole > 0.0).then(|| TokenExposure { tokens: whole, effective_clusters: libm::exp(entropy) })
    }
}

impl Sampler {
    /// How often each cluster is drawn within the budget, in closed form. O(k); with weights O(k log k), and O(k) for
    /// each cluster that the clip leaves out.
    pub fn exposure(&self) -> Exposure {
        let (len, documents, options) = (self.len, self.layout.documents, &self.options);
        let law = self.law().into_iter().zip(self.clip_positions());
        let mut clusters: Vec<ClusterExposure> =
            law.enumerate().map(|(i, (draws, out))| self.cluster_exposure(i, draws, out)).collect();
        clusters.sort_unstable_by_key(|cluster| cluster.cluster);
        let covered: f64 = clusters.iter().map(|cluster| cluster.draws.min(cluster.size as f64)).sum();
        let entropy: f64 = clusters
            .iter()
            .map(|cluster| cluster.draws / len as f64)
            .filter(|&share| share > 0.0)
            .map(|share| -share * libm::log(share))
            .sum();
        Exposure {
            strategy: options.strategy,
            expected: options.strategy == Strategy::Random || options.choice == Choice::Independent,
            draws: len,
            documents,
            clip: self.clip,
            clip_acts: self.clip_acts(),
            clusters,
            coverage: covered / documents as f64,
            effective_clusters: libm::exp(entropy),
        }
    }

    fn cluster_exposure(&self, i: usize, draws: f64, clip_position: Option<u64>) -> ClusterExposure {
        let entry = &self.layout.sorted[i];
        let share = self.share(entry.rank);
        ClusterExposure {
            cluster: entry.cluster,
            size: entry.size,
            weight: share.weight as f64 / UNIT as f64,
            clip: share.clip,
            draws,
            epochs: draws / entry.size as f64,
            clip_position,
        }
    }

    /// Draws of each cluster of the sorted list. Whole numbers stay under 2^53, so that f64 holds them exactly.
    fn law(&self) -> Vec<f64> {
        let sorted = &self.layout.sorted;
        let (len, documents) = (self.len as f64, self.layout.documents as f64);
        if self.options.strategy == Strategy::Random {
            return sorted.iter().map(|entry| len * (entry.size as f64 / documents)).collect();
        }
        if let Some(totals) = &self.totals {
            return sorted.iter().map(|entry| totals[entry.rank as usize] as f64).collect();
        }
        if self.shares.is_some() {
            return self.weighted_law();
        }
        let spot = self.layout.locate(self.len, self.clip);
        let level = spot.time as f64 + spot.slot as f64 / spot.active as f64;
        let full = if spot.base > 0 { 1 } else { self.clip.unwrap_or(0) };
        let draws = |(i, entry): (usize, &Entry)| {
            let filled = if i < spot.first { (full * entry.size) as f64 } else { level };
            (spot.base * entry.size) as f64 + filled
        };
        sorted.iter().enumerate().map(draws).collect()
    }

    /// The law by weights: what the passes of raise-clip that are over have drawn, then water up to the caps.
    fn weighted_law(&self) -> Vec<f64> {
        let sorted = &self.layout.sorted;
        let shares: Vec<Share> = sorted.iter().map(|entry| self.share(entry.rank)).collect();
        let beyond = self.limit().and_then(|limit| self.len.checked_sub(limit));
        let drawn = |(entry, share): (&Entry, &Share)| match beyond {
            Some(beyond) => (share.clip.unwrap_or(0) + beyond / self.layout.documents) * entry.size,
            None => 0,
        };
        let before: Vec<u64> = sorted.iter().zip(&shares).map(drawn).collect();
        let cap = |(entry, share): (&Entry, &Share)| {
            if beyond.is_some() { entry.size } else { share.cap(entry.size) }
        };
        let caps: Vec<u64> = sorted.iter().zip(&shares).map(cap).collect();
        let weights: Vec<u64> = shares.iter().map(|share| share.weight).collect();
        let left = beyond.map_or(self.len, |beyond| beyond % self.layout.documents);
        let water = Water::new(&caps, &weights, left).draws();
        before.iter().zip(water).map(|(&before, draws)| before as f64 + draws).collect()
    }

    /// Whether the clip leaves some cluster out before the order ends; with unimax, where none is, whether it takes
    /// draws from some.
    pub(super) fn clip_acts(&self) -> bool {
        match (&self.totals, &self.weighted) {
            (Some(totals), _) => {
                let is_full =
                    |entry: &Entry| totals[entry.rank as usize] == self.share(entry.rank).cap(entry.size);
                self.limit() > Some(self.len) && self.layout.sorted.iter().any(is_full)
            }
            (None, Some(weighted)) => {
                let first = weighted.main.lanes.iter().map(|lane| lane.end).min();
                first.is_some_and(|round| weighted.main.before(round) < self.len.into())
            }
            (None, None) if self.shares.is_some() => self.clip_positions().iter().any(Option::is_some),
            // The smallest cluster is out first.
            (None, None) => self
                .clip
                .zip(self.layout.sorted.first())
                .is_some_and(|(clip, entry)| clip * self.layout.exhausted_at(entry.size) < self.len),
        }
    }

    /// From which position on each cluster of the sorted list is out, if that is within the budget.
    fn clip_positions(&self) -> Vec<Option<u64>> {
        let sorted = &self.layout.sorted;
        let Some(clip) = self.clip.filter(|_| self.totals.is_none()) else { return vec![None; sorted.len()] };
        let positions = match (&self.weighted, &self.shares) {
            (Some(weighted), _) => self.positions_in_rounds(&weighted.main),
            (None, Some(_)) => self.expected_positions(),
            (None, None) => {
                sorted.iter().map(|entry| Some(clip * self.layout.exhausted_at(entry.size))).collect()
            }
        };
        let within = |position: Option<u64>| position.filter(|&position| position < self.len);
        let told = |position: u64| if self.is_reversed() { self.len - position } else { position };
        positions.into_iter().map(|position| within(position).map(told)).collect()
    }

    /// The draws before the round that each lane ends with; nothing where these are beyond the budget.
    fn positions_in_rounds(&self, run: &Run) -> Vec<Option<u64>> {
        let len = u128::from(self.len);
        let mut ends: Vec<(u128, u32)> = run.lanes.iter().zip(0..).map(|(lane, i)| (lane.end, i)).collect();
        ends.sort_unstable();
        let within = ends.partition_point(|&(end, _)| run.before(end) < len);
        let last = ends[..within].last().map(|&(end, _)| end);
        par::map(run.lanes.len().div_ceil(BLOCK), |block| {
            let lanes = &run.lanes[block * BLOCK..run.lanes.len().min((block + 1) * BLOCK)];
            // Under 2^57, as there is a clip.
            let position = |lane: &Lane| (Some(lane.end) <= last).then(|| run.before(lane.end) as u64);
            lanes.iter().map(position).collect::<Vec<_>>()
        })
        .concat()
    }

    /// Where chance decides: the draws by the law when each cluster has had all it may.
    fn expected_positions(&self) -> Vec<Option<u64>> {
        let lanes = self.layout.sorted.iter().map(|entry| {
            let share = self.share(entry.rank);
            (share.cap(entry.size) as f64, share.weight as f64)
        });
        let lanes: Vec<(f64, f64)> = lanes.collect();
        let mut order: Vec<(u64, u64)> =
            lanes.iter().zip(0..).map(|((cap, weight), i)| (ordered(cap / weight), i)).collect();
        order.sort_unstable();
        let (mut full, mut weights) = (0.0, lanes.iter().map(|(_, weight)| weight).sum::<f64>());
        let mut positions = vec![None; lanes.len()];
        for (_, i) in order {
            let (cap, weight) = lanes[i as usize];
            positions[i as usize] = Some((full + cap / weight * weights).round() as u64);
            (full, weights) = (full + cap, weights - weight);
        }
        positions
    }
}

#[cfg(test)]
mod tests {
    use crate::sampler::{Budget, Choice, Options, Sampler, Weights};

    #[test]
    fn where_chance_decides_positions_follow_the_weights() {
        let exposure = |weights: &[f64], documents| {
            let weights = Weights::new(weights).unwrap();
            let budget = Budget::Documents(documents);
            let options = Options { choice: Choice::Independent, weights, budget, ..Options::default() };
            Sampler::new(&[10, 1000], options).unwrap().exposure()
        };
        // A hundredth of the draws: it has had all of its 50 after 5050.
        let rare = exposure(&[1.0, 100.0], 1010);
        assert_eq!((rare.clusters[0].clip_position, rare.clip_acts), (None, false));
        assert!((rare.clusters[0].draws - 10.0).abs() < 1e-6);
        let rare = exposure(&[1.0, 100.0], 5050);
        assert_eq!((rare.clusters[0].clip_position, rare.clip_acts), (None, false));
        // Nine in ten: it is out after 55.6.
        let common = exposure(&[9.0, 1.0], 1010);
        assert_eq!(common.clusters[0].clip_position, Some(56));
        assert_eq!((common.clusters[1].clip_position, common.clip_acts), (None, true));
        let equal = exposure(&[1.0, 1.0], 1010);
        assert_eq!(equal.clusters[0].clip_position, Some(100));
    }
}
