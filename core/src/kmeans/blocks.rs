//! Rows read block by block, and what is done with all rows of a block.

use super::error::KMeansError;
use super::quantize::{Quantizer, unit};
use crate::par;
use crate::rows::{Blocks, RowSource};

/// How many f32 values are read at a time: 8 MiB, some thousands of rows, keeps every core busy between reads.
const BLOCK_VALUES: usize = 1 << 21;

/// Rows that a thread takes at a time.
pub(super) const CHUNK: usize = 64;

/// Reads a source from its first row to its last.
pub(super) fn blocks<S: RowSource>(source: &S) -> Blocks<'_, S> {
    Blocks::new(source, BLOCK_VALUES)
}

/// Consecutive rows of a source.
pub(super) struct ReadBlock<'a> {
    /// The first row.
    pub start: u64,
    /// The rows, row-major.
    pub values: &'a [f32],
    n_features: usize,
}

impl<'b> ReadBlock<'b> {
    /// The next block, until there are no more rows.
    pub fn next<S: RowSource>(blocks: &'b mut Blocks<'_, S>) -> Result<Option<Self>, KMeansError> {
        let n_features = blocks.n_features();
        let next = blocks.next(|row, error| KMeansError::Source { row, error })?;
        Ok(next.map(|(start, values)| Self { start, values, n_features }))
    }
}

impl ReadBlock<'_> {
    /// How many rows there are.
    pub fn n_rows(&self) -> usize {
        self.values.len() / self.n_features
    }

    /// The row at a place.
    pub fn row(&self, place: usize) -> &[f32] {
        &self.values[place * self.n_features..][..self.n_features]
    }

    /// Quantises the rows at `places` in parallel, in this order.
    pub fn quantize(
        &self,
        places: &[usize],
        quantizer: &Quantizer,
        rows: &mut Vec<i8>,
        own_best: &mut Vec<i32>,
    ) -> Result<(), KMeansError> {
        let columns = quantizer.columns();
        rows.resize(places.len() * columns, 0);
        let chunks = par::map_chunks_mut(rows, CHUNK * columns, |chunk, out| {
            let mut scratch = Vec::new();
            let places = places[chunk * CHUNK..].iter().zip(out.chunks_exact_mut(columns));
            places
                .map(|(&place, q)| {
                    let own_best = quantizer.quantize(self.row(place), q, &mut scratch);
                    own_best.map_err(|error| KMeansError::Row { row: self.start + place as u64, error })
                })
                .collect::<Result<Vec<i32>, _>>()
        });
        own_best.clear();
        for chunk in chunks {
            own_best.extend(chunk?);
        }
        Ok(())
    }

    /// Makes unit rows of those at `places` in parallel, in this order: u of SPEC.md, 1.1.
    pub fn units(
        &self,
        places: impl Fn(usize) -> usize + Sync,
        count: usize,
        out: &mut Vec<f32>,
    ) -> Result<(), KMeansError> {
        out.resize(count * self.n_features, 0.0);
        let chunks = par::map_chunks_mut(out, CHUNK * self.n_features, |chunk, out| {
            out.chunks_exact_mut(self.n_features).enumerate().try_for_each(|(i, out)| {
                let place = places(chunk * CHUNK + i);
                let done = unit(self.row(place), out);
                done.map_err(|error| KMeansError::Row { row: self.start + place as u64, error })
            })
        });
        chunks.into_iter().collect()
    }
}
