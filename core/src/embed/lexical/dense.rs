//! Tall dense matrices: Gram matrix, orthonormal columns, product with a small one.
//!
//! Matrices are row-major. Sums in f64 go over blocks of [`BLOCK_ROWS`] rows, added in block order, so that
//! they do not depend on the number of threads.

use super::simd::vectorised;
use super::sparse::add_rows;
use crate::monitor::{CancelFlag, Cancelled};
use crate::par;

/// Rows of a block in sums over rows.
pub const BLOCK_ROWS: usize = 2048;

/// Rows of a task where rows are worked on one by one.
const TASK_ROWS: usize = 64;

/// A column is dropped when what is left of its square, after the columns before it, is this small a part of
/// it: f32 products are exact to about 1e-7, whose square is far under this; a dropped column is zero from then on.
const DEPENDENT: f64 = 1e-12;

/// Rows added to the Gram matrix at a time: their sums stay in a register.
const GROUP: usize = 8;

vectorised! {
    /// Adds the products of each two columns of `rows` to the upper triangle `gram`, row after row.
    fn add_gram(gram: &mut [f64], rows: &[f32], width: usize, wide: &mut [f64]) {
        for group in rows.chunks(GROUP * width) {
            let wide = &mut wide[..group.len()];
            for (w, &x) in wide.iter_mut().zip(group) {
                *w = f64::from(x);
            }
            if group.len() == GROUP * width {
                let row = |k: usize| &wide[k * width..][..width];
                let r: [&[f64]; GROUP] = [row(0), row(1), row(2), row(3), row(4), row(5), row(6), row(7)];
                for i in 0..width {
                    let x = [r[0][i], r[1][i], r[2][i], r[3][i], r[4][i], r[5][i], r[6][i], r[7][i]];
                    let tail = width - i;
                    let sums = &mut gram[i * width + i..][..tail];
                    let y: [&[f64]; GROUP] = [
                        &r[0][i..][..tail], &r[1][i..][..tail], &r[2][i..][..tail], &r[3][i..][..tail],
                        &r[4][i..][..tail], &r[5][i..][..tail], &r[6][i..][..tail], &r[7][i..][..tail],
                    ];
                    for j in 0..tail {
                        let mut s = sums[j];
                        s += x[0] * y[0][j];
                        s += x[1] * y[1][j];
                        s += x[2] * y[2][j];
                        s += x[3] * y[3][j];
                        s += x[4] * y[4][j];
                        s += x[5] * y[5][j];
                        s += x[6] * y[6][j];
                        s += x[7] * y[7][j];
                        sums[j] = s;
                    }
                }
            } else {
                for row in wide.chunks_exact(width) {
                    for i in 0..width {
                        let sums = &mut gram[i * width + i..][..width - i];
                        for (s, y) in sums.iter_mut().zip(&row[i..]) {
                            *s += row[i] * y;
                        }
                    }
                }
            }
        }
    }
}

/// The products of each two columns of a matrix with rows of `width`: the upper triangle, `(width, width)`.
///
/// # Errors
/// [`Cancelled`] once the flag is set.
pub fn gram(matrix: &[f32], width: usize, cancel: &CancelFlag) -> Result<Vec<f64>, Cancelled> {
    let n_blocks = matrix.len().div_ceil(BLOCK_ROWS * width);
    let blocks = par::map(n_blocks, |block| {
        let rows = &matrix[block * BLOCK_ROWS * width..];
        let rows = &rows[..rows.len().min(BLOCK_ROWS * width)];
        let mut sums = vec![0.0; width * width];
        let mut wide = vec![0.0; GROUP * width];
        for part in rows.chunks(32 * GROUP * width) {
            cancel.check()?;
            add_gram(&mut sums, part, width, &mut wide);
        }
        Ok(sums)
    });
    let mut total = vec![0.0; width * width];
    for block in blocks {
        for (t, s) in total.iter_mut().zip(block?) {
            *t += s;
        }
    }
    Ok(total)
}

/// Turns the upper triangle of a Gram matrix into R with RᵀR = it, upper triangular. The row of a dependent
/// column is zero.
pub fn cholesky(gram: &mut [f64], width: usize) {
    let diagonal: Vec<f64> = (0..width).map(|i| gram[i * width + i]).collect();
    for i in 0..width {
        let (done, rest) = gram.split_at_mut((i + 1) * width);
        let row = &mut done[i * width..];
        row[..i].fill(0.0);
        let pivot = row[i];
        if pivot <= DEPENDENT * diagonal[i] {
            row.fill(0.0);
            continue;
        }
        let root = pivot.sqrt();
        for x in &mut row[i..] {
            *x /= root;
        }
        for (below, later) in rest.chunks_exact_mut(width).enumerate() {
            let j = i + 1 + below;
            subtract(&mut later[j..], row[j], &row[j..]);
        }
    }
}

