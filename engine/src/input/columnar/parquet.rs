//! Parquet: row groups of column chunks, of which only the wanted ones are read.

use std::ops::Range;
use std::sync::Arc;

use arrow_schema::DataType;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, RowGroups};
use parquet::column::page::{PageIterator, PageReader};
use parquet::errors::ParquetError;
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader, RowGroupMetaData};

use super::disk::Disk;
use super::error::{ColumnsError, Part};
use super::pages::Pages;
use super::schema::{Pruned, declared, pruned};
use super::{Batch, Column, ColumnFormat, Want, batch_rows};
use crate::error::Result;
use crate::fence::fenced;

/// What a Parquet file begins and ends with.
const MAGIC: &[u8] = b"PAR1";

/// The same, where the footer is encrypted.
const ENCRYPTED: &[u8] = b"PARE";

/// The magic at the end, and the length of the footer before it.
const TAIL: u64 = 8;

/// A Parquet file whose footer was read.
#[derive(Debug)]
pub(super) struct Parquet {
    disk: Disk,
    metadata: Arc<ParquetMetaData>,
    /// Where the footer is.
    footer: Range<u64>,
}

impl Parquet {
    pub(super) fn open(disk: Disk) -> Result<Self> {
        let footer = footer(&disk)?;
        let read = || ParquetMetaDataReader::new().parse_and_finish(&disk);
        let metadata = disk.decode(Part::Outline, read)?;
        let mut groups = metadata.row_groups().iter().map(|group| u64::try_from(group.num_rows()).ok());
        let rows = groups.try_fold(0u64, |rows, group| rows.checked_add(group?));
        if rows.is_none() || rows != u64::try_from(metadata.file_metadata().num_rows()).ok() {
            return Err(disk.damaged(Part::Outline, &"its counts of rows contradict each other").into());
        }
        Ok(Self { disk, metadata: Arc::new(metadata), footer })
    }

    /// The columns.
    pub(super) fn columns(&self) -> Vec<Column> {
        let root = self.metadata.file_metadata().schema();
        let columns = root.get_fields().iter().enumerate();
        let columns = columns.map(|(column, field)| {
            let want = [Want { column, paths: Vec::new() }];
            let found = fenced(|| pruned(root, &want)).ok().and_then(Result::ok);
            let data_type = found.and_then(|pruned| Some(pruned.fields.first()?.data_type().clone()));
            Column { name: field.name().to_owned(), data_type }
        });
        columns.collect()
    }

    /// What a column is said to hold: bytes that are text are text.
    pub(super) fn declared(&self, column: usize) -> Option<DataType> {
        let root = self.metadata.file_metadata().schema();
        fenced(|| declared(root, column)).ok().and_then(Result::ok)
    }

    /// How many rows each row group has.
    pub(super) fn groups(&self) -> Vec<u64> {
        self.metadata.row_groups().iter().map(|group| group.num_rows().cast_unsigned()).collect()
    }

    /// Settles which columns are read.
    pub(super) fn select(self, wanted: &[Want]) -> Result<ParquetReader> {
        let root = self.metadata.file_metadata().schema();
        let pruned = self.disk.decode(Part::Outline, || pruned(root, wanted))?;
        let reader = ParquetReader { order: in_file(wanted), pruned, file: self };
        for group in 0..reader.file.metadata.num_row_groups() {
            reader.ranges(group)?;
        }
        Ok(reader)
    }
}

/// Finds the footer.
fn footer(disk: &Disk) -> Result<Range<u64>> {
    let name = || disk.name().to_owned();
    let length = disk.length();
    let bytes = |range: Range<u64>| disk.bytes(range).map_err(|error| disk.cannot(error));
    let begin = bytes(0..length.min(4))?;
    if begin != MAGIC && begin != ENCRYPTED {
        return Err(ColumnsError::Other { name: name(), format: ColumnFormat::Parquet }.into());
    }
    let tail = if length < 4 + TAIL { vec![0; 8] } else { bytes(length - TAIL..length)? };
    let (count, magic) = tail.split_at(4);
    if begin == ENCRYPTED || magic == ENCRYPTED {
        return Err(ColumnsError::Encrypted { name: name() }.into());
    }
    let count = count.iter().rev().fold(0, |count, &byte| count << 8 | u64::from(byte));
    if magic != MAGIC || count > length - TAIL - 4 {
        return Err(ColumnsError::CutOff { name: name(), format: ColumnFormat::Parquet }.into());
    }
    Ok(length - TAIL - count..length)
}

