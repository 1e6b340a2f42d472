//! `manifest.json`: what every result in the folder is, and how it was made.
//!
//! The same input and options give the same bytes: keys are sorted, 64-bit integers are strings (JSON readers
//! hold numbers as f64), and there are no times, hosts or devices. As it holds the hashes of all results, so it
//! holds one of itself ([`seal`]).

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::error::{Remedy, StoreError};
use clusterclip_core::weighing::Topics;

use super::facts::{DocumentCounts, Drift, Facts, RowsOf};
use super::file::FileRecords;
use super::json;
use super::names::StageName;
use super::request::{FORMAT, Input, Request, StageKey};
use super::seal::{self, Seal};
use super::values::{Exact, Parameters};

/// What [`FORMAT`] is written after in `versions`.
pub(super) const FORMAT_NAME: &str = "clusterclip-files/";

/// A finished stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageRecord {
    /// Its files, by name.
    pub files: FileRecords,
    /// The key of the stage before it, whose results it used; absent where it began from an input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<StageKey>,
    /// What its results depend on.
    pub key: StageKey,
}

/// The content of `manifest.json`, but for its hash. Fields stand in the order of their names: so they are written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Documents in each cluster, in index order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts: Option<Vec<Exact<u64>>>,
    /// Documents by kind; absent when rows came without documents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub documents: Option<DocumentCounts>,
    /// How far the documents are from the clusters that they joined; absent where these were made of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drift: Option<Drift>,
    /// Mean of 1 − similarity over the clustered documents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inertia: Option<f64>,
    /// What each stage read from outside the folder.
    pub inputs: BTreeMap<StageName, Vec<Input>>,
    /// K-Means iterations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iterations: Option<u32>,
    /// Clusters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub k: Option<u32>,
    /// Clustered documents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n: Option<Exact<u64>>,
    /// Components of a row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n_features: Option<u32>,
    /// Sum of the scores of the saved labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objective: Option<Exact<i64>>,
    /// Every option that changes the results, by stage.
    pub parameters: BTreeMap<StageName, Parameters>,
    /// Names of files that are being put in place or removed. Found at the start, it tells of a killed run:
    /// these files, where present, are nobody's results.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pending: Vec<String>,
    /// Length of the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub positions: Option<Exact<u64>>,
    /// What made the rows that were clustered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<RowsOf>,
    /// The finished stages.
    pub stages: BTreeMap<StageName, StageRecord>,
    /// How many topics the order has; absent where rows carry no meaning, or have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topics: Option<Topics>,
    /// The specification each stage followed, and `files` for the folder itself.
    pub versions: BTreeMap<String, String>,
    /// What a person should know of the results, by stage.
    pub warnings: BTreeMap<StageName, Vec<String>>,
}

impl Default for Manifest {
    fn default() -> Self {
        Self {
            counts: None,
            documents: None,
            drift: None,
            inertia: None,
            inputs: BTreeMap::new(),
            iterations: None,
            k: None,
            n: None,
            n_features: None,
            objective: None,
            parameters: BTreeMap::new(),
            pending: Vec::new(),
            positions: None,
            rows: None,
            stages: BTreeMap::new(),
            topics: None,
            versions: BTreeMap::from([("files".to_owned(), format!("{FORMAT_NAME}{FORMAT}"))]),
            warnings: BTreeMap::new(),
        }
    }
}

impl Manifest {
    /// Reads a manifest; `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Newer`], [`StoreError::Unsealed`], [`StoreError::Io`].
    pub fn read(path: &Path) -> Result<Option<Self>, StoreError> {
        match fs::read(path) {
            Ok(bytes) => Self::parse(&bytes, path).map(Some),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(StoreError::io("read", path, cause)),
        }
    }

