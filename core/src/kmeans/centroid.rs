//! Centroids of bytes with a bias, made from exact sums: SPEC.md, 1.2.

use super::room;
use super::scale::{CENTROID_LIMIT, MAX_FEATURES, columns_of, stretch};
use crate::error::Kind;
use crate::par;

/// Added and taken away again, it rounds a small f64 half to even (here the last bit is worth 1), without a call
/// on CPUs that lack the instruction.
const ROUND: f64 = 6_755_399_441_055_744.0;

/// Why saved centroids were refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CentroidsError {
    /// There are no clusters, or more than labels can name.
    #[error("there are {0} clusters: 1 to 2147483647 can be joined")]
    Clusters(usize),
    /// There are no features, or too many for scores of 32 bits.
    #[error("the clusters are for rows of {0} features: 1 to {MAX_FEATURES} are possible")]
    Features(usize),
    /// The numbers of values, biases and features do not belong together.
    #[error(
        "{values} centroid values and {biases} biases do not make clusters for {n_features} features: each cluster \
         has one bias and as many values as the next multiple of 64"
    )]
    Shape {
        /// Values given.
        values: usize,
        /// Biases given.
        biases: usize,
        /// Features given.
        n_features: usize,
    },
    /// A value is −128, which no centroid holds.
    #[error("cluster {cluster}, column {column} is -128: centroid values lie in -127..=127")]
    Value {
        /// The cluster, from 0.
        cluster: usize,
        /// The column, from 0.
        column: usize,
    },
    /// A bias is larger than rounding can make it.
    #[error("the bias of cluster {cluster} is {bias}: for {columns} columns its size is at most {limit}")]
    Bias {
        /// The cluster, from 0.
        cluster: usize,
        /// Its bias.
        bias: i32,
        /// Columns given.
        columns: usize,
        /// The limit.
        limit: i32,
    },
}

crate::nameless!(CentroidsError, Kind::Input);

/// Quantised centroids: values of shape `(n_clusters, columns)` and a bias for each cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Centroids {
    n_features: usize,
    columns: usize,
    values: Vec<i8>,
    biases: Vec<i32>,
}

impl Centroids {
    /// Takes back what [`n_features`](Self::n_features), [`values`](Self::values) and [`biases`](Self::biases)
    /// gave.
    ///
    /// # Errors
    /// [`CentroidsError`] for anything that [`cluster`](super::cluster) cannot have made.
    pub fn from_parts(n_features: usize, values: Vec<i8>, biases: Vec<i32>) -> Result<Self, CentroidsError> {
        if n_features == 0 || n_features > MAX_FEATURES {
            return Err(CentroidsError::Features(n_features));
        }
        // Labels are saved as i32.
        if biases.is_empty() || biases.len() > i32::MAX as usize {
            return Err(CentroidsError::Clusters(biases.len()));
        }
        let columns = columns_of(n_features);
        if Some(values.len()) != biases.len().checked_mul(columns) {
            return Err(CentroidsError::Shape { values: values.len(), biases: biases.len(), n_features });
        }
        if let Some(at) = values.iter().position(|&c| c == i8::MIN) {
            return Err(CentroidsError::Value { cluster: at / columns, column: at % columns });
        }
        // |e − c| ≤ 1/2 and |S / m| ≤ 63.
        let limit = 32 * columns as i32;
        if let Some(cluster) = biases.iter().position(|b| b.unsigned_abs() > limit as u32) {
            return Err(CentroidsError::Bias { cluster, bias: biases[cluster], columns, limit });
        }
        Ok(Self { n_features, columns, values, biases })
    }

    /// Makes centroids from the sums of their members' rows, of shape `(n_clusters, columns)`, and the members'
    /// numbers. A zero sum gives a centroid that scores 0 everywhere.
    ///
    /// # Panics
    /// If there are no counts, `n_features` is 0, `sums` does not hold, for each count, as many values as the next
    /// multiple of 64, or there is no memory for an eighth of `sums`.
    pub fn from_sums(n_features: usize, sums: &[i64], counts: &[u64]) -> Self {
        let columns = columns_of(n_features);
        assert!(n_features > 0 && !counts.is_empty(), "centroids have features and clusters");
        assert_eq!(sums.len(), counts.len() * columns, "one sum for each column");
        let mut centroids = Self::zeros(n_features, counts.len()).expect("memory for an eighth of the sums");
        let all: Vec<u32> = (0..counts.len() as u32).collect();
        centroids.update(&all, sums, counts);
        centroids
    }

    /// Makes `n_clusters` centroids that score 0 everywhere; `None` when memory does not suffice.
    pub(super) fn zeros(n_features: usize, n_clusters: usize) -> Option<Self> {
        let columns = columns_of(n_features);
        let (values, biases) = (room::zeros(n_clusters, columns)?, room::zeros(n_clusters, 1)?);
        Some(Self { n_features, columns, values, biases })
    }

