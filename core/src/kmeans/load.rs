//! Rows become bytes in a backend: the step before the loop.

use super::backend::{Backend, RowBlock, Shape};
use super::blocks::{ReadBlock, blocks};
use super::error::KMeansError;
use super::mask::Mask;
use super::quantize::Quantizer;
use crate::monitor::{Event, Monitor, Stage};
use crate::rows::RowSource;

/// What the loop must know of the rows in a backend. That of several parts of the rows adds up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Loaded {
    /// Clustered rows.
    pub n_rows: u64,
    /// Sum of their own bests (SPEC.md, 1.1): more than this is not to be gained.
    pub own_best: i64,
}

impl std::iter::Sum for Loaded {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::default(), |sum, part| Self {
            n_rows: sum.n_rows + part.n_rows,
            own_best: sum.own_best + part.own_best,
        })
    }
}

/// Quantises the rows of `source` that `featureless` does not flag into `backend`, which is begun anew with room for
/// `n_clusters` clusters.
///
/// # Errors
/// [`KMeansError`]: rows that cannot be read or quantised, no room for them, or the work was stopped.
pub async fn load<S: RowSource, B: Backend>(
    source: &S,
    featureless: Option<&[bool]>,
    n_clusters: u32,
    backend: &mut B,
    monitor: &Monitor<'_>,
) -> Result<Loaded, KMeansError> {
    let mask = Mask::new(source.n_samples(), featureless)?;
    let n_features = source.n_features();
    let quantizer = Quantizer::new(n_features).ok_or(KMeansError::Features(n_features))?;
    let n_rows = mask.n_clustered;
    monitor.emit(Event::Started { stage: Stage::Quantize, total: Some(n_rows), unit: "rows" });
    let shape = Shape { n_rows, columns: quantizer.columns(), n_clusters };
    backend.begin(shape, monitor.cancel_flag().clone()).await?;
    let (mut rows, mut own_best) = (Vec::new(), Vec::new());
    let mut loaded = Loaded::default();
    let mut blocks = blocks(source);
    while let Some(block) = ReadBlock::next(&mut blocks)? {
        monitor.check()?;
        block.quantize(&mask.places(&block), &quantizer, &mut rows, &mut own_best)?;
        backend.push(RowBlock { rows: &rows, own_best: &own_best }).await?;
        loaded.n_rows += own_best.len() as u64;
        loaded.own_best += own_best.iter().map(|&best| i64::from(best)).sum::<i64>();
        monitor.emit(Event::Progress { stage: Stage::Quantize, done: loaded.n_rows });
    }
    monitor.emit(Event::Finished { stage: Stage::Quantize });
    Ok(loaded)
}
