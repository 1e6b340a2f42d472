//! A map of documents: embeddings in two dimensions, by principal component analysis.
//!
//! The axes are those along which the rows differ most (of a keyed sample of rows, where there are many); a point is
//! what a row, less the mean, measures along them. It is for looking at: nothing is computed from it. All sums are of
//! f64 in a written order, so that the same rows give the same bytes everywhere.

mod axes;

use crate::error::Kind;
use crate::keys::{Permutation, hash};
use crate::monitor::{Cancelled, Event, Monitor, Stage};
use crate::par;
use crate::rows::{Blocks, RowSource, SourceError};

/// Values of the rows from which the axes are found: 4096 rows of 256 features. More hardly turn the axes.
const SAMPLE_VALUES: usize = 1 << 20;

/// The least rows of the sample.
const SAMPLE_ROWS: u64 = 64;

/// Values read at a time, between two looks at the cancel flag.
const BLOCK_VALUES: usize = 1 << 19;

/// Rows that a thread takes at a time.
const CHUNK: usize = 256;

/// Purpose of the key of the sample; see SPEC.md, section 0.
const SAMPLE_KEY: u64 = 11;

/// Documents as points.
#[derive(Debug, Clone, PartialEq)]
pub struct Map {
    /// Coordinates of shape `(n_samples, 2)`; NaN for a row without features.
    pub points: Vec<f32>,
    /// Which share of the variance of the sample lies along each axis.
    pub shares: [f64; 2],
}

/// Why there is no map.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MapError {
    /// The work was stopped.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The source could not give its rows.
    #[error("rows from row {row} on cannot be read: {error}")]
    Source {
        /// The first of them.
        row: u64,
        /// Why.
        error: SourceError,
    },
    /// There is not one flag for each row.
    #[error("{flags} flags of rows without features for {n_samples} rows")]
    Flags {
        /// How many there are.
        flags: usize,
        /// How many are needed.
        n_samples: u64,
    },
    /// A row has a value that is no number.
    #[error("row {row} holds a value that is not finite")]
    NotFinite {
        /// Which row.
        row: u64,
    },
    /// The points do not fit memory.
    #[error("no memory for the points of {n_samples} rows")]
    Memory {
        /// How many rows there are.
        n_samples: u64,
    },
}

crate::nameless!(MapError, |error| match error {
    MapError::Cancelled(_) => Kind::Cancelled,
    MapError::Source { error, .. } => error.kind(),
    MapError::Flags { .. } | MapError::NotFinite { .. } => Kind::Input,
    MapError::Memory { .. } => Kind::Memory,
});

