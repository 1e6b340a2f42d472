//! Rows of embeddings: blocks of f32 that are read in any order and never all held.
//!
//! K-Means and the map read through [`RowSource`], so that rows may lie in memory, in a file or in another module of a
//! browser; what a .npy file holds becomes rows in [`format::npy`](crate::format::npy).

use crate::error::{Explain, Kind};

/// Why a source could not give its rows: an error, or words, which are of [`Kind::Io`].
pub type SourceError = Box<dyn Explain + Send + Sync>;

impl<E: Explain + Send + Sync + 'static> From<E> for SourceError {
    fn from(error: E) -> Self {
        Box::new(error)
    }
}

impl From<&str> for SourceError {
    fn from(words: &str) -> Self {
        words.to_owned().into()
    }
}

impl From<String> for SourceError {
    fn from(words: String) -> Self {
        Box::new(Words(words))
    }
}

/// A reason that is nothing but words.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Words(String);

crate::nameless!(Words, Kind::Io);

/// Embeddings of shape `(n_samples, n_features)` that are read in blocks of whole rows.
pub trait RowSource {
    /// How many rows there are.
    fn n_samples(&self) -> u64;

    /// How many features a row has, at least 1.
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
    /// If `rows` is not a whole number of rows, or they have no features.
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
        let from = usize::try_from(start).ok().and_then(|start| start.checked_mul(self.n_features));
        let rows = from.and_then(|from| self.rows.get(from..)?.get(..out.len()));
        out.copy_from_slice(rows.ok_or("rows past the end were asked for")?);
        Ok(())
    }
}

/// Reads a source block by block, from its first row to its last, for loops that may wait in between.
///
/// ```
/// use clusterclip_core::rows::{Blocks, SliceSource};
/// let source = SliceSource::new(&[1.0, 2.0, 3.0], 1);
/// let mut blocks = Blocks::new(&source, 2);
/// let wrong = |_, error| error;
/// assert_eq!(blocks.next(wrong)?, Some((0, &[1.0, 2.0][..])));
/// assert_eq!(blocks.next(wrong)?, Some((2, &[3.0][..])));
/// assert_eq!(blocks.next(wrong)?, None);
/// # Ok::<(), clusterclip_core::rows::SourceError>(())
/// ```
#[derive(Debug)]
pub struct Blocks<'a, S> {
    source: &'a S,
    /// The first row of the next block.
    start: u64,
    block_rows: u64,
    buffer: Vec<f32>,
}

impl<'a, S: RowSource> Blocks<'a, S> {
    /// Starts at the first row; a block holds about `values` values, but one row at least.
    ///
    /// # Panics
    /// If the rows have no features.
    pub fn new(source: &'a S, values: usize) -> Self {
        assert!(source.n_features() > 0, "rows must have features");
        let block_rows = (values / source.n_features()).max(1) as u64;
        Self { source, start: 0, block_rows, buffer: Vec::new() }
    }

    /// How many features a row has.
    pub fn n_features(&self) -> usize {
        self.source.n_features()
    }

    /// The next block: the number of its first row and its rows, row-major; nothing after the last.
    ///
    /// # Errors
    /// What `wrong` makes of its first row and of what keeps the rows from being read.
    pub fn next<E>(&mut self, wrong: impl FnOnce(u64, SourceError) -> E) -> Result<Option<(u64, &[f32])>, E> {
        let (start, n_features) = (self.start, self.source.n_features());
        let count = self.block_rows.min(self.source.n_samples() - start);
        if count == 0 {
            return Ok(None);
        }
        self.buffer.resize(count as usize * n_features, 0.0);
        self.source.read(start, &mut self.buffer).map_err(|error| wrong(start, error))?;
        self.start += count;
        Ok(Some((start, &self.buffer)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::Cancelled;

    #[test]
    fn rows_beyond_the_last_are_an_error_however_far() {
        let source = SliceSource::new(&[1.0, 2.0, 3.0, 4.0], 2);
        for start in [2, u64::MAX / 2, u64::MAX] {
            let error = source.read(start, &mut [0.0; 2]).unwrap_err();
            assert_eq!(
                (error.kind(), error.to_string().as_str()),
                (Kind::Io, "rows past the end were asked for")
            );
        }
        assert!(source.read(1, &mut [0.0; 4]).is_err());
    }

    #[test]
    fn an_error_of_a_source_keeps_its_kind() {
        assert_eq!(SourceError::from(Cancelled).kind(), Kind::Cancelled);
        assert_eq!(SourceError::from("gone".to_owned()).kind(), Kind::Io);
    }

    struct Bare;

    impl RowSource for Bare {
        fn n_samples(&self) -> u64 {
            3
        }

        fn n_features(&self) -> usize {
            0
        }

        fn read(&self, _: u64, _: &mut [f32]) -> Result<(), SourceError> {
            unreachable!("there is nothing to read")
        }
    }

    #[test]
    #[should_panic = "rows must have features"]
    fn rows_without_features_are_refused() {
        Blocks::new(&Bare, 8);
    }
}
