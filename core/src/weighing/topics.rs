//! How many topics an order has.

use serde::{Deserialize, Serialize};

use crate::monitor::Monitor;
use crate::sampler::{Budget, ListedWeight, Options, Sampler, Strategy, Weights};
use crate::topics::{Kernel, TopicsError};

/// The effective number of topics of orders of one length over the same clusters.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topics {
    /// Of an order with equal weights; absent beside random.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub equal: Option<f64>,
    /// Of the order.
    pub order: f64,
    /// Of random.
    pub random: f64,
}

impl Topics {
    /// Counts those of an order over clusters of these sizes, (n_clusters,).
    ///
    /// # Errors
    /// An order over more clusters than `kernel` knows; cancelled.
    pub fn of(
        kernel: &Kernel<'_>,
        sizes: &[u64],
        order: &Sampler,
        monitor: &Monitor<'_>,
    ) -> Result<Self, TopicsError> {
        let random: Vec<f64> = sizes.iter().map(|&size| size as f64).collect();
        let drawn = draws(order, sizes.len());
        let equal = equal(order, sizes).map(|equal| draws(&equal, sizes.len()));
        let all: Vec<&[f64]> = [Some(&random), Some(&drawn), equal.as_ref()]
            .into_iter()
            .flatten()
            .map(|draws| &**draws)
            .collect();
        let found = kernel.effective_topics(&all, monitor)?;
        Ok(Self { equal: found.get(2).copied(), order: found[1], random: found[0] })
    }
}

/// The draws of each cluster.
fn draws(order: &Sampler, n_clusters: usize) -> Vec<f64> {
    let mut draws = vec![0.0; n_clusters];
    for cluster in order.exposure().clusters {
        draws[cluster.cluster as usize] = cluster.draws;
    }
    draws
}

/// The same order with equal weights, for clusters that weights of 0 leave out too; `None` for random.
fn equal(order: &Sampler, sizes: &[u64]) -> Option<Sampler> {
    let options = order.options();
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
    Sampler::new(sizes, Options { weights, budget: Budget::Documents(order.len()), ..options.clone() }).ok()
}
