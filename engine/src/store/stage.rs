//! Stages, and what their results depend on.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use xxhash_rust::xxh3::xxh3_128;

use super::file;
use super::manifest::{DocumentCounts, FORMAT, Input};
use super::{ASSIGNMENTS, CENTROIDS, CLUSTERS, DOCUMENTS, EMBEDDER, EMBEDDINGS, EXPORT, LABELS, ORDER};

/// What the INPUTs are listed as, together: where they lie changes no result.
pub const WHOLE_INPUT: &str = "INPUT";

/// What LABELS are listed as: their file's name changes no result.
pub const FILE_OF_LABELS: &str = "LABELS";

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

/// The value of an option as the manifest writes it: 64-bit integers as strings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Parameter(Value);

impl From<u64> for Parameter {
    fn from(value: u64) -> Self {
        Self(Value::String(value.to_string()))
    }
}
impl From<u32> for Parameter {
    fn from(value: u32) -> Self {
        Self(value.into())
    }
}
impl From<f64> for Parameter {
    fn from(value: f64) -> Self {
        Self(value.into())
    }
}
impl From<bool> for Parameter {
    fn from(value: bool) -> Self {
        Self(value.into())
    }
}
impl From<&str> for Parameter {
    fn from(value: &str) -> Self {
        Self(value.into())
    }
}
impl From<String> for Parameter {
    fn from(value: String) -> Self {
        Self(value.into())
    }
}
impl<T: Into<Self>> From<Option<T>> for Parameter {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self(Value::Null), Into::into)
    }
}

impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Value::Null => f.write_str("unset"),
            Value::String(text) => f.write_str(text),
            value => value.fmt(f),
        }
    }
}

/// The options of a stage that change its results, by their names on the command line without the dashes.
/// `--threads`, `--device`, `--adapter`, `--quiet` and `--json` never belong here.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Parameters(BTreeMap<String, Parameter>);

impl Parameters {
    /// No options.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the option `name`.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Parameter>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// The names of the options, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The value of the option `name`.
    pub fn get(&self, name: &str) -> Option<&Parameter> {
        self.0.get(name)
    }
}

/// What results depend on, in 128 bits: equal keys, equal bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StageKey(String);

impl fmt::Display for StageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The results that are wanted of a stage.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Request {
    /// The stage.
    pub stage: StageName,
    /// The specification it follows, such as `clusterclip-kmeans/1`.
    pub version: String,
    /// The options that change its results.
    pub parameters: Parameters,
    /// What it reads from outside the folder, in reading order.
    pub inputs: Vec<Input>,
    /// The key of the stage whose results it uses.
    pub from: Option<StageKey>,
}

impl Request {
    /// Wants the results of `stage` under `version`, without options, inputs or an earlier stage.
    pub fn new(stage: StageName, version: &str) -> Self {
        let version = version.to_owned();
        Self { stage, version, parameters: Parameters::new(), inputs: Vec::new(), from: None }
    }

    /// Adds the options that change the results.
    #[must_use]
    pub fn parameters(mut self, parameters: Parameters) -> Self {
        self.parameters = parameters;
        self
    }

    /// Adds something the stage reads from outside the folder.
    #[must_use]
    pub fn input(mut self, name: &str, hash: &str) -> Self {
        self.inputs.push(Input { hash: hash.to_owned(), name: name.to_owned() });
        self
    }

    /// Names the stage whose results are used, by its key.
    #[must_use]
    pub fn from(mut self, key: StageKey) -> Self {
        self.from = Some(key);
        self
    }

    /// The key: XXH3 of the folder's format version and all of the above as JSON.
    pub fn key(&self) -> StageKey {
        let text = serde_json::to_string(&(FORMAT, self)).expect("maps have string keys");
        StageKey(file::hex(xxh3_128(text.as_bytes())))
    }
}

/// What a finished stage says of its results.
#[derive(Debug, Clone, PartialEq)]
pub enum Facts {
    /// Of embed.
    Embedded {
        /// Documents by kind.
        documents: DocumentCounts,
    },
    /// Of cluster.
    Clustered {
        /// Clustered documents.
        n: u64,
        /// Clusters.
        k: u32,
        /// Components of a row.
        n_features: u32,
        /// K-Means iterations.
        iterations: u32,
        /// Sum of scores.
        objective: i64,
        /// Mean of 1 − similarity.
        inertia: f64,
        /// Documents in each cluster.
        counts: Vec<u64>,
    },
    /// Of sample.
    Sampled {
        /// Length of the order.
        positions: u64,
    },
    /// Of export.
    Exported,
}
