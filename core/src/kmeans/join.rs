//! Later rows join old clusters.

use super::backend::{Backend, RowBlock, Shape};
use super::blocks::{ReadBlock, blocks};
use super::centroid::Centroids;
use super::error::KMeansError;
use super::mask::{Mask, NO_CLUSTER};
use super::quantize::Quantizer;
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
    let mask = Mask::new(source.n_samples(), featureless)?;
    let n_features = source.n_features();
    let quantizer = Quantizer::new(n_features).ok_or(KMeansError::Features(n_features))?;
    if centroids.n_features() != n_features {
        return Err(KMeansError::OtherFeatures { needed: centroids.n_features(), n_features });
    }
    let total = Some(source.n_samples());
    monitor.emit(Event::Started { stage: Stage::Cluster, total, unit: "rows" });
    let labels = labels(source, &mask, &quantizer, centroids, backend, monitor).await;
    backend.end().await;
    let labels = labels?;
    monitor.emit(Event::Finished { stage: Stage::Cluster });
    Ok(labels)
}

/// Labels of all rows, block by block.
async fn labels<S: RowSource, B: Backend>(
    source: &S,
    mask: &Mask<'_>,
    quantizer: &Quantizer,
    centroids: &Centroids,
    backend: &mut B,
    monitor: &Monitor<'_>,
) -> Result<Vec<i32>, KMeansError> {
    let columns = quantizer.columns();
    let mut labels = vec![NO_CLUSTER; source.n_samples() as usize];
    let (mut rows, mut own_best) = (Vec::new(), Vec::new());
    let mut blocks = blocks(source);
    while let Some(block) = ReadBlock::next(&mut blocks)? {
        monitor.check()?;
        let (start, places) = (block.start as usize, mask.places(&block));
        block.quantize(&places, quantizer, &mut rows, &mut own_best)?;
        let shape =
            Shape { n_rows: own_best.len() as u64, columns, n_clusters: centroids.n_clusters() as u32 };
        backend.begin(shape, monitor.cancel_flag().clone()).await?;
        backend.push(RowBlock { rows: &rows, own_best: &own_best }).await?;
        backend.assign(centroids).await?;
        for (&place, &label) in places.iter().zip(&backend.labels().await?) {
            labels[start + place] = label as i32;
        }
        monitor.emit(Event::Progress { stage: Stage::Cluster, done: (start + block.n_rows()) as u64 });
    }
    Ok(labels)
}
