//! Weights of clusters from Parquet, CSV, TSV or JSON lines, packed or not: a row a cluster, with the columns `cluster`
//! (its value as in the labels), `weight` and, if there is one, `clip`.
//!
//! ```
//! use clusterclip_core::monitor::Monitor;
//! use clusterclip_engine::input::labels::WeightsFile;
//!
//! let folder = tempfile::tempdir()?;
//! let file = folder.path().join("weights.csv");
//! std::fs::write(&file, "cluster,weight,clip\nsea,2.5,\nair,1,3\n")?;
//! let read = WeightsFile::read(&file, &Monitor::silent())?;
//! let names = ["air".to_owned(), "sea".to_owned()];
//! let weights = read.weights(&[10, 20], 2, Some(&names))?;
//! assert_eq!((weights.get(1), weights.clip(0), weights.clip(1)), (2.5, Some(3), None));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};

use clusterclip_core::format::labels::{Cell, Number, number};
use clusterclip_core::monitor::Monitor;
use clusterclip_core::sampler::{ListedWeight, MAX_CLIP, Weights, WeightsError};

use super::columns::{Columns, quoted, real, shortened, whole};
use super::error::At;
use super::{LabelsError, Wrong, fill, kind};
use crate::error::Result;
use crate::input::given::Given;

/// The columns that are read.
const WANTED: [&str; 3] = ["cluster", "weight", "clip"];

/// A list of weights: what it calls the clusters is settled when these are known.
#[derive(Debug, Clone)]
pub struct WeightsFile {
    path: PathBuf,
    /// What places are.
    at: fn(u64) -> At,
    rows: Vec<Row>,
    hash: u128,
}

/// One row of it.
#[derive(Debug, Clone)]
struct Row {
    cluster: Name,
    weight: f64,
    clip: Option<u64>,
    place: u64,
}

/// What a row calls its cluster.
#[derive(Debug, Clone)]
enum Name {
    Whole(i128),
    Text(String),
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(whole) => whole.fmt(f),
            Self::Text(text) => write!(f, "{:?}", shortened(text)),
        }
    }
}

