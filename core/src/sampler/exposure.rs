//! What a budget does to every cluster.

use super::Strategy;

/// How often one cluster is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClusterExposure {
    /// Index of the cluster.
    pub cluster: u32,
    /// Documents in it.
    pub size: u64,
    /// Draws by the law; the order's own count differs by less than one (stratified).
    pub draws: f64,
    /// Draws for each document, draws / size.
    pub epochs: f64,
    /// First position of the phase without this cluster, if within the budget; with s2g, where positions run
    /// backwards, the first position of the phase with it.
    pub clip_position: Option<u64>,
}

/// How often each cluster is drawn within the budget, in closed form from the sizes.
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
    /// Whether some cluster is left out by the clip before the order ends; false too without a clip.
    pub clip_acts: bool,
    /// Every cluster that is not empty, in index order.
    pub clusters: Vec<ClusterExposure>,
    /// Share of the documents that are drawn at all: Σ min(draws, size) / n.
    pub coverage: f64,
    /// exp(H), H the entropy (natural logarithm) of the clusters' shares of the draws.
    pub effective_clusters: f64,
}
