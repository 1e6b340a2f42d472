//! What may be asked of the stages: plain values with defaults, whatever the shell that they come from.
//!
//! ```
//! use clusterclip_engine::settings::{ClusterSettings, Embedder, EmbedSettings, Init};
//!
//! assert_eq!(EmbedSettings::default().embedder, Embedder::Lexical);
//! let cluster = ClusterSettings { clusters: Some(500), ..ClusterSettings::default() };
//! assert_eq!((cluster.init, cluster.max_iterations), (Init::Random, 300));
//! ```

use std::fmt;
use std::path::PathBuf;

use clusterclip_core::named;
use clusterclip_core::sampler::{Budget, Options, Rank, Within};
use clusterclip_core::weighing::Weighting;
use clusterclip_models as models;

/// How documents become rows.
#[derive(Debug, Clone, Default)]
pub struct EmbedSettings {
    /// What makes the rows.
    pub embedder: Embedder,
    /// How a model is used; of no concern to other embedders.
    pub model: models::Options,
    /// A tokenizer to count with: a folder, a `tokenizer.json`, or an id on the hub.
    pub tokenizer: Option<String>,
}

/// What makes rows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Embedder {
    /// The lexical embedder, which needs no model.
    #[default]
    Lexical,
    /// A model: a folder in the layout of the hub, or an id on it.
    Model(String),
    /// A `.npy` file with one row a document, made elsewhere.
    Given(PathBuf),
}

/// How rows are grouped.
#[derive(Debug, Clone, PartialEq)]
pub struct ClusterSettings {
    /// How many clusters; `None` takes the rows of the file in `init`, else the default for so many documents.
    pub clusters: Option<u64>,
    /// Where the clusters start.
    pub init: Init,
    /// The most iterations; 0 assigns every row to the first centroids and stops.
    pub max_iterations: u32,
    /// Ends the loop early; 0 runs until no label moves.
    pub tolerance: f64,
    /// The seed of the start.
    pub seed: u64,
}

impl Default for ClusterSettings {
    fn default() -> Self {
        Self { clusters: None, init: Init::Random, max_iterations: 300, tolerance: 0.0, seed: 0 }
    }
}

/// Where clusters start.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Init {
    /// Rows of a keyed permutation.
    #[default]
    Random,
    /// Rows far from those taken before.
    KMeansPlusPlus,
    /// The rows of a `.npy` file, one a cluster.
    File(PathBuf),
}

impl fmt::Display for Init {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Random => f.write_str("random"),
            Self::KMeansPlusPlus => f.write_str("k-means++"),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

/// What K-Means runs on. None of it changes a result.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeviceSettings {
    /// Which device.
    pub device: Device,
    /// The GPU to use, by a part of its name.
    pub adapter: Option<String>,
}

/// A device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Device {
    /// A hardware GPU when there is one that works, else the CPU.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// A GPU, software ones where there is no other, or an error.
    Gpu,
}

/// What order is made of clusters.
#[derive(Debug, Clone, Default)]
pub struct SampleSettings {
    /// Strategy, clip, seed. Of the budget `length` decides, of the weights `weighting` and of scores `within`; those in
    /// here are passed over.
    pub options: Options,
    /// Which share of the draws each cluster gets.
    pub weighting: Weighting,
    /// In which order a cluster's documents are drawn.
    pub within: Within,
    /// How long the order is.
    pub length: Length,
    /// Whose share is written, if not the whole order.
    pub rank: Option<Rank>,
}

/// What becomes of the noise among given labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Noise {
    /// Such documents have no cluster and are never drawn.
    #[default]
    LeaveOut,
    /// They are one cluster, after all others.
    OneCluster,
}

named!(Noise of Noise: LeaveOut = "leave-out", OneCluster = "one-cluster");

/// How long an order is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// So many draws.
    Draws(Budget),
    /// Until so many tokens are reached.
    Tokens(u64),
}

impl Default for Length {
    fn default() -> Self {
        Self::Draws(Budget::default())
    }
}

/// What is written besides the order itself, and into how many files.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExportSettings {
    /// The forms; none of them twice.
    pub kinds: Vec<Export>,
    /// How the order is cut into files, in the forms that are.
    pub shards: Shards,
    /// How many trainers share the order, for [`Export::Ranks`].
    pub world_size: Option<u64>,
    /// Whether the order is cut to a multiple of that.
    pub drop_last: bool,
}

/// A form in which the order is written for trainers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Export {
    /// A document a line, with its text.
    Jsonl,
    /// The same, packed by gzip.
    JsonlGz,
    /// The same, packed by Zstandard.
    JsonlZst,
    /// The records as they were, one a line.
    Records,
    /// The same, packed by gzip.
    RecordsGz,
    /// The same, packed by Zstandard.
    RecordsZst,
    /// A document a row, with all columns of columnar sources.
    Parquet,
    /// A folder a cluster, with each of its documents once.
    Folders,
    /// The ids, one a line.
    Ids,
    /// A position a row, without texts.
    Table,
    /// The positions of each trainer of several.
    Ranks,
}

named!(
    Export of Export:
    Jsonl = "jsonl",
    JsonlGz = "jsonl.gz",
    JsonlZst = "jsonl.zst",
    Records = "records",
    RecordsGz = "records.gz",
    RecordsZst = "records.zst",
    Parquet = "parquet",
    Folders = "folders",
    Ids = "ids",
    Table = "table",
    Ranks = "ranks",
);

impl Export {
    /// Whether the documents themselves are written.
    pub fn holds_texts(self) -> bool {
        !matches!(self, Self::Ids | Self::Table | Self::Ranks)
    }

    /// Whether the records that documents were read from are written.
    pub fn holds_records(self) -> bool {
        matches!(self, Self::Records | Self::RecordsGz | Self::RecordsZst)
    }
}

/// How an order is cut into files. No document is cut, and no file is empty but where there are more files than
/// documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Shards {
    /// One file.
    #[default]
    One,
    /// So many files, whose numbers of documents differ by one at most.
    Count(u64),
    /// Files of at most so many bytes before they are packed, but for a single document that is longer.
    Bytes(u64),
}
