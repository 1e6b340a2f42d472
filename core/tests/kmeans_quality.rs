//! Integer K-Means against f32 Lloyd (spherical, the textbook loop) from the same initial rows: the mean over 10
//! starts of the ratio of final inertias. It proves nothing of real embeddings; scripts do that on real text.

mod common;

use clusterclip_core::keys::{self, Permutation};
use common::{Embeddings, Random, params, run};

const STARTS: u64 = 10;

fn normalise(row: &mut [f32]) {
    let norm = row.iter().map(|x| x * x).sum::<f32>().sqrt();
    row.iter_mut().for_each(|x| *x /= norm);
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    // Eight sums, so that the compiler may use vectors.
    let mut sums = [0.0f32; 8];
    let (a, b) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f32 = a.remainder().iter().zip(b.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a.zip(b) {
        for i in 0..8 {
            sums[i] += a[i] * b[i];
        }
    }
    sums.iter().sum::<f32>() + rest
}

/// Final inertia of f32 Lloyd on unit rows: 1 − mean cosine with the label's own normalised mean.
fn lloyd(units: &Embeddings, n_clusters: usize, seed: u64) -> f64 {
    let (n, d) = (units.n_samples(), units.n_features);
    let permutation = Permutation::new(keys::hash(&[seed, 5]), n as u64);
    let first = (0..n_clusters as u64).map(|j| permutation.at(j) as usize);
    let mut centroids: Vec<f32> = first.flat_map(|row| units.row(row).to_vec()).collect();
    let mut labels = vec![usize::MAX; n];
    for _ in 0..300 {
        let mut scores = vec![0.0f32; n];
        let mut moved = 0;
        for row in 0..n {
            let score = |cluster: usize| dot(units.row(row), &centroids[cluster * d..][..d]);
            let mut best = (0, score(0));
            for cluster in 1..n_clusters {
                let score = score(cluster);
                if score > best.1 {
                    best = (cluster, score);
                }
            }
            moved += u32::from(labels[row] != best.0);
            (labels[row], scores[row]) = best;
        }
        // Empty clusters take the worst rows, as a fair reference must.
        let mut counts = vec![0u32; n_clusters];
        labels.iter().for_each(|&label| counts[label] += 1);
        for empty in 0..n_clusters {
            if counts[empty] == 0 {
                let rows = (0..n).filter(|&row| counts[labels[row]] > 1);
                if let Some(row) = rows.min_by(|&a, &b| scores[a].total_cmp(&scores[b])) {
                    counts[labels[row]] -= 1;
                    (labels[row], counts[empty], scores[row]) = (empty, 1, 1.0);
                    moved += 1;
                }
            }
        }
        if moved == 0 {
            break;
        }
        centroids.fill(0.0);
        for row in 0..n {
            let centroid = &mut centroids[labels[row] * d..][..d];
            centroid.iter_mut().zip(units.row(row)).for_each(|(c, u)| *c += u);
        }
        centroids
            .chunks_exact_mut(d)
            .zip(&counts)
            .filter(|&(_, &count)| count > 0)
            .for_each(|(c, _)| normalise(c));
    }
    let cosine = |row: usize| f64::from(dot(units.row(row), &centroids[labels[row] * d..][..d]));
    (0..n).map(|row| 1.0 - cosine(row)).sum::<f64>() / n as f64
}

/// Ours against f32 from the same starts.
struct Comparison {
    /// Mean of the ratios of inertia.
    ratio: f64,
    /// Mean of the differences.
    difference: f64,
    /// Deviation of f32's inertia over starts, as a share of its mean.
    spread: f64,
}

impl Comparison {
    fn print(&self, name: &str) {
        let Self { ratio, difference, spread } = self;
        println!(
            "{name}: inertia {ratio:.4} of f32's ({difference:+.6}); f32's own starts spread by {spread:.4}"
        );
    }
}

fn compare(mut embeddings: Embeddings, n_clusters: usize) -> Comparison {
    embeddings.values.chunks_exact_mut(embeddings.n_features).for_each(normalise);
    let pairs: Vec<(f64, f64)> = (0..STARTS)
        .map(|seed| {
            let ours = run(&embeddings, &params(n_clusters as u64, seed)).unwrap().inertia;
            (ours, lloyd(&embeddings, n_clusters, seed))
        })
        .collect();
    let mean = |f: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(f).sum::<f64>() / STARTS as f64;
    let reference = mean(&|&(_, theirs)| theirs);
    Comparison {
        ratio: mean(&|&(ours, theirs)| ours / theirs),
        difference: mean(&|&(ours, theirs)| ours - theirs),
        spread: mean(&|&(_, theirs)| (theirs / reference - 1.0) * (theirs / reference - 1.0)).sqrt(),
    }
}

fn assert_as_good(name: &str, embeddings: Embeddings, n_clusters: usize) {
    let found = compare(embeddings, n_clusters);
    found.print(name);
    assert!(found.ratio <= 1.005, "{name}: {}", found.ratio);
}

/// Moves all rows towards one direction until two random ones have about this cosine.
fn push(embeddings: &mut Embeddings, mean_cosine: f32) {
    let mut random = Random::new(99);
    let mut shared: Vec<f32> = (0..embeddings.n_features).map(|_| random.normal()).collect();
    normalise(&mut shared);
    for row in embeddings.values.chunks_exact_mut(embeddings.n_features) {
        normalise(row);
        for (x, s) in row.iter_mut().zip(&shared) {
            *x = (1.0 - mean_cosine).sqrt() * *x + mean_cosine.sqrt() * s;
        }
    }
}

#[test]
fn synthetic_rows_cluster_as_well_as_in_f32() {
    assert_as_good("synthetic", Embeddings::synthetic(1, 3000, 96, 60, 1.2), 50);
}

#[test]
fn rows_of_mean_cosine_097_cluster_as_well_as_in_f32() {
    // Topics that overlap: with well separated ones the starts spread by 2 %, and 10 of them cannot show 0.5 %.
    let mut embeddings = Embeddings::synthetic(2, 5000, 128, 60, 2.0);
    push(&mut embeddings, 0.97);
    assert_as_good("mean cosine 0.97", embeddings, 100);
}

#[test]
fn near_duplicates_cluster_as_well_as_in_f32() {
    // 20 groups of about 100 rows whose cosines are 0.99, cut in ten clusters each.
    assert_as_good("near-duplicates", Embeddings::synthetic(3, 2000, 64, 20, 0.1), 200);
}

#[test]
fn closer_duplicates_lose_at_most_the_resolution_of_a_byte() {
    // Rows whose cosines are 0.998 and 0.9997: cutting such a group has no more to win than the rows' rounding,
    // so the ratio grows (about 1.01 and 1.03), while the difference stays far below any use.
    for noise in [0.05, 0.02] {
        let found = compare(Embeddings::synthetic(3, 2000, 64, 20, noise), 200);
        found.print(&format!("duplicates, noise {noise}"));
        assert!(found.difference <= 2e-5, "{}", found.difference);
    }
}
