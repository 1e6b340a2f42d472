//! Later rows join old clusters.

use super::backend::{Backend, RowBlock, Shape};
use super::centroid::Centroids;
use super::fit::NO_CLUSTER;
use super::params::KMeansError;
use super::quantize::Quantizer;
use super::source::{Rows, quantize_block};
use crate::monitor::{Event, Monitor, Stage};
use crate::rows::RowSource;

/// Gives each row of `source` the cluster of `centroids` that scores it highest, the lowest on ties, and −1 to
/// rows flagged in `featureless`: what K-Means itself would give them. Rows are streamed through the backend
/// block by block, none is held.
///
/// # Errors
/// [`KMeansError`], also when `centroids` were made from rows of another width.
pub async fn join<S: RowSource, B: Backend>(
    source: &S,
    featureless: Option<&[bool]>,
    centroids: &Centroids,
    backend: &mut B,
    monitor: &Monitor<'_>,
) -> Result<Vec<i32>, KMeansError> {
    let rows = Rows::new(source, featureless)?;
    let n_features = source.n_features();
    let quantizer = Quantizer::new(n_features).ok_or(KMeansError::Features(n_features))?;
    if centroids.n_features() != n_features {
        return Err(KMeansError::OtherFeatures { needed: centroids.n_features(), n_features });
    }
    let total = Some(source.n_samples());
    monitor.emit(Event::Started { stage: Stage::Cluster, total, unit: "rows" });
    let labels = labels(&rows, &quantizer, centroids, backend, monitor).await;
    backend.end().await;
    let labels = labels?;
    monitor.emit(Event::Finished { stage: Stage::Cluster });
    Ok(labels)
}

/// Labels of all rows, block by block.
async fn labels<S: RowSource, B: Backend>(
    rows: &Rows<'_, S>,
    quantizer: &Quantizer,
    centroids: &Centroids,
    backend: &mut B,
    monitor: &Monitor<'_>,
) -> Result<Vec<i32>, KMeansError> {
    let (n_features, columns) = (quantizer.n_features(), quantizer.columns());
    let mut labels = vec![NO_CLUSTER; rows.n_samples() as usize];
    let (mut bytes, mut own_best) = (Vec::new(), Vec::new());
    let mut reader = rows.reader();
    while let Some(block) = reader.next()? {
        monitor.check()?;
        let (start, places) = (block.start as usize, block.clustered(n_features));
        let read = block.values.len() / n_features;
        quantize_block(&block, quantizer, &mut bytes, &mut own_best)?;
        let shape =
            Shape { n_rows: own_best.len() as u64, columns, n_clusters: centroids.n_clusters() as u32 };
        backend.begin(shape, monitor.cancel_flag().clone()).await?;
        backend.push(RowBlock { rows: &bytes, own_best: &own_best }).await?;
        backend.assign(centroids).await?;
        for (&place, &label) in places.iter().zip(&backend.labels().await?) {
            labels[start + place] = label as i32;
        }
        monitor.emit(Event::Progress { stage: Stage::Cluster, done: (start + read) as u64 });
    }
    Ok(labels)
}
