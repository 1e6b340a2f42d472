//! Reading: files, folders and standard input become documents; .npy files become rows and labels.
//!
//! [`Corpus::open`] settles which files are read, in which order and as what. [`Corpus::scan`] streams their
//! documents and can be run again; [`Corpus::fetch`] brings chosen documents back.
//! Parsing is in `clusterclip_core::format`; here are files, compression and memory bounds.
//!
//! What is read, and as what:
//! - A named file by its name: `.jsonl`, `.ndjson` and the like as JSON lines, `.csv` and `.tsv` as tables,
//!   `.parquet`, `.arrow` and `.feather` as columns, of which those are read that records are made of, `.txt`, `.md` and
//!   the like as one document; with `.gz`, `.zst`, `.bz2` or `.xz` after it, unpacked. Of other names the first bytes
//!   tell: JSON lines where the first two records stand on lines of their own, Parquet, Arrow, else one document; a
//!   `.json` may also be an array of records, or one. `--format` and `--lines` override.
//! - Standard input (`-`) and pipes are JSON lines unless `--format`, `--lines` or their first bytes say otherwise; they
//!   are copied to a temporary file, since input is read more than once, and unpacked if they begin so.
//! - In a folder sizes decide. Where record files hold nine tenths of the bytes, it is records, and the rest is left
//!   out; where they hold a tenth, every text file is a document; between the two it is an error that says how to
//!   choose. With `--format` a folder gives its files of that format and no others; where no name tells a format, all
//!   of text. Of a folder of records in which the
//!   Python library `datasets` sees [`splits`], one is read.
//! - In a folder, hidden files, results of this program, binary files (a NUL among the first 8192 bytes), UTF-16, empty
//!   files and special files are left out, counted and named. Links are followed, and nothing is read twice. A named
//!   binary file, a pointer of Git LFS and what cannot be opened are errors.
//! - Text that is no UTF-8 is kept, with U+FFFD for what cannot be read, and its documents are counted; a
//!   record that is no UTF-8 is a bad record.
//! - Blank lines of JSON lines and tables are left out and counted; with `--lines` they are empty documents. A record is
//!   at most 1 GiB, in a packed file at most 256 times the file, but 256 MiB where that is less; a text that is one document
//!   64 MiB.
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
mod columnar;
mod corpus;
pub mod embeddings;
mod error;
mod fetch;
mod fingerprint;
mod forward;
mod given;
mod hub;
pub mod labels;
mod left_out;
mod locate;
mod look;
mod names;
mod packing;
mod positioned;
mod reader;
mod scan;
mod source;
pub mod splits;
mod spool;
mod summary;
mod walk;

use std::path::PathBuf;
use std::sync::Arc;

use clusterclip_core::documents::is_blank;
use clusterclip_core::format::cut::At;
use clusterclip_core::format::records::Fields;
use clusterclip_core::format::table::Quote;
use clusterclip_core::named;

pub use columnar::{ColumnFormat, ColumnsError, Part};
pub(crate) use columnar::{KeptRows, restored, size};
pub use corpus::Corpus;
pub use error::InputError;
pub(crate) use fetch::{fetch_later, text_of};
pub(crate) use forward::Forward;
pub use hub::{DatasetError, Origin};
pub use left_out::{Files, LeftOut, Reason, TOLD};
pub use locate::Locator;
pub(crate) use positioned::{read_exact_at, write_all_at};
pub use summary::Summary;
pub use walk::Walked;

/// The longest document that is read: it is held whole.
pub const MAX_DOCUMENT: u64 = 1 << 30;

/// How much memory may be asked for what has `packed` bytes in a file and is held whole once it is unpacked: 256 times
/// that, more than texts ever shrink by, and 256 MiB at least, since columns of one value and windows shrink without a
/// bound. Whatever asks for more means to take the memory.
pub(crate) fn most(packed: u64) -> u64 {
    packed.saturating_mul(256).max(256 << 20)
}

