//! From draws to document rows.

mod rows;
mod score;

use std::sync::Arc;

pub use rows::MemberRows;
pub use score::ScoreOrder;

use super::{Draw, SamplerError};
use rows::{Part, RowNumbers, offsets};

/// Which rows belong to which cluster, in ascending row, or from the highest score to the lowest.
///
/// Memory, where they are made from labels: 4 bytes a clustered row (8 beyond 2^32 rows), as much for a row without a
/// cluster, 8 a cluster. Rows that are [`MemberRows`] take none.
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
    /// Of all parts together.
    sizes: Vec<u64>,
    /// One after the other: of each cluster the rows of the first part come first, and are lower.
    parts: Vec<Part>,
    /// Rows without a cluster, ascending.
    unclustered: RowNumbers,
    n_clustered: u64,
    n_rows: u64,
}

/// So many clusters may be numbered however few rows there are: 400 MB at most.
const FREE_CLUSTERS: u64 = 1 << 24;

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
        // The sum is at most the length of `labels`.
        let offsets = offsets(&sizes);
        let n_clustered = n_rows - n_unclustered as u64;
        let mut rows = RowNumbers::new(n_clustered as usize, n_rows);
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
        Ok(Self { sizes, parts: vec![Part { base: 0, offsets, rows }], unclustered, n_clustered, n_rows })
    }

    /// Takes clusters of these sizes, (n_clusters,), whose rows lie elsewhere, and the rows without a cluster,
    /// ascending.
    ///
    /// # Panics
    /// If the sizes do not add up to the number of rows.
    pub fn of_rows(sizes: Vec<u64>, rows: Arc<dyn MemberRows>, unclustered: Vec<u64>) -> Self {
        let n_clustered = rows.len() as u64;
        assert_eq!(sizes.iter().sum::<u64>(), n_clustered, "members of all clusters");
        let n_rows = n_clustered + unclustered.len() as u64;
        let part = Part { base: 0, offsets: offsets(&sizes), rows: RowNumbers::Elsewhere(rows) };
        Self { sizes, parts: vec![part], unclustered: RowNumbers::Wide(unclustered), n_clustered, n_rows }
    }

    /// Appends the members of other rows of the same clusters: their rows come after those that are here.
    ///
    /// # Panics
    /// If there are not as many clusters.
    pub fn append(&mut self, next: Self) {
        assert_eq!(self.sizes.len(), next.sizes.len(), "clusters of both");
        self.sizes.iter_mut().zip(&next.sizes).for_each(|(size, more)| *size += more);
        let base = self.n_rows;
        self.parts.extend(next.parts.into_iter().map(|part| Part { base: base + part.base, ..part }));
        let all = |rows: &RowNumbers| (0..rows.len()).map(|i| rows.get(i)).collect::<Vec<u64>>();
        let later = all(&next.unclustered).into_iter().map(|row| base + row);
        self.unclustered = RowNumbers::Wide(all(&self.unclustered).into_iter().chain(later).collect());
        self.n_clustered += next.n_clustered;
        self.n_rows += next.n_rows;
    }

    /// Documents of every cluster: (n_clusters,).
    pub fn sizes(&self) -> &[u64] {
        &self.sizes
    }

    /// Clustered documents.
    pub fn n_documents(&self) -> u64 {
        self.n_clustered
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
                let mut member = draw.member;
                for part in &self.parts {
                    let size = part.size(cluster);
                    if member < size {
                        return part.base + part.rows.get(part.offsets[cluster] + member as usize);
                    }
                    member -= size;
                }
                unreachable!("the sizes of the parts add up to that of the cluster")
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

    /// All members: rows sorted by (cluster, row).
    pub fn sorted_rows(&self) -> impl Iterator<Item = u64> {
        (0..self.sizes.len()).flat_map(|cluster| self.rows_of(cluster))
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
        self.parts.iter().flat_map(move |part| {
            let own = part.offsets[cluster]..part.offsets[cluster + 1];
            own.map(move |place| part.base + part.rows.get(place))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows that somebody else holds.
    #[derive(Debug)]
    struct Held(Vec<u64>);

    impl MemberRows for Held {
        fn len(&self) -> usize {
            self.0.len()
        }

        fn row(&self, place: usize) -> u64 {
            self.0[place]
        }
    }

    /// Rows of every draw there can be, by cluster and among all.
    fn all_rows(members: &Members) -> Vec<u64> {
        let row = |cluster, member| members.row(&Draw { cluster, member, repetition: 1 });
        let sizes = (0..).zip(members.sizes());
        let by_cluster = sizes.flat_map(|(cluster, &size)| (0..size).map(move |i| row(Some(cluster), i)));
        by_cluster.chain((0..members.n_documents()).map(|i| row(None, i))).collect()
    }

    #[test]
    fn rows_that_lie_elsewhere_are_the_same_members() {
        let held = Members::from_labels(&[2, -1, 0, 2, -1, -1, 0, 4, 2, 0]).unwrap();
        let rows: Vec<u64> = held.sorted_rows().collect();
        assert_eq!(rows, [2, 6, 9, 0, 3, 8, 7]);
        let elsewhere = Members::of_rows(held.sizes().to_vec(), Arc::new(Held(rows)), vec![1, 4, 5]);
        assert_eq!(all_rows(&elsewhere), all_rows(&held));
        assert_eq!((elsewhere.n_documents(), elsewhere.n_rows()), (7, 10));
    }

    #[test]
    fn appended_members_are_those_of_all_labels_one_after_the_other() {
        let labels = [2, -1, 0, 2, -1, -1, 0, 2, 2, 0, -1, 1, 2, -1, 2];
        let whole = Members::from_labels(&labels).unwrap();
        for (first, second) in [(3, 9), (9, 9), (4, 12)] {
            let mut members = Members::from_labels(&labels[..first]).unwrap();
            for part in [&labels[first..second], &labels[second..]] {
                let mut rows: Vec<(i32, u64)> = part.iter().copied().zip(0..).collect();
                rows.sort_unstable();
                let split = rows.partition_point(|&(label, _)| label < 0);
                let numbers = |rows: &[(i32, u64)]| rows.iter().map(|&(_, row)| row).collect::<Vec<_>>();
                let sizes =
                    (0..3).map(|cluster| part.iter().filter(|&&label| label == cluster).count() as u64);
                let held = Arc::new(Held(numbers(&rows[split..])));
                members.append(Members::of_rows(sizes.collect(), held, numbers(&rows[..split])));
            }
            assert_eq!(members.sizes(), whole.sizes());
            assert_eq!(all_rows(&members), all_rows(&whole), "cut at {first} and {second}");
            assert!(members.sorted_rows().eq(whole.sorted_rows()) && members.n_rows() == 15);
        }
    }

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
