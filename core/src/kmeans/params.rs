//! What a person may choose, checked once.

use super::error::KMeansError;

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
    /// Stops once an iteration gains less than this share of what is left to gain: the sum of all own bests, which no
    /// clusters can exceed by more than rounding, less the objective. 0 runs until no label moves.
    pub tolerance: f64,
    /// Where the first centroids come from.
    pub init: Init,
}

impl Default for Params {
    fn default() -> Self {
        Self { n_clusters: None, seed: 0, max_iterations: 300, tolerance: 0.0, init: Init::Random }
    }
}

impl Params {
    /// Checks the parameters against `n` clustered rows of `n_features`, and returns the number of clusters.
    ///
    /// # Errors
    /// [`KMeansError`] names the parameter, its value and the limit.
    pub(super) fn check(&self, n: u64, n_features: usize) -> Result<u32, KMeansError> {
        if self.tolerance.is_nan() || self.tolerance < 0.0 {
            return Err(KMeansError::Tolerance(self.tolerance));
        }
        // Labels are saved as i32.
        let limit = n.min(i32::MAX as u64);
        let n_clusters = match self.n_clusters {
            None => default_clusters(n),
            Some(0) => return Err(KMeansError::NoClusters { n }),
            Some(k) if k > limit => return Err(KMeansError::TooManyClusters { n_clusters: k, limit }),
            Some(k) => k as u32,
        };
        if let Init::Rows(values) = &self.init
            && Some(values.len()) != (n_clusters as usize).checked_mul(n_features)
        {
            let n_clusters = n_clusters.into();
            return Err(KMeansError::InitShape { values: values.len(), n_clusters, n_features });
        }
        Ok(n_clusters)
    }
}
