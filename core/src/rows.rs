//! Rows of embeddings: blocks of f32 that are read in any order and never all held.
//!
//! K-Means, the map and the nearest rows read through [`RowSource`], so that rows may lie in memory, in a file or in a
//! browser's blob.

/// Why a source could not give its rows.
pub type SourceError = Box<dyn std::error::Error + Send + Sync>;

/// Embeddings of shape `(n_samples, n_features)` that are read in blocks of whole rows.
pub trait RowSource {
    /// How many rows there are.
    fn n_samples(&self) -> u64;

    /// How many features a row has.
    fn n_features(&self) -> usize;

    /// Reads whole rows from row `start` on into `out`, row-major; `out` holds a whole number of rows.
    ///
    /// # Errors
    /// Whatever keeps the rows from being read.
    fn read(&self, start: u64, out: &mut [f32]) -> Result<(), SourceError>;
}

/// Rows that lie in memory: the slice (row-major) and the number of features.
///
/// ```
/// use clusterclip_core::rows::{RowSource, SliceSource};
/// let source = SliceSource::new(&[1.0, 0.0, 0.6, 0.8], 2);
/// assert_eq!((source.n_samples(), source.n_features()), (2, 2));
/// let mut row = [0.0; 2];
/// source.read(1, &mut row)?;
/// assert_eq!(row, [0.6, 0.8]);
/// assert!(source.read(2, &mut row).is_err());
/// # Ok::<(), clusterclip_core::rows::SourceError>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct SliceSource<'a> {
    rows: &'a [f32],
    n_features: usize,
}

impl<'a> SliceSource<'a> {
    /// Takes `rows`, row-major, of `n_features` each.
    ///
    /// # Panics
    /// If `rows` is not a whole number of rows.
    pub fn new(rows: &'a [f32], n_features: usize) -> Self {
        assert!(n_features > 0 && rows.len().is_multiple_of(n_features), "rows must be whole");
        Self { rows, n_features }
    }
}

impl RowSource for SliceSource<'_> {
    fn n_samples(&self) -> u64 {
        (self.rows.len() / self.n_features) as u64
    }

    fn n_features(&self) -> usize {
        self.n_features
    }

    fn read(&self, start: u64, out: &mut [f32]) -> Result<(), SourceError> {
        let from = usize::try_from(start)? * self.n_features;
        let rows = self.rows.get(from..from + out.len()).ok_or("rows past the end were asked for")?;
        out.copy_from_slice(rows);
        Ok(())
    }
}