impl WeightsFile {
    /// Reads such a file.
    ///
    /// # Errors
    /// A file that cannot be read, has not these columns or holds what is no weight, with its line or row, and
    /// [`Cancelled`](clusterclip_core::monitor::Cancelled).
    pub fn read(path: &Path, monitor: &Monitor<'_>) -> Result<Self> {
        let given = Given::open(path)?;
        let mut columns = WeightColumns::default();
        let (kind, compression) = kind(&given, WeightColumns::WHAT)?;
        fill(&given, kind, compression, &mut columns, monitor)?;
        let hash = given.hash(monitor)?;
        given.check_unchanged()?;
        if columns.rows.is_empty() {
            return Err(Wrong::Empty(WeightColumns::WHAT).of(path).into());
        }
        Ok(Self { path: path.to_owned(), at: columns.at, rows: columns.rows, hash })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// XXH3-128 of its bytes.
    pub fn hash(&self) -> u128 {
        self.hash
    }

    /// Whether some cluster has a clip of its own.
    pub fn has_clips(&self) -> bool {
        self.rows.iter().any(|row| row.clip.is_some())
    }

    /// The weights of clusters with these sizes, of `n_clusters` with empty ones at the end. `names` is what a file of
    /// labels calls them; without, they are called by their numbers.
    ///
    /// # Errors
    /// A cluster that is missing, unknown or there twice; a weight or a clip that is none; with its line or row.
    pub fn weights(
        &self,
        sizes: &[u64],
        n_clusters: usize,
        names: Option<&[String]>,
    ) -> Result<Weights, LabelsError> {
        let named: Option<HashMap<&str, u64>> =
            names.map(|names| names.iter().map(String::as_str).zip(0..).collect());
        let listed = self.rows.iter().map(|row| {
            let found = match &named {
                Some(named) => row.cluster.among(named),
                None => row.cluster.number().filter(|&number| number < n_clusters as u64),
            };
            let cluster = found.ok_or_else(|| {
                let (name, clusters) = (row.cluster.to_string(), n_clusters as u64);
                self.wrong(WrongWeight::Unknown { name, clusters, numbered: names.is_none() }, row.place)
            })?;
            Ok(ListedWeight { cluster, weight: row.weight, clip: row.clip })
        });
        let listed = listed.collect::<Result<Vec<_>, _>>()?;
        let mut sizes = sizes.to_vec();
        sizes.resize(n_clusters.max(sizes.len()), 0);
        Weights::listed(&sizes, &listed).map_err(|error| self.located(error, names))
    }

    fn wrong(&self, wrong: WrongWeight, place: u64) -> LabelsError {
        Wrong::Weights(wrong).at(&self.path, (self.at)(place))
    }

    /// An error of the list, with the place in the file.
    fn located(&self, error: WeightsError, names: Option<&[String]>) -> LabelsError {
        let row = |row: u64| &self.rows[row as usize];
        let name = |at: u64| row(at).cluster.to_string();
        match error {
            WeightsError::NoWeight { row: Some(at), weight, .. } => {
                self.wrong(WrongWeight::Weight { found: weight }, row(at).place)
            }
            WeightsError::ClipOutOfRange { row: at, clip, .. } => {
                self.wrong(WrongWeight::Clip { found: clip.to_string() }, row(at).place)
            }
            WeightsError::Twice { row: at, first, .. } => {
                let first = (self.at)(row(first).place);
                self.wrong(WrongWeight::Twice { name: name(at), first }, row(at).place)
            }
            WeightsError::Missing { cluster, size } => {
                let name = names.and_then(|names| names.get(cluster as usize));
                let name = name.map_or_else(|| cluster.to_string(), |name| format!("{:?}", shortened(name)));
                Wrong::Weights(WrongWeight::Missing { name, size }).of(&self.path)
            }
            other => Wrong::Weights(WrongWeight::Other(other)).of(&self.path),
        }
    }
}

impl Name {
    /// The number of a cluster.
    fn number(&self) -> Option<u64> {
        let whole = match self {
            Self::Whole(whole) => *whole,
            Self::Text(text) => match number(text) {
                Some(Number::Whole(whole)) => whole,
                _ => return None,
            },
        };
        u64::try_from(whole).ok()
    }

    /// Its cluster among named ones: strings by themselves, else what is spelled as an integer by its value.
    fn among(&self, named: &HashMap<&str, u64>) -> Option<u64> {
        let exact = match self {
            Self::Text(text) => named.get(text.as_str()),
            Self::Whole(_) => None,
        };
        let by_value = || match self {
            Self::Whole(whole) => named.get(whole.to_string().as_str()),
            Self::Text(text) => match number(text) {
                Some(Number::Whole(whole)) => named.get(whole.to_string().as_str()),
                _ => None,
            },
        };
        exact.or_else(by_value).copied()
    }
}

/// The columns while they are read.
struct WeightColumns {
    at: fn(u64) -> At,
    rows: Vec<Row>,
}

impl Default for WeightColumns {
    fn default() -> Self {
        Self { at: At::Row, rows: Vec::new() }
    }
}

impl Columns for WeightColumns {
    const WHAT: &'static str = "weights";

    fn wanted(&self) -> Vec<String> {
        WANTED.map(str::to_owned).into()
    }

    fn begin(&mut self, there: &[bool], columns: &[String], at: fn(u64) -> At) -> Result<(), Wrong> {
        self.at = at;
        // A clip is one that a row may have.
        match there[..2].iter().position(|there| !there) {
            Some(missing) => {
                let (field, columns) = (WANTED[missing].to_owned(), columns.to_vec());
                Err(Wrong::NoColumn { field, param: None, columns, needed: None })
            }
            None => Ok(()),
        }
    }

