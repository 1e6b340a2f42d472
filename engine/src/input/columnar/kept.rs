//! Rows kept for random access: all columns of a source, in Arrow's own form in a temporary file that is mapped, so
//! that a row is there without being decoded, and memory is the system's to give and to take.

use std::fs::File;
use std::io::{self, BufWriter};
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_buffer::Buffer;
use arrow_ipc::reader::StreamDecoder;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{ArrowError, DataType, Field, Schema};
use clusterclip_core::format::value::Value;
use clusterclip_core::monitor::CancelFlag;
use memmap2::Mmap;

use super::value::{example, value};
use super::{Batch, ColumnsError, Part, Table, Want};
use crate::error::Result;
use crate::input::InputError;
use crate::input::source::{Kind, Source};

/// The rows of a columnar source.
#[derive(Debug)]
pub(crate) struct KeptRows {
    /// The columns, as they are said to be; the batches may hold text as bytes.
    columns: Vec<(String, DataType)>,
    batches: Vec<RecordBatch>,
    /// The row after the last of each batch.
    ends: Vec<u64>,
}

impl KeptRows {
    /// Brings all columns of a source that can be read into a temporary file.
    pub(crate) fn of(source: &Source, cancel: &CancelFlag) -> Result<Self> {
        let Kind::Columns(format) = source.kind else { unreachable!("rows are of columnar sources") };
        let nothing = Self { columns: Vec::new(), batches: Vec::new(), ends: Vec::new() };
        if source.length == 0 {
            return Ok(nothing);
        }
        let table = Table::open(source.open_file()?, &source.display(), format)?;
        let columns = table.columns();
        // Of several columns with one name the last counts, as of fields.
        let is_taken = |column: &usize| {
            let own = &columns[*column];
            let later = columns[column + 1..].iter().any(|later| later.name == own.name);
            !later && own.data_type.as_ref().and_then(example).is_some()
        };
        let taken: Vec<usize> = (0..columns.len()).filter(is_taken).collect();
        if taken.is_empty() {
            return Ok(nothing);
        }
        let said = taken.iter().filter_map(|&column| {
            let read = columns[column].data_type.clone();
            Some((columns[column].name.clone(), table.declared(column).or(read)?))
        });
        let said: Vec<(String, DataType)> = said.collect();
        let wanted: Vec<Want> = taken.iter().map(|&column| Want { column, paths: Vec::new() }).collect();
        let mut reader = table.select(&wanted)?;
        let file = tempfile::tempfile_in(std::env::temp_dir()).map_err(no_room(source))?;
        let failed = |error: ArrowError| match error {
            ArrowError::IoError(_, cause) => no_room(source)(cause),
            other => no_room(source)(io::Error::other(other)),
        };
        let mut writer: Option<StreamWriter<BufWriter<&File>>> = None;
        for group in 0..reader.groups().len() {
            let mut batches = reader.read(group)?;
            while let Some(Batch { columns, .. }) = batches.next()? {
                cancel.check()?;
                let fields = said.iter().zip(&columns);
                let fields =
                    fields.map(|((name, _), column)| Field::new(name, column.data_type().clone(), true));
                let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
                let writer = match &mut writer {
                    Some(writer) => writer,
                    none => none.insert(StreamWriter::try_new_buffered(&file, &schema).map_err(failed)?),
                };
                let batch = RecordBatch::try_new(schema, columns).map_err(failed)?;
                writer.write(&batch).map_err(failed)?;
            }
        }
        let Some(writer) = writer else { return Ok(Self { columns: said, ..nothing }) };
        let file = writer.into_inner().map_err(failed)?.into_inner();
        Self::mapped(file.map_err(|error| no_room(source)(error.into_error()))?, said, source)
    }

    fn mapped(file: &File, columns: Vec<(String, DataType)>, source: &Source) -> Result<Self> {
        // SAFETY: the file has no name, and nothing writes to it any more.
        let map = unsafe { Mmap::map(file) }.map_err(no_room(source))?;
        let mut bytes = Buffer::from(bytes::Bytes::from_owner(map));
        let mut decoder = StreamDecoder::new();
        let (mut batches, mut ends, mut end) = (Vec::new(), Vec::new(), 0);
        while !bytes.is_empty() {
            let batch = decoder.decode(&mut bytes);
            let batch = batch.map_err(|error| ColumnsError::Damaged {
                name: source.display(),
                part: Part::Batch(batches.len()),
                why: error.to_string(),
            })?;
            if let Some(batch) = batch {
                end += batch.num_rows() as u64;
                ends.push(end);
                batches.push(batch);
            }
        }
        Ok(Self { columns, batches, ends })
    }

    /// The columns, and what they are said to hold.
    pub(crate) fn columns(&self) -> &[(String, DataType)] {
        &self.columns
    }

    /// The rows, some at a time.
    pub(crate) fn batches(&self) -> &[RecordBatch] {
        &self.batches
    }

    /// The batch of a row, and the row's place in it.
    pub(crate) fn find(&self, row: u64) -> Option<(usize, usize)> {
        let batch = self.ends.partition_point(|&end| end <= row);
        let first = if batch == 0 { 0 } else { self.ends[batch - 1] };
        (batch < self.batches.len()).then(|| (batch, (row - first) as usize))
    }

    /// A row as a JSON object; `None` where there is no such row. Bytes that are no text are null.
    pub(crate) fn json(&self, row: u64) -> Option<Vec<u8>> {
        let (batch, row) = self.find(row)?;
        let batch = &self.batches[batch];
        let fields = batch.schema_ref().fields().iter().zip(batch.columns()).map(|(field, column)| {
            let found = value(column, row).map_or(Value::Null, finite);
            (field.name().as_str().into(), found)
        });
        Some(Value::Object(fields.collect()).to_string().into_bytes())
    }
}

/// What it comes to that there is no room for a source in the folder for temporary files.
fn no_room(source: &Source) -> impl FnOnce(io::Error) -> InputError {
    |cause| InputError::NoRoom { name: source.display().to_string(), folder: std::env::temp_dir(), cause }
}

/// A value whose numbers JSON knows: infinity is none.
fn finite(value: Value<'_>) -> Value<'_> {
    match value {
        Value::Number(number) if number.ends_with("inf") => Value::Null,
        Value::List(values) => Value::List(values.into_iter().map(finite).collect()),
        Value::Object(fields) => {
            Value::Object(fields.into_iter().map(|(name, value)| (name, finite(value))).collect())
        }
        value => value,
    }
}
