//! From draws to document rows.

use std::cmp::Ordering;
use std::ops::Range;

use super::{Draw, SamplerError, Weights};
use crate::keys::mix;

/// Which rows belong to which cluster, in ascending row, or from the highest score to the lowest.
///
/// Memory: 4 bytes a clustered row (8 beyond 2^32 rows), as much for a row without a cluster, 8 a cluster.
///
/// ```
/// use clusterclip_core::sampler::{Draw, Members};
/// let members = Members::from_labels(&[1, 0, -1, 1])?;
/// assert_eq!(members.sizes(), [1, 2]);
/// assert_eq!(members.row(&Draw { cluster: Some(1), member: 1, repetition: 1 }), 3);
/// # Ok::<(), clusterclip_core::sampler::SamplerError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Members {
    sizes: Vec<u64>,
    /// Where each cluster's rows begin.
    offsets: Vec<usize>,
    rows: RowNumbers,
    /// Rows without a cluster, ascending.
    unclustered: RowNumbers,
    n_rows: u64,
}

/// That members are sorted by score, and a hash of their order: what [`super::Options::scores`] takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ScoreOrder(u64);

impl ScoreOrder {
    pub(super) fn digest(self) -> u64 {
        self.0
    }
}

/// So many clusters may be numbered however few rows there are: 400 MB at most.
const FREE_CLUSTERS: u64 = 1 << 24;

/// Row numbers, as narrow as they fit.
#[derive(Debug, Clone)]
enum RowNumbers {
    Narrow(Vec<u32>),
    Wide(Vec<u64>),
}

impl RowNumbers {
    fn new(len: usize, n_rows: u64) -> Self {
        if n_rows <= 1 << 32 { Self::Narrow(vec![0; len]) } else { Self::Wide(vec![0; len]) }
    }

    fn set(&mut self, index: usize, row: u64) {
        match self {
            Self::Narrow(rows) => rows[index] = row as u32,
            Self::Wide(rows) => rows[index] = row,
        }
    }

    #[inline]
    fn get(&self, index: usize) -> u64 {
        match self {
            Self::Narrow(rows) => u64::from(rows[index]),
            Self::Wide(rows) => rows[index],
        }
    }

    /// Sorts a range by score, the highest first, then by row.
    fn sort(&mut self, range: Range<usize>, score: impl Fn(u64) -> Option<f64>) {
        // No score is under every score, and none is NaN.
        let compare = |a: u64, b: u64| {
            let by_score = score(b).partial_cmp(&score(a)).unwrap_or(Ordering::Equal);
            by_score.then(a.cmp(&b))
        };
        match self {
            Self::Narrow(rows) => rows[range].sort_unstable_by(|&a, &b| compare(a.into(), b.into())),
            Self::Wide(rows) => rows[range].sort_unstable_by(|&a, &b| compare(a, b)),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Narrow(rows) => rows.len(),
            Self::Wide(rows) => rows.len(),
        }
    }
}

impl Members {
    /// Groups rows by label: (n_samples,), clusters from 0, −1 for a document without a cluster, which is never
    /// drawn. There are as many clusters as the largest label says, empty ones included.
    ///
    /// # Errors
    /// A label under −1, or so large that memory would go into empty clusters (over 2^24 and over the number of
    /// rows), with its row.
    pub fn from_labels(labels: &[i32]) -> Result<Self, SamplerError> {
        let n_rows = labels.len() as u64;
        let limit = n_rows.max(FREE_CLUSTERS);
        let mut sizes = Vec::new();
        let mut n_unclustered = 0;
        for (row, &label) in (0u64..).zip(labels) {
            match usize::try_from(label) {
                Ok(cluster) if cluster as u64 >= limit => {
                    return Err(SamplerError::LabelTooLarge { row, label, limit });
                }
                Ok(cluster) => {
                    if cluster >= sizes.len() {
                        sizes.resize(cluster + 1, 0u64);
                    }
                    sizes[cluster] += 1;
                }
                Err(_) if label == -1 => n_unclustered += 1,
                Err(_) => return Err(SamplerError::InvalidLabel { row, label }),
            }
        }
        let mut offsets = Vec::with_capacity(sizes.len());
        let mut offset = 0;
        for &size in &sizes {
            offsets.push(offset);
            // The sum is at most the length of `labels`.
            offset += size as usize;
        }
        let mut rows = RowNumbers::new(offset, n_rows);
        let mut unclustered = RowNumbers::new(n_unclustered, n_rows);
        let mut next = offsets.clone();
        let mut next_unclustered = 0;
        for (row, &label) in (0u64..).zip(labels) {
            match usize::try_from(label) {
                Ok(cluster) => {
                    rows.set(next[cluster], row);
                    next[cluster] += 1;
                }
                Err(_) => {
                    unclustered.set(next_unclustered, row);
                    next_unclustered += 1;
                }
            }
        }
        Ok(Self { sizes, offsets, rows, unclustered, n_rows })
    }

