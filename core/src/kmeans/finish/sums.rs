//! Sums of unit rows by cluster, and the centroids that they make.

use super::fixed::{UNIT, fixed};
use super::labelled::for_each_labelled;
use crate::kmeans::error::KMeansError;
use crate::kmeans::room;
use crate::monitor::Monitor;
use crate::par;
use crate::rows::RowSource;

/// Components that one thread sums.
const STRIPE: usize = 32;

/// Rows that are summed in i64 before the sums are carried on: components are at most 1 · 2^32, and 2^30 of them are
/// half of what fits.
const CARRY: u64 = 1 << 30;

/// Exact sums of unit rows by cluster: what centroids are made of.
#[derive(Debug, Clone)]
pub struct UnitSums {
    n_features: usize,
    counts: Vec<u64>,
    /// Σ round(f64(u) · 2^32), of shape (stripes, n_clusters, [`STRIPE`]).
    sums: Vec<i64>,
    /// As `sums`, what was carried out of them; empty while nothing was.
    carried: Vec<i128>,
    /// Rows in `sums`.
    pending: u64,
}

impl UnitSums {
    /// Reads rows once and sums those that have a label, by it. `labels` are under `n_clusters`, or −1 for none.
    /// Tells of progress as the first half of [`Stage::Finish`](crate::monitor::Stage::Finish).
    ///
    /// # Errors
    /// [`KMeansError`]: no memory for the sums, rows that cannot be read or have no direction, or the work was stopped.
    ///
    /// # Panics
    /// If there is not one label for each row, a label is out of range, or the rows have no features.
    pub fn of<S: RowSource>(
        source: &S,
        labels: &[i32],
        n_clusters: usize,
        monitor: &Monitor<'_>,
    ) -> Result<Self, KMeansError> {
        let mut sums = Self::zeros(source.n_features(), n_clusters)?;
        for_each_labelled(source, labels, 0, monitor, |_, units, labelled| sums.take(units, labelled))?;
        Ok(sums)
    }

    fn zeros(n_features: usize, n_clusters: usize) -> Result<Self, KMeansError> {
        let no_room = KMeansError::ClusterMemory { n_clusters, n_features };
        let sums = room::zeros(n_clusters, n_features.next_multiple_of(STRIPE)).ok_or(no_room)?;
        Ok(Self { n_features, counts: vec![0; n_clusters], sums, carried: Vec::new(), pending: 0 })
    }

    /// Adds unit rows, each to the cluster beside its place in `labelled`.
    fn take(&mut self, units: &[f32], labelled: &[(usize, usize)]) -> Result<(), KMeansError> {
        self.make_room(labelled.len() as u64)?;
        let (n_features, n_clusters) = (self.n_features, self.counts.len());
        for &(_, cluster) in labelled {
            self.counts[cluster] += 1;
        }
        par::map_chunks_mut(&mut self.sums, n_clusters * STRIPE, |stripe, sums| {
            #[cfg(target_arch = "x86_64")]
            if is_x86_feature_detected!("avx2") {
                // SAFETY: the instructions are there.
                return unsafe { add_stripe_wide(units, n_features, labelled, stripe, sums) };
            }
            add_stripe(units, n_features, labelled, stripe, sums);
        });
        Ok(())
    }

    /// Adds the sums of other rows.
    ///
    /// # Errors
    /// [`KMeansError::ClusterMemory`].
    ///
    /// # Panics
    /// If they are of another number of clusters or features.
    pub fn add(&mut self, other: &Self) -> Result<(), KMeansError> {
        let shape = |sums: &Self| (sums.counts.len(), sums.n_features);
        assert_eq!(shape(self), shape(other), "clusters and features of both");
        if !other.carried.is_empty() && self.carried.is_empty() {
            self.carry()?;
        }
        self.make_room(other.pending)?;
        let pairs = |a: &mut [u64], b: &[u64]| a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
        pairs(&mut self.counts, &other.counts);
        self.sums.iter_mut().zip(&other.sums).for_each(|(a, b)| *a += b);
        self.carried.iter_mut().zip(&other.carried).for_each(|(a, b)| *a += b);
        Ok(())
    }

