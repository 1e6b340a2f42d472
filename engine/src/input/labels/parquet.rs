//! Labels from Parquet: an integer or string column of clusters, read column by column.

use std::path::Path;

use clusterclip_core::format::labels::Ranker;
use clusterclip_core::monitor::Monitor;
use parquet::basic::{ConvertedType, LogicalType};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, DataType};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::schema::types::ColumnDescriptor;

use super::error::Found;
use super::{Columns, DOCUMENT, LabelOptions, LabelsError, Wrong, no_clusters, no_tokens, ranked_integers};
use crate::error::{FileError, Result};
use crate::input::given::Given;

/// Values read at a time.
const CHUNK: usize = 1 << 13;

pub(super) fn read(given: &Given, options: &LabelOptions, monitor: &Monitor<'_>) -> Result<Columns> {
    let path = given.path();
    let file = given.file().try_clone().map_err(FileError::read(path))?;
    let reader =
        SerializedFileReader::new(file).map_err(|error| Wrong::Parquet(error.to_string()).of(path))?;
    let file = File { reader, path, monitor };
    let cluster =
        file.column(options.cluster())?.ok_or_else(|| no_clusters(path, options, &file.columns()))?;
    let token = file.column(options.tokens())?;
    if token.is_none() && options.tokens_must_be() {
        return Err(no_tokens(path, options, &file.columns()).into());
    }
    let mut warnings = Vec::new();
    let clusters = match file.kind(cluster) {
        Kind::Signed | Kind::Unsigned => {
            let mut ranker = Ranker::new();
            file.integers(cluster, &mut |label| {
                Ok(ranker.push(label.filter(|&label| label != -1).as_ref())?)
            })?;
            ranked_integers(ranker)
        }
        Kind::Text => {
            let mut ranker = Ranker::new();
            file.strings(cluster, &mut |label| {
                Ok(ranker.push(label.filter(|label| label.trim_ascii() != "-1"))?)
            })?;
            ranker.finish()
        }
        Kind::Other(found) => {
            return Err(Wrong::Column { field: options.cluster().to_owned(), found }.of(path).into());
        }
    };
    let tokens = match token.map(|column| file.counts(column)).transpose()? {
        Some(Err(reason)) if options.tokens_must_be() => {
            let (field, asked) = (options.tokens().to_owned(), options.asked());
            return Err(Wrong::Counts { field, asked, found: Found::Column(reason) }.of(path).into());
        }
        Some(Err(reason)) => {
            warnings.push(format!("the column `tokens` is not used: it {reason}"));
            None
        }
        Some(Ok(counts)) => Some(counts),
        None => None,
    };
    let documents = file.column(DOCUMENT)?.map(|column| file.rows(column)).transpose()?;
    Ok(Columns { clusters, documents, tokens, warnings })
}

/// What a column holds.
enum Kind {
    Signed,
    Unsigned,
    Text,
    Other(String),
}

struct File<'a> {
    reader: SerializedFileReader<std::fs::File>,
    path: &'a Path,
    monitor: &'a Monitor<'a>,
}

