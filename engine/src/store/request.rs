//! What the results of a stage depend on.

use std::fmt;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_128;

use super::names::StageName;
use super::values::{Parameters, hex};

/// The version of the folder's files. It is part of every stage's key.
pub const FORMAT: u32 = 2;

/// What the INPUTs are listed as, together: where they lie changes no result.
pub const WHOLE_INPUT: &str = "INPUT";

/// What LABELS are listed as: their file's name changes no result.
pub const FILE_OF_LABELS: &str = "LABELS";

/// Something results were made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// XXH3 of its content, 128 bits, in hexadecimal; of a data set of the hub its commit.
    pub hash: String,
    /// Its name without the folders above it, so that the manifest does not depend on where it lies.
    pub name: String,
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
        StageKey(hex(xxh3_128(text.as_bytes())))
    }
}