    pub(super) fn parse(bytes: &[u8], path: &Path) -> Result<Self, StoreError> {
        let damaged =
            |why: String| StoreError::Damaged { path: path.to_path_buf(), why, remedy: Remedy::Anew };
        // The version first: a newer manifest may have fields unknown here, and another kind of hash.
        let value: serde_json::Value =
            serde_json::from_slice(bytes).map_err(|error| damaged(error.to_string()))?;
        let named = value["versions"]["files"].as_str().unwrap_or_default();
        let version: u32 = named
            .strip_prefix(FORMAT_NAME)
            .and_then(|number| number.parse().ok())
            .ok_or_else(|| damaged(format!("versions.files is {named:?}, not {FORMAT_NAME}{FORMAT}")))?;
        if version > FORMAT {
            return Err(StoreError::Newer {
                path: path.to_path_buf(),
                found: named.to_owned(),
                known: FORMAT,
            });
        }
        let content = match seal::take(bytes) {
            Seal::Fits(content) => content,
            Seal::Broken => {
                return Err(damaged("its content is not the one that it holds the hash of".to_owned()));
            }
            Seal::Missing => return Err(StoreError::Unsealed { path: path.to_path_buf() }),
        };
        let manifest: Self = serde_json::from_slice(&content).map_err(|error| damaged(error.to_string()))?;
        // Files that are named here are removed and replaced: names that are not ours may lie anywhere.
        let ours = |stage: StageName, name: &String| stage.owns(name);
        let listed = manifest
            .stages
            .iter()
            .flat_map(|(&stage, record)| record.files.keys().filter(move |name| !ours(stage, name)));
        let pending =
            manifest.pending.iter().filter(|name| !StageName::FLOW.iter().any(|&stage| ours(stage, name)));
        if let Some(name) = listed.chain(pending).next() {
            return Err(damaged(format!("it lists {name:?}, which clusterclip does not write")));
        }
        Ok(manifest)
    }

    /// Knows nothing of the folder, whose files, where they are ours by name, are nobody's results.
    pub(super) fn distrusting(folder: &Path) -> Self {
        let pending = StageName::FLOW.iter().flat_map(|stage| stage.names_in(folder)).collect();
        Self { pending, ..Self::default() }
    }

    /// The manifest as it is written.
    pub fn to_json(&self) -> String {
        seal::add(&json::to_string(self))
    }

    /// Forgets a stage and what it said.
    pub(super) fn remove(&mut self, stage: StageName) {
        self.stages.remove(&stage);
        self.inputs.remove(&stage);
        self.parameters.remove(&stage);
        self.warnings.remove(&stage);
        self.versions.remove(stage.name());
        match stage {
            StageName::Embed => self.documents = None,
            StageName::Cluster => {
                (self.n, self.k, self.n_features, self.iterations) = (None, None, None, None);
                (self.objective, self.inertia, self.counts) = (None, None, None);
                (self.rows, self.drift) = (None, None);
            }
            StageName::Sample => (self.positions, self.topics) = (None, None),
            StageName::Export => {}
        }
    }

    /// Lists a stage that has just been finished.
    pub(super) fn insert(
        &mut self,
        request: &Request,
        files: FileRecords,
        facts: Facts,
        warnings: Vec<String>,
    ) {
        let stage = request.stage;
        let record = StageRecord { files, from: request.from.clone(), key: request.key() };
        self.stages.insert(stage, record);
        self.inputs.insert(stage, request.inputs.clone());
        self.parameters.insert(stage, request.parameters.clone());
        self.warnings.insert(stage, warnings);
        self.versions.insert(stage.name().to_owned(), request.version.clone());
        match facts {
            Facts::Embedded { documents } => self.documents = Some(documents),
            Facts::Clustered { n, k, n_features, iterations, objective, inertia, counts, rows } => {
                self.rows = Some(rows);
                self.n = Some(Exact(n));
                self.k = Some(k);
                self.n_features = Some(n_features);
                self.iterations = Some(iterations);
                self.objective = Some(Exact(objective));
                self.inertia = Some(inertia);
                self.counts = Some(counts.into_iter().map(Exact).collect());
            }
            Facts::Joined { n, k, n_features, inertia, counts, drift, rows } => {
                self.rows = Some(rows);
                self.n = Some(Exact(n));
                self.k = Some(k);
                self.n_features = Some(n_features);
                self.inertia = inertia;
                self.counts = Some(counts.into_iter().map(Exact).collect());
                self.drift = Some(drift);
            }
            Facts::Sampled { positions, topics } => {
                (self.positions, self.topics) = (Some(Exact(positions)), topics);
            }
            Facts::Exported => {}
        }
    }
}
