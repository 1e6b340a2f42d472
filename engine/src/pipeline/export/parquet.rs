//! The order as Parquet: the columns of the lines, and all columns of columnar sources.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, LargeStringArray, RecordBatch, StringArray, UInt32Array, UInt64Array, new_null_array,
};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use arrow_select::interleave::interleave;
use clusterclip_core::par;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use super::arrange::{Arranged, Found, arrange};
use super::parts::PIECE;
use super::rows::Row;
use super::shards::{Cut, Naming, check_number, named};
use super::{Job, Order};
use crate::error::Result;
use crate::input::{ColumnsError, Corpus, KeptRows, restored, size};
use crate::store::{FORMAT, FileWriter, FinishedFile, OutDir, StoreError};

/// What files are called.
const NAMING: Naming = Naming::Order { stem: "order", ending: ".parquet", numbered: true };

/// Rows of a group, and bytes of it that are held before it is written.
const GROUP_ROWS: usize = 1 << 16;
const GROUP_BYTES: usize = 64 << 20;

/// The columns of lines.
const OWN: [&str; 6] = ["document", "id", "source", "cluster", "repetition", "text"];

/// Some rows.
struct Rows {
    batch: RecordBatch,
    /// How many bytes each has.
    sizes: Vec<u64>,
}

/// Writes the order.
pub(super) fn write(job: Job<'_>, done: &mut u64) -> Result<Vec<FinishedFile>> {
    let columns = Columns::of(job.order.corpus, job.kept)?;
    let cut = Cut::new(job.settings.shards, job.order.sampled.positions);
    let mut files = Files { out: job.out, schema: columns.schema(), cut, open: None, finished: Vec::new() };
    let arranged =
        Arranged { positions: job.order.sampled.positions, reads: true, is_packed: true, piece: PIECE };
    let make = |found: &Found<'_>, repetition, out: &mut Vec<u8>| {
        Row::of(found, repetition).put(out);
        Ok(())
    };
    let order = job.order;
    arrange(job, &arranged, done, job.next(), make, |lines| {
        let rows: Vec<Row<'_>> = lines.all().iter().map(Row::taken).collect();
        let pieces: Vec<&[Row<'_>]> = rows.chunks(PIECE).collect();
        let made = par::map(pieces.len(), |piece| columns.rows(order, pieces[piece]));
        made.into_iter().try_for_each(|rows| files.put(&rows?))
    })?;
    files.finish()
}

/// The columns of columnar sources.
struct Columns<'a> {
    /// Their names in the export, and what they hold.
    fields: Vec<(String, DataType)>,
    sources: HashMap<u32, Source<'a>>,
}

/// What a source's column is called in an export: its own name, or one that no source has where it is one of ours.
fn renamed(name: &str, theirs: &HashSet<&str>) -> String {
    if !OWN.contains(&name) {
        return name.to_owned();
    }
    let mut new = format!("record_{name}");
    while theirs.contains(&*new) {
        new.insert_str(0, "record_");
    }
    new
}

/// A columnar source.
struct Source<'a> {
    rows: &'a KeptRows,
    /// Which of its columns each field is.
    columns: Vec<Option<usize>>,
}

impl<'a> Columns<'a> {
    fn of(corpus: Option<&Corpus>, kept: &'a HashMap<u32, KeptRows>) -> Result<Self> {
        let mut all = Self { fields: Vec::new(), sources: HashMap::new() };
        let Some(corpus) = corpus else { return Ok(all) };
        let theirs: HashSet<&str> =
            kept.values().flat_map(|rows| rows.columns()).map(|(name, _)| &**name).collect();
        for number in corpus.columnar() {
            all.add(number, &kept[&number], &theirs, corpus)?;
        }
        let width = all.fields.len();
        all.sources.values_mut().for_each(|source| source.columns.resize(width, None));
        Ok(all)
    }

    /// Adds the columns of a source; `theirs` are the names of those of all.
    fn add(
        &mut self,
        number: u32,
        rows: &'a KeptRows,
        theirs: &HashSet<&str>,
        corpus: &Corpus,
    ) -> Result<()> {
        let mut columns = vec![None; self.fields.len()];
        for (column, (name, data_type)) in rows.columns().iter().enumerate() {
            // The field that is the text is there already.
            if name == "text" && corpus.takes_text(number) {
                continue;
            }
            let name = renamed(name, theirs);
            match self.fields.iter_mut().position(|(known, _)| *known == name) {
                None => {
                    self.fields.push((name, data_type.clone()));
                    columns.push(Some(column));
                }
                Some(field) => {
                    let known = &mut self.fields[field].1;
                    if *known == DataType::Null {
                        known.clone_from(data_type);
                    }
                    if known != data_type && *data_type != DataType::Null {
                        let (there, here) = (known.to_string(), data_type.to_string());
                        let source = corpus.name_of(number);
                        return Err(ColumnsError::Differ { name: source, column: name, there, here }.into());
                    }
                    columns[field] = Some(column);
                }
            }
        }
        self.sources.insert(number, Source { rows, columns });
        Ok(())
    }

    fn schema(&self) -> SchemaRef {
        let types = [
            DataType::UInt64,
            DataType::Utf8,
            DataType::Utf8,
            DataType::UInt32,
            DataType::UInt64,
            DataType::LargeUtf8,
        ];
        let own = OWN.iter().zip(types).map(|(name, data_type)| Field::new(*name, data_type, false));
        let theirs = self.fields.iter().map(|(name, data_type)| Field::new(name, data_type.clone(), true));
        Arc::new(Schema::new(own.chain(theirs).collect::<Vec<_>>()))
    }

