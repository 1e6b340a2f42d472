//! The singular vectors of a small triangle, by one-sided Jacobi.

use super::simd::vectorised;
use crate::monitor::{CancelFlag, Cancelled};

/// Rows count as orthogonal when the cosine between them is at most this.
const ORTHOGONAL: f64 = 1e-12;

/// Sweeps over all pairs of rows, at most: rounding never decides whether the rotations end.
const MAX_SWEEPS: usize = 30;

/// The singular values and right singular vectors of a square matrix.
#[derive(Debug)]
pub struct Singular {
    /// Descending.
    pub values: Vec<f64>,
    /// One row a value, of unit norm, its component of largest magnitude positive; zero for a value of zero.
    pub vectors: Vec<f64>,
}

/// One-sided Jacobi (Hestenes): rotates pairs of rows until all are orthogonal. For R of [`cholesky`](super::dense::cholesky) the
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
    use super::super::dense::tests::{product, random};
    use super::super::dense::{cholesky, gram};
    use super::*;

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
