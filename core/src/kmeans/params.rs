//! What a person may choose, checked once, and what may go wrong.

use super::backend::BackendError;
use super::quantize::{MAX_FEATURES, RowError};
use crate::monitor::Cancelled;
use crate::rows::SourceError;

/// The most clusters chosen by default: the paper's 2000.
const DEFAULT_MAX: u64 = 2000;

/// Gives the default number of clusters for `n` clustered rows: round(√n), at least 1, at most 2000.
///
/// ```
/// use clusterclip_core::kmeans::default_clusters;
/// assert_eq!([0, 1, 6, 7, 10_000, 4_200_000].map(default_clusters), [1, 1, 2, 3, 100, 2000]);
/// ```
pub fn default_clusters(n: u64) -> u32 {
    // √n lies half-way between two integers for no integer n, so the rounding of ties is never asked.
    ((n.min(DEFAULT_MAX * DEFAULT_MAX) as f64).sqrt().round_ties_even() as u32).max(1)
}

/// Where the first centroids come from.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub enum Init {
    /// The first rows of a keyed permutation of the clustered rows (the paper's).
    #[default]
    Random,
    /// k-means++ on the integer scores (Arthur and Vassilvitskii, 2007): far rows are likelier.
    KMeansPlusPlus,
    /// Given rows of shape `(n_clusters, n_features)`, row-major.
    Rows(Vec<f32>),
}

/// How to cluster.
#[derive(Debug, Clone, PartialEq)]
pub struct Params {
    /// Number of clusters; `None` takes [`default_clusters`] of the clustered rows.
    pub n_clusters: Option<u64>,
    /// Seed of the init.
    pub seed: u64,
    /// The most iterations; 0 assigns every row to the first centroids and stops.
    pub max_iterations: u32,
    /// Stops once the objective rises by less than this share of itself; 0 runs until no label moves.
    pub tolerance: f64,
    /// Where the first centroids come from.
    pub init: Init,
}

impl Default for Params {
    fn default() -> Self {
        Self { n_clusters: None, seed: 0, max_iterations: 300, tolerance: 0.0, init: Init::Random }
    }
}

/// Why rows were not clustered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KMeansError {
    /// The work was stopped.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// No rows to cluster.
    #[error("there is nothing to cluster: 0 of {n_samples} rows have features")]
    NoRows {
        /// Rows in the source, those without features included.
        n_samples: u64,
    },
    /// `n_clusters` is 0.
    #[error("--clusters 0: at least 1 cluster is needed (and at most {n}, the number of clustered rows)")]
    NoClusters {
        /// Clustered rows.
        n: u64,
    },
    /// More clusters than rows.
    #[error(
        "--clusters {n_clusters} is more than the {limit} rows that can be clustered: give at most {limit}"
    )]
    TooManyClusters {
        /// What was asked for.
        n_clusters: u64,
        /// The largest number of clusters for these rows.
        limit: u64,
    },
    /// Centroids and sums of so many clusters do not fit memory.
    #[error(
        "--clusters {n_clusters}: there is no memory for centroids and sums of {n_clusters} clusters of {n_features} \
         features; give fewer clusters"
    )]
    ClusterMemory {
        /// Clusters asked for, or taken by default.
        n_clusters: usize,
        /// Features of the rows.
        n_features: usize,
    },
    /// `tolerance` is negative or not a number.
    #[error("--tolerance {0} is no tolerance: give 0 (run until no label moves) or a positive number")]
    Tolerance(f64),
    /// Rows without columns, or too many of them for scores of 32 bits.
    #[error("rows have {0} features: 1 to {MAX_FEATURES} can be clustered")]
    Features(usize),
    /// The mask does not fit the rows.
    #[error("{flags} featureless flags were given for {n_samples} rows: give one for each row")]
    Mask {
        /// Flags given.
        flags: usize,
        /// Rows in the source.
        n_samples: u64,
    },
    /// The given first rows have another shape.
    #[error(
        "--init holds {values} values, but {n_clusters} clusters of {n_features} features need {n_clusters} rows, \
         {n_features} values each"
    )]
    InitShape {
        /// Values given.
        values: usize,
        /// Clusters asked for.
        n_clusters: u64,
        /// Features of the embeddings.
        n_features: usize,
    },
    /// A given first row cannot be quantised.
    #[error("--init row {row}: {error}")]
    InitRow {
        /// The row, from 0.
        row: u64,
        /// What is wrong with it.
        error: RowError,
    },
    /// A row cannot be quantised.
    #[error("embeddings row {row}: {error}")]
    Row {
        /// The row, from 0.
        row: u64,
        /// What is wrong with it.
        error: RowError,
    },
    /// The source failed.
    #[error("embeddings cannot be read from row {row} on: {source}")]
    Source {
        /// The first row of the block that failed.
        row: u64,
        /// Why.
        source: SourceError,
    },
    /// The device failed.
    #[error(transparent)]
    Backend(BackendError),
    /// Saved centroids were made for rows of another width.
    #[error(
        "the clusters are for rows of {needed} features, but the rows given have {n_features}: embed with what the \
         clusters were made with"
    )]
    OtherFeatures {
        /// Features of the saved centroids.
        needed: usize,
        /// Features of the rows given.
        n_features: usize,
    },
}

impl From<BackendError> for KMeansError {
    fn from(error: BackendError) -> Self {
        match error {
            BackendError::Cancelled(cancelled) => Self::Cancelled(cancelled),
            other => Self::Backend(other),
        }
    }
}