    fn rows(&self, order: Order<'_>, rows: &[Row<'_>]) -> Result<Rows> {
        let own = |row: &Row<'_>| (20 + row.text.len() + row.id.len() + row.source.len()) as u64;
        let mut sizes: Vec<u64> = rows.iter().map(own).collect();
        let clusters = rows.iter().map(|row| order.cluster(row.document).cast_unsigned());
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(rows.iter().map(|row| row.document).collect::<UInt64Array>()),
            Arc::new(StringArray::from_iter_values(rows.iter().map(|row| row.id))),
            Arc::new(StringArray::from_iter_values(rows.iter().map(|row| row.source))),
            Arc::new(clusters.collect::<UInt32Array>()),
            Arc::new(rows.iter().map(|row| row.repetition).collect::<UInt64Array>()),
            Arc::new(LargeStringArray::from_iter_values(rows.iter().map(|row| row.text))),
        ];
        for field in 0..self.fields.len() {
            columns.push(self.column(field, rows, &mut sizes)?);
        }
        let batch = RecordBatch::try_new(self.schema(), columns).map_err(failed)?;
        Ok(Rows { batch, sizes })
    }

    /// The values of a field; null where a document's source has no such column.
    fn column(&self, field: usize, rows: &[Row<'_>], sizes: &mut [u64]) -> Result<ArrayRef> {
        let target = &self.fields[field].1;
        let found = |row: &Row<'_>| {
            let (number, row) = row.place?;
            let source = self.sources.get(&number)?;
            let (batch, row) = source.rows.find(row)?;
            Some((source.rows.batches()[batch].column(source.columns[field]?), row))
        };
        // Batches of one type; those of a source are.
        let mut arrays: Vec<&ArrayRef> = Vec::new();
        let mut places = Vec::with_capacity(rows.len());
        for (row, bytes) in rows.iter().zip(sizes) {
            places.push(found(row).map(|(array, row)| {
                *bytes += size(array, row);
                let known = arrays.iter().position(|known| Arc::ptr_eq(known, array));
                let array = known.unwrap_or_else(|| {
                    arrays.push(array);
                    arrays.len() - 1
                });
                (array, row)
            }));
        }
        if arrays.is_empty() {
            return Ok(new_null_array(target, rows.len()));
        }
        let same = arrays.iter().all(|array| array.data_type() == arrays[0].data_type());
        let of_one_type: Vec<ArrayRef> = match same {
            true => arrays.iter().map(|array| (*array).clone()).collect(),
            false => arrays
                .iter()
                .map(|array| restored(array, target))
                .collect::<Result<_, _>>()
                .map_err(failed)?,
        };
        let nothing = new_null_array(of_one_type[0].data_type(), 1);
        let all: Vec<&dyn Array> = of_one_type.iter().chain([&nothing]).map(|array| &**array).collect();
        let last = all.len() - 1;
        let places: Vec<(usize, usize)> =
            places.into_iter().map(|place| place.unwrap_or((last, 0))).collect();
        let column = interleave(&all, &places).and_then(|column| restored(&column, target));
        Ok(column.map_err(failed)?)
    }
}

fn failed(error: ArrowError) -> ColumnsError {
    ColumnsError::Unwritten { why: error.to_string() }
}

/// Files being written.
struct Files<'a> {
    out: &'a OutDir,
    schema: SchemaRef,
    cut: Cut,
    open: Option<ArrowWriter<FileWriter>>,
    finished: Vec<FinishedFile>,
}

impl Files<'_> {
    fn put(&mut self, rows: &Rows) -> Result<()> {
        let mut from = 0;
        for (row, &bytes) in rows.sizes.iter().enumerate() {
            if !self.cut.fits(bytes) {
                self.write(&rows.batch.slice(from, row - from))?;
                self.close()?;
                from = row;
            }
        }
        self.write(&rows.batch.slice(from, rows.sizes.len() - from))
    }

    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let mut file = match self.open.take() {
            Some(file) => file,
            None => self.begin()?,
        };
        let mut written = file.write(batch);
        // What is held, and so where groups end, follows from the rows alone.
        if file.in_progress_size() > GROUP_BYTES {
            written = written.and_then(|()| file.flush());
        }
        written.map_err(|error| self.failed(error))?;
        self.open = Some(file);
        Ok(())
    }

    fn begin(&self) -> Result<ArrowWriter<FileWriter>> {
        let number = self.finished.len();
        check_number(number)?;
        let file = self.out.create(&NAMING.name(number, number + 1))?;
        let properties = WriterProperties::builder()
            .set_created_by(format!("clusterclip version {FORMAT}"))
            .set_compression(Compression::SNAPPY)
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .build();
        Ok(ArrowWriter::try_new(file, self.schema.clone(), Some(properties))
            .map_err(|error| self.failed(error))?)
    }

    fn close(&mut self) -> Result<()> {
        let file = match self.open.take() {
            Some(file) => file,
            None => self.begin()?,
        };
        let file = file.into_inner().map_err(|error| self.failed(error))?;
        self.finished.push(file.finish()?);
        Ok(())
    }

    fn finish(mut self) -> Result<Vec<FinishedFile>> {
        if self.open.is_some() {
            self.close()?;
        }
        while self.finished.len() < self.cut.count() {
            self.close()?;
        }
        Ok(named(self.finished, NAMING))
    }

    fn failed(&self, error: ParquetError) -> StoreError {
        let number = self.finished.len();
        let path = self.out.path().join(NAMING.name(number, number + 1));
        let cause = match error {
            ParquetError::External(inner) => match inner.downcast::<std::io::Error>() {
                Ok(cause) => *cause,
                Err(inner) => std::io::Error::other(inner),
            },
            other => std::io::Error::other(other),
        };
        StoreError::io("write", &path, cause)
    }
}
