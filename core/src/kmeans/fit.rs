//! K-Means in one call.

use super::cluster::{Clustering, cluster};
use super::cpu::{CpuBackend, ready};
use super::error::KMeansError;
use super::params::Params;
use crate::monitor::Monitor;
use crate::rows::SliceSource;

/// Groups `rows`, row-major, of `n_features` each, by direction, on the CPU; nobody is told of progress, and nobody can
/// stop it. [`cluster`] takes rows that do not fit memory, other devices, and a [`Monitor`].
///
/// # Errors
/// [`KMeansError`].
///
/// # Panics
/// If `n_features` is 0 or `rows` is not a whole number of rows.
///
/// ```
/// use clusterclip_core::kmeans::{Params, fit};
///
/// // Two directions, three rows each.
/// let rows = [1.0, 0.1, 0.2, 3.0, 2.0, 0.3, 0.0, 0.5, 5.0, 0.4, 0.1, 1.0];
/// let found = fit(&rows, 2, &Params { n_clusters: Some(2), ..Params::default() })?;
/// assert_eq!(found.labels[0], found.labels[2]);
/// assert_ne!(found.labels[0], found.labels[1]);
/// assert_eq!(found.counts, [3, 3]);
/// assert_eq!(found.centroids.len(), 2 * 2);
/// # Ok::<_, clusterclip_core::kmeans::KMeansError>(())
/// ```
pub fn fit(rows: &[f32], n_features: usize, params: &Params) -> Result<Clustering, KMeansError> {
    let source = SliceSource::new(rows, n_features);
    let mut backend = CpuBackend::new()?;
    ready(cluster(&source, None, params, &mut backend, &Monitor::silent()))
}
