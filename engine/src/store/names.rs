//! The names of the folder's files, and of the stages that write them.

use std::path::Path;

use clusterclip_core::named;
use serde::{Deserialize, Serialize};

use super::exported;
use super::lock::LOCK;
use super::manifest::FORMAT_NAME;

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
/// One row a cluster: size, tokens, similarity.
pub const CLUSTER_TABLE: &str = "clusters.parquet";
/// Document rows sorted by (cluster, row), for samplers.
pub const MEMBERS: &str = "members.npy";
/// Cluster and similarity of each document, for people and data frames.
pub const ASSIGNMENTS: &str = "assignments.parquet";
/// The training order: one document row a position.
pub const ORDER: &str = "order.npy";
/// How often the order draws each cluster.
pub const EXPOSURE: &str = "exposure.parquet";
/// Exported ids, one a line.
pub const IDS: &str = "ids.txt";
/// The exported table of positions.
pub const POSITIONS: &str = "positions.parquet";

/// Whether a folder, of which `has` tells the files, is one of results: it holds our manifest.
pub fn is_results(folder: &Path, has: impl Fn(&str) -> bool) -> bool {
    // The lock is no copy's: who fetches results leaves out what is hidden.
    has(MANIFEST) && (has(LOCK) || is_manifest(&folder.join(MANIFEST)))
}

/// Files of this name that are longer are of other programs.
const LONGEST_MANIFEST: u64 = 1 << 28;

/// Whether a file is a manifest of ours, by the version that every one holds.
fn is_manifest(path: &Path) -> bool {
    let version = format!("\"{FORMAT_NAME}");
    let is_short = path.metadata().is_ok_and(|metadata| metadata.len() <= LONGEST_MANIFEST);
    is_short
        && std::fs::read(path).is_ok_and(|bytes| memchr::memmem::find(&bytes, version.as_bytes()).is_some())
}

/// The names of the exported texts in a folder of results, sorted.
pub fn exports(folder: &Path) -> Vec<String> {
    let mut exports = exported::names_in(folder);
    exports.retain(|name| exported::holds_texts(name));
    exports
}

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

    /// The names of the files it writes, whatever is asked of it; those of an export follow from its kinds.
    pub fn files(self) -> &'static [&'static str] {
        match self {
            Self::Cluster => &[ASSIGNMENTS, CENTROIDS, CLUSTER_TABLE, CLUSTERS, LABELS, MEMBERS],
            Self::Embed => &[DOCUMENTS, EMBEDDER, EMBEDDINGS],
            Self::Export => &[],
            Self::Sample => &[EXPOSURE, ORDER],
        }
    }

    /// Whether it may write a file of this name.
    pub fn owns(self, name: &str) -> bool {
        match self {
            Self::Export => exported::is_name(name),
            _ => self.files().contains(&name),
        }
    }

    /// The names of files that it may write, as far as they may lie in `folder`.
    pub fn names_in(self, folder: &Path) -> Vec<String> {
        match self {
            Self::Export => exported::names_in(folder),
            _ => self.files().iter().map(|&name| name.to_owned()).collect(),
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
