//! How many topics an order has.

use clusterclip_core::monitor::Monitor;
use clusterclip_core::sampler::{Budget, ListedWeight, Members, Options, Sampler, Strategy, Weights};
use clusterclip_core::topics::Kernel;

use crate::error::Result;
use crate::store::Topics;

/// How many topics an order has, beside random and equal weights at the same length.
pub(super) fn of(
    kernel: &Kernel<'_>,
    members: &Members,
    sampler: &Sampler,
    monitor: &Monitor<'_>,
) -> Result<Topics> {
    let sizes = members.sizes();
    let random: Vec<f64> = sizes.iter().map(|&size| size as f64).collect();
    let order = draws(sampler, sizes.len());
    let equal = equal(sampler, sizes).map(|sampler| draws(&sampler, sizes.len()));
    let all: Vec<&[f64]> =
        [Some(&random), Some(&order), equal.as_ref()].into_iter().flatten().map(|draws| &**draws).collect();
    let found = kernel.effective_topics(&all, monitor)?;
    Ok(Topics { equal: found.get(2).copied(), order: found[1], random: found[0] })
}

/// The draws of each cluster.
fn draws(sampler: &Sampler, n_clusters: usize) -> Vec<f64> {
    let mut draws = vec![0.0; n_clusters];
    for cluster in sampler.exposure().clusters {
        draws[cluster.cluster as usize] = cluster.draws;
    }
    draws
}

/// The same order with equal weights, for clusters that weights of 0 leave out too; `None` for random.
fn equal(sampler: &Sampler, sizes: &[u64]) -> Option<Sampler> {
    let options = sampler.options();
    if options.strategy == Strategy::Random {
        return None;
    }
    let weights = &options.weights;
    let row =
        |cluster: usize| ListedWeight { cluster: cluster as u64, weight: 1.0, clip: weights.clip(cluster) };
    let weights = match weights.has_clips() {
        true => Weights::listed(sizes, &(0..sizes.len()).map(row).collect::<Vec<_>>()).ok()?,
        false => Weights::EQUAL,
    };
    Sampler::new(sizes, Options { weights, budget: Budget::Documents(sampler.len()), ..options.clone() }).ok()
}
