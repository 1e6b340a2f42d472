//! The stages, by name: what each leaves behind, and which come later.

use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{ASSIGNMENTS, CENTROIDS, CLUSTERS, DOCUMENTS, EMBEDDER, EMBEDDINGS, EXPORT, LABELS, ORDER};

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

    /// Its name in manifests and, but for `export`, on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cluster => "cluster",
            Self::Embed => "embed",
            Self::Export => "export",
            Self::Sample => "sample",
        }
    }

    /// What it leaves behind.
    pub fn results(self) -> &'static str {
        match self {
            Self::Cluster => "clusters",
            Self::Embed => "embeddings",
            Self::Export => "an export",
            Self::Sample => "an order",
        }
    }

    /// The command that makes its results in the folder `dir`.
    pub(super) fn command(self, dir: &Path) -> String {
        let dir = dir.display();
        match self {
            Self::Cluster | Self::Sample => format!("clusterclip {self} {dir}"),
            Self::Embed => format!("clusterclip embed INPUT --out {dir}"),
            Self::Export => format!("clusterclip run INPUT --out {dir} --export jsonl"),
        }
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

impl fmt::Display for StageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
