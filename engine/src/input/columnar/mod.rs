//! Columnar files: Parquet and Arrow, of which only the columns that are wanted are decoded.
//!
//! A file is opened as a [`Table`], which knows its columns; what is wanted of them is read by a [`Reader`], group by
//! group (row groups in Parquet, record batches in Arrow) and in each some rows at a time. What is held is a batch of
//! rows and the pages that it lies in, of Arrow the wanted columns of a record batch. Decoders work behind a fence:
//! whatever a damaged file makes of them is an error that names the file and the part of it.

mod disk;
mod error;
mod headers;
mod ipc;
mod kept;
mod pages;
mod parquet;
mod restored;
mod rows;
mod schema;
mod value;

use std::fmt;
use std::fs::File;

use arrow_array::ArrayRef;
use arrow_schema::DataType;
use clusterclip_core::monitor::CancelFlag;
use xxhash_rust::xxh3::Xxh3;

pub use error::{ColumnsError, Part};
pub(crate) use kept::KeptRows;
pub(crate) use pages::check;
pub(crate) use restored::restored;
pub(crate) use rows::{Plan, RowTexts, Rows};
pub(crate) use value::size;

use self::disk::Disk;
use crate::error::Result;

/// A format of columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnFormat {
    /// Apache Parquet.
    Parquet,
    /// Apache Arrow's own, a file or a stream.
    Arrow,
}

impl fmt::Display for ColumnFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Parquet => "Parquet",
            Self::Arrow => "Arrow",
        })
    }
}

/// A column of a file.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(crate) name: String,
    /// What it holds; `None` for what cannot be read.
    pub(crate) data_type: Option<DataType>,
}

/// A column that is wanted.
#[derive(Debug, Clone)]
pub(crate) struct Want {
    /// Its number in the file.
    pub(crate) column: usize,
    /// What of it is wanted, by the names on the way there; all of it, if that is empty.
    pub(crate) paths: Vec<Vec<String>>,
}

/// Bytes of decoded values that a batch should hold; it holds a row at least.
const BATCH_BYTES: u64 = 4 << 20;

/// The most rows of a batch.
const BATCH_ROWS: u64 = 8192;

/// The most bytes of a record batch, unpacked: a batch is held whole.
const MAX_BATCH: u64 = 4 << 30;

/// How many rows make a batch, of a group of `rows` with `bytes` of values.
fn batch_rows(rows: u64, bytes: u64) -> usize {
    let each = (bytes / rows.max(1)).max(1);
    (BATCH_BYTES / each).clamp(1, BATCH_ROWS) as usize
}

/// An opened file.
#[derive(Debug)]
pub(crate) struct Table {
    inner: Inner,
    groups: Vec<u64>,
}

#[derive(Debug)]
enum Inner {
    Parquet(parquet::Parquet),
    Arrow(ipc::Ipc),
}

impl Table {
    /// Opens a file that messages call `name`.
    pub(crate) fn open(file: File, name: &str, format: ColumnFormat) -> Result<Self> {
        let disk = Disk::new(file, name)?;
        Ok(match format {
            ColumnFormat::Parquet => {
                let file = parquet::Parquet::open(disk)?;
                Self { groups: file.groups(), inner: Inner::Parquet(file) }
            }
            ColumnFormat::Arrow => {
                let file = ipc::Ipc::open(disk)?;
                Self { groups: file.groups(), inner: Inner::Arrow(file) }
            }
        })
    }

    /// The top-level columns.
    pub(crate) fn columns(&self) -> Vec<Column> {
        match &self.inner {
            Inner::Parquet(file) => file.columns(),
            Inner::Arrow(file) => file.columns(),
        }
    }

    /// What a column is said to hold, where that is more than what is [read](Column::data_type): text may be read as bytes.
    pub(crate) fn declared(&self, column: usize) -> Option<DataType> {
        match &self.inner {
            Inner::Parquet(file) => file.declared(column),
            Inner::Arrow(_) => None,
        }
    }

    /// How many rows each group has.
    pub(crate) fn groups(&self) -> &[u64] {
        &self.groups
    }

    /// Settles which columns are read. None may be wanted twice.
    pub(crate) fn select(self, wanted: &[Want]) -> Result<Reader> {
        let inner = match self.inner {
            Inner::Parquet(file) => Selected::Parquet(file.select(wanted)?),
            Inner::Arrow(file) => Selected::Arrow(file.select(wanted)),
        };
        Ok(Reader { inner, groups: self.groups })
    }
}

/// Reads the wanted columns of a file.
#[derive(Debug)]
pub(crate) struct Reader {
    inner: Selected,
    groups: Vec<u64>,
}

#[derive(Debug)]
enum Selected {
    Parquet(parquet::ParquetReader),
    Arrow(ipc::IpcReader),
}

impl Reader {
    /// How many rows each group has.
    pub(crate) fn groups(&self) -> &[u64] {
        &self.groups
    }

    /// The bytes of the file.
    pub(crate) fn length(&self) -> u64 {
        match &self.inner {
            Selected::Parquet(file) => file.disk().length(),
            Selected::Arrow(file) => file.disk().length(),
        }
    }

    /// Takes into `hash` what goes before the groups: of Parquet the footer.
    pub(crate) fn hash_outline(&self, hash: &mut Xxh3, cancel: &CancelFlag) -> Result<()> {
        match &self.inner {
            Selected::Parquet(file) => file.disk().hash(file.outline(), hash, cancel),
            Selected::Arrow(_) => Ok(()),
        }
    }

    /// Takes into `hash` all bytes of a group that are read: of Parquet the chunks of the wanted columns, of Arrow
    /// everything up to the end of the batch.
    pub(crate) fn hash_group(&self, group: usize, hash: &mut Xxh3, cancel: &CancelFlag) -> Result<()> {
        match &self.inner {
            Selected::Parquet(file) => {
                file.ranges(group)?.into_iter().try_for_each(|range| file.disk().hash(range, hash, cancel))
            }
            Selected::Arrow(file) => file.disk().hash(file.range(group), hash, cancel),
        }
    }

    /// Begins a group.
    pub(crate) fn read(&mut self, group: usize) -> Result<Batches> {
        Ok(Batches(match &mut self.inner {
            Selected::Parquet(file) => Rest::Parquet(Box::new(file.read(group)?)),
            Selected::Arrow(file) => Rest::Arrow(file.read(group)?),
        }))
    }
}

/// Some rows.
#[derive(Debug)]
pub(crate) struct Batch {
    /// The wanted columns, in the order in which they were asked for.
    pub(crate) columns: Vec<ArrayRef>,
    pub(crate) rows: usize,
}

/// The rows of a group, some at a time.
pub(crate) struct Batches(Rest);

/// What is left of a group.
enum Rest {
    Parquet(Box<parquet::ParquetBatches>),
    Arrow(ipc::IpcBatches),
}

impl Batches {
    /// The next rows.
    pub(crate) fn next(&mut self) -> Result<Option<Batch>> {
        match &mut self.0 {
            Rest::Parquet(batches) => batches.next(),
            Rest::Arrow(batches) => Ok(batches.next()),
        }
    }
}
