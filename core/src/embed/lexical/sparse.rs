//! Sparse rows, and their product with a dense matrix.

use super::simd::vectorised;
use crate::monitor::{CancelFlag, Cancelled};
use crate::par;

/// Rows of a product that one task works on.
const TASK_ROWS: usize = 32;

vectorised! {
    /// Adds Σ values[k] · dense[columns[k]] to `sum`, in the order of k; `dense` has rows of `sum.len()`.
    ///
    /// Four products are added at a time: the sum stays in a register, and four rows are fetched at once.
    pub fn add_rows(sum: &mut [f32], columns: &[u32], values: &[f32], dense: &[f32]) {
        let width = sum.len();
        let row = |column: u32| &dense[column as usize * width..][..width];
        let (column_fours, column_rest) = columns.as_chunks::<4>();
        let (value_fours, value_rest) = values.as_chunks::<4>();
        for (c, v) in column_fours.iter().zip(value_fours) {
            let (r0, r1, r2, r3) = (row(c[0]), row(c[1]), row(c[2]), row(c[3]));
            for i in 0..width {
                sum[i] = (((sum[i] + v[0] * r0[i]) + v[1] * r1[i]) + v[2] * r2[i]) + v[3] * r3[i];
            }
        }
        for (&c, &v) in column_rest.iter().zip(value_rest) {
            for (s, x) in sum.iter_mut().zip(row(c)) {
                *s += v * x;
            }
        }
    }
}

/// A matrix of sparse rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Sparse {
    /// Row i is `offsets[i]..offsets[i + 1]` of the other two.
    offsets: Vec<usize>,
    columns: Vec<u32>,
    values: Vec<f32>,
    n_columns: usize,
}

impl Sparse {
    /// Joins rows of ascending (column, value).
    pub fn new(rows: Vec<Vec<(u32, f32)>>, n_columns: usize) -> Self {
        let len = rows.iter().map(Vec::len).sum();
        let mut matrix = Self {
            offsets: Vec::with_capacity(rows.len() + 1),
            columns: Vec::with_capacity(len),
            values: Vec::with_capacity(len),
            n_columns,
        };
        matrix.offsets.push(0);
        // Each row is freed as soon as it is copied.
        for row in rows {
            matrix.columns.extend(row.iter().map(|&(column, _)| column));
            matrix.values.extend(row.iter().map(|&(_, value)| value));
            matrix.offsets.push(matrix.columns.len());
        }
        matrix
    }

    /// How many rows.
    pub fn n_rows(&self) -> usize {
        self.offsets.len() - 1
    }

    /// How many columns.
    pub fn n_columns(&self) -> usize {
        self.n_columns
    }

    /// Columns become rows; entries stay in ascending order.
    ///
    /// # Errors
    /// [`Cancelled`] once the flag is set.
    pub fn transposed(&self, cancel: &CancelFlag) -> Result<Self, Cancelled> {
        let mut offsets = vec![0; self.n_columns + 1];
        for &column in &self.columns {
            offsets[column as usize + 1] += 1;
        }
        for i in 0..self.n_columns {
            offsets[i + 1] += offsets[i];
        }
        let mut next = offsets.clone();
        let mut columns = vec![0; self.columns.len()];
        let mut values = vec![0.0; self.values.len()];
        for row in 0..self.n_rows() {
            cancel.check()?;
            for k in self.offsets[row]..self.offsets[row + 1] {
                let place = &mut next[self.columns[k] as usize];
                columns[*place] = row as u32;
                values[*place] = self.values[k];
                *place += 1;
            }
        }
        Ok(Self { offsets, columns, values, n_columns: self.n_rows() })
    }

    /// Writes this · `dense`, `(n_rows, width)`, to `out`; each sum goes over ascending columns.
    ///
    /// # Errors
    /// [`Cancelled`] once the flag is set.
    pub fn multiply(
        &self,
        dense: &[f32],
        width: usize,
        out: &mut [f32],
        cancel: &CancelFlag,
    ) -> Result<(), Cancelled> {
        debug_assert_eq!((dense.len(), out.len()), (self.n_columns * width, self.n_rows() * width));
        par::map_chunks_mut(out, TASK_ROWS * width, |task, block| {
            cancel.check()?;
            for (i, sum) in block.chunks_exact_mut(width).enumerate() {
                let row = task * TASK_ROWS + i;
                let entries = self.offsets[row]..self.offsets[row + 1];
                sum.fill(0.0);
                add_rows(sum, &self.columns[entries.clone()], &self.values[entries], dense);
            }
            Ok(())
        })
        .into_iter()
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_those_of_dense_matrices() {
        let rows = vec![vec![(0, 1.0), (2, 2.0)], vec![], vec![(1, -1.0), (2, 0.5)]];
        let matrix = Sparse::new(rows, 4);
        let dense: Vec<f32> = (0..8u8).map(f32::from).collect();
        let mut out = vec![9.0; 6];
        matrix.multiply(&dense, 2, &mut out, &CancelFlag::default()).unwrap();
        assert_eq!(out, [8.0, 11.0, 0.0, 0.0, 0.0, -0.5]);
        let turned = matrix.transposed(&CancelFlag::default()).unwrap();
        assert_eq!((turned.n_rows(), turned.n_columns()), (4, 3));
        assert_eq!(turned.transposed(&CancelFlag::default()).unwrap(), matrix);
        let mut out = vec![9.0; 4];
        turned.multiply(&[1.0, 10.0, 100.0], 1, &mut out, &CancelFlag::default()).unwrap();
        assert_eq!(out, [1.0, -100.0, 52.0, 0.0]);
    }

    #[test]
    fn sums_are_made_in_order_whatever_the_vector_unit() {
        // 1e8 + 1 + … rounds differently in any other order or width.
        let dense: Vec<f32> = (0..9 * 37).map(|i| if i < 37 { 1e8 } else { 1.0 + (i % 7) as f32 }).collect();
        let values: Vec<f32> = (0..9).map(|k| 1.0 + k as f32 * 0.3).collect();
        let columns: Vec<u32> = (0..9).collect();
        let mut sum = vec![0.0; 37];
        add_rows(&mut sum, &columns, &values, &dense);
        for i in 0..37 {
            let plain = (0..9).fold(0.0f32, |s, k| s + values[k] * dense[k * 37 + i]);
            assert_eq!(sum[i].to_bits(), plain.to_bits(), "element {i}");
        }
    }
}
