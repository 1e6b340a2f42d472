//! How near each row is to its cluster's centroid.

use super::fixed::{UNIT, fixed};
use super::labelled::for_each_labelled;
use crate::kmeans::blocks::CHUNK;
use crate::kmeans::error::KMeansError;
use crate::monitor::Monitor;
use crate::par;
use crate::rows::RowSource;

/// Rows of which a thread sums cosines at once: the additions of one row wait for each other, those of different
/// rows do not.
const TOGETHER: usize = 8;

/// Cosines of rows with the centroids of their clusters.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Similarities {
    /// Of each row; 0 for rows without a label.
    pub values: Vec<f32>,
    /// Σ round(f64(cosine) · 2^32).
    sum: i128,
    /// Rows with a label.
    n_rows: u64,
}

impl Similarities {
    /// Reads rows once and compares each with the one of `centroids` (of shape `(n_clusters, n_features)`) that its
    /// label names, −1 for none. Tells of progress as the second half of [`Stage::Finish`](crate::monitor::Stage::Finish).
    ///
    /// # Errors
    /// [`KMeansError`]: rows that cannot be read or have no direction, or the work was stopped.
    ///
    /// # Panics
    /// If there is not one label for each row, a label is out of range, or the rows have no features.
    pub fn of<S: RowSource>(
        source: &S,
        labels: &[i32],
        centroids: &[f32],
        monitor: &Monitor<'_>,
    ) -> Result<Self, KMeansError> {
        let n_features = source.n_features();
        let mut found = Self { values: vec![0.0; labels.len()], ..Self::default() };
        for_each_labelled(source, labels, labels.len() as u64, monitor, |start, units, labelled| {
            let chunks = par::map(labelled.len().div_ceil(CHUNK), |chunk| {
                let clusters = labelled[chunk * CHUNK..].iter().take(CHUNK).map(|&(_, cluster)| cluster);
                cosines(&units[chunk * CHUNK * n_features..], centroids, n_features, clusters)
            });
            for (&(place, _), cosine) in labelled.iter().zip(chunks.into_iter().flatten()) {
                found.values[start as usize + place] = cosine;
                found.sum += i128::from(fixed(cosine));
            }
            found.n_rows += labelled.len() as u64;
            Ok(())
        })?;
        Ok(found)
    }

    /// Appends those of the rows that come next.
    pub fn append(&mut self, mut next: Self) {
        self.values.append(&mut next.values);
        self.sum += next.sum;
        self.n_rows += next.n_rows;
    }

    /// Mean of 1 − cosine over the rows with a label.
    pub fn inertia(&self) -> f64 {
        1.0 - self.sum as f64 / UNIT / self.n_rows as f64
    }
}

/// Cosines of consecutive unit rows with the centroids of their clusters.
fn cosines(
    units: &[f32],
    centroids: &[f32],
    n_features: usize,
    clusters: impl Iterator<Item = usize>,
) -> Vec<f32> {
    let clusters: Vec<usize> = clusters.collect();
    let mut out = Vec::with_capacity(clusters.len());
    for (group, units) in clusters.chunks(TOGETHER).zip(units.chunks(TOGETHER * n_features)) {
        // A short last group repeats its last row.
        let place = |i: usize| i.min(group.len() - 1);
        let rows: [&[f32]; TOGETHER] = std::array::from_fn(|i| &units[place(i) * n_features..][..n_features]);
        let centres: [&[f32]; TOGETHER] =
            std::array::from_fn(|i| &centroids[group[place(i)] * n_features..][..n_features]);
        let mut sums = [0.0f64; TOGETHER];
        for j in 0..n_features {
            for i in 0..TOGETHER {
                sums[i] += f64::from(rows[i][j]) * f64::from(centres[i][j]);
            }
        }
        out.extend(sums[..group.len()].iter().map(|&sum| sum as f32));
    }
    out
}
