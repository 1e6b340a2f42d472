//! What is saved: pinned bytes of quantised rows, and centroids, similarities and inertia against a plain
//! evaluation of the specification. The pins prove that nothing changed, not that it was right to begin with:
//! kmeans_vectors.rs does that for the quantiser.

mod common;

use clusterclip_core::keys;
use clusterclip_core::kmeans::{CpuBackend, KMeansError};
use clusterclip_core::kmeans::{Quantizer, cluster};
use clusterclip_core::monitor::Monitor;
use clusterclip_core::rows::{RowSource, SourceError};
use common::{Embeddings, params, run};

/// Hash of the quantised bytes and own bests of 1,000 fixed rows of each of a few widths.
fn digest(change: impl Fn(&mut Embeddings)) -> u64 {
    let mut digest = 0;
    for n_features in [1, 3, 64, 65, 256, 384, 768, 1024] {
        let mut embeddings = Embeddings::synthetic(n_features as u64, 1000, n_features, 30, 1.0);
        // Outlier dimensions, sparse rows and odd sizes are part of it.
        for row in 0..1000 {
            let values = &mut embeddings.values[row * n_features..][..n_features];
            match row % 5 {
                1 => values[row % n_features] *= 1000.0,
                2 => values.iter_mut().skip(1).for_each(|x| *x *= f32::from(u8::from(*x > 1.0))),
                3 => values.iter_mut().for_each(|x| *x *= 1e-30),
                _ => {}
            }
        }
        change(&mut embeddings);
        let quantizer = Quantizer::new(n_features).unwrap();
        let (mut q, mut scratch) = (vec![0; quantizer.columns()], Vec::new());
        for row in 0..1000 {
            let own_best = quantizer.quantize(embeddings.row(row), &mut q, &mut scratch).unwrap();
            for word in q.chunks_exact(8) {
                digest =
                    keys::hash(&[digest, word.iter().fold(0, |word, &q| word << 8 | u64::from(q as u8))]);
            }
            digest = keys::hash(&[digest, own_best as u64]);
        }
    }
    digest
}

#[test]
fn quantised_bytes_of_fixed_rows_are_pinned() {
    assert_eq!(digest(|_| {}), 10_709_481_908_957_515_416);
}

#[test]
fn the_pin_notices_one_value() {
    assert_ne!(digest(|embeddings| embeddings.values[embeddings.n_features * 500] += 0.5), digest(|_| {}));
}

fn unit(row: &[f32]) -> Vec<f32> {
    let norm = row.iter().fold(0.0, |sum, &x| sum + f64::from(x) * f64::from(x)).sqrt();
    row.iter().map(|&x| (f64::from(x) / norm) as f32).collect()
}

/// round(f64(value) · 2^32).
fn fixed(value: f32) -> i128 {
    (f64::from(value) * 4_294_967_296.0).round_ties_even() as i128
}

#[test]
fn centroids_similarities_and_inertia_are_those_of_the_specification() {
    for n_features in [1, 31, 32, 33, 100, 384] {
        let embeddings = Embeddings::synthetic(n_features as u64, 700, n_features, 15, 1.0);
        let found = run(&embeddings, &params(13, 1)).unwrap();
        let mut similar = 0i128;
        let mut centroids = vec![0.0f32; 13 * n_features];
        for cluster in 0..13 {
            let mut sums = vec![0i128; n_features];
            for row in (0..700).filter(|&row| found.labels[row] == cluster as i32) {
                sums.iter_mut().zip(unit(embeddings.row(row))).for_each(|(sum, u)| *sum += fixed(u));
            }
            let norm = sums.iter().fold(0.0, |sum, &s| sum + s as f64 * s as f64).sqrt();
            for (j, &sum) in sums.iter().enumerate() {
                centroids[cluster * n_features + j] =
                    if norm > 0.0 { (sum as f64 / norm) as f32 } else { 0.0 };
            }
            let count = found.labels.iter().filter(|&&label| label == cluster as i32).count();
            assert_eq!(found.counts[cluster], count as u64);
        }
        assert_eq!(found.centroids, centroids, "{n_features} features");
        for row in 0..700 {
            let centroid = &centroids[found.labels[row] as usize * n_features..][..n_features];
            let pairs = unit(embeddings.row(row)).into_iter().zip(centroid);
            let cosine = pairs.fold(0.0, |sum, (u, &c)| sum + f64::from(u) * f64::from(c)) as f32;
            assert_eq!(found.similarity[row], cosine, "{n_features} features, row {row}");
            similar += fixed(cosine);
        }
        assert_eq!(found.inertia, 1.0 - similar as f64 / 4_294_967_296.0 / 700.0);
    }
}

/// Rows that cannot be read from `fails_at` on, and that never gives all rows at once.
struct Streamed<'a> {
    embeddings: &'a Embeddings,
    fails_at: u64,
}

impl RowSource for Streamed<'_> {
    fn n_samples(&self) -> u64 {
        self.embeddings.n_samples() as u64
    }
    fn n_features(&self) -> usize {
        self.embeddings.n_features
    }
    fn read(&self, start: u64, out: &mut [f32]) -> Result<(), SourceError> {
        let rows = (out.len() / self.n_features()) as u64;
        assert!(rows < self.n_samples(), "{rows} rows were asked for at once");
        if start + rows > self.fails_at {
            return Err("the disk is gone".into());
        }
        self.embeddings.source().read(start, out)
    }
}

#[test]
fn rows_are_streamed_and_a_failing_source_names_its_row() {
    // 4 Mi values: two blocks.
    let embeddings = Embeddings::synthetic(3, 70_000, 60, 5, 1.0);
    let go = |fails_at| {
        let source = Streamed { embeddings: &embeddings, fails_at };
        let mut backend = CpuBackend::new().unwrap();
        pollster::block_on(cluster(&source, None, &params(5, 0), &mut backend, &Monitor::silent()))
    };
    assert_eq!(go(u64::MAX).unwrap(), run(&embeddings, &params(5, 0)).unwrap());
    let error = go(60_000).unwrap_err();
    assert!(matches!(error, KMeansError::Source { .. }));
    let text = error.to_string();
    assert!(text.starts_with("embeddings cannot be read from row 34952 on: the disk is gone"), "{text}");
}
