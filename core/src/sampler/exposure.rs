//! What a budget does to every cluster, in closed form.

use super::{Choice, Sampler, Strategy};

/// How often one cluster is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClusterExposure {
    /// Index of the cluster.
    pub cluster: u32,
    /// Documents in it.
    pub size: u64,
    /// Draws by the law; the order's own count differs by less than one where the law is no expectation.
    pub draws: f64,
    /// Draws for each document, draws / size.
    pub epochs: f64,
    /// First position of the phase without this cluster, if within the budget; with s2g, where positions run
    /// backwards, the first position of the phase with it.
    pub clip_position: Option<u64>,
}

/// How often each cluster is drawn within the budget, in closed form from the sizes.
///
/// The law is water-filling: every cluster is drawn min(L, clip · size) times with one level L.
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
    /// The clip in force: `None` for strategies without one.
    pub clip: Option<u64>,
    /// Whether the clip leaves some cluster out before the order ends; without a clip it never does.
    pub clip_acts: bool,
    /// Every cluster that is not empty, in index order.
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
    /// How often each cluster is drawn within the budget, in closed form. O(k).
    pub fn exposure(&self) -> Exposure {
        let (len, documents, options) = (self.len, self.layout.documents, &self.options);
        let draws_of = self.law();
        let mut clusters: Vec<ClusterExposure> = self
            .layout
            .sorted
            .iter()
            .enumerate()
            .map(|(i, entry)| {
                let draws = draws_of(i, entry.size);
                ClusterExposure {
                    cluster: entry.cluster,
                    size: entry.size,
                    draws,
                    epochs: draws / entry.size as f64,
                    clip_position: self.clip_position(entry.size),
                }
            })
            .collect();
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

    /// Draws of a cluster, given its index in the sorted list and its size. Whole numbers stay under 2^53, so
    /// that f64 holds them exactly.
    fn law(&self) -> Box<dyn Fn(usize, u64) -> f64 + '_> {
        let (len, documents) = (self.len as f64, self.layout.documents as f64);
        if self.options.strategy == Strategy::Random {
            return Box::new(move |_, size| len * (size as f64 / documents));
        }
        let spot = self.layout.locate(self.len, self.clip);
        let level = spot.time as f64 + spot.slot as f64 / spot.active as f64;
        let full = if spot.base > 0 { 1 } else { self.clip.unwrap_or(0) };
        Box::new(move |i, size| {
            let filled = if i < spot.first { (full * size) as f64 } else { level };
            (spot.base * size) as f64 + filled
        })
    }

    /// Whether the clip leaves some cluster out before the order ends.
    pub(super) fn clip_acts(&self) -> bool {
        self.layout.sorted.first().is_some_and(|smallest| self.clip_position(smallest.size).is_some())
    }

    fn clip_position(&self, size: u64) -> Option<u64> {
        let position = self.clip? * self.layout.exhausted_at(size);
        (position < self.len).then(|| match self.options.strategy {
            Strategy::SpecificToGeneral => self.len - position,
            _ => position,
        })
    }
}