/// The longest text that is one document: a longer one is a file of many that should be read as such.
pub const MAX_TEXT: u64 = 64 << 20;

/// What reads every split (`--split`).
pub const ALL_SPLITS: &str = "all";

/// A format of documents (`--format`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Format {
    /// One JSON object a line.
    Jsonl,
    /// A JSON array of objects, or one object.
    Json,
    /// Plain text.
    Text,
    /// Comma-separated values.
    Csv,
    /// Tab-separated values.
    Tsv,
    /// Apache Parquet.
    Parquet,
    /// Apache Arrow, as a file or a stream.
    Arrow,
}

impl Format {
    /// What people call files of it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Jsonl => "JSON lines",
            Self::Json => "JSON",
            Self::Text => "text",
            Self::Csv => "CSV",
            Self::Tsv => "TSV",
            Self::Parquet => "Parquet",
            Self::Arrow => "Arrow",
        }
    }
}

named!(
    Format of Format:
    Jsonl = "jsonl",
    Json = "json",
    Text = "text",
    Csv = "csv",
    Tsv = "tsv",
    Parquet = "parquet",
    Arrow = "arrow",
);

/// What to do with a record that cannot be used (`--on-bad-record`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnBadRecord {
    /// Stop and name it.
    #[default]
    Fail,
    /// Skip and count it: it keeps its number, has no text and is never drawn.
    Skip,
}

named!(OnBadRecord of OnBadRecord: Fail = "fail", Skip = "skip");

/// How input is read.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The fields of a record (`--text-field`, `--template`, `--id-field`, `--token-field`).
    pub fields: Fields,
    /// What stands between the cells of a table, where it is not what its format says (`--delimiter`).
    pub delimiter: Option<u8>,
    /// What stands round them (`--quote`).
    pub quote: Option<Quote>,
    /// Whether the first record of a table names no columns (`--no-header`).
    pub no_header: bool,
    /// The format, where names do not tell it (`--format`).
    pub format: Option<Format>,
    /// Whether each line of plain text is a document (`--lines`).
    pub lines: bool,
    /// Whether hidden files and folders are read too (`--hidden`).
    pub hidden: bool,
    /// Which split of a folder of records is read; [`ALL_SPLITS`] for all of them (`--split`).
    pub split: Option<String>,
    /// What to do with bad records (`--on-bad-record`).
    pub on_bad_record: OnBadRecord,
    /// Folders of results that this run reads or writes (`--out`): no documents are looked for in them.
    pub out: Vec<PathBuf>,
    /// The configuration of data sets of the hub (`--config`).
    pub config: Option<String>,
    /// The revision of data sets of the hub that do not name one themselves (`--revision`).
    pub revision: Option<String>,
}

/// Checks INPUTs and options together, before anything is looked at.
///
/// # Errors
/// A name of no data set of the hub, a revision that is none, what is asked of data sets of the hub where there are none.
pub fn check(inputs: &[PathBuf], options: &Options) -> Result<(), DatasetError> {
    hub::check(inputs, options)
}

/// A document, as a scan hands it out.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Its row: 0, 1, 2, … in reading order.
    pub row: u64,
    /// Its id: the record's own, else `source:line`, or `source` alone for a document that is a whole file.
    pub id: String,
    /// The file's name, its path in its INPUT folder with `/`, or `-`.
    pub source: Arc<str>,
    /// Where it is.
    pub place: Place,
    /// The line on which its record begins, from 1; a document that is a whole file, or a row, has none.
    pub line: Option<u64>,
    /// How many tokens it says it has.
    pub tokens: Option<u32>,
    /// The score that it says it has; never NaN.
    pub score: Option<f64>,
    /// Its text.
    pub text: String,
    /// Whether it is a bad record that was skipped: its text is empty, and its id that of its place.
    pub skipped: bool,
}

impl Document {
    /// Whether it is never drawn, whatever its row: it was skipped, or its text is blank.
    pub fn says_nothing(&self) -> bool {
        self.skipped || is_blank(&self.text)
    }
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
