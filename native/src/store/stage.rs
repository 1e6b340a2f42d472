//! Stages, what their results depend on, and whether results that are there may be used.

use std::collections::BTreeMap;
use std::fmt;

use clusterclip_core::monitor::{Event, Monitor};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use xxhash_rust::xxh3::xxh3_128;

use super::dir::OutDir;
use super::error::StoreError;
use super::file::{self, FinishedFile};
use super::manifest::{DocumentCounts, FORMAT, Input, StageRecord};
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

    /// What it leaves behind, in the plural.
    pub fn results(self) -> &'static str {
        match self {
            Self::Cluster => "clusters",
            Self::Embed => "embeddings",
            Self::Export => "exported documents",
            Self::Sample => "order positions",
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

/// What is to be done for a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The results are there, as listed.
    Reuse,
    /// They are to be made.
    Compute,
}

impl OutDir {
    /// Says whether the results wanted are there already. Files are read through and hashed, so that damage
    /// is noticed; a stage whose files are not as listed is made again, with a warning.
    ///
    /// `--force` lifts refusals; it does not make again what is there as wanted.
    ///
    /// # Errors
    /// Without `--force`: [`StoreError::Conflict`] where the folder holds other results of this stage, or
    /// results of a later one that were not made from this one, [`StoreError::Foreign`] where it holds files of this stage's names that no manifest lists.
    /// [`StoreError::Io`], [`StoreError::Cancelled`].
    pub fn decide(&self, request: &Request, monitor: &Monitor) -> Result<Decision, StoreError> {
        let manifest = self.results().manifest();
        let Some(record) = manifest.stages.get(&request.stage) else {
            self.refuse_foreign(request.stage)?;
            self.refuse_unrelated(request.stage)?;
            return Ok(Decision::Compute);
        };
        if record.key != request.key() {
            if self.force() {
                return Ok(Decision::Compute);
            }
            return Err(StoreError::Conflict {
                path: self.path().to_path_buf(),
                stage: request.stage,
                differences: self.differences(request, record),
            });
        }
        for (name, listed) in &record.files {
            if let Some(why) = file::difference(&self.path().join(name), listed, monitor)? {
                let text = format!("{name} is not as manifest.json lists it ({why}): it is made again");
                monitor.emit(Event::Warning(text));
                return Ok(Decision::Compute);
            }
        }
        Ok(Decision::Reuse)
    }

    /// Puts the files of a stage in place together and lists them. Results of later stages that were made from
    /// other files than these are removed.
    ///
    /// The manifest first lists the names as pending, then the files are renamed, then the manifest lists the
    /// stage: whatever a kill leaves, the next run knows that these files are not results and makes them again.
    ///
    /// # Errors
    /// [`StoreError::Io`]. Files that were not put in place vanish.
    ///
    /// # Panics
    /// If a file is not one of the stage's.
    pub fn commit(
        &mut self,
        request: &Request,
        files: Vec<FinishedFile>,
        facts: Facts,
        warnings: Vec<String>,
    ) -> Result<(), StoreError> {
        let stage = request.stage;
        let names: Vec<String> = files.iter().map(|file| file.name().to_owned()).collect();
        for name in &names {
            assert!(stage.files().contains(&name.as_str()), "{name} is no file of {stage}");
        }
        let records = files.iter().map(|file| (file.name().to_owned(), file.record().clone())).collect();
        let record = StageRecord { files: records, from: request.from.clone(), key: request.key() };

        let mut manifest = self.results().manifest().clone();
        let unchanged = manifest.stages.get(&stage) == Some(&record);
        let replaced = if unchanged { &[][..] } else { stage.later() };
        for stage in [&[stage], replaced].concat() {
            if let Some(old) = manifest.stages.get(&stage) {
                manifest.pending.extend(old.files.keys().cloned());
            }
            manifest.remove(stage);
        }
        manifest.pending.extend_from_slice(&names);
        manifest.pending.sort_unstable();
        manifest.pending.dedup();
        self.write_manifest(&manifest)?;

        for name in manifest.pending.iter().filter(|name| !names.contains(name)) {
            file::remove(&self.path().join(name))?;
        }
        for finished in files {
            finished.place()?;
        }
        file::sync_folder(self.path())?;

        manifest.pending.clear();
        manifest.insert(request, record.files, facts, warnings);
        self.write_manifest(&manifest)
    }

    /// Refuses to write over files that this folder's manifest knows nothing of.
    fn refuse_foreign(&self, stage: StageName) -> Result<(), StoreError> {
        let pending = &self.results().manifest().pending;
        let foreign = stage.files().iter().find(|&&name| {
            !pending.iter().any(|known| known == name) && self.path().join(name).symlink_metadata().is_ok()
        });
        match foreign {
            Some(name) if !self.force() => {
                Err(StoreError::Foreign { path: self.path().to_path_buf(), name: (*name).to_owned() })
            }
            _ => Ok(()),
        }
    }

    /// Refuses to begin a stage before results that are there already: made from something else, they would
    /// be removed when it is put in place.
    fn refuse_unrelated(&self, stage: StageName) -> Result<(), StoreError> {
        let recorded = &self.results().manifest().stages;
        match stage.later().iter().find(|later| recorded.contains_key(later)) {
            Some(&later) if !self.force() => Err(StoreError::Conflict {
                path: self.path().to_path_buf(),
                stage: later,
                differences: vec![format!("not from {} of this folder", stage.results())],
            }),
            _ => Ok(()),
        }
    }

    /// In what the results that are there differ from those wanted.
    fn differences(&self, request: &Request, record: &StageRecord) -> Vec<String> {
        let manifest = self.results().manifest();
        let mut found = Vec::new();
        let there = manifest.parameters.get(&request.stage).cloned().unwrap_or_default();
        let names =
            there.0.keys().chain(request.parameters.0.keys().filter(|name| there.get(name).is_none()));
        for name in names {
            let (old, new) = (there.get(name), request.parameters.get(name));
            if old != new {
                let text = |value: Option<&Parameter>| value.map_or("unset".to_owned(), ToString::to_string);
                found.push(format!("--{name} {} there, {} here", text(old), text(new)));
            }
        }
        let inputs = manifest.inputs.get(&request.stage).map_or(&[][..], Vec::as_slice);
        if inputs != request.inputs {
            let changed = request.inputs.iter().find(|input| !inputs.contains(input));
            found.push(match changed {
                Some(input) => format!("the input {} is new or has changed", input.name),
                None => "it had other inputs".to_owned(),
            });
        }
        let version = manifest.versions.get(request.stage.as_str()).map_or("", String::as_str);
        if version != request.version {
            found.push(format!("{version} there, {} here", request.version));
        }
        if record.from != request.from {
            found.push("an earlier stage has changed".to_owned());
        }
        if found.is_empty() {
            found.push("another format of the files".to_owned());
        }
        found
    }
}
