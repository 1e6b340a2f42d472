//! The names of the folder's files, and of the stages that write them.

use clusterclip_core::named;
use serde::{Deserialize, Serialize};

/// What every result is, and how it was made; the same bytes for the same input and options.
pub const MANIFEST: &str = "manifest.json";
/// How the run went: devices, timings, dates. The one file that differs from run to run.
pub const RUN: &str = "run.json";
/// One row a document, in reading order.
pub const DOCUMENTS: &str = "documents.parquet";
/// The rows that are clustered, (n_samples, n_features).
pub const EMBEDDINGS: &str = "embeddings.npy";
/// The fitted lexical model.
pub const EMBEDDER: &str = "embedder.safetensors";
/// One int32 a document, −1 without a cluster.
pub const LABELS: &str = "labels.npy";
/// The centroids in float32, (n_clusters, n_features).
pub const CENTROIDS: &str = "centroids.npy";
/// The quantised centroids and biases.
pub const CLUSTERS: &str = "clusters.safetensors";
/// Cluster and similarity of each document, for people and data frames.
pub const ASSIGNMENTS: &str = "assignments.parquet";
/// The training order: one document row a position.
pub const ORDER: &str = "order.npy";
/// The training order with texts, one JSON object a position.
pub const EXPORT: &str = "order.jsonl";

/// A stage whose results are kept. Declared in the order of the names, so that manifests are sorted; the order
/// of the data flow is [`StageName::FLOW`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StageName {
    /// Rows become labels.
    Cluster,
    /// Documents become rows.
    Embed,
    /// The order is written out with its texts.
    Export,
    /// Labels become an order.
    Sample,
}

impl StageName {
    /// All stages, in the order in which data flows through them.
    pub const FLOW: [Self; 4] = [Self::Embed, Self::Cluster, Self::Sample, Self::Export];

    /// What it leaves behind.
    pub fn results(self) -> &'static str {
        match self {
            Self::Cluster => "clusters",
            Self::Embed => "embeddings",
            Self::Export => "an export",
            Self::Sample => "an order",
        }
    }

    /// What messages call it, or, with a folder behind it, what makes its results there. A shell may put its own words in
    /// the place of these.
    pub fn described(self) -> String {
        format!("the stage `{self}`")
    }

    /// The names of all files it may write.
    pub fn files(self) -> &'static [&'static str] {
        match self {
            Self::Cluster => &[ASSIGNMENTS, CENTROIDS, CLUSTERS, LABELS],
            Self::Embed => &[DOCUMENTS, EMBEDDER, EMBEDDINGS],
            Self::Export => &[EXPORT],
            Self::Sample => &[ORDER],
        }
    }

    /// The stages that use its results.
    pub fn later(self) -> &'static [Self] {
        let place = Self::FLOW.iter().position(|&stage| stage == self).expect("FLOW holds every stage");
        const FLOW: [StageName; 4] = StageName::FLOW;
        &FLOW[place + 1..]
    }
}

named!(
    StageName:
    Cluster = "cluster",
    Embed = "embed",
    Export = "export",
    Sample = "sample",
);
