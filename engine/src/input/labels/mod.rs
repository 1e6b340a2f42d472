//! LABELS: clusters that were made elsewhere, from .npy, Parquet, CSV, TSV or JSON lines, packed or not.
//!
//! Distinct labels are ranked to clusters 0, 1, 2, …: integers by value, strings by bytes. Null and −1 are
//! noise; what else is, [`Rules`] say. A column `document` of unique row numbers says which row each label belongs to,
//! else its place does, from 0, a CSV header not counted; an empty line of a table with one column is a row without a
//! label.
//!
//! ```
//! use clusterclip_core::monitor::Monitor;
//! use clusterclip_engine::input::labels::{LabelOptions, read};
//!
//! let folder = tempfile::tempdir()?;
//! let file = folder.path().join("labels.csv");
//! std::fs::write(&file, "cluster\nsea\nair\n-1\n\nsea\n")?;
//! let read = read(&file, &LabelOptions::default(), &Monitor::silent())?;
//! assert_eq!(read.labels, [1, 0, -1, -1, 1]);
//! assert_eq!((read.names, read.noise), (vec!["air".to_owned(), "sea".to_owned()], 2));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod arrow;
mod columns;
mod error;
mod jsonl;
mod npy;
mod parquet;
mod table;
mod weights;

use std::path::Path;

use clusterclip_core::error::Param;
use clusterclip_core::format::labels::{NOISE, RowsError, Rules, places_by_row};
use clusterclip_core::monitor::Monitor;

use super::InputError;
use super::given::Given;
use super::look::is_pointer;
use super::packing::Compression;
use super::reader::read_up_to;
use crate::error::{FileError, Result};
use columns::{Columns, LabelColumns, Ranked};

pub use error::{Asked, At, LabelsError, Wrong};
pub use weights::{WeightsFile, WrongWeight};

/// The column of rows.
const DOCUMENT: &str = "document";

/// Where columns are among those that [`LabelOptions::wanted`].
const CLUSTER: usize = 0;
const TOKENS: usize = 1;
const ROW: usize = 2;
const SCORE: usize = 3;

/// The columns to take; `None` means the defaults.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LabelOptions {
    /// The column of clusters (`--cluster-field`), by default `cluster`.
    pub cluster_field: Option<String>,
    /// The column of token counts (`--token-field`), by default `tokens` where it holds counts.
    pub token_field: Option<String>,
    /// What needs token counts (`--tokens`, `--even-in`), if anything: then a file without them is an error.
    pub tokens_needed: Option<Param>,
    /// The column of scores (`--score-field`), by default `score`.
    pub score_field: Option<String>,
    /// Whether scores are needed (`--within score`); else they are not looked for.
    pub scored: bool,
    /// What is noise, and what becomes of it (`--noise-label`, `--noise`).
    pub rules: Rules,
}

impl LabelOptions {
    fn cluster(&self) -> &str {
        self.cluster_field.as_deref().unwrap_or("cluster")
    }

    fn tokens(&self) -> &str {
        self.token_field.as_deref().unwrap_or("tokens")
    }

    fn score(&self) -> &str {
        self.score_field.as_deref().unwrap_or("score")
    }

    /// Whether a column of token counts must be there and hold nothing else.
    fn tokens_must_be(&self) -> bool {
        self.tokens_needed.is_some() || self.token_field.is_some()
    }

    /// What asks for the column of token counts.
    fn asked(&self) -> Asked {
        match self.tokens_needed.filter(|_| self.token_field.is_none()) {
            Some(param) => Asked::For(param),
            None => Asked::Field,
        }
    }

    /// The columns that are looked for: that of clusters, of token counts, of rows, and of scores.
    fn wanted(&self) -> Vec<&str> {
        let score = self.scored.then(|| self.score());
        [self.cluster(), self.tokens(), DOCUMENT].into_iter().chain(score).collect()
    }

    /// Refuses a file without a column that is needed; `there` says which of [`LabelOptions::wanted`] there are.
    fn check(&self, there: &[bool], columns: &[String]) -> Result<(), Wrong> {
        let missing = |field: &str, param, needed| {
            let (field, columns) = (field.to_owned(), columns.to_vec());
            Err(Wrong::NoColumn { field, param: Some(param), columns, needed })
        };
        if !there[CLUSTER] {
            return missing(self.cluster(), Param::ClusterField, None);
        }
        if !there[TOKENS] && self.tokens_must_be() {
            return missing(self.tokens(), Param::TokenField, self.tokens_needed);
        }
        if self.scored && !there[SCORE] {
            return missing(self.score(), Param::ScoreField, None);
        }
        Ok(())
    }
}

/// Labels by row.
#[derive(Debug, Clone, PartialEq)]
pub struct Labels {
    /// The cluster of each document, ranked from 0; −1 without one.
    pub labels: Vec<i32>,
    /// What each cluster was called in the file.
    pub names: Vec<String>,
    /// Labels that are noise, whatever becomes of them.
    pub noise: u64,
    /// Rows that a `document` column leaves out; they have no cluster.
    pub absent: u64,
    /// The token count of each document, where the file has them.
    pub tokens: Option<Vec<Option<u32>>>,
    /// The score of each document, where they are needed.
    pub scores: Option<Vec<Option<f64>>>,
    /// XXH3-128 of the bytes of the file.
    pub hash: u128,
    /// What a person should know.
    pub warnings: Vec<String>,
}