vectorised! {
    /// row −= factor · other.
    fn subtract(row: &mut [f64], factor: f64, other: &[f64]) {
        for (x, y) in row.iter_mut().zip(other) {
            *x -= factor * y;
        }
    }
}

vectorised! {
    /// Solves q · R = y for each row y of `rows`, in place, by forward substitution in f64.
    fn solve_rows(rows: &mut [f32], triangle: &[f64], width: usize, wide: &mut [f64]) {
        for row in rows.chunks_exact_mut(width) {
            for (w, &x) in wide.iter_mut().zip(row.iter()) {
                *w = f64::from(x);
            }
            for i in 0..width {
                let r = &triangle[i * width..][..width];
                let q = if r[i] > 0.0 { wide[i] / r[i] } else { 0.0 };
                wide[i] = q;
                for (w, x) in wide[i + 1..].iter_mut().zip(&r[i + 1..]) {
                    *w -= q * x;
                }
            }
            for (x, &w) in row.iter_mut().zip(wide.iter()) {
                *x = w as f32;
            }
        }
    }
}

/// Makes the columns of `matrix` orthonormal (Cholesky QR); dependent columns become zero.
///
/// # Errors
/// [`Cancelled`] once the flag is set.
pub fn orthonormalise(matrix: &mut [f32], width: usize, cancel: &CancelFlag) -> Result<(), Cancelled> {
    let mut triangle = gram(matrix, width, cancel)?;
    cholesky(&mut triangle, width);
    par::map_chunks_mut(matrix, TASK_ROWS * width, |_, rows| {
        cancel.check()?;
        solve_rows(rows, &triangle, width, &mut vec![0.0; width]);
        Ok(())
    })
    .into_iter()
    .collect()
}

/// `matrix` · `small`, `(rows, columns)`, where `small` is `(width, columns)`.
///
/// # Errors
/// [`Cancelled`] once the flag is set.
pub fn multiply(
    matrix: &[f32],
    width: usize,
    small: &[f32],
    columns: usize,
    cancel: &CancelFlag,
) -> Result<Vec<f32>, Cancelled> {
    let mut out = vec![0.0; matrix.len() / width * columns];
    let every: Vec<u32> = (0..width as u32).collect();
    par::map_chunks_mut(&mut out, TASK_ROWS * columns, |task, block| {
        cancel.check()?;
        let rows = matrix[task * TASK_ROWS * width..].chunks_exact(width);
        for (sum, row) in block.chunks_exact_mut(columns).zip(rows) {
            add_rows(sum, &every, row, small);
        }
        Ok(())
    })
    .into_iter()
    .collect::<Result<(), Cancelled>>()?;
    Ok(out)
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::keys;

    pub fn random(rows: usize, width: usize, seed: u64) -> Vec<f32> {
        let value = |i| (keys::hash(&[seed, i as u64]) >> 40) as f32 / (1 << 23) as f32 - 1.0;
        (0..rows * width).map(value).collect()
    }

    pub fn product(matrix: &[f32], width: usize, i: usize, j: usize) -> f64 {
        matrix.chunks_exact(width).map(|row| f64::from(row[i]) * f64::from(row[j])).sum()
    }

    #[test]
    fn columns_become_orthonormal_and_dependent_ones_zero() {
        for (rows, width) in [(1, 1), (9, 3), (5000, 20), (4, 7)] {
            let mut matrix = random(rows, width, 1);
            if width > 2 {
                for row in matrix.chunks_exact_mut(width) {
                    row[2] = row[0] * 2.0;
                }
            }
            orthonormalise(&mut matrix, width, &CancelFlag::default()).unwrap();
            let rank = (0..width).filter(|&i| product(&matrix, width, i, i) > 0.5).count();
            assert_eq!(rank, rows.min(if width > 2 { width - 1 } else { width }), "{rows} x {width}");
            for i in 0..width {
                for j in 0..width {
                    let expected = f64::from(u8::from(i == j && product(&matrix, width, i, i) > 0.5));
                    let found = product(&matrix, width, i, j);
                    assert!((found - expected).abs() < 1e-5, "{rows} x {width}: {i} {j}: {found}");
                }
            }
        }
    }
}
