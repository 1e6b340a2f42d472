//! The two axes of largest variance, by subspace iteration.

use crate::embed::lexical::{singular, vectorised};
use crate::keys::hash;
use crate::monitor::{CancelFlag, Cancelled};
use crate::par;

/// Vectors that are iterated together: the two that are wanted converge as (λ₉ / λ₂) to the number of iterations.
const BLOCK: usize = 8;

/// Iterations at most: where even these leave an axis vague, other axes show nearly as much.
const MAX_ITERATIONS: usize = 40;

/// The residual, relative to the largest eigenvalue, at which axes are good enough: far below what a screen shows.
const RESIDUAL: f64 = 1e-6;

/// Variance that counts as none, relative to the mean square of the rows, or to the largest along an axis: rounding to
/// f32 leaves 1e-14.
const NOTHING: f64 = 1e-12;

/// Rows whose products are added by themselves first; part of the arithmetic.
const CHUNK: usize = 256;

/// Purpose of the keys of the start; see SPEC.md, section 0.
const START_KEY: u64 = 12;

/// One feature of each of the vectors.
type Lanes = [f64; BLOCK];

/// A mean, and two directions in which rows differ from it.
pub(super) struct Axes {
    mean: Vec<f64>,
    /// For each feature its weight along both axes.
    weights: Vec<[f64; 2]>,
    /// Which share of the variance lies along each axis.
    pub shares: [f64; 2],
}

impl Axes {
    /// Where a row is.
    pub fn point(&self, row: &[f32]) -> [f32; 2] {
        let mut sums = [0.0; 2];
        for ((&x, mean), weights) in row.iter().zip(&self.mean).zip(&self.weights) {
            let x = f64::from(x) - mean;
            for (sum, weight) in sums.iter_mut().zip(weights) {
                *sum += x * weight;
            }
        }
        sums.map(|sum| sum as f32)
    }
}

/// Finds the axes of rows, which are centred on the way.
///
/// # Errors
/// Once the flag is set.
pub(super) fn principal(rows: &mut [f32], n_features: usize, cancel: &CancelFlag) -> Result<Axes, Cancelled> {
    let n_rows = rows.len() / n_features;
    let mut axes =
        Axes { mean: vec![0.0; n_features], weights: vec![[0.0; 2]; n_features], shares: [0.0; 2] };
    for row in rows.chunks_exact(n_features) {
        for (sum, &x) in axes.mean.iter_mut().zip(row) {
            *sum += f64::from(x);
        }
    }
    axes.mean.iter_mut().for_each(|sum| *sum /= n_rows.max(1) as f64);
    let (mut squares, mut variance) = (0.0, 0.0);
    for row in rows.chunks_exact_mut(n_features) {
        for (x, mean) in row.iter_mut().zip(&axes.mean) {
            squares += f64::from(*x) * f64::from(*x);
            *x = (f64::from(*x) - mean) as f32;
            variance += f64::from(*x) * f64::from(*x);
        }
    }
    if variance <= NOTHING * squares {
        return Ok(axes);
    }
    let signs = |feature: usize| hash(&[START_KEY, feature as u64]);
    let sign = |bits: u64, lane: usize| if bits >> lane & 1 == 1 { -1.0 } else { 1.0 };
    let mut vectors: Vec<Lanes> =
        (0..n_features).map(|j| std::array::from_fn(|l| sign(signs(j), l))).collect();
    let mut iteration = 0;
    let (found, values) = loop {
        iteration += 1;
        orthonormalise(&mut vectors);
        let images = images(rows, &vectors, cancel)?;
        let turned = turned(&vectors, &images, cancel)?;
        let worst = (0..2).map(|lane| residual(&turned, lane)).fold(0.0, f64::max);
        if worst <= RESIDUAL * turned.values[0] || iteration == MAX_ITERATIONS {
            break (turned.vectors, turned.values);
        }
        vectors = turned.images;
    };
    for axis in 0..2 {
        if values[axis] <= NOTHING * values[0] {
            continue;
        }
        // Strictly larger: the first of several of the same magnitude decides.
        let largest =
            found.iter().map(|v| v[axis]).fold(0.0f64, |best, x| if x.abs() > best.abs() { x } else { best });
        let sign = if largest < 0.0 { -1.0 } else { 1.0 };
        for (weights, vector) in axes.weights.iter_mut().zip(&found) {
            weights[axis] = sign * vector[axis];
        }
        axes.shares[axis] = values[axis] / variance;
    }
    Ok(axes)
}