impl File<'_> {
    fn descriptor(&self, column: usize) -> &ColumnDescriptor {
        self.reader.metadata().file_metadata().schema_descr().columns()[column].as_ref()
    }

    /// The names of the columns that are not nested.
    fn columns(&self) -> Vec<String> {
        let columns = self.reader.metadata().file_metadata().schema_descr().columns();
        let flat = columns.iter().filter(|column| column.path().parts().len() == 1);
        flat.map(|column| column.name().to_owned()).collect()
    }

    /// Finds a column that has one value a document.
    fn column(&self, field: &str) -> Result<Option<usize>> {
        let columns = self.reader.metadata().file_metadata().schema_descr().columns();
        let found = columns.iter().position(|column| column.path().parts() == [field]);
        if let Some(found) = found.filter(|&found| columns[found].max_rep_level() > 0) {
            return Err(Wrong::Lists { field: columns[found].name().to_owned() }.of(self.path).into());
        }
        Ok(found)
    }

    fn kind(&self, column: usize) -> Kind {
        use parquet::basic::Type::{BYTE_ARRAY, INT32, INT64};
        let descriptor = self.descriptor(column);
        match (descriptor.physical_type(), descriptor.converted_type(), descriptor.logical_type_ref()) {
            (INT32 | INT64, _, Some(LogicalType::Integer(integer))) if integer.is_signed => Kind::Signed,
            (INT32 | INT64, _, Some(LogicalType::Integer(_))) => Kind::Unsigned,
            (INT32 | INT64, ConvertedType::UINT_8 | ConvertedType::UINT_16, None) => Kind::Unsigned,
            (INT32 | INT64, ConvertedType::UINT_32 | ConvertedType::UINT_64, None) => Kind::Unsigned,
            (INT32 | INT64, ConvertedType::INT_8 | ConvertedType::INT_16, None) => Kind::Signed,
            (INT32 | INT64, ConvertedType::INT_32 | ConvertedType::INT_64, None) => Kind::Signed,
            (INT32 | INT64, ConvertedType::NONE, None) => Kind::Signed,
            (BYTE_ARRAY, _, Some(LogicalType::String | LogicalType::Enum)) => Kind::Text,
            (BYTE_ARRAY, ConvertedType::UTF8 | ConvertedType::ENUM | ConvertedType::NONE, None) => Kind::Text,
            (physical, ConvertedType::NONE, None) => Kind::Other(format!("{physical}")),
            (_, _, Some(logical)) => Kind::Other(format!("{logical:?}")),
            (_, converted, None) => Kind::Other(format!("{converted}")),
        }
    }

    /// Hands the integers of a column to `take`, null as `None`.
    fn integers(&self, column: usize, take: &mut dyn FnMut(Option<i64>) -> Result<()>) -> Result<()> {
        let unsigned = matches!(self.kind(column), Kind::Unsigned);
        let field = self.descriptor(column).name();
        let mut row = 0u64;
        self.values(column, &mut |reader| match reader {
            ColumnReader::Int32ColumnReader(reader) => self.chunks(reader, &mut |value: Option<&i32>| {
                row += 1;
                let wide =
                    |&value| if unsigned { i64::from(i32::cast_unsigned(value)) } else { i64::from(value) };
                take(value.map(wide))
            }),
            ColumnReader::Int64ColumnReader(reader) => self.chunks(reader, &mut |value: Option<&i64>| {
                if let Some(&value) = value.filter(|&&value| unsigned && value < 0) {
                    let label = value.cast_unsigned().into();
                    return Err(Wrong::TooLarge { row, label, field: Some(field.to_owned()) }
                        .of(self.path)
                        .into());
                }
                row += 1;
                take(value.copied())
            }),
            _ => Err(self.damaged(format!("the column `{field}` holds no integers")).into()),
        })
    }

    /// Hands the strings of a column to `take`, null as `None`.
    fn strings(&self, column: usize, take: &mut dyn FnMut(Option<&str>) -> Result<()>) -> Result<()> {
        let field = self.descriptor(column).name();
        let mut row = 0u64;
        self.values(column, &mut |reader| match reader {
            ColumnReader::ByteArrayColumnReader(reader) => self.chunks(reader, &mut |value: Option<
                &ByteArray,
            >| {
                let text = value.map(|value| std::str::from_utf8(value.data())).transpose();
                let text = text.map_err(|_| Wrong::Utf8Row { row, field: field.to_owned() }.of(self.path))?;
                row += 1;
                take(text)
            }),
            _ => Err(self.damaged(format!("the column `{field}` holds no strings")).into()),
        })
    }

    /// Reads a column of counts, or says why it is none.
    fn counts(&self, column: usize) -> Result<Result<Vec<Option<u32>>, String>> {
        if let Err(reason) = self.check_integers(column) {
            return Ok(Err(reason));
        }
        let (mut counts, mut wrong) = (Vec::new(), None);
        self.integers(column, &mut |value| {
            let count = value.map(u32::try_from).transpose().unwrap_or_else(|_| {
                wrong.get_or_insert(format!("has {} in row {}", value.unwrap_or_default(), counts.len()));
                None
            });
            counts.push(count);
            Ok(())
        })?;
        Ok(wrong.map_or(Ok(counts), Err))
    }

    /// Reads a column of rows, or says why it gives none.
    fn rows(&self, column: usize) -> Result<Result<Vec<u64>, String>> {
        if let Err(reason) = self.check_integers(column) {
            return Ok(Err(format!("it {reason}")));
        }
        let (mut rows, mut wrong) = (Vec::new(), None);
        self.integers(column, &mut |value| {
            match value.and_then(|value| u64::try_from(value).ok()) {
                Some(row) => rows.push(row),
                None => {
                    let value = value.map_or("null".to_owned(), |value| value.to_string());
                    wrong.get_or_insert(format!("it has {value}"));
                }
            }
            Ok(())
        })?;
        Ok(wrong.map_or(Ok(rows), Err))
    }

    fn check_integers(&self, column: usize) -> Result<(), String> {
        match self.kind(column) {
            Kind::Signed | Kind::Unsigned => Ok(()),
            Kind::Text => Err("holds strings".to_owned()),
            Kind::Other(found) => Err(format!("holds {found}")),
        }
    }

    /// Hands a column's reader of each row group to `read`.
    fn values(&self, column: usize, read: &mut dyn FnMut(ColumnReader) -> Result<()>) -> Result<()> {
        for group in 0..self.reader.num_row_groups() {
            let reader = self.reader.get_row_group(group).and_then(|group| group.get_column_reader(column));
            read(reader.map_err(|error| self.damaged(error))?)?;
        }
        Ok(())
    }

    /// Hands the values of a column chunk to `take`, null as `None`.
    fn chunks<T: DataType>(
        &self,
        mut reader: ColumnReaderImpl<T>,
        take: &mut dyn FnMut(Option<&T::T>) -> Result<()>,
    ) -> Result<()> {
        let (mut values, mut levels) = (Vec::with_capacity(CHUNK), Vec::with_capacity(CHUNK));
        loop {
            self.monitor.check()?;
            values.clear();
            levels.clear();
            let read = reader.read_records(CHUNK, Some(&mut levels), None, &mut values);
            let (records, _, _) = read.map_err(|error| self.damaged(error))?;
            if records == 0 {
                return Ok(());
            }
            // A column that is not nested has level 1 for a value and 0 for null; a required one has no levels.
            if levels.is_empty() {
                values.iter().try_for_each(|value| take(Some(value)))?;
                continue;
            }
            let mut next = values.iter();
            for &level in &levels {
                take(if level > 0 { next.next() } else { None })?;
            }
        }
    }

    fn damaged(&self, error: impl ToString) -> LabelsError {
        Wrong::Damaged(error.to_string()).of(self.path)
    }
}
