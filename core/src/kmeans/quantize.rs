//! Rows of f32 become rows of bytes, by a fixed function of the row alone: SPEC.md, 1.1.

use super::centroid;
use crate::keys;

/// The most features a row may have: scores of longer rows would leave i32 (63 · 127 · P + |b| < 2^31).
pub const MAX_FEATURES: usize = 1 << 18;

/// Rows are padded to a multiple of this many columns.
const COLUMNS: usize = 64;

/// Bytes of a row lie in −63..=63: 7 bits, so that AVX2's byte products cannot saturate.
pub(super) const ROW_LIMIT: f32 = 63.0;

/// How many deviations of a typical rotated component the byte range spans.
pub(super) const SPREAD: f64 = 5.3;

/// Key words of the first and second signs.
const FIRST_SIGNS: u64 = 7;
const SECOND_SIGNS: u64 = 8;

/// What keeps a row from having a direction.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RowError {
    /// A value is infinite or not a number.
    #[error("column {column} is {value}: every value must be a finite number")]
    NotFinite {
        /// The column, from 0.
        column: usize,
        /// What is there.
        value: f32,
    },
    /// All values are zero.
    #[error(
        "all values are zero, so it has no direction to compare: take it out, or embed the document again"
    )]
    Zero,
}

/// Turns rows of `n_features` f32 into rows of [`columns`](Self::columns) bytes.
///
/// Two Walsh-Hadamard rotations with fixed random signs spread every row evenly over its components, so that
/// one fixed scale serves all rows, those with outlier dimensions too.
#[derive(Debug, Clone)]
pub struct Quantizer {
    n_features: usize,
    columns: usize,
    block: usize,
    scale: f32,
    first_signs: Vec<u32>,
    second_signs: Vec<u32>,
}

impl Quantizer {
    /// Prepares for rows of `n_features` features; `None` for 0 or more than [`MAX_FEATURES`].
    pub fn new(n_features: usize) -> Option<Self> {
        if n_features == 0 || n_features > MAX_FEATURES {
            return None;
        }
        let columns = n_features.next_multiple_of(COLUMNS);
        let block = 1 << columns.trailing_zeros();
        let root = (block as f64).sqrt();
        let passes = if columns > block { block as f64 } else { root };
        let scale = (f64::from(ROW_LIMIT) * (columns as f64).sqrt() / SPREAD / passes) as f32;
        // A sign is kept as the bit to flip: exact for every f32, and quicker than a product.
        let signs = |word| (0..columns as u64).map(|j| ((keys::hash(&[word, j]) & 1) as u32) << 31).collect();
        Some(Self {
            n_features,
            columns,
            block,
            scale,
            first_signs: signs(FIRST_SIGNS),
            second_signs: signs(SECOND_SIGNS),
        })
    }

    /// Features of a row that comes in.
    pub fn n_features(&self) -> usize {
        self.n_features
    }

    /// Bytes of a row that goes out: the next multiple of 64.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Quantises one row into `out` and returns its own best; `scratch` is resized as needed.
    ///
    /// # Errors
    /// [`RowError`] for rows without a direction.
    ///
    /// # Panics
    /// If `row` or `out` has another length than [`n_features`](Self::n_features) or [`columns`](Self::columns).
    pub fn quantize(&self, row: &[f32], out: &mut [i8], scratch: &mut Vec<f32>) -> Result<i32, RowError> {
        assert_eq!((row.len(), out.len()), (self.n_features, self.columns), "row and output lengths");
        scratch.clear();
        scratch.resize(2 * self.columns, 0.0);
        let (v, other) = scratch.split_at_mut(self.columns);
        unit(row, &mut v[..self.n_features])?;
        flip(v, &self.first_signs);
        transform(v, self.block);
        let rotated = if self.columns > self.block {
            let blocks = self.columns / self.block;
            for (g, part) in v.chunks_exact(self.block).enumerate() {
                for (i, &value) in part.iter().enumerate() {
                    other[i * blocks + g] = value;
                }
            }
            flip(other, &self.second_signs);
            transform(other, self.block);
            other
        } else {
            v
        };
        for (q, &value) in out.iter_mut().zip(&*rotated) {
            // Clipping first gives the same byte, since ±63 are integers.
            *q = (value * self.scale).clamp(-ROW_LIMIT, ROW_LIMIT).round_ties_even() as i8;
        }
        Ok(centroid::own_best(out))
    }
}

/// u of SPEC.md, 1.1: the row divided by its norm, both in f64, as f32.
///
/// # Errors
/// [`RowError`] for rows without a direction.
pub(super) fn unit(row: &[f32], out: &mut [f32]) -> Result<(), RowError> {
    let mut squares = 0.0f64;
    for &x in row {
        squares += f64::from(x) * f64::from(x);
    }
    // Squares of finite f32 neither overflow nor vanish in f64: the sum tells all there is to know.
    if !squares.is_finite() {
        let column = row.iter().position(|x| !x.is_finite()).unwrap_or(0);
        return Err(RowError::NotFinite { column, value: row[column] });
    }
    if squares == 0.0 {
        return Err(RowError::Zero);
    }
    let norm = squares.sqrt();
    for (u, &x) in out.iter_mut().zip(row) {
        *u = (f64::from(x) / norm) as f32;
    }
    Ok(())
}

fn flip(v: &mut [f32], signs: &[u32]) {
    for (x, &sign) in v.iter_mut().zip(signs) {
        *x = f32::from_bits(x.to_bits() ^ sign);
    }
}

/// The unscaled Walsh-Hadamard transform of every block.
fn transform(v: &mut [f32], block: usize) {
    for part in v.chunks_exact_mut(block) {
        let mut stride = 1;
        while stride < block {
            for pair in part.chunks_exact_mut(2 * stride) {
                let (low, high) = pair.split_at_mut(stride);
                for (a, b) in low.iter_mut().zip(high) {
                    (*a, *b) = (*a + *b, *a - *b);
                }
            }
            stride *= 2;
        }
    }
}
