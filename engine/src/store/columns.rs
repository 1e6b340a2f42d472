//! Parquet tables with fixed bytes, written and read by columns.
//!
//! The bytes depend on the rows alone: one thread, fixed row groups, fixed encodings, Snappy (its pure Rust
//! implementation is the same on every CPU), and a `created_by` that names the format, not the program.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clusterclip_core::monitor::Monitor;
use parquet::basic::Compression;
use parquet::column::reader::get_typed_column_reader;
use parquet::data_type::{ByteArray, DataType};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::{ColumnPath, TypePtr};

use super::error::{Remedy, StoreError};
use super::file::{FileWriter, FinishedFile};
use super::request::FORMAT;

/// Rows of a group: some 8 MB of usual documents are held while one is filled, and writing it takes well under
/// the 100 ms between two looks at the cancel flag.
pub(super) const GROUP: usize = 1 << 16;

/// What is written of one column: the values that are there and, for an optional column, which rows have one.
pub(super) struct Column<T> {
    values: Vec<T>,
    levels: Vec<i16>,
}

impl<T> Default for Column<T> {
    fn default() -> Self {
        Self { values: Vec::new(), levels: Vec::new() }
    }
}

impl<T> Column<T> {
    /// Adds a value of a required column.
    pub(super) fn push(&mut self, value: T) {
        self.values.push(value);
    }

    /// Adds a value of an optional column, or null.
    pub(super) fn push_optional(&mut self, value: Option<T>) {
        self.levels.push(i16::from(value.is_some()));
        self.values.extend(value);
    }

    fn clear(&mut self) {
        self.values.clear();
        self.levels.clear();
    }
}

/// A string as Parquet holds it.
pub(super) fn text(value: &str) -> ByteArray {
    ByteArray::from(value.as_bytes().to_vec())
}

/// A table being written.
pub(super) struct TableWriter {
    writer: SerializedFileWriter<FileWriter>,
    target: PathBuf,
}

impl TableWriter {
    /// Begins a table. `distinct` are the columns whose values seldom repeat: a dictionary would not help them.
    pub(super) fn new(file: FileWriter, schema: &TypePtr, distinct: &[&str]) -> Result<Self, StoreError> {
        let target = file.target().to_path_buf();
        let mut properties = WriterProperties::builder()
            .set_created_by(format!("clusterclip version {FORMAT}"))
            .set_compression(Compression::SNAPPY);
        for name in distinct {
            properties = properties.set_column_dictionary_enabled(ColumnPath::from(*name), false);
        }
        let writer = SerializedFileWriter::new(file, schema.clone(), Arc::new(properties.build()))
            .map_err(|error| write_error(&target, error))?;
        Ok(Self { writer, target })
    }

    /// Writes one row group: `fill` writes its columns in the order of the schema.
    pub(super) fn group(
        &mut self,
        fill: impl FnOnce(&mut GroupWriter) -> Result<(), ParquetError>,
    ) -> Result<(), StoreError> {
        let target = &self.target;
        let failed = |error| write_error(target, error);
        let mut group = GroupWriter(self.writer.next_row_group().map_err(failed)?);
        fill(&mut group).map_err(failed)?;
        group.0.close().map_err(failed)?;
        Ok(())
    }

    /// Ends the table.
    pub(super) fn finish(self) -> Result<FinishedFile, StoreError> {
        let target = self.target;
        self.writer.into_inner().map_err(|error| write_error(&target, error))?.finish()
    }
}

/// A row group being written.
pub(super) struct GroupWriter<'a>(SerializedRowGroupWriter<'a, FileWriter>);

impl GroupWriter<'_> {
    /// Writes the next column and empties it for the next group.
    pub(super) fn column<D: DataType>(&mut self, column: &mut Column<D::T>) -> Result<(), ParquetError> {
        let mut writer = self
            .0
            .next_column()?
            .ok_or_else(|| ParquetError::General("more columns than the schema has".to_owned()))?;
        let levels = (!column.levels.is_empty()).then_some(&column.levels[..]);
        writer.typed::<D>().write_batch(&column.values, levels, None)?;
        writer.close()?;
        column.clear();
        Ok(())
    }
}

/// Parses one of our own schemas.
pub(super) fn schema(message: &str) -> TypePtr {
    Arc::new(parse_message_type(message).expect("our own schemas are right"))
}