/// Reads LABELS.
///
/// # Errors
/// A file that cannot be read, or without a usable column of clusters, and
/// [`Cancelled`](clusterclip_core::monitor::Cancelled).
pub fn read(path: &Path, options: &LabelOptions, monitor: &Monitor<'_>) -> Result<Labels> {
    let given = Given::open(path)?;
    let mut columns = LabelColumns::new(options);
    match kind(&given, LabelColumns::WHAT)? {
        (Kind::Npy, compression) => {
            let unpacked = unpacked(&given, compression, monitor)?;
            npy::read(unpacked.as_ref().unwrap_or(&given), options, &mut columns, monitor)?;
        }
        (kind, compression) => fill(&given, kind, compression, &mut columns, monitor)?,
    }
    let ranked = columns.ranked(path)?;
    let hash = given.hash(monitor)?;
    // All that is used of the file has been read by now.
    given.check_unchanged()?;
    let labels = by_row(ranked, path, hash)?;
    if labels.labels.is_empty() {
        return Err(Wrong::Empty(LabelColumns::WHAT).of(path).into());
    }
    Ok(labels)
}

enum Kind {
    Npy,
    Parquet,
    Jsonl,
    Comma,
    Tab,
}

/// Fills columns from a file that has some.
fn fill<C: Columns>(
    given: &Given,
    kind: Kind,
    compression: Option<Compression>,
    columns: &mut C,
    monitor: &Monitor<'_>,
) -> Result<()> {
    match kind {
        Kind::Npy => Err(Wrong::Format(C::WHAT).of(given.path()).into()),
        Kind::Parquet => {
            let unpacked = unpacked(given, compression, monitor)?;
            parquet::read(unpacked.as_ref().unwrap_or(given), columns, monitor)
        }
        Kind::Jsonl => jsonl::read(given, compression, columns, monitor),
        Kind::Comma => table::read(given, compression, b',', columns, monitor),
        Kind::Tab => table::read(given, compression, b'\t', columns, monitor),
    }
}

/// What is read at positions is unpacked to a file first.
fn unpacked(given: &Given, compression: Option<Compression>, monitor: &Monitor<'_>) -> Result<Option<Given>> {
    compression.map(|compression| given.unpacked(compression, monitor)).transpose()
}

/// Tells the format by the name, also by that under the packing, else by the file's first bytes.
fn kind(given: &Given, what: &'static str) -> Result<(Kind, Option<Compression>)> {
    let (path, start) = (given.path(), start(given)?);
    if is_pointer(&start) {
        return Err(InputError::Pointer { name: path.display().to_string() }.into());
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let (stem, last) = name.rsplit_once('.').unwrap_or((&name, ""));
    let compression = Compression::of_extension(last);
    let extension = match compression {
        Some(_) => stem.rsplit_once('.').map_or("", |(_, extension)| extension),
        None => last,
    };
    let kind = match extension {
        "npy" => Kind::Npy,
        "parquet" => Kind::Parquet,
        "jsonl" | "ndjson" | "jl" | "jsonlines" | "json" => Kind::Jsonl,
        "csv" => Kind::Comma,
        "tsv" => Kind::Tab,
        _ if compression.is_none() && start.starts_with(b"\x93NUMPY") => Kind::Npy,
        _ if compression.is_none() && start.starts_with(b"PAR1") => Kind::Parquet,
        _ => return Err(Wrong::Format(what).of(path).into()),
    };
    Ok((kind, compression))
}

/// The first bytes of a file: more than a pointer has.
fn start(given: &Given) -> Result<Vec<u8>> {
    let mut start = vec![0; 1024];
    let read = read_up_to(&mut given.reader(None)?, &mut start).map_err(FileError::read(given.path()))?;
    start.truncate(read);
    Ok(start)
}

/// Puts every label where its row is.
fn by_row(ranked: Ranked, path: &Path, hash: u128) -> Result<Labels> {
    let Ranked { labels, names, noise, documents, tokens, scores, mut warnings } = ranked;
    let unused = |reason: &str| {
        format!(
            "the column `{DOCUMENT}` does not say which row each label belongs to ({reason}); their order in the file does"
        )
    };
    let places = match documents {
        None => None,
        Some(Err(reason)) => {
            warnings.push(unused(&reason));
            None
        }
        Some(Ok(rows)) => match places_by_row(&rows) {
            Ok(places) => Some(places),
            Err(error @ RowsError::Sparse { .. }) => return Err(Wrong::Documents(error).of(path).into()),
            Err(error) => {
                warnings.push(unused(&error.to_string()));
                None
            }
        },
    };
    let Some(places) = places else {
        return Ok(Labels { labels, names, noise, absent: 0, tokens, scores, hash, warnings });
    };
    let absent = places.iter().filter(|place| place.is_none()).count() as u64;
    let labels = places.iter().map(|place| place.map_or(NOISE, |place| labels[place as usize])).collect();
    let tokens = tokens.map(|tokens| placed(&tokens, &places));
    let scores = scores.map(|scores| placed(&scores, &places));
    Ok(Labels { labels, names, noise, absent, tokens, scores, hash, warnings })
}

/// Puts values where their rows are, nothing where there is none.
fn placed<T: Copy>(values: &[Option<T>], places: &[Option<u32>]) -> Vec<Option<T>> {
    places.iter().map(|place| place.and_then(|place| values[place as usize])).collect()
}
