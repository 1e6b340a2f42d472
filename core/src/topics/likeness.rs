//! Cosines between centroids, from exact integers.

use super::TopicsError;
use super::rows::by_rows;
use crate::kmeans::{Centroids, Kernel as Dots, dot};
use crate::monitor::Monitor;

/// Columns whose products are summed in 32 bits: at most 127 · 127 each.
const PIECE: usize = 1 << 16;

/// The most clusters between which all distances are kept: 64 MiB. Of more they are computed whenever they are asked
/// for.
const KEPT: usize = 1 << 12;

/// The quantised centroids of the clusters that have documents, and the cosines between them.
///
/// Clusters are numbered by rank here: their index among those that are not empty.
#[derive(Debug, Clone)]
pub struct Likeness {
    /// Shape (ranks, columns).
    values: Vec<i8>,
    columns: usize,
    /// The sum of squares of each centroid, under 2^53.
    squares: Vec<f64>,
    /// The index and the documents of each cluster.
    clusters: Vec<(u32, u64)>,
    n_clusters: usize,
    dots: Dots,
    /// The distances of each cluster to those after it, if there are at most [`KEPT`].
    kept: Vec<Vec<f64>>,
}

impl Likeness {
    /// Takes the centroids of the clusters whose `sizes`, (n_clusters,), are not 0. The last clusters have no documents
    /// if there are fewer sizes, as those of [`crate::sampler::Members`] may be.
    ///
    /// # Errors
    /// More sizes than clusters; cancelled.
    pub fn new(centroids: &Centroids, sizes: &[u64], monitor: &Monitor<'_>) -> Result<Self, TopicsError> {
        let n_clusters = centroids.n_clusters();
        if sizes.len() > n_clusters {
            let (found, expected) = (sizes.len() as u64, n_clusters as u64);
            return Err(TopicsError::Shape { what: "sizes", found, of: "clusters", expected });
        }
        let clusters: Vec<(u32, u64)> =
            (0..).zip(sizes.iter().copied()).filter(|&(_, size)| size > 0).collect();
        let columns = centroids.columns();
        let mut values = Vec::with_capacity(clusters.len() * columns);
        for &(cluster, _) in &clusters {
            values.extend_from_slice(centroids.value(cluster as usize));
        }
        let (squares, kept) = (Vec::new(), Vec::new());
        let mut likeness = Self { values, columns, squares, clusters, n_clusters, dots: Dots::best(), kept };
        let len = likeness.len();
        likeness.squares = (0..len).map(|rank| likeness.product(rank, rank)).collect();
        if len <= KEPT {
            let row = |a| (a + 1..len).map(|b| 1.0 - likeness.cosine(a, b)).collect();
            likeness.kept = by_rows(len, monitor, row)?;
        }
        Ok(likeness)
    }

    /// Clusters that have documents.
    pub fn len(&self) -> usize {
        self.clusters.len()
    }

    /// Whether no cluster has any.
    pub fn is_empty(&self) -> bool {
        self.clusters.is_empty()
    }

    /// All clusters, empty ones included.
    pub(super) fn n_clusters(&self) -> usize {
        self.n_clusters
    }

    /// Index and documents of each cluster, by rank.
    pub(super) fn clusters(&self) -> &[(u32, u64)] {
        &self.clusters
    }

    /// The cosine of two clusters, by rank: 1 for one with itself, 0 where a centroid is zero.
    ///
    /// # Panics
    /// If there is no such rank.
    pub fn cosine(&self, a: usize, b: usize) -> f64 {
        let norms = (self.squares[a] * self.squares[b]).sqrt();
        if a == b {
            1.0
        } else if norms == 0.0 {
            0.0
        } else {
            self.product(a, b) / norms
        }
    }

    /// 1 − cosine.
    #[inline]
    pub(super) fn distance(&self, a: usize, b: usize) -> f64 {
        let (first, second) = (a.min(b), a.max(b));
        match self.kept.get(first) {
            Some(row) if first < second => row[second - first - 1],
            _ => 1.0 - self.cosine(a, b),
        }
    }

    /// The exact sum of products: at most 2^14 · 2^18.
    fn product(&self, a: usize, b: usize) -> f64 {
        let value = |rank: usize| &self.values[rank * self.columns..][..self.columns];
        let pieces = value(a).chunks(PIECE).zip(value(b).chunks(PIECE));
        pieces.map(|(a, b)| i64::from(dot(self.dots, a, b))).sum::<i64>() as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kmeans::MAX_FEATURES;

    #[test]
    fn the_longest_and_largest_rows_are_summed_exactly() {
        let values = vec![127i8; MAX_FEATURES].into_iter().chain(vec![-127; MAX_FEATURES]).collect();
        let centroids = Centroids::from_parts(MAX_FEATURES, values, vec![0, 0]).unwrap();
        let likeness = Likeness::new(&centroids, &[1, 1], &Monitor::silent()).unwrap();
        assert_eq!(likeness.product(0, 1), -127.0 * 127.0 * MAX_FEATURES as f64);
        assert_eq!([likeness.cosine(0, 1), likeness.cosine(1, 1)], [-1.0, 1.0]);
    }

    #[test]
    fn a_zero_centroid_is_like_none_but_itself() {
        let mut values = vec![0i8; 128];
        values[0] = 3;
        let likeness = Likeness::new(
            &Centroids::from_parts(64, values, vec![0, 0]).unwrap(),
            &[2, 2],
            &Monitor::silent(),
        )
        .unwrap();
        assert_eq!([likeness.cosine(0, 1), likeness.cosine(1, 1)], [0.0, 1.0]);
    }

    #[test]
    fn empty_clusters_have_no_rank() {
        let mut values = vec![0i8; 3 * 64];
        (values[0], values[64], values[128]) = (1, 1, -1);
        let centroids = Centroids::from_parts(64, values, vec![0; 3]).unwrap();
        let of = |sizes: &[u64]| Likeness::new(&centroids, sizes, &Monitor::silent());
        let likeness = of(&[5, 0, 1]).unwrap();
        assert_eq!((likeness.len(), likeness.cosine(0, 1), likeness.distance(1, 0)), (2, -1.0, 2.0));
        assert_eq!(of(&[5]).unwrap().len(), 1);
        let message = of(&[5; 4]).unwrap_err().to_string();
        assert_eq!(message, "there are 4 sizes for 3 clusters");
    }
}
