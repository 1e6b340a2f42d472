//! Rows of f32 become rows of bytes, by a fixed function of the row alone: SPEC.md, 1.1.

use super::centroid::own_best;
use super::scale::{MAX_FEATURES, ROW_LIMIT, columns_of, shrink};
use crate::error::Kind;
use crate::keys;

/// Added and taken away again, it rounds a small f32 half to even (here the last bit is worth 1), without a call
/// on CPUs that lack the instruction.
const ROUND: f32 = 12_582_912.0;

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

crate::nameless!(RowError, Kind::Input);

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
        let columns = columns_of(n_features);
        let block = 1 << columns.trailing_zeros();
        // A sign is kept as the bit to flip: exact for every f32, and quicker than a product.
        let signs = |word| (0..columns as u64).map(|j| ((keys::hash(&[word, j]) & 1) as u32) << 31).collect();
        Some(Self {
            n_features,
            columns,
            block,
            scale: shrink(columns, block),
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
        unit(row, &mut scratch[..self.n_features])?;
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the instructions are there.
            unsafe { self.rotate_wide(scratch, out) };
            return Ok(own_best(out));
        }
        self.rotate(scratch, out);
        Ok(own_best(out))
    }

    /// [`rotate`](Self::rotate), compiled for wider vectors: the same operations, so the same bytes.
    ///
    /// # Safety
    /// The CPU has AVX2.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    unsafe fn rotate_wide(&self, scratch: &mut [f32], out: &mut [i8]) {
        self.rotate(scratch, out);
    }

    /// Rotates and rounds the row in the first half of `scratch`.
    #[inline(always)]
    fn rotate(&self, scratch: &mut [f32], out: &mut [i8]) {
        let (v, other) = scratch.split_at_mut(self.columns);
        flip(v, &self.first_signs);
        transform(v, self.block);
        let rotated = if self.columns > self.block {
            let blocks = self.columns / self.block;
            for (g, part) in v.chunks_exact(self.block).enumerate() {
                for (to, &value) in other[g..].iter_mut().step_by(blocks).zip(part) {
                    *to = value;
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
            let clipped = (value * self.scale).clamp(-ROW_LIMIT, ROW_LIMIT);
            *q = (clipped + ROUND - ROUND) as i8;
        }
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

#[inline(always)]
fn flip(v: &mut [f32], signs: &[u32]) {
    for (x, &sign) in v.iter_mut().zip(signs) {
        *x = f32::from_bits(x.to_bits() ^ sign);
    }
}

/// The unscaled Walsh-Hadamard transform of every block.
#[inline(always)]
fn transform(v: &mut [f32], block: usize) {
    // The first three strides at once, in one vector of 8.
    for eight in v.as_chunks_mut::<8>().0 {
        *eight = std::array::from_fn(|i| butterfly(eight, i, 1));
        *eight = std::array::from_fn(|i| butterfly(eight, i, 2));
        *eight = std::array::from_fn(|i| butterfly(eight, i, 4));
    }
    for part in v.chunks_exact_mut(block) {
        let mut stride = 8;
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

/// Component `i` after the butterflies of one stride: a + b in the lower place, a − b in the upper one.
#[inline(always)]
fn butterfly(v: &[f32; 8], i: usize, stride: usize) -> f32 {
    let other = v[i ^ stride];
    if i & stride == 0 { v[i] + other } else { other - v[i] }
}
