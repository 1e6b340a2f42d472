//! The first centroids: SPEC.md, 1.6.

use std::collections::HashSet;

use super::backend::Backend;
use super::centroid::Centroids;
use super::params::{Init, KMeansError, Params};
use super::quantize::Quantizer;
use super::room;
use super::source::Rows;
use crate::keys::{self, Permutation};
use crate::monitor::Monitor;
use crate::rows::RowSource;

/// Purposes of the keys.
const PERMUTATION: u64 = 5;
const STEP: u64 = 6;

/// Makes each of `centroids` that of one row.
pub(super) async fn init<S: RowSource, B: Backend>(
    rows: &Rows<'_, S>,
    quantizer: &Quantizer,
    params: &Params,
    centroids: &mut Centroids,
    backend: &mut B,
    monitor: &Monitor<'_>,
) -> Result<(), KMeansError> {
    let permutation = Permutation::new(keys::hash(&[params.seed, PERMUTATION]), rows.n_clustered());
    match &params.init {
        Init::Random => {
            for cluster in 0..centroids.n_clusters() {
                monitor.check()?;
                let row = rows.source_row(permutation.at(cluster as u64));
                centroids.set_to_row(cluster, &rows.quantize_row(quantizer, row)?);
            }
        }
        Init::KMeansPlusPlus => {
            let mut seeding = Seeding { rows, quantizer, seed: params.seed, permutation };
            seeding.run(centroids, backend, monitor).await?;
        }
        Init::Rows(values) => {
            let mut q = vec![0; quantizer.columns()];
            let mut scratch = Vec::new();
            for (cluster, row) in values.chunks_exact(quantizer.n_features()).enumerate() {
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
struct Seeding<'a, S> {
    rows: &'a Rows<'a, S>,
    quantizer: &'a Quantizer,
    seed: u64,
    permutation: Permutation,
}

impl<S: RowSource> Seeding<'_, S> {
    async fn run<B: Backend>(
        &mut self,
        centroids: &mut Centroids,
        backend: &mut B,
        monitor: &Monitor<'_>,
    ) -> Result<(), KMeansError> {
        let first = self.permutation.at(0);
        let mut newest = self.set(centroids, 0, first)?;
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
            newest = self.set(centroids, cluster, row)?;
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

    /// Makes `cluster` that of a clustered row, and returns it alone.
    fn set(&self, centroids: &mut Centroids, cluster: usize, row: u64) -> Result<Centroids, KMeansError> {
        let row = self.rows.source_row(row);
        let q = self.rows.quantize_row(self.quantizer, row)?;
        centroids.set_to_row(cluster, &q);
        let n_features = self.quantizer.n_features();
        let mut newest = Centroids::zeros(n_features, 1).ok_or_else(|| room::none(1, n_features))?;
        newest.set_to_row(0, &q);
        Ok(newest)
    }
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