/// Lays rows of shape `(n_samples, n_features)` out in two dimensions. Rows that `featureless` flags have no part in it.
/// Along each axis the feature that weighs most counts as positive; where rows differ along fewer than two axes, the
/// other coordinates are 0.
///
/// ```
/// use clusterclip_core::{map, monitor::Monitor, rows::SliceSource};
/// let rows = [0.0, 0.0, 4.0, 0.0, 2.0, 1.0, 2.0, -1.0];
/// let map = map::project(&SliceSource::new(&rows, 2), None, &Monitor::silent())?;
/// let expected = [-2.0, 0.0, 2.0, 0.0, 0.0, 1.0, 0.0, -1.0];
/// assert!(map.points.iter().zip(expected).all(|(point, expected)| (point - expected).abs() < 1e-6));
/// assert!((map.shares[0] - 0.8).abs() < 1e-9);
/// # Ok::<(), map::MapError>(())
/// ```
///
/// # Errors
/// [`MapError`] for rows that cannot be read or used, and when the work is stopped.
///
/// # Panics
/// If the rows have no features.
pub fn project<S: RowSource>(
    source: &S,
    featureless: Option<&[bool]>,
    monitor: &Monitor<'_>,
) -> Result<Map, MapError> {
    let (n_samples, n_features) = (source.n_samples(), source.n_features());
    assert!(n_features > 0, "rows must have features");
    let stage = Stage::Map;
    monitor.emit(Event::Started { stage, total: Some(n_samples), unit: "rows" });
    let rows = Featured { source, featureless };
    let used = rows.count()?;
    let sample = sample(used, n_features);
    let mut values = Vec::with_capacity(sample.len() * n_features);
    // The sample is ascending, and so are the rows that are met.
    let (mut seen, mut next) = (0, sample.iter().peekable());
    rows.for_each_block(monitor, |start, block| {
        for (i, row) in block.chunks_exact(n_features).enumerate() {
            if is_featureless(featureless, start + i as u64) {
                continue;
            }
            if next.next_if_eq(&&seen).is_some() {
                values.extend_from_slice(row);
            }
            seen += 1;
        }
        Ok(())
    })?;
    let axes = axes::principal(&mut values, n_features, monitor.cancel_flag())?;
    drop(values);

    let no_room = || MapError::Memory { n_samples };
    let mut points: Vec<f32> = Vec::new();
    let count = usize::try_from(n_samples).ok().and_then(|rows| rows.checked_mul(2)).ok_or_else(no_room)?;
    points.try_reserve_exact(count).map_err(|_| no_room())?;
    rows.for_each_block(monitor, |start, block| {
        let before = points.len();
        points.resize(before + block.len() / n_features * 2, f32::NAN);
        par::map_chunks_mut(&mut points[before..], 2 * CHUNK, |chunk, points| {
            let first = chunk * CHUNK;
            for (i, (point, row)) in points
                .chunks_exact_mut(2)
                .zip(block[first * n_features..].chunks_exact(n_features))
                .enumerate()
            {
                if !is_featureless(featureless, start + (first + i) as u64) {
                    point.copy_from_slice(&axes.point(row));
                }
            }
        });
        monitor.emit(Event::Progress { stage, done: start + (block.len() / n_features) as u64 });
        Ok(())
    })?;
    monitor.emit(Event::Finished { stage });
    Ok(Map { points, shares: axes.shares })
}

/// Which of the rows with features give the axes, ascending.
fn sample(used: u64, n_features: usize) -> Vec<u64> {
    let most = ((SAMPLE_VALUES / n_features) as u64).max(SAMPLE_ROWS);
    if used <= most {
        return (0..used).collect();
    }
    let rows = Permutation::new(hash(&[SAMPLE_KEY]), used);
    let mut sample: Vec<u64> = (0..most).map(|i| rows.at(i)).collect();
    sample.sort_unstable();
    sample
}

fn is_featureless(flags: Option<&[bool]>, row: u64) -> bool {
    // There is a flag in memory for each row, so that its number fits.
    flags.is_some_and(|flags| flags[row as usize])
}

/// Rows, and which of them have no features.
struct Featured<'a, S> {
    source: &'a S,
    featureless: Option<&'a [bool]>,
}

impl<S: RowSource> Featured<'_, S> {
    /// How many rows have features.
    fn count(&self) -> Result<u64, MapError> {
        let n_samples = self.source.n_samples();
        match self.featureless {
            None => Ok(n_samples),
            Some(flags) if flags.len() as u64 != n_samples => {
                Err(MapError::Flags { flags: flags.len(), n_samples })
            }
            Some(flags) => Ok(flags.iter().filter(|&&flag| !flag).count() as u64),
        }
    }

    /// Calls `take` with the number of the first row and the rows, block after block.
    fn for_each_block(
        &self,
        monitor: &Monitor<'_>,
        mut take: impl FnMut(u64, &[f32]) -> Result<(), MapError>,
    ) -> Result<(), MapError> {
        let mut blocks = Blocks::new(self.source, BLOCK_VALUES);
        while let Some((start, values)) = blocks.next(|row, error| MapError::Source { row, error })? {
            monitor.check()?;
            if let Some(at) = values.iter().position(|value| !value.is_finite()) {
                return Err(MapError::NotFinite { row: start + (at / self.source.n_features()) as u64 });
            }
            take(start, values)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
