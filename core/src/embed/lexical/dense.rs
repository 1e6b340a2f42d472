//! Tall dense matrices: Gram matrix, orthonormal columns, and the singular vectors of a small triangle.
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

/// Rows count as orthogonal when the cosine between them is at most this.
const ORTHOGONAL: f64 = 1e-12;

/// Sweeps over all pairs of rows, at most; 6 to 12 are needed in practice.
const MAX_SWEEPS: usize = 30;

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

/// The singular values and right singular vectors of a square matrix.
#[derive(Debug)]
pub struct Singular {
    /// Descending.
    pub values: Vec<f64>,
    /// One row a value, of unit norm, its component of largest magnitude positive; zero for a value of zero.
    pub vectors: Vec<f64>,
}

/// One-sided Jacobi (Hestenes): rotates pairs of rows until all are orthogonal. For R of [`cholesky`] the
/// values are the singular values of the tall matrix, and the vectors its right singular vectors.
///
/// # Errors
/// [`Cancelled`] once the flag is set.
pub fn singular(mut rows: Vec<f64>, width: usize, cancel: &CancelFlag) -> Result<Singular, Cancelled> {
    for _ in 0..MAX_SWEEPS {
        let mut rotated = false;
        for p in 0..width {
            cancel.check()?;
            let (done, rest) = rows.split_at_mut((p + 1) * width);
            let row_p = &mut done[p * width..];
            for row_q in rest.chunks_exact_mut(width) {
                let (mut sums, mut turned) = ([0.0; 3], false);
                products(row_p, row_q, &mut sums);
                rotate(row_p, row_q, sums, &mut turned);
                rotated |= turned;
            }
        }
        if !rotated {
            break;
        }
    }
    let mut ranked: Vec<(f64, usize)> = rows
        .chunks_exact(width)
        .enumerate()
        .map(|(i, row)| (row.iter().fold(0.0, |sum, x| sum + x * x).sqrt(), i))
        .collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut vectors = vec![0.0; width * width];
    for (vector, &(value, i)) in vectors.chunks_exact_mut(width).zip(&ranked) {
        let row = &rows[i * width..][..width];
        // Strictly larger: the first of several of the same magnitude decides.
        let largest = row.iter().fold(0.0f64, |best, &x| if x.abs() > best.abs() { x } else { best });
        let scale = if largest < 0.0 { -value } else { value };
        if value > 0.0 {
            for (v, x) in vector.iter_mut().zip(row) {
                *v = x / scale;
            }
        }
    }
    Ok(Singular { values: ranked.into_iter().map(|(value, _)| value).collect(), vectors })
}

/// Partial sums of [`products`].
const LANES: usize = 8;

vectorised! {
    /// p·p, q·q and p·q: eight partial sums over every eighth element, added as ((0+4)+(2+6))+((1+5)+(3+7)),
    /// then the elements beyond the last whole eight.
    fn products(p: &[f64], q: &[f64], out: &mut [f64; 3]) {
        let (p_lanes, p_rest) = p.as_chunks::<LANES>();
        let (q_lanes, q_rest) = q.as_chunks::<LANES>();
        let mut sums = [[0.0f64; LANES]; 3];
        for (x, y) in p_lanes.iter().zip(q_lanes) {
            for l in 0..LANES {
                sums[0][l] += x[l] * x[l];
                sums[1][l] += y[l] * y[l];
                sums[2][l] += x[l] * y[l];
            }
        }
        for (total, s) in out.iter_mut().zip(&sums) {
            *total = ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
        }
        for (x, y) in p_rest.iter().zip(q_rest) {
            out[0] += x * x;
            out[1] += y * y;
            out[2] += x * y;
        }
    }
}

vectorised! {
    /// Rotates two rows, with the sums of [`products`], so that they become orthogonal; says whether they were not.
    fn rotate(p: &mut [f64], q: &mut [f64], sums: [f64; 3], turned: &mut bool) {
        let [alpha, beta, gamma] = sums;
        if gamma.abs() <= ORTHOGONAL * (alpha * beta).sqrt() {
            return;
        }
        let zeta = (beta - alpha) / (2.0 * gamma);
        let t = zeta.signum() / (zeta.abs() + (1.0 + zeta * zeta).sqrt());
        let c = 1.0 / (1.0 + t * t).sqrt();
        let s = c * t;
        for (x, y) in p.iter_mut().zip(q) {
            let (a, b) = (*x, *y);
            *x = c * a - s * b;
            *y = s * a + c * b;
        }
        *turned = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys;

    fn random(rows: usize, width: usize, seed: u64) -> Vec<f32> {
        let value = |i| (keys::hash(&[seed, i as u64]) >> 40) as f32 / (1 << 23) as f32 - 1.0;
        (0..rows * width).map(value).collect()
    }

    fn product(matrix: &[f32], width: usize, i: usize, j: usize) -> f64 {
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

    #[test]
    fn singular_vectors_rebuild_the_gram_matrix() {
        let (rows, width) = (300, 19);
        let matrix = random(rows, width, 2);
        let mut triangle = gram(&matrix, width, &CancelFlag::default()).unwrap();
        cholesky(&mut triangle, width);
        let found = singular(triangle, width, &CancelFlag::default()).unwrap();
        assert!(found.values.is_sorted_by(|a, b| a >= b));
        for i in 0..width {
            for j in 0..width {
                let rebuilt: f64 = (0..width)
                    .map(|r| {
                        let v = &found.vectors[r * width..];
                        found.values[r] * found.values[r] * v[i] * v[j]
                    })
                    .sum();
                assert!((rebuilt - product(&matrix, width, i, j)).abs() < 1e-9, "{i} {j}");
            }
        }
    }
}