    /// Makes sure that `rows` more rows fit the sums, and counts them.
    fn make_room(&mut self, rows: u64) -> Result<(), KMeansError> {
        if self.pending + rows > CARRY {
            self.carry()?;
        }
        self.pending += rows;
        Ok(())
    }

    fn carry(&mut self) -> Result<(), KMeansError> {
        if self.carried.is_empty() {
            let (n_clusters, n_features) = (self.counts.len(), self.n_features);
            let no_room = KMeansError::ClusterMemory { n_clusters, n_features };
            self.carried = room::zeros(self.sums.len(), 1).ok_or(no_room)?;
        }
        for (carried, sum) in self.carried.iter_mut().zip(&mut self.sums) {
            *carried += i128::from(std::mem::take(sum));
        }
        self.pending = 0;
        Ok(())
    }

    /// The exact sum of one component of a cluster's rows, times 2^32.
    fn sum(&self, cluster: usize, feature: usize) -> i128 {
        let at = ((feature / STRIPE) * self.counts.len() + cluster) * STRIPE + feature % STRIPE;
        i128::from(self.sums[at]) + self.carried.get(at).copied().unwrap_or(0)
    }

    /// Rows in each cluster.
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// Makes unit-norm centroids of shape `(n_clusters, n_features)`; a zero row for a cluster that is empty or whose
    /// rows cancel.
    ///
    /// # Errors
    /// [`KMeansError::ClusterMemory`].
    pub fn centroids(&self) -> Result<Vec<f32>, KMeansError> {
        let (n_clusters, n_features) = (self.counts.len(), self.n_features);
        let no_room = KMeansError::ClusterMemory { n_clusters, n_features };
        let mut centroids: Vec<f32> = room::zeros(n_clusters, n_features).ok_or(no_room)?;
        par::map_chunks_mut(&mut centroids, n_features, |cluster, out| {
            let mut squares = 0.0f64;
            for feature in 0..n_features {
                let sum = self.sum(cluster, feature) as f64;
                squares += sum * sum;
            }
            if squares > 0.0 {
                let norm = squares.sqrt();
                for (feature, c) in out.iter_mut().enumerate() {
                    *c = (self.sum(cluster, feature) as f64 / norm) as f32;
                }
            }
        });
        Ok(centroids)
    }

    /// Mean cosine of all pairs of different rows, `None` for a single row: the squared norm of the sum of n unit
    /// rows is n plus twice the sum over pairs.
    pub fn mean_cosine(&self) -> Option<f64> {
        let n = self.counts.iter().sum::<u64>();
        if n < 2 {
            return None;
        }
        let totals = par::map(self.n_features, |feature| {
            (0..self.counts.len()).map(|cluster| self.sum(cluster, feature)).sum::<i128>() as f64 / UNIT
        });
        let squares = totals.into_iter().fold(0.0f64, |sum, total| sum + total * total);
        let n = n as f64;
        Some((squares - n) / (n * (n - 1.0)))
    }
}

/// [`add_stripe`], compiled for wider vectors: the same integers.
///
/// # Safety
/// The CPU has AVX2.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
unsafe fn add_stripe_wide(
    units: &[f32],
    n_features: usize,
    labelled: &[(usize, usize)],
    stripe: usize,
    sums: &mut [i64],
) {
    add_stripe(units, n_features, labelled, stripe, sums);
}

/// Adds one stripe of the components of unit rows, each to its cluster's sums.
#[inline(always)]
fn add_stripe(
    units: &[f32],
    n_features: usize,
    labelled: &[(usize, usize)],
    stripe: usize,
    sums: &mut [i64],
) {
    let from = stripe * STRIPE;
    let width = STRIPE.min(n_features - from);
    for (row, &(_, cluster)) in units.chunks_exact(n_features).zip(labelled) {
        let (sums, row) = (&mut sums[cluster * STRIPE..][..STRIPE], &row[from..]);
        // Whole stripes have a length that the compiler knows.
        if width == STRIPE { add(sums, &row[..STRIPE]) } else { add(&mut sums[..width], row) }
    }
}

#[inline(always)]
fn add(sums: &mut [i64], row: &[f32]) {
    for (sum, &u) in sums.iter_mut().zip(row) {
        *sum += fixed(u);
    }
}

#[cfg(test)]
mod tests;