    fn cell(&mut self, column: usize, cell: Cell<'_>, place: u64) -> Result<(), Wrong> {
        let wrong = |wrong| Err(Wrong::Weights(wrong));
        match column {
            0 => {
                let Some(cluster) = name(cell) else { return wrong(WrongWeight::Nameless(quoted(cell))) };
                self.rows.push(Row { cluster, weight: 0.0, clip: None, place });
            }
            1 => match (real(cell).flatten(), self.rows.last_mut()) {
                (Some(weight), Some(row)) => row.weight = weight,
                _ => return wrong(WrongWeight::Weight { found: quoted(cell) }),
            },
            _ => match (whole(cell).map(|clip| clip.map(u64::try_from).transpose()), self.rows.last_mut()) {
                (Some(Ok(clip)), Some(row)) => row.clip = clip,
                _ => return wrong(WrongWeight::Clip { found: quoted(cell) }),
            },
        }
        Ok(())
    }

    fn unusable(&mut self, column: usize, wrong: Wrong) -> Result<(), Wrong> {
        Err(Wrong::Weights(WrongWeight::Column { field: WANTED[column], holds: wrong.holds() }))
    }

    /// Empty lines alone are warned of, and mean nothing here.
    fn warn(&mut self, _: String) {}
}

/// What a cell calls a cluster; `None` where it names none.
fn name(cell: Cell<'_>) -> Option<Name> {
    match (cell, whole(cell)) {
        (Cell::Text(text), Some(Some(_)) | None) => Some(Name::Text(text.to_owned())),
        (_, Some(Some(whole))) => Some(Name::Whole(whole)),
        _ => None,
    }
}

/// What is wrong with a list of weights.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum WrongWeight {
    /// A row that names no cluster.
    Nameless(String),
    /// A cluster that does not exist.
    Unknown {
        /// What the row calls it.
        name: String,
        /// How many there are.
        clusters: u64,
        /// Whether they are called by their numbers.
        numbered: bool,
    },
    /// A cluster that is there twice.
    Twice {
        /// What the row calls it.
        name: String,
        /// Where it came first.
        first: At,
    },
    /// A cluster that is not there.
    Missing {
        /// What it is called.
        name: String,
        /// Its documents.
        size: u64,
    },
    /// What is no weight.
    Weight {
        /// What it is.
        found: String,
    },
    /// What is no clip.
    Clip {
        /// What it is.
        found: String,
    },
    /// A column of something else altogether.
    Column {
        /// Its name.
        field: &'static str,
        /// What is said of it.
        holds: String,
    },
    /// What the core says.
    Other(WeightsError),
}

impl fmt::Display for WrongWeight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nameless(found) => write!(f, "{found} in the column `cluster` names no cluster"),
            Self::Unknown { name, clusters, numbered: true } => {
                write!(f, "{name} is no cluster: there are {clusters}, from 0")
            }
            Self::Unknown { name, clusters, numbered: false } => {
                write!(f, "{name} is none of the {clusters} clusters of the labels")
            }
            Self::Twice { name, first } => {
                write!(f, "the cluster {name} once more, after {first}; list each once")
            }
            Self::Missing { name, size } => {
                let documents = if *size == 1 { "document" } else { "documents" };
                write!(
                    f,
                    "the cluster {name}, which has {size} {documents}, has no weight; a weight of 0 leaves it out"
                )
            }
            Self::Weight { found } => {
                write!(f, "the weight {found}; a weight is a finite number, at least 0")
            }
            Self::Clip { found } => {
                write!(f, "the clip {found}; a clip is a whole number from 1 to {MAX_CLIP}, or null")
            }
            Self::Column { field, holds } => {
                let wanted = if *field == "cluster" { "integers or strings" } else { "numbers" };
                write!(f, "the column `{field}` {holds}; {wanted} are wanted")
            }
            Self::Other(error) => error.fmt(f),
        }
    }
}