/// A table of ours being read.
pub(super) struct TableReader {
    reader: SerializedFileReader<File>,
    path: PathBuf,
}

impl std::fmt::Debug for TableReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TableReader").field("path", &self.path).finish_non_exhaustive()
    }
}

impl TableReader {
    /// Opens a table that must have exactly this schema.
    pub(super) fn open(path: &Path, schema: &TypePtr) -> Result<Self, StoreError> {
        let file = File::open(path).map_err(|cause| StoreError::io("read", path, cause))?;
        let reader = SerializedFileReader::new(file).map_err(|error| damaged(path, error.to_string()))?;
        if reader.metadata().file_metadata().schema() != schema.as_ref() {
            return Err(damaged(path, "it has other columns than clusterclip writes".to_owned()));
        }
        Ok(Self { reader, path: path.to_path_buf() })
    }

    /// Row groups.
    pub(super) fn groups(&self) -> usize {
        self.reader.num_row_groups()
    }

    /// Rows of a group.
    fn rows(&self, group: usize) -> usize {
        usize::try_from(self.reader.metadata().row_group(group).num_rows()).unwrap_or(0)
    }

    /// All rows.
    pub(super) fn n(&self) -> u64 {
        (0..self.groups()).map(|group| self.rows(group) as u64).sum()
    }

    /// Reads one column of a row group; null is `None`.
    pub(super) fn column<D: DataType>(
        &self,
        group: usize,
        index: usize,
    ) -> Result<Vec<Option<D::T>>, StoreError> {
        let failed = |error: ParquetError| damaged(&self.path, error.to_string());
        let rows = self.rows(group);
        let row_group = self.reader.get_row_group(group).map_err(failed)?;
        let optional = row_group.metadata().column(index).column_descr().max_def_level() > 0;
        let column = row_group.get_column_reader(index).map_err(failed)?;
        let mut column = get_typed_column_reader::<D>(column);
        let (mut values, mut levels) = (Vec::with_capacity(rows), Vec::new());
        let mut read = 0;
        while read < rows {
            let defined = optional.then_some(&mut levels);
            let (records, _, _) =
                column.read_records(rows - read, defined, None, &mut values).map_err(failed)?;
            if records == 0 {
                let why = format!("column {index} of row group {group} has {read} rows, not {rows}");
                return Err(damaged(&self.path, why));
            }
            read += records;
        }
        if !optional {
            return Ok(values.into_iter().map(Some).collect());
        }
        let mut values = values.into_iter();
        Ok(levels.into_iter().map(|level| if level > 0 { values.next() } else { None }).collect())
    }

    /// Reads one required column of a row group.
    pub(super) fn required<D: DataType>(&self, group: usize, index: usize) -> Result<Vec<D::T>, StoreError> {
        Ok(self.column::<D>(group, index)?.into_iter().flatten().collect())
    }

    /// Reads one column of strings.
    pub(super) fn strings(&self, group: usize, index: usize) -> Result<Vec<String>, StoreError> {
        let values = self.required::<parquet::data_type::ByteArrayType>(group, index)?;
        let text = |value: ByteArray| value.as_utf8().map(str::to_owned);
        values
            .into_iter()
            .map(text)
            .collect::<Result<_, _>>()
            .map_err(|error| damaged(&self.path, error.to_string()))
    }

    /// Reads a column of all row groups.
    pub(super) fn whole_column<D: DataType>(
        &self,
        index: usize,
        monitor: &Monitor,
    ) -> Result<Vec<Option<D::T>>, StoreError> {
        let mut all = Vec::new();
        for group in 0..self.groups() {
            monitor.check()?;
            all.extend(self.column::<D>(group, index)?);
        }
        Ok(all)
    }
}

fn damaged(path: &Path, why: String) -> StoreError {
    StoreError::Damaged { path: path.to_path_buf(), why, remedy: Remedy::Replace }
}

/// Takes the I/O error out that our own writer put in.
fn write_error(target: &Path, error: ParquetError) -> StoreError {
    let cause = match error {
        ParquetError::External(inner) => match inner.downcast::<std::io::Error>() {
            Ok(cause) => *cause,
            Err(inner) => std::io::Error::other(inner),
        },
        other => std::io::Error::other(other),
    };
    StoreError::io("write", target, cause)
}