/// Makes the vectors orthogonal to those before them and of norm 1; those that depend on them become 0.
fn orthonormalise(vectors: &mut [Lanes]) {
    let product =
        |vectors: &[Lanes], a: usize, b: usize| vectors.iter().fold(0.0, |sum, v| sum + v[a] * v[b]);
    for lane in 0..BLOCK {
        let before = product(vectors, lane, lane);
        // Twice is enough (Kahan, Parlett): what is left is orthogonal to rounding.
        for other in (0..lane).chain(0..lane) {
            let along = product(vectors, other, lane);
            vectors.iter_mut().for_each(|v| v[lane] -= along * v[other]);
        }
        let after = product(vectors, lane, lane);
        let scale = if after > 1e-24 * before { 1.0 / after.sqrt() } else { 0.0 };
        vectors.iter_mut().for_each(|v| v[lane] *= scale);
    }
}

/// Σ x (xᵀ v) over all rows x, for each vector v.
fn images(rows: &[f32], vectors: &[Lanes], cancel: &CancelFlag) -> Result<Vec<Lanes>, Cancelled> {
    let n_features = vectors.len();
    let chunks = par::map((rows.len() / n_features).div_ceil(CHUNK), |chunk| {
        cancel.check()?;
        let mut sums = vec![[0.0; BLOCK]; n_features];
        let rows = &rows[chunk * CHUNK * n_features..];
        add_images(&rows[..rows.len().min(CHUNK * n_features)], vectors, &mut sums);
        Ok(sums)
    });
    let mut total = vec![[0.0; BLOCK]; n_features];
    for sums in chunks {
        for (total, sums) in total.iter_mut().zip(sums?) {
            (0..BLOCK).for_each(|lane| total[lane] += sums[lane]);
        }
    }
    Ok(total)
}

vectorised! {
    /// Adds x (xᵀ v) for some rows x, one after another in each lane; four at a time, so that sums overlap.
    fn add_images(rows: &[f32], vectors: &[Lanes], sums: &mut [Lanes]) {
        let n_features = vectors.len();
        let fours = rows.chunks_exact(4 * n_features);
        let rest = fours.remainder();
        for four in fours {
            let (a, b) = four.split_at(2 * n_features);
            let ((a, b), (c, d)) = (a.split_at(n_features), b.split_at(n_features));
            let mut along = [[0.0; BLOCK]; 4];
            for ((((&a, &b), &c), &d), vector) in a.iter().zip(b).zip(c).zip(d).zip(vectors) {
                for (along, x) in along.iter_mut().zip([a, b, c, d].map(f64::from)) {
                    for lane in 0..BLOCK {
                        along[lane] += x * vector[lane];
                    }
                }
            }
            for ((((&a, &b), &c), &d), sums) in a.iter().zip(b).zip(c).zip(d).zip(&mut *sums) {
                for (along, x) in along.iter().zip([a, b, c, d].map(f64::from)) {
                    for lane in 0..BLOCK {
                        sums[lane] += x * along[lane];
                    }
                }
            }
        }
        for row in rest.chunks_exact(n_features) {
            let mut along = [0.0; BLOCK];
            for (&x, vector) in row.iter().zip(vectors) {
                for lane in 0..BLOCK {
                    along[lane] += f64::from(x) * vector[lane];
                }
            }
            for (&x, sums) in row.iter().zip(&mut *sums) {
                for lane in 0..BLOCK {
                    sums[lane] += f64::from(x) * along[lane];
                }
            }
        }
    }
}

/// Vectors, their images, and how much longer these are.
struct Turned {
    vectors: Vec<Lanes>,
    images: Vec<Lanes>,
    values: Vec<f64>,
}

/// Turns vectors and their images within their space (Rayleigh-Ritz), so that each is as near to an axis as it can be;
/// with the eigenvalues, descending.
fn turned(vectors: &[Lanes], images: &[Lanes], cancel: &CancelFlag) -> Result<Turned, Cancelled> {
    let mut small = vec![0.0; BLOCK * BLOCK];
    for (vector, image) in vectors.iter().zip(images) {
        for (row, v) in small.chunks_exact_mut(BLOCK).zip(vector) {
            for (sum, y) in row.iter_mut().zip(image) {
                *sum += v * y;
            }
        }
    }
    // Symmetric and not negative, so that its singular vectors are its eigenvectors.
    let singular = singular(small, BLOCK, cancel)?;
    let turn = |lanes: &Lanes| -> Lanes {
        let along = |axis: &[f64]| axis.iter().zip(lanes).fold(0.0, |sum, (a, x)| sum + a * x);
        std::array::from_fn(|axis| along(&singular.vectors[axis * BLOCK..][..BLOCK]))
    };
    let turn_all = |lanes: &[Lanes]| lanes.iter().map(turn).collect();
    Ok(Turned { vectors: turn_all(vectors), images: turn_all(images), values: singular.values })
}

/// How far a vector's image is from being the vector, only longer.
fn residual(turned: &Turned, lane: usize) -> f64 {
    let squares = turned.vectors.iter().zip(&turned.images).fold(0.0, |sum, (vector, image)| {
        let off = image[lane] - turned.values[lane] * vector[lane];
        sum + off * off
    });
    squares.sqrt()
}
