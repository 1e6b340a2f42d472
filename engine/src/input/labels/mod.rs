//! LABELS: clusters that were made elsewhere, from .npy, Parquet or CSV.
//!
//! Distinct labels are ranked to clusters 0, 1, 2, …: integers by value, strings by bytes. Null and −1 are
//! noise. A cell that spells an integer is one only if the whole column does. A column `document` of unique
//! row numbers says which row each label belongs to, else its place does, from 0, a CSV header not counted.
//!
//! ```
//! use clusterclip_core::monitor::Monitor;
//! use clusterclip_engine::input::labels::{LabelOptions, read};
//!
//! let folder = tempfile::tempdir()?;
//! let file = folder.path().join("labels.csv");
//! std::fs::write(&file, "cluster\nsea\nair\n-1\nsea\n")?;
//! let read = read(&file, &LabelOptions::default(), &Monitor::silent())?;
//! assert_eq!(read.labels, [1, 0, -1, 1]);
//! assert_eq!(read.names, ["air", "sea"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod csv;
mod error;
mod npy;
mod parquet;

use std::io::Seek;
use std::path::Path;

use clusterclip_core::error::Param;
use clusterclip_core::format::labels::{NOISE, Ranked, Ranker, RowsError, places_by_row};
use clusterclip_core::monitor::Monitor;

use super::given::Given;
use super::source::read_up_to;
use crate::error::{FileError, Result};

pub use error::{Asked, LabelsError, Wrong};

/// The column of rows.
const DOCUMENT: &str = "document";

/// The columns to take; `None` means the defaults.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LabelOptions {
    /// The column of clusters (`--cluster-field`), by default `cluster`.
    pub cluster_field: Option<String>,
    /// The column of token counts (`--token-field`), by default `tokens` where it holds counts.
    pub token_field: Option<String>,
    /// Whether token counts are needed (`--tokens`): then a file without them is an error.
    pub tokens_needed: bool,
}

impl LabelOptions {
    fn cluster(&self) -> &str {
        self.cluster_field.as_deref().unwrap_or("cluster")
    }

    fn tokens(&self) -> &str {
        self.token_field.as_deref().unwrap_or("tokens")
    }

    /// Whether a column of token counts must be there and hold nothing else.
    fn tokens_must_be(&self) -> bool {
        self.tokens_needed || self.token_field.is_some()
    }

    /// What asks for the column of token counts.
    fn asked(&self) -> Asked {
        if self.token_field.is_some() { Asked::Field } else { Asked::Budget }
    }
}

/// Labels by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labels {
    /// The cluster of each document, ranked from 0; −1 without one.
    pub labels: Vec<i32>,
    /// What each cluster was called in the file.
    pub names: Vec<String>,
    /// Labels that were null or −1.
    pub noise: u64,
    /// Rows that a `document` column leaves out; they have no cluster either.
    pub absent: u64,
    /// The token count of each document, where the file has them.
    pub tokens: Option<Vec<Option<u32>>>,
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
    let columns = match kind(&given)? {
        Kind::Npy => npy::read(&given, options, monitor)?,
        Kind::Parquet => parquet::read(&given, options, monitor)?,
        Kind::Csv(delimiter) => csv::read(&given, delimiter, options, monitor)?,
    };
    let hash = given.hash(monitor)?;
    // All that is used of the file has been read by now.
    given.check_unchanged()?;
    let labels = columns.by_row(path, hash)?;
    if labels.labels.is_empty() {
        return Err(Wrong::Empty.of(path).into());
    }
    Ok(labels)
}

enum Kind {
    Npy,
    Parquet,
    Csv(u8),
}

/// Tells the format by the file's first bytes, and CSV, which has none of its own, by its name.
fn kind(given: &Given) -> Result<Kind> {
    let (path, mut file) = (given.path(), given.file());
    let cannot = FileError::read(path);
    let mut start = [0; 6];
    let read = read_up_to(&mut file, &mut start).map_err(cannot)?;
    file.rewind().map_err(cannot)?;
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
    match extension.as_deref() {
        Some("npy") => Ok(Kind::Npy),
        Some("parquet") => Ok(Kind::Parquet),
        Some("csv") => Ok(Kind::Csv(b',')),
        Some("tsv") => Ok(Kind::Csv(b'\t')),
        _ if start[..read].starts_with(b"\x93NUMPY") => Ok(Kind::Npy),
        _ if start[..read].starts_with(b"PAR1") => Ok(Kind::Parquet),
        _ => Err(Wrong::Format.of(path).into()),
    }
}

/// The columns of a file, in its own order.
struct Columns {
    clusters: Ranked<String>,
    /// The rows of a column `document`, or why it gives none.
    documents: Option<Result<Vec<u64>, String>>,
    tokens: Option<Vec<Option<u32>>>,
    warnings: Vec<String>,
}

impl Columns {
    /// Puts every label where its row is.
    fn by_row(mut self, path: &Path, hash: u128) -> Result<Labels> {
        let places = match self.documents.take() {
            None => None,
            Some(Err(reason)) => {
                self.warn_of_documents(&reason);
                None
            }
            Some(Ok(rows)) => match places_by_row(&rows) {
                Ok(places) => Some(places),
                Err(error @ RowsError::Sparse { .. }) => return Err(Wrong::Documents(error).of(path).into()),
                Err(error) => {
                    self.warn_of_documents(&error.to_string());
                    None
                }
            },
        };
        let Self { clusters: Ranked { labels, names, noise }, tokens, warnings, .. } = self;
        let Some(places) = places else {
            return Ok(Labels { labels, names, noise, absent: 0, tokens, hash, warnings });
        };
        let absent = places.iter().filter(|place| place.is_none()).count() as u64;
        let labels = places.iter().map(|place| place.map_or(NOISE, |place| labels[place as usize])).collect();
        let tokens = tokens.map(|tokens| {
            places.iter().map(|place| place.and_then(|place| tokens[place as usize])).collect()
        });
        Ok(Labels { labels, names, noise, absent, tokens, hash, warnings })
    }

    fn warn_of_documents(&mut self, reason: &str) {
        self.warnings.push(format!(
            "the column `{DOCUMENT}` does not say which row each label belongs to ({reason}); their order in the file does"
        ));
    }
}

/// Ranks integers and names the clusters by them.
fn ranked_integers(ranker: Ranker<i64>) -> Ranked<String> {
    named(ranker.finish())
}

/// Ranks labels that are text: by value where all of them spell integers, else by bytes.
fn ranked_spellings(ranker: Ranker<String>) -> Ranked<String> {
    let ranked = ranker.finish();
    ranked.as_integers().map_or(ranked, named)
}

fn named<T: ToString>(ranked: Ranked<T>) -> Ranked<String> {
    let Ranked { labels, names, noise } = ranked;
    Ranked { labels, names: names.iter().map(T::to_string).collect(), noise }
}

/// Says that there is no column of token counts.
fn no_tokens(path: &Path, options: &LabelOptions, columns: &[String]) -> LabelsError {
    let field = options.tokens().to_owned();
    let columns = columns.to_vec();
    let needed = options.tokens_needed;
    Wrong::NoColumn { field, param: Param::TokenField, columns, needed }.of(path)
}

/// Says that there is no column of clusters.
fn no_clusters(path: &Path, options: &LabelOptions, columns: &[String]) -> LabelsError {
    let field = options.cluster().to_owned();
    let columns = columns.to_vec();
    Wrong::NoColumn { field, param: Param::ClusterField, columns, needed: false }.of(path)
}
