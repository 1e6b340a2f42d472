//! What a budget does to every cluster, in closed form.

use super::layout::Entry;
use super::shares::Share;
use super::water::Water;
use super::weights::UNIT;
use super::{Choice, Sampler, Strategy};
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
        let draws = self.law();
        let sorted = &self.layout.sorted;
        let mut clusters: Vec<ClusterExposure> = par::map(sorted.len().div_ceil(BLOCK), |block| {
            let of_block = block * BLOCK..sorted.len().min((block + 1) * BLOCK);
            of_block.map(|i| self.cluster_exposure(i, draws[i])).collect::<Vec<_>>()
        })
        .concat();
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

    fn cluster_exposure(&self, i: usize, draws: f64) -> ClusterExposure {
        let entry = &self.layout.sorted[i];
        let share = self.share(entry.rank);
        ClusterExposure {
            cluster: entry.cluster,
            size: entry.size,
            weight: share.weight as f64 / UNIT as f64,
            clip: share.clip,
            draws,
            epochs: draws / entry.size as f64,
            clip_position: self.clip_position(i),
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
            (Some(totals), _) => self.layout.sorted.iter().any(|entry| {
                let cap = self.share(entry.rank).cap(entry.size);
                totals[entry.rank as usize] == cap && self.limit() > Some(self.len)
            }),
            (None, Some(weighted)) => {
                let first = weighted.main.lanes.iter().map(|lane| lane.end).min();
                first.is_some_and(|round| weighted.main.before(round) < self.len.into())
            }
            (None, None) => (0..self.layout.sorted.len().min(1)).any(|i| self.clip_position(i).is_some()),
        }
    }

    fn clip_position(&self, i: usize) -> Option<u64> {
        if self.totals.is_some() {
            return None;
        }
        let position = match (self.clip?, &self.weighted) {
            (clip, None) => clip * self.layout.exhausted_at(self.layout.sorted[i].size),
            // Under 2^57, as there is a clip.
            (_, Some(weighted)) => weighted.main.before(weighted.main.lanes[i].end) as u64,
        };
        (position < self.len).then(|| if self.is_reversed() { self.len - position } else { position })
    }
}
