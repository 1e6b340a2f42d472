//! How far the documents of a cluster lie from its centroid.

use super::TopicsError;
use crate::ordered::ordered;

/// 2^32 times the sum of 1 − similarity over the documents of each cluster: (n_clusters,), exact in any order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spread(Vec<i128>);

impl Spread {
    /// Sums over documents: labels, (n_samples,), −1 for one without a cluster, and similarities, (n_samples,), as
    /// [`crate::kmeans::Similarities`] has them.
    ///
    /// ```
    /// use clusterclip_core::topics::Spread;
    /// let spread = Spread::of(&[0, 1, -1, 0], &[0.5, 1.0, 0.0, 0.25], 2)?;
    /// assert_eq!(spread, Spread::from_sums(vec![5 << 30, 0]));
    /// # Ok::<(), clusterclip_core::topics::TopicsError>(())
    /// ```
    ///
    /// # Errors
    /// Not as many similarities as labels; a label that no cluster has.
    pub fn of(labels: &[i32], similarity: &[f32], n_clusters: usize) -> Result<Self, TopicsError> {
        if labels.len() != similarity.len() {
            let (found, expected) = (similarity.len() as u64, labels.len() as u64);
            return Err(TopicsError::Shape { what: "similarities", found, of: "labels", expected });
        }
        let mut spread = Self::from_sums(vec![0; n_clusters]);
        spread.add(labels, similarity)?;
        Ok(spread)
    }

    /// Adds more documents: their labels, −1 for one without a cluster, and as many similarities.
    ///
    /// # Errors
    /// A label that no cluster has, with its row among these.
    pub fn add(&mut self, labels: &[i32], similarity: &[f32]) -> Result<(), TopicsError> {
        for (row, (&label, &similarity)) in (0u64..).zip(labels.iter().zip(similarity)) {
            if label == -1 {
                continue;
            }
            let sum = usize::try_from(label).ok().and_then(|cluster| self.0.get_mut(cluster));
            let sum = sum.ok_or(TopicsError::UnknownLabel { row, label })?;
            *sum += ((1.0 - f64::from(similarity)) * 4_294_967_296.0).round_ties_even() as i128;
        }
        Ok(())
    }

    /// Takes the sums of each cluster: (n_clusters,).
    pub fn from_sums(sums: Vec<i128>) -> Self {
        Self(sums)
    }

    pub(super) fn sums(&self) -> &[i128] {
        &self.0
    }

    /// The factor of each cluster, by rank: what keeps tight clusters, which are often near copies, from being
    /// raised. `clusters` are index and documents of each.
    pub(super) fn factors(&self, clusters: &[(u32, u64)]) -> Vec<f64> {
        let spread = |&(cluster, size): &(u32, u64)| {
            (size >= 2).then(|| self.0[cluster as usize] as f64 / (size - 1) as f64)
        };
        let spreads: Vec<Option<f64>> = clusters.iter().map(spread).collect();
        let mut sorted: Vec<(u64, u64)> =
            spreads.iter().zip(0..).filter_map(|(v, rank)| v.map(|v| (ordered(v), rank))).collect();
        sorted.sort_unstable();
        let size = |rank: u64| clusters[rank as usize].1;
        let whole: u64 = sorted.iter().map(|&(_, rank)| size(rank)).sum();
        let mut running = 0;
        let median = sorted.iter().find(|&&(_, rank)| {
            running += size(rank);
            2 * running >= whole
        });
        // Similarities of copies may be a little over 1.
        let median = median.and_then(|&(_, rank)| spreads[rank as usize]);
        let Some(median) = median.filter(|&v| v > 0.0) else {
            return vec![1.0; clusters.len()];
        };
        spreads.iter().map(|v| v.map_or(1.0, |v| (v / median).clamp(1.0 / 32.0, 1.0))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_by_size() {
        // Spreads 1, 2, 8 and none; documents 2, 9, 2, 1.
        let spread = Spread::from_sums(vec![1, 16, 8, 7]);
        let factors = spread.factors(&[(0, 2), (1, 9), (2, 2), (3, 1)]);
        assert_eq!(factors, [0.5, 1.0, 1.0, 1.0]);
    }

    #[test]
    fn without_a_spread_nothing_is_held_down() {
        assert_eq!(Spread::from_sums(vec![0, 0, 9]).factors(&[(0, 3), (1, 3), (2, 2)]), [1.0; 3]);
        assert_eq!(Spread::from_sums(vec![5]).factors(&[(0, 1)]), [1.0]);
        // Copies whose similarities are rounded up.
        assert_eq!(Spread::from_sums(vec![-40, -2]).factors(&[(0, 3), (1, 3)]), [1.0; 2]);
        assert_eq!(Spread::from_sums(vec![0, 64]).factors(&[(0, 2), (1, 3)]), [1.0 / 32.0, 1.0]);
    }

    #[test]
    fn labels_and_similarities_belong_together() {
        let said =
            |labels: &[i32], similarity: &[f32]| Spread::of(labels, similarity, 2).unwrap_err().to_string();
        assert_eq!(said(&[0], &[]), "there are 0 similarities for 1 labels");
        assert_eq!(said(&[0, 2], &[0.0; 2]), "row 1: no cluster has the label 2");
        assert_eq!(said(&[-2], &[0.0]), "row 0: no cluster has the label -2");
    }
}
