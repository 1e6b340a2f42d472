//! Nearest documents: those that are most like their cluster's centroid.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Finds for each cluster the rows of highest similarity, in one pass over all rows.
///
/// ```
/// use clusterclip_core::nearest::Nearest;
/// let mut nearest = Nearest::new(2, 2);
/// for (row, (cluster, similarity)) in [(0, 0.5), (1, 0.25), (0, 0.75), (0, 0.5)].into_iter().enumerate() {
///     nearest.offer(row as u64, cluster, similarity);
/// }
/// nearest.offer(4, -1, f32::NAN);
/// assert_eq!(nearest.finish(), [vec![2, 0], vec![1]]);
/// ```
#[derive(Debug, Clone)]
pub struct Nearest {
    most: usize,
    clusters: Vec<BinaryHeap<Reverse<Ranked>>>,
}

/// A row of a cluster, greater the nearer it is: by similarity, then by the lower row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Ranked {
    similarity: Total,
    row: Reverse<u64>,
}

/// A similarity in the total order of IEEE numbers, but for zeros, which are equal.
#[derive(Debug, Clone, Copy)]
struct Total(f32);

impl Ord for Total {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        // −0 + 0 is +0.
        (self.0 + 0.0).total_cmp(&(other.0 + 0.0))
    }
}

impl PartialOrd for Total {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Total {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Total {}

impl Nearest {
    /// Starts a search for at most `most` rows of each of `n_clusters` clusters.
    pub fn new(n_clusters: usize, most: usize) -> Self {
        Self { most, clusters: vec![BinaryHeap::new(); n_clusters] }
    }

    /// Takes the next row: its label (a row of another label than a cluster's is left out, −1 for one) and its similarity
    /// to the centroid (a row without one, NaN, is left out too).
    pub fn offer(&mut self, row: u64, label: i32, similarity: f32) {
        let cluster = usize::try_from(label).ok().and_then(|label| self.clusters.get_mut(label));
        let Some(cluster) = cluster.filter(|_| !similarity.is_nan() && self.most > 0) else { return };
        let ranked = Ranked { similarity: Total(similarity), row: Reverse(row) };
        if cluster.len() < self.most {
            cluster.push(Reverse(ranked));
        } else if let Some(mut worst) = cluster.peek_mut()
            && worst.0 < ranked
        {
            *worst = Reverse(ranked);
        }
    }

    /// The rows of each cluster, the nearest first, the lower row among equals.
    pub fn finish(self) -> Vec<Vec<u64>> {
        let rows = |heap: BinaryHeap<Reverse<Ranked>>| -> Vec<u64> {
            // Ascending in what is reversed: the nearest first.
            heap.into_sorted_vec().into_iter().map(|Reverse(ranked)| ranked.row.0).collect()
        };
        self.clusters.into_iter().map(rows).collect()
    }
}

/// Finds for each of `n_clusters` clusters the at most `most` rows of highest similarity, the nearest first, the lower
/// row among equals; from the label and the similarity of each row.
///
/// # Panics
/// If there is not one similarity for each label.
pub fn nearest(labels: &[i32], similarities: &[f32], n_clusters: usize, most: usize) -> Vec<Vec<u64>> {
    assert_eq!(labels.len(), similarities.len(), "a similarity for each label");
    let mut nearest = Nearest::new(n_clusters, most);
    for (row, (&label, &similarity)) in (0..).zip(labels.iter().zip(similarities)) {
        nearest.offer(row, label, similarity);
    }
    nearest.finish()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ties_go_to_the_lower_row_and_zeros_are_one() {
        assert_eq!(nearest(&[0; 6], &[0.0, 1.0, -0.0, 1.0, 0.0, -1.0], 1, 4), [[1, 3, 0, 2]]);
        assert_eq!(nearest(&[0, -1, 7, 0], &[f32::NAN, 0.5, 0.5, 0.1], 2, 3), [vec![3], vec![]]);
        assert_eq!(nearest(&[0], &[1.0], 1, 0), [[0u64; 0]]);
        assert_eq!(nearest(&[], &[], 0, 3).len(), 0);
    }

    proptest! {
        #[test]
        fn the_nearest_are_the_first_of_all_sorted(
            rows in prop::collection::vec((-1i32..4, 0u8..6), 0..200), most in 0usize..8,
        ) {
            let (labels, similarities): (Vec<i32>, Vec<f32>) =
                rows.into_iter().map(|(label, step)| (label, f32::from(step) / 8.0 - 0.25)).unzip();
            let found = nearest(&labels, &similarities, 4, most);
            for cluster in 0..4 {
                let mut sorted: Vec<usize> = (0..labels.len()).filter(|&row| labels[row] == cluster).collect();
                sorted.sort_by(|&a, &b| similarities[b].total_cmp(&similarities[a]).then(a.cmp(&b)));
                let expected: Vec<u64> = sorted.into_iter().take(most).map(|row| row as u64).collect();
                prop_assert_eq!(&found[cluster as usize], &expected);
            }
        }
    }
}
