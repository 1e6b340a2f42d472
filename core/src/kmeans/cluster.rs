//! The whole of K-Means on one backend: load, iterate, finish.

use super::backend::Backend;
use super::centroid::Centroids;
use super::error::KMeansError;
use super::finish::{Similarities, UnitSums};
use super::iterate::{Fitted, Iteration, Iterations};
use super::load::load;
use super::mask::Mask;
use super::params::Params;
use super::scale::MAX_FEATURES;
use crate::monitor::{Event, Monitor, Stage};
use crate::rows::RowSource;

/// From this mean cosine on, rounding begins to cost quality (a ratio of 1.05 to f32 at 0.9995).
const ALIKE: f64 = 0.97;

/// What K-Means found.
#[derive(Debug, Clone, PartialEq)]
pub struct Clustering {
    /// The cluster of each row of the source; −1 for featureless rows. Shape `(n_samples,)`.
    pub labels: Vec<i32>,
    /// The quantised centroids, by which later rows join.
    pub quantized: Centroids,
    /// Unit-norm centroids of shape `(n_clusters, n_features)`; a zero row for an empty cluster.
    pub centroids: Vec<f32>,
    /// Cosine of each row with its cluster's centroid; 0 for featureless rows. Shape `(n_samples,)`.
    pub similarity: Vec<f32>,
    /// Mean of 1 − similarity over the clustered rows.
    pub inertia: f64,
    /// Rows in each cluster.
    pub counts: Vec<u64>,
    /// Rows that were clustered.
    pub n_clustered: u64,
    /// Iterations done; the assign that gives the labels comes on top.
    pub iterations: u32,
    /// Sum of all scores of the saved labels.
    pub objective: i64,
    /// One entry for each iteration.
    pub log: Vec<Iteration>,
    /// What a person should know; each was sent as an [`Event::Warning`] too.
    pub warnings: Vec<String>,
}

/// Groups the rows of `source` by direction; rows flagged in `featureless` get no cluster.
///
/// The result is a function of rows, flags and parameters alone: no backend, kernel or number of threads changes
/// a byte. The source is read three times in order (bytes, centroids, similarities); f32 rows are never all held.
/// Besides what the backend holds this takes, for each centroid component, 9 bytes in the loop, 8 more while a
/// [`Step`](super::Step) is added, and 13 at the end (29 from 2^30 rows on); for each row 8 at the end.
///
/// On return `backend` is ended and can be used again.
///
/// # Errors
/// [`KMeansError`]; on cancellation within 100 ms of work. Single passes over all centroid components are not
/// interrupted: from some 10^7 components on they may take longer.
pub async fn cluster<S: RowSource, B: Backend>(
    source: &S,
    featureless: Option<&[bool]>,
    params: &Params,
    backend: &mut B,
    monitor: &Monitor<'_>,
) -> Result<Clustering, KMeansError> {
    let (n_samples, n_features) = (source.n_samples(), source.n_features());
    let mask = Mask::new(n_samples, featureless)?;
    if n_features == 0 || n_features > MAX_FEATURES {
        return Err(KMeansError::Features(n_features));
    }
    if mask.n_clustered == 0 {
        return Err(KMeansError::NoRows { n_samples });
    }
    let iterations = Iterations::new(params, mask.n_clustered, n_features)?;
    let n_clusters = iterations.n_clusters();
    let mut warnings = Vec::new();
    let mut warn = |text: String| {
        monitor.emit(Event::Warning(text.clone()));
        warnings.push(text);
    };
    if n_clusters == 1 {
        warn("1 cluster: there is nothing to balance".into());
    }

    let fitted = fitted(source, featureless, iterations, backend, monitor).await;
    // The byte rows go before what is saved needs room, and also when the work failed or was stopped.
    backend.end().await;
    let (Fitted { centroids: quantized, log, objective }, labels) = fitted?;
    let labels = mask.spread(labels);

    monitor.emit(Event::Started { stage: Stage::Finish, total: Some(n_samples), unit: "rows" });
    let sums = UnitSums::of(source, &labels, n_clusters as usize, monitor)?;
    let (centroids, mean_cosine) = (sums.centroids()?, sums.mean_cosine());
    let counts = sums.counts().to_vec();
    drop(sums);
    let similarities = Similarities::of(source, &labels, &centroids, monitor)?;
    monitor.emit(Event::Finished { stage: Stage::Finish });

    let empty = counts.iter().filter(|&&count| count == 0).count();
    if empty > 0 {
        let are = if empty == 1 { "is" } else { "are" };
        warn(format!("{empty} of {n_clusters} clusters {are} empty: too few distinct rows to fill them"));
    }
    if let Some(cosine) = mean_cosine.filter(|&cosine| cosine >= ALIKE) {
        warn(format!(
            "the mean cosine of the rows is {cosine:.4}: from {ALIKE} on they are so alike that clusters lose \
             precision; subtract the mean of the embeddings, or take another embedder"
        ));
    }
    Ok(Clustering {
        labels,
        quantized,
        centroids,
        inertia: similarities.inertia(),
        similarity: similarities.values,
        counts,
        n_clustered: mask.n_clustered,
        iterations: log.len() as u32,
        objective,
        log,
        warnings,
    })
}

/// What the device is needed for: the loop, and the labels of the clustered rows.
async fn fitted<S: RowSource, B: Backend>(
    source: &S,
    featureless: Option<&[bool]>,
    iterations: Iterations<'_>,
    backend: &mut B,
    monitor: &Monitor<'_>,
) -> Result<(Fitted, Vec<u32>), KMeansError> {
    let loaded = load(source, featureless, iterations.n_clusters(), backend, monitor).await?;
    let fitted = iterations.run(loaded, backend, monitor).await?;
    let labels = backend.labels().await?;
    Ok((fitted, labels))
}
