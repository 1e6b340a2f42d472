//! The first centroids: SPEC.md, 1.6.

use std::collections::HashSet;

use super::backend::{Backend, MAX_CANDIDATES};
use super::centroid::Centroids;
use super::error::KMeansError;
use super::params::{Init, Params};
use super::quantize::Quantizer;
use crate::keys::{self, Permutation};
use crate::monitor::Monitor;

/// Purposes of the keys.
const PERMUTATION: u64 = 5;
const STEP: u64 = 6;

/// Makes each of `centroids` that of one of the `n_rows` rows in `backend`, or of one given.
pub(super) async fn init<B: Backend>(
    params: &Params,
    n_rows: u64,
    centroids: &mut Centroids,
    backend: &mut B,
    monitor: &Monitor<'_>,
) -> Result<(), KMeansError> {
    let permutation = Permutation::new(keys::hash(&[params.seed, PERMUTATION]), n_rows);
    match &params.init {
        Init::Random => {
            let columns = centroids.columns();
            let numbers: Vec<u64> =
                (0..centroids.n_clusters() as u64).map(|cluster| permutation.at(cluster)).collect();
            for (part, numbers) in numbers.chunks(MAX_CANDIDATES).enumerate() {
                monitor.check()?;
                let rows = backend.rows(numbers).await?;
                for (i, q) in rows.chunks_exact(columns).enumerate() {
                    centroids.set_to_row(part * MAX_CANDIDATES + i, q);
                }
            }
        }
        Init::KMeansPlusPlus => {
            Seeding { seed: params.seed, permutation }.run(centroids, backend, monitor).await?;
        }
        Init::Rows(values) => {
            let n_features = centroids.n_features();
            let quantizer = Quantizer::new(n_features).ok_or(KMeansError::Features(n_features))?;
            let mut q = vec![0; quantizer.columns()];
            let mut scratch = Vec::new();
            for (cluster, row) in values.chunks_exact(n_features).enumerate() {
                quantizer
                    .quantize(row, &mut q, &mut scratch)
                    .map_err(|error| KMeansError::InitRow { row: cluster as u64, error })?;
                centroids.set_to_row(cluster, &q);
            }
        }
    }
    Ok(())
}

/// k-means++: each next row is drawn with weight max(0, own best − best score so far).
struct Seeding {
    seed: u64,
    permutation: Permutation,
}

impl Seeding {
    async fn run<B: Backend>(
        &self,
        centroids: &mut Centroids,
        backend: &mut B,
        monitor: &Monitor<'_>,
    ) -> Result<(), KMeansError> {
        let first = self.permutation.at(0);
        let mut newest = set(centroids, 0, first, backend).await?;
        // Asked for membership only, never walked.
        let mut chosen = HashSet::from([first]);
        let mut unused = 1;
        let mut spent = false;
        for cluster in 1..centroids.n_clusters() {
            monitor.check()?;
            let mut drawn = None;
            if !spent {
                let weights = backend.seed_step(&newest).await?;
                let total: u64 = weights.iter().sum();
                if total > 0 {
                    let target = keys::scale(keys::hash(&[self.seed, STEP, cluster as u64]), total);
                    let (block, remainder) = find(&weights, target);
                    drawn = Some(backend.pick(block, remainder).await?);
                }
            }
            // Once every row equals a chosen one no weight ever rises again: the rest needs no more scores.
            spent = drawn.is_none();
            let row = drawn.unwrap_or_else(|| self.next_unused(&chosen, &mut unused));
            chosen.insert(row);
            newest = set(centroids, cluster, row, backend).await?;
        }
        Ok(())
    }

    /// The next row of the permutation that is not chosen yet.
    fn next_unused(&self, chosen: &HashSet<u64>, place: &mut u64) -> u64 {
        loop {
            let row = self.permutation.at(*place);
            *place += 1;
            if !chosen.contains(&row) {
                return row;
            }
        }
    }
}

/// Makes `cluster` that of one row, and returns it alone.
async fn set<B: Backend>(
    centroids: &mut Centroids,
    cluster: usize,
    row: u64,
    backend: &mut B,
) -> Result<Centroids, KMeansError> {
    let q = backend.rows(&[row]).await?;
    centroids.set_to_row(cluster, &q);
    let n_features = centroids.n_features();
    let no_room = KMeansError::ClusterMemory { n_clusters: 1, n_features };
    let mut newest = Centroids::zeros(n_features, 1).ok_or(no_room)?;
    newest.set_to_row(0, &q);
    Ok(newest)
}

/// The block in which the summed weights first exceed `target`, and what is left of it there.
fn find(weights: &[u64], mut target: u64) -> (usize, u64) {
    for (block, &weight) in weights.iter().enumerate() {
        if target < weight {
            return (block, target);
        }
        target -= weight;
    }
    unreachable!("the target is under the sum of the weights")
}