    /// A copy; `None` when memory does not suffice.
    pub(super) fn try_clone(&self) -> Option<Self> {
        let mut copy = Self::zeros(self.n_features, self.n_clusters())?;
        copy.values.copy_from_slice(&self.values);
        copy.biases.copy_from_slice(&self.biases);
        Some(copy)
    }

    /// Whether there are as many clusters and columns as `other` has.
    pub(super) fn has_shape_of(&self, other: &Self) -> bool {
        (self.n_clusters(), self.columns) == (other.n_clusters(), other.columns)
    }

    /// Features of the rows that they score.
    pub fn n_features(&self) -> usize {
        self.n_features
    }

    /// Bytes of a centroid: the next multiple of 64.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Number of clusters.
    pub fn n_clusters(&self) -> usize {
        self.biases.len()
    }

    /// All values, row-major.
    pub fn values(&self) -> &[i8] {
        &self.values
    }

    /// The values of one cluster.
    ///
    /// # Panics
    /// If there is no such cluster.
    pub fn value(&self, cluster: usize) -> &[i8] {
        &self.values[cluster * self.columns..][..self.columns]
    }

    /// The bias of each cluster.
    pub fn biases(&self) -> &[i32] {
        &self.biases
    }

    /// Makes one cluster's centroid that of the single row `q`.
    pub(super) fn set_to_row(&mut self, cluster: usize, q: &[i8]) {
        let sums: Vec<i64> = q.iter().map(|&q| i64::from(q)).collect();
        let to = &mut self.values[cluster * self.columns..][..self.columns];
        if let Some(bias) = centroid(&sums, 1, to) {
            self.biases[cluster] = bias;
        }
    }

    /// Makes the centroids of `clusters` (ascending) anew from all sums and counts.
    pub(super) fn update(&mut self, clusters: &[u32], sums: &[i64], counts: &[u64]) {
        /// Centroids that are held twice at a time.
        const TOGETHER: usize = 4096;
        let columns = self.columns;
        for clusters in clusters.chunks(TOGETHER) {
            let made = par::map(clusters.len(), |i| {
                let cluster = clusters[i] as usize;
                let mut values = vec![0i8; columns];
                centroid(&sums[cluster * columns..][..columns], counts[cluster], &mut values)
                    .map(|bias| (values, bias))
            });
            for (&cluster, made) in clusters.iter().zip(made) {
                if let Some((values, bias)) = made {
                    self.values[cluster as usize * columns..][..columns].copy_from_slice(&values);
                    self.biases[cluster as usize] = bias;
                }
            }
        }
    }
}

/// Makes the centroid of `members` rows that sum to `sums`, and returns its bias; `None` leaves `out` as it is,
/// because a zero sum has no direction.
fn centroid(sums: &[i64], members: u64, out: &mut [i8]) -> Option<i32> {
    // The exact sum of squares: |S| ≤ 63 · 2^40, so a square stays below 2^92 and the sum below 2^110.
    let squares: u128 =
        sums.iter().map(|&s| u128::from(s.unsigned_abs()) * u128::from(s.unsigned_abs())).sum();
    if squares == 0 {
        return None;
    }
    let (norm, stretch) = ((squares as f64).sqrt(), stretch(sums.len()));
    let mut rest = 0.0f64;
    for (c, &s) in out.iter_mut().zip(sums) {
        let s = s as f64;
        let e = (s / norm * stretch).clamp(-CENTROID_LIMIT, CENTROID_LIMIT);
        let rounded = e + ROUND - ROUND;
        *c = rounded as i8;
        rest += (e - rounded) * s;
    }
    Some((rest / members as f64).round_ties_even() as i32)
}

/// Own best of SPEC.md, 1.1: the score of `q` with the centroid of this row alone.
pub(super) fn own_best(q: &[i8]) -> i32 {
    let squares: i64 = q.iter().map(|&q| i64::from(i32::from(q) * i32::from(q))).sum();
    if squares == 0 {
        return 0;
    }
    let (norm, stretch) = ((squares as f64).sqrt(), stretch(q.len()));
    // A row has at most 127 different bytes: the divisions are made once a byte, not once a column.
    let mut table = [(0i32, 0.0f64); 64];
    for (s, entry) in table.iter_mut().enumerate() {
        let e = (s as f64 / norm * stretch).min(CENTROID_LIMIT);
        let rounded = e + ROUND - ROUND;
        *entry = (rounded as i32 * s as i32, (e - rounded) * s as f64);
    }
    let (mut score, mut rest) = (0i32, 0.0f64);
    for &q in q {
        // e, c and e − c are odd functions of S, so the products are the same for −S.
        let (product, left) = table[usize::from(q.unsigned_abs())];
        score += product;
        rest += left;
    }
    score + rest.round_ties_even() as i32
}