    /// Sorts each cluster's documents by their scores, (n_samples,): the highest first, then those without one; equal
    /// ones by row. Every epoch then takes them in this order. Clusters of weight 0 take no part in what is returned.
    ///
    /// ```
    /// use clusterclip_core::sampler::{Members, Options, Sampler, Weights};
    /// let mut members = Members::from_labels(&[0, 0, 0, 0])?;
    /// let scores = members.sort_by_score(&[Some(0.2), None, Some(0.9), Some(0.2)], &Weights::EQUAL)?;
    /// let sampler = Sampler::new(members.sizes(), Options { scores: Some(scores), ..Options::default() })?;
    /// assert_eq!(sampler.iter().map(|draw| members.row(&draw)).collect::<Vec<_>>(), [2, 0, 3, 1]);
    /// # Ok::<(), clusterclip_core::sampler::SamplerError>(())
    /// ```
    ///
    /// # Errors
    /// Not one score for each row; a score that is NaN, with its row.
    pub fn sort_by_score(
        &mut self,
        scores: &[Option<f64>],
        weights: &Weights,
    ) -> Result<ScoreOrder, SamplerError> {
        if scores.len() as u64 != self.n_rows {
            return Err(SamplerError::ScoresShape { scores: scores.len() as u64, rows: self.n_rows });
        }
        if let Some(row) = scores.iter().position(|score| score.is_some_and(f64::is_nan)) {
            return Err(SamplerError::ScoreNotANumber { row: row as u64 });
        }
        let mut digest = 0;
        for (cluster, (&offset, &size)) in self.offsets.iter().zip(&self.sizes).enumerate() {
            let members = offset..offset + size as usize;
            self.rows.sort(members.clone(), |row| scores[row as usize]);
            if weights.get(cluster) > 0.0 {
                digest = members.fold(digest, |h, i| mix(h ^ self.rows.get(i)));
            }
        }
        Ok(ScoreOrder(digest))
    }

    /// Documents of every cluster: (n_clusters,).
    pub fn sizes(&self) -> &[u64] {
        &self.sizes
    }

    /// Clustered documents.
    pub fn n_documents(&self) -> u64 {
        self.rows.len() as u64
    }

    /// Rows, clustered or not.
    pub fn n_rows(&self) -> u64 {
        self.n_rows
    }

    /// The document row of a draw of a sampler over [`Members::sizes`].
    ///
    /// # Panics
    /// If the draw is of another sampler and names a cluster or member that does not exist.
    #[inline]
    pub fn row(&self, draw: &Draw) -> u64 {
        match draw.cluster {
            Some(cluster) => {
                let cluster = cluster as usize;
                assert!(draw.member < self.sizes[cluster], "member {} of cluster {cluster}", draw.member);
                self.rows.get(self.offsets[cluster] + draw.member as usize)
            }
            None => self.clustered_row(draw.member),
        }
    }

    /// Writes the rows of `draws` to `out`.
    ///
    /// # Panics
    /// If the lengths differ, or as [`Members::row`].
    pub fn rows(&self, draws: &[Draw], out: &mut [u64]) {
        assert_eq!(draws.len(), out.len(), "as many rows as draws");
        for (row, draw) in out.iter_mut().zip(draws) {
            *row = self.row(draw);
        }
    }

    /// The clustered row that `rank` others precede: the rank, and one more for each row without a cluster before.
    fn clustered_row(&self, rank: u64) -> u64 {
        assert!(rank < self.n_documents(), "document {rank} of {} clustered ones", self.n_documents());
        // unclustered[i] has unclustered[i] − i clustered rows before it, which never falls with i.
        let (mut low, mut high) = (0, self.unclustered.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.unclustered.get(middle) - middle as u64 <= rank {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        rank + low as u64
    }

    /// The rows of a cluster, in the order of its members.
    pub(super) fn rows_of(&self, cluster: usize) -> impl Iterator<Item = u64> {
        let offset = self.offsets[cluster];
        (offset..offset + self.sizes[cluster] as usize).map(|i| self.rows.get(i))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_the_rows_of_their_label_ascending() {
        let labels = [2, -1, 0, 2, -1, -1, 0, 4, 2, 0];
        let members = Members::from_labels(&labels).unwrap();
        assert_eq!(members.sizes(), [3, 0, 3, 0, 1]);
        let row = |cluster, member| members.row(&Draw { cluster: Some(cluster), member, repetition: 1 });
        assert_eq!([row(0, 0), row(0, 1), row(0, 2)], [2, 6, 9]);
        assert_eq!([row(2, 0), row(2, 1), row(2, 2), row(4, 0)], [0, 3, 8, 7]);
        let draws: Vec<Draw> = (0..7).map(|member| Draw { cluster: None, member, repetition: 1 }).collect();
        let mut rows = [0; 7];
        members.rows(&draws, &mut rows);
        assert_eq!(rows, [0, 2, 3, 6, 7, 8, 9]);
        assert_eq!(members.rows_of(2).collect::<Vec<_>>(), [0, 3, 8]);
        assert_eq!((members.n_documents(), members.n_rows()), (7, 10));
    }

    #[test]
    fn nothing_clustered_is_no_panic() {
        for labels in [&[][..], &[-1, -1]] {
            let members = Members::from_labels(labels).unwrap();
            assert_eq!(members.n_documents(), 0);
            assert!(members.sizes().is_empty());
        }
    }

    #[test]
    fn a_label_that_means_nothing_is_named_with_its_row() {
        let message = Members::from_labels(&[0, 1, -2]).unwrap_err().to_string();
        assert_eq!(message, "row 2: label -2; labels are clusters from 0, or -1 for a document without one");
    }
}