/// Where each wanted column stands among them in the order of the file.
pub(super) fn in_file(wanted: &[Want]) -> Vec<usize> {
    let mut sorted: Vec<usize> = wanted.iter().map(|want| want.column).collect();
    sorted.sort_unstable();
    wanted.iter().map(|want| sorted.partition_point(|&column| column < want.column)).collect()
}

/// Reads the wanted columns of a Parquet file.
#[derive(Debug)]
pub(super) struct ParquetReader {
    file: Parquet,
    pruned: Pruned,
    /// Where each wanted column is among those that are read.
    order: Vec<usize>,
}

impl ParquetReader {
    pub(super) fn disk(&self) -> &Disk {
        &self.file.disk
    }

    /// What tells everything but the values.
    pub(super) fn outline(&self) -> Range<u64> {
        self.file.footer.clone()
    }

    /// The column chunks of a row group.
    pub(super) fn ranges(&self, group: usize) -> Result<Vec<Range<u64>>> {
        let columns = self.file.metadata.row_group(group).columns();
        let range = |&leaf: &usize| {
            let column = columns.get(leaf)?;
            let begin = column.dictionary_page_offset().unwrap_or_else(|| column.data_page_offset());
            let end = u64::try_from(begin.checked_add(column.compressed_size())?).ok()?;
            let begin = u64::try_from(begin).ok()?;
            (begin <= end && end <= self.file.footer.start).then_some(begin..end)
        };
        let ranges: Option<Vec<_>> = self.pruned.leaves.iter().map(range).collect();
        let outside = || self.file.disk.damaged(Part::RowGroup(group), &"a column does not lie in the file");
        Ok(ranges.ok_or_else(outside)?)
    }

    /// Begins a row group.
    pub(super) fn read(&self, group: usize) -> Result<ParquetBatches> {
        let metadata = self.file.metadata.row_group(group);
        let sizes = self.pruned.leaves.iter().map(|&leaf| metadata.column(leaf).uncompressed_size());
        let bytes = sizes.map(i64::unsigned_abs).fold(0, u64::saturating_add);
        let rows = metadata.num_rows().cast_unsigned();
        let group = Group { file: &self.file, leaves: &self.pruned.leaves, number: group };
        let part = Part::RowGroup(group.number);
        let open = || {
            let batch = batch_rows(rows, bytes);
            ParquetRecordBatchReader::try_new_with_row_groups(&self.pruned.levels, &group, batch, None)
        };
        let reader = self.file.disk.decode(part, open)?;
        Ok(ParquetBatches {
            reader,
            disk: self.file.disk.clone(),
            part,
            order: self.order.clone(),
            left: rows,
        })
    }
}

/// A row group, as the decoder asks for it.
struct Group<'a> {
    file: &'a Parquet,
    leaves: &'a [usize],
    number: usize,
}

impl RowGroups for Group<'_> {
    fn num_rows(&self) -> usize {
        self.file.metadata.row_group(self.number).num_rows() as usize
    }

    fn column_chunks(&self, leaf: usize) -> Result<Box<dyn PageIterator>, ParquetError> {
        let column = self.file.metadata.row_group(self.number).column(self.leaves[leaf]);
        let disk = Arc::new(self.file.disk.clone());
        let pages = Pages::new(&disk, column, self.num_rows())?;
        Ok(Box::new(Chunk(Some(Box::new(pages)))))
    }

    fn row_groups(&self) -> Box<dyn Iterator<Item = &RowGroupMetaData> + '_> {
        Box::new(std::iter::once(self.file.metadata.row_group(self.number)))
    }

    fn metadata(&self) -> &ParquetMetaData {
        &self.file.metadata
    }
}

/// The pages of one column chunk.
struct Chunk(Option<Box<dyn PageReader>>);

impl Iterator for Chunk {
    type Item = Result<Box<dyn PageReader>, ParquetError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.take().map(Ok)
    }
}

impl PageIterator for Chunk {}

/// The rows of a row group, some at a time.
pub(super) struct ParquetBatches {
    reader: ParquetRecordBatchReader,
    disk: Disk,
    part: Part,
    order: Vec<usize>,
    /// Rows that are still to come.
    left: u64,
}

impl ParquetBatches {
    pub(super) fn next(&mut self) -> Result<Option<Batch>> {
        let read = self.disk.decode(self.part, || self.reader.next().transpose())?;
        let rows = read.as_ref().map_or(0, |batch| batch.num_rows());
        match read {
            Some(batch) if rows as u64 <= self.left => {
                self.left -= rows as u64;
                let columns = self.order.iter().map(|&column| batch.column(column).clone()).collect();
                Ok(Some(Batch { columns, rows }))
            }
            None if self.left == 0 => Ok(None),
            _ => Err(self.disk.damaged(self.part, &"it has not as many rows as it says").into()),
        }
    }
}
