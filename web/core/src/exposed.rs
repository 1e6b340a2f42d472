//! What an order does to every cluster, as JSON.

use clusterclip_core::sampler::Temperature;
use clusterclip_core::weighing::{Topics, Weighed};
use clusterclip_web_border::error;
use serde::Serialize;

use crate::order::Weighted;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Exposed<'a> {
    strategy: &'static str,
    expected: bool,
    draws: u64,
    documents: u64,
    clip: Option<u64>,
    clip_acts: bool,
    coverage: f64,
    effective_clusters: f64,
    weights: Option<ExposedWeights>,
    topics: Option<&'a Topics>,
    warnings: Vec<String>,
    clusters: Vec<ExposedCluster>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExposedWeights {
    rule: &'static str,
    temperature: Option<f64>,
    groups: Option<u64>,
    even_in: &'static str,
    why: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExposedCluster {
    cluster: u32,
    size: u64,
    group: Option<u32>,
    weight: f64,
    clip: Option<u64>,
    draws: f64,
    epochs: f64,
    clip_position: Option<u64>,
}

impl ExposedWeights {
    fn of(weighed: &Weighed) -> Self {
        Self {
            rule: weighed.name(),
            temperature: weighed.temperature.map(Temperature::get),
            groups: weighed.groups,
            even_in: weighed.even_in.name(),
            why: weighed.why.name(),
        }
    }
}

/// What a person should know of an order.
pub fn warnings(weighted: &Weighted) -> Vec<String> {
    weighted.order.warnings().iter().map(|warning| warning.said(error::names)).collect()
}

/// What an order does to every cluster.
pub fn json(weighted: &Weighted) -> String {
    let exposure = weighted.order.exposure();
    let group = |cluster: u32| weighted.groups.as_ref()?.of(cluster as usize);
    let clusters = exposure.clusters.iter().map(|cluster| ExposedCluster {
        cluster: cluster.cluster,
        size: cluster.size,
        group: group(cluster.cluster),
        weight: cluster.weight,
        clip: cluster.clip,
        draws: cluster.draws,
        epochs: cluster.epochs,
        clip_position: cluster.clip_position,
    });
    let exposed = Exposed {
        strategy: exposure.strategy.name(),
        expected: exposure.expected,
        draws: exposure.draws,
        documents: exposure.documents,
        clip: exposure.clip,
        clip_acts: exposure.clip_acts,
        coverage: exposure.coverage,
        effective_clusters: exposure.effective_clusters,
        weights: weighted.weighed.as_ref().map(ExposedWeights::of),
        topics: weighted.topics.as_ref(),
        warnings: warnings(weighted),
        clusters: clusters.collect(),
    };
    serde_json::to_string(&exposed).unwrap_or_default()
}
