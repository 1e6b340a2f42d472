use super::*;
use crate::monitor::CancelFlag;
use crate::rows::SliceSource;

/// A number in −1..1.
fn draw(words: &[u64]) -> f32 {
    (hash(words) >> 40) as f32 / (1 << 23) as f32 - 1.0
}

/// Rows whose features have standard deviations that fall, mixed by a fixed matrix.
fn mixed(n: usize, d: usize) -> Vec<f32> {
    let mix = |i: usize, j: usize| draw(&[1, i as u64, j as u64]);
    let mut scales = vec![1.0f32; d];
    (1..d).for_each(|l| scales[l] = scales[l - 1] * 0.8);
    let scales = &scales;
    let row = |i: usize| {
        let latent: Vec<f32> = (0..d).map(|l| draw(&[2, i as u64, l as u64]) * scales[l]).collect();
        (0..d)
            .map(move |j| 3.0 + latent.iter().enumerate().map(|(l, x)| x * mix(l, j)).sum::<f32>())
            .collect::<Vec<_>>()
    };
    (0..n).flat_map(row).collect()
}

fn map(rows: &[f32], d: usize) -> Map {
    project(&SliceSource::new(rows, d), None, &Monitor::silent()).unwrap()
}

/// Eigenvalues and eigenvectors (rows) of the covariance, by cyclic two-sided Jacobi rotations: another method.
fn direct(rows: &[f32], d: usize) -> (Vec<f64>, Vec<Vec<f64>>) {
    let n = rows.len() / d;
    let mean: Vec<f64> =
        (0..d).map(|j| (0..n).map(|i| f64::from(rows[i * d + j])).sum::<f64>() / n as f64).collect();
    let at = |i: usize, j: usize| f64::from(rows[i * d + j]) - mean[j];
    let mut a: Vec<Vec<f64>> =
        (0..d).map(|p| (0..d).map(|q| (0..n).map(|i| at(i, p) * at(i, q)).sum()).collect()).collect();
    let mut v: Vec<Vec<f64>> = (0..d).map(|p| (0..d).map(|q| f64::from(p == q)).collect()).collect();
    for _ in 0..60 {
        for p in 0..d {
            for q in p + 1..d {
                if a[p][q] == 0.0 {
                    continue;
                }
                let zeta = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
                let t = zeta.signum() / (zeta.abs() + (zeta * zeta + 1.0).sqrt());
                let c = 1.0 / (t * t + 1.0).sqrt();
                let s = t * c;
                for row in &mut a {
                    let (x, y) = (row[p], row[q]);
                    (row[p], row[q]) = (c * x - s * y, s * x + c * y);
                }
                for matrix in [&mut a, &mut v] {
                    let (before, after) = matrix.split_at_mut(q);
                    for (x, y) in before[p].iter_mut().zip(&mut after[0]) {
                        (*x, *y) = (c * *x - s * *y, s * *x + c * *y);
                    }
                }
            }
        }
    }
    let mut order: Vec<usize> = (0..d).collect();
    order.sort_by(|&p, &q| a[q][q].total_cmp(&a[p][p]));
    (order.iter().map(|&p| a[p][p]).collect(), order.iter().map(|&p| v[p].clone()).collect())
}

#[test]
fn points_are_those_of_a_direct_eigendecomposition() {
    for (n, d) in [(200, 12), (40, 33), (5, 20), (300, 2)] {
        let rows = mixed(n, d);
        let found = map(&rows, d);
        let (values, vectors) = direct(&rows, d);
        let total: f64 = values.iter().sum();
        for axis in 0..2 {
            assert!((found.shares[axis] - values[axis] / total).abs() < 1e-7, "{n} x {d}");
            let vector = &vectors[axis];
            let largest = vector.iter().fold(0.0f64, |best, &x| if x.abs() > best.abs() { x } else { best });
            for (i, row) in rows.chunks_exact(d).enumerate() {
                let mean = |j: usize| (0..n).map(|i| f64::from(rows[i * d + j])).sum::<f64>() / n as f64;
                let sum: f64 = (0..d).map(|j| (f64::from(row[j]) - mean(j)) * vector[j]).sum();
                let (expected, point) = (sum * largest.signum(), f64::from(found.points[2 * i + axis]));
                assert!(
                    (point - expected).abs() < 1e-4,
                    "{n} x {d}, row {i}, axis {axis}: {point}, {expected}"
                );
            }
        }
    }
}

