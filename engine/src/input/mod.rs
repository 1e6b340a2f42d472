//! Reading: files, folders and standard input become documents; .npy files become rows and labels.
//!
//! [`Corpus::open`] settles which files are read, in which order and as what. [`Corpus::scan`] streams their
//! documents and can be run again; [`Corpus::fetch`] and [`RandomAccess`] bring chosen documents back.
//! Parsing is in `clusterclip_core::format`; here are files, compression and memory bounds.
//!
//! What is read, and as what:
//! - A named file by its name: `.jsonl`, `.ndjson` and `.json` as JSON lines, `.csv` and `.tsv` as tables, anything
//!   else as one document; with `.gz` or `.zst` after it, decompressed. `--format` and `--lines` override. Standard input (`-`) and
//!   pipes are JSON lines unless `--format` or `--lines` says otherwise; they are copied to a temporary
//!   file, since input is read more than once, and decompressed if they begin as gzip or zstd does.
//! - A folder holding only record files (`.jsonl`, `.ndjson`, `.csv`, `.tsv`, compressed or not) is read as records,
//!   any other folder as one document a file. With `--format jsonl` (`csv`, `tsv`) a folder gives its files of that
//!   format and no others.
//! - In a folder, binary files (a NUL among the first 8192 bytes), empty files, symlinks and special files
//!   are left out and counted; compressed files too, unless the format was asked for. A named binary file is
//!   an error.
//! - Text that is no UTF-8 is kept, with U+FFFD for what cannot be read, and its documents are counted; a
//!   record that is no UTF-8 is a bad record.
//! - Blank lines are left out and counted. A document is at most 1 GiB.
//!
//! ```
//! use clusterclip_core::monitor::{Monitor, Stage};
//! use clusterclip_engine::input::{Corpus, Options};
//!
//! let folder = tempfile::tempdir()?;
//! let file = folder.path().join("two.jsonl");
//! std::fs::write(&file, "{\"text\": \"one\"}\n{\"text\": \"two\"}\n")?;
//! let mut corpus = Corpus::open(&[file], Options::default(), &Monitor::silent())?;
//! let mut texts = Vec::new();
//! corpus.scan(Stage::Read, &Monitor::silent(), &mut |batch| {
//!     texts.extend(batch.into_iter().map(|document| document.text));
//!     Ok(())
//! })?;
//! assert_eq!(texts, ["one", "two"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod blocks;
mod corpus;
pub mod embeddings;
mod error;
mod fetch;
mod given;
pub mod labels;
mod locate;
mod names;
mod positioned;
mod random;
mod scan;
mod source;
mod spool;
mod summary;
mod walk;

use std::path::PathBuf;
use std::sync::Arc;

use clusterclip_core::format::cut::At;
use clusterclip_core::format::records::Fields;
use clusterclip_core::named;

pub use corpus::Corpus;
pub use error::InputError;
pub use locate::Locator;
pub use random::RandomAccess;
pub use summary::Summary;
pub use walk::Skipped;

/// The longest document that is read: it is held whole.
pub const MAX_DOCUMENT: u64 = 1 << 30;

/// A format of documents (`--format`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// One JSON object a line.
    Jsonl,
    /// Plain text.
    Text,
    /// Comma-separated values.
    Csv,
    /// Tab-separated values.
    Tsv,
    /// Apache Parquet.
    Parquet,
}

named!(
    Format of Format:
    Jsonl = "jsonl",
    Text = "text",
    Csv = "csv",
    Tsv = "tsv",
    Parquet = "parquet",
);

/// What to do with a record that cannot be used (`--on-bad-record`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnBadRecord {
    /// Stop and name it.
    #[default]
    Fail,
    /// Leave it out and count it.
    Skip,
}

named!(OnBadRecord of OnBadRecord: Fail = "fail", Skip = "skip");

/// How input is read.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The fields of a record (`--text-field`, `--id-field`, `--token-field`).
    pub fields: Fields,
    /// The format, where names do not tell it (`--format`).
    pub format: Option<Format>,
    /// Whether each line of plain text is a document (`--lines`).
    pub lines: bool,
    /// What to do with bad records (`--on-bad-record`).
    pub on_bad_record: OnBadRecord,
    /// The folder of results (`--out`), which is never read.
    pub out: Option<PathBuf>,
}

/// A document, as a scan hands it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its row: 0, 1, 2, … in reading order.
    pub row: u64,
    /// Its id: the record's own, else `source:line`, or `source` alone for a document that is a whole file.
    pub id: String,
    /// The file's name, its path in its INPUT folder with `/`, or `-`.
    pub source: Arc<str>,
    /// Where it is.
    pub place: Place,
    /// How many tokens it says it has.
    pub tokens: Option<u32>,
    /// Its text.
    pub text: String,
}

/// Where a document is, and what it held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The number of its source, in reading order.
    pub source: u32,
    /// Where in it: in which bytes, after decompression, or in which row.
    pub at: At,
    /// XXH3-128 of its text.
    pub hash: u128,
}