#[test]
fn rows_that_do_not_differ_lie_in_the_middle() {
    assert_eq!(map(&[0.3, 0.7, 0.1].repeat(50), 3).points, [0.0; 100]);
    assert_eq!(map(&[0.6, 0.8], 2), Map { points: vec![0.0; 2], shares: [0.0; 2] });
    assert!(map(&[], 4).points.is_empty());
}

#[test]
fn rows_that_differ_along_one_axis_have_one_coordinate() {
    let found = map(&[1.0, 2.0, 6.0], 1);
    assert_eq!(found.points, [-2.0, 0.0, -1.0, 0.0, 3.0, 0.0]);
    assert!((found.shares[0] - 1.0).abs() < 1e-12 && found.shares[1] == 0.0);
    let line: Vec<f32> = (0..30).flat_map(|i| [i as f32, 2.0 * i as f32, 0.5]).collect();
    assert!(map(&line, 3).points.chunks_exact(2).all(|point| point[1] == 0.0));
}

#[test]
fn rows_without_features_are_no_points_and_change_none() {
    let (rows, d) = (mixed(300, 10), 10);
    let whole = map(&rows, d);
    let mut with = rows.clone();
    with.splice(70 * d..70 * d, [0.0; 10]);
    let flags: Vec<bool> = (0..301).map(|row| row == 70).collect();
    let found = project(&SliceSource::new(&with, d), Some(&flags), &Monitor::silent()).unwrap();
    assert!(found.points[140].is_nan() && found.points[141].is_nan());
    let others = [&found.points[..140], &found.points[142..]].concat();
    assert_eq!(others, whole.points);
    let all = project(&SliceSource::new(&rows, d), Some(&[true; 300]), &Monitor::silent()).unwrap();
    assert!(all.points.iter().all(|x| x.is_nan()));
}

#[test]
fn a_sample_gives_nearly_the_axes_of_all_rows() {
    // 20,000 rows of 100 features: the axes come from 10,485 of them.
    let (n, d) = (20_000, 100);
    let rows: Vec<f32> = (0..n as u64)
        .flat_map(|i| (0..d as u64).map(move |j| draw(&[3, i, j]) * if j < 2 { 4.0 - j as f32 } else { 1.0 }))
        .collect();
    let found = map(&rows, d);
    // The first two features are the axes.
    for (row, point) in rows.chunks_exact(d).zip(found.points.chunks_exact(2)) {
        assert!((row[0] - point[0]).abs() < 0.5 && (row[1] - point[1]).abs() < 0.5);
    }
}

#[test]
fn what_cannot_be_mapped_is_an_error() {
    let rows = [1.0, 2.0, f32::NAN, 4.0];
    let source = SliceSource::new(&rows, 2);
    let error = project(&source, None, &Monitor::silent()).unwrap_err();
    assert!(matches!(error, MapError::NotFinite { row: 1 }), "{error}");
    let error = project(&source, Some(&[false]), &Monitor::silent()).unwrap_err();
    assert!(matches!(error, MapError::Flags { flags: 1, n_samples: 2 }), "{error}");
    let cancel = CancelFlag::default();
    cancel.cancel();
    let error = project(&source, None, &Monitor::new(&|_| {}, cancel)).unwrap_err();
    assert!(matches!(error, MapError::Cancelled(_)), "{error}");
}

#[test]
fn pinned_points_do_not_change() {
    let found = map(&mixed(64, 16), 16);
    let digest = xxhash_rust::xxh3::xxh3_64(bytemuck::cast_slice(&found.points));
    assert_eq!(digest, 18086410638677064905, "the same bytes on every machine");
}
