//! Reading batches: of each the wanted columns alone, with the dictionaries that they need.

use std::collections::BTreeSet;
use std::ops::Range;

use arrow_array::RecordBatch;
use arrow_buffer::{Buffer, MutableBuffer};
use arrow_ipc::reader::FileDecoder;
use arrow_ipc::root_as_message;

use super::buffers::{Walk, dictionaries_of, fits, unpacked, within};
use super::{Ipc, Message, Step, unmarked};
use crate::error::Result;
use crate::input::columnar::disk::Disk;
use crate::input::columnar::error::{ColumnsError, Part};
use crate::input::columnar::parquet::in_file;
use crate::input::columnar::{Batch, MAX_BATCH, Want, batch_rows};
use crate::input::most;

/// Reads the wanted columns of an Arrow file.
#[derive(Debug)]
pub(in crate::input::columnar) struct IpcReader {
    file: Ipc,
    /// The wanted columns, in the order of the file.
    columns: Vec<usize>,
    /// Where each wanted column is among these.
    order: Vec<usize>,
    /// The dictionaries that they need.
    dictionaries: BTreeSet<i64>,
    decoder: FileDecoder,
    /// Where each batch ends, or an earlier one that lies behind it.
    ends: Vec<u64>,
    /// Steps that the decoder has been through.
    done: usize,
    /// Batches among these.
    batches: usize,
}

impl IpcReader {
    pub(super) fn new(file: Ipc, wanted: &[Want]) -> Self {
        let mut columns: Vec<usize> = wanted.iter().map(|want| want.column).collect();
        columns.sort_unstable();
        let mut dictionaries = BTreeSet::new();
        columns.iter().for_each(|&column| dictionaries_of(file.schema.field(column), &mut dictionaries));
        let decoder = FileDecoder::new(file.schema.clone(), file.version).with_projection(columns.clone());
        let mut ends = Vec::new();
        for step in &file.steps {
            if let Step::Batch(message, _) = step {
                ends.push(message.end().max(ends.last().copied().unwrap_or(0)));
            }
        }
        Self { order: in_file(wanted), columns, dictionaries, decoder, ends, done: 0, batches: 0, file }
    }

    pub(in crate::input::columnar) fn disk(&self) -> &Disk {
        &self.file.disk
    }

    /// The bytes of a batch, and all before it that belong to no earlier one; to the last belongs the rest of the file.
    pub(in crate::input::columnar) fn range(&self, group: usize) -> Range<u64> {
        let before = group.checked_sub(1).map_or(0, |before| self.ends[before]);
        let is_last = self.ends.len() == group + 1;
        before..if is_last { self.file.disk.length() } else { self.ends[group] }
    }

    /// Reads a batch, and the dictionaries before it.
    pub(in crate::input::columnar) fn read(&mut self, group: usize) -> Result<IpcBatches> {
        let part = Part::Batch(group);
        if self.batches > group {
            let decoder = FileDecoder::new(self.file.schema.clone(), self.file.version);
            (self.decoder, self.done, self.batches) = (decoder.with_projection(self.columns.clone()), 0, 0);
        }
        let disk = self.file.disk.clone();
        while let Some(&step) = self.file.steps.get(self.done) {
            self.done += 1;
            match step {
                Step::Dictionary(message, id) if self.dictionaries.contains(&id) => {
                    let bytes = self.bytes(message, part, None)?;
                    disk.decode(part, || self.decoder.read_dictionary(&message.block(), &bytes))?;
                }
                Step::Dictionary(..) => {}
                Step::Batch(message, rows) => {
                    self.batches += 1;
                    if self.batches <= group {
                        continue;
                    }
                    let bytes = self.bytes(message, part, Some(&self.columns))?;
                    let read = || self.decoder.read_record_batch(&message.block(), &bytes);
                    let batch = disk.decode(part, read)?.filter(|batch| batch.num_rows() as u64 == rows);
                    let none = || disk.damaged(part, &"it has not as many rows as it says");
                    let batch = batch.ok_or_else(none)?;
                    let at_once = batch_rows(rows, message.body);
                    return Ok(IpcBatches { batch, order: self.order.clone(), at: 0, at_once });
                }
            }
        }
        Err(disk.damaged(part, &"there is no such batch").into())
    }

    /// Reads a message; of a batch the buffers of the wanted columns alone, the others are left zero.
    fn bytes(&self, message: Message, part: Part, columns: Option<&[usize]>) -> Result<Buffer> {
        let disk = &self.file.disk;
        let bytes = MutableBuffer::try_from_len_zeroed((message.metadata + message.body) as usize);
        let mut bytes = bytes.map_err(|error| disk.failed(part, &error))?;
        let (metadata, body) = bytes.split_at_mut(message.metadata as usize);
        disk.fill(metadata, message.offset)?;
        let (ranges, packed) = disk.decode(part, || {
            let header = root_as_message(unmarked(metadata)).map_err(|error| error.to_string())?;
            let batch = match columns {
                Some(_) => header.header_as_record_batch(),
                None => header.header_as_dictionary_batch().and_then(|batch| batch.data()),
            };
            let batch = batch.ok_or("it holds no values")?;
            let buffers = batch.buffers().into_iter().flatten();
            let buffers: Vec<_> = buffers.map(|buffer| (buffer.offset(), buffer.length())).collect();
            let variadic = batch.variadicBufferCounts().into_iter().flatten().collect();
            let mut walk = Walk::new(variadic, header.version());
            let wanted = match columns {
                Some(columns) => {
                    walk.wanted(&self.file.schema, columns).ok_or("it has not as many buffers as columns")?
                }
                None => std::iter::once(0..buffers.len()).collect(),
            };
            let wanted = wanted.into_iter().map(|range| buffers.get(range));
            let wanted = wanted.collect::<Option<Vec<_>>>().ok_or("it has not as many buffers as columns")?;
            let ranges = wanted.into_iter().flatten().map(|&buffer| within(buffer, message.body));
            let ranges = ranges.collect::<Option<Vec<_>>>().ok_or("a buffer does not lie in it")?;
            Ok::<_, String>((ranges, batch.compression().is_some()))
        })?;
        let mut length = 0u64;
        for range in ranges {
            let buffer = &mut body[range.clone()];
            disk.fill(buffer, message.offset + message.metadata + range.start as u64)?;
            if !packed {
                continue;
            }
            let own = unpacked(buffer);
            let own = own.ok_or_else(|| disk.damaged(part, &"a buffer claims an absurd length"))?;
            length = length.saturating_add(own);
            if length > MAX_BATCH {
                return Err(ColumnsError::LongBatch { name: disk.name().to_owned(), part }.into());
            }
        }
        if length > most(message.body) {
            return Err(disk.damaged(part, &"its buffers claim an absurd length").into());
        }
        if !fits(length) {
            return Err(ColumnsError::Memory { name: disk.name().to_owned(), part }.into());
        }
        Ok(bytes.into())
    }
}

/// The rows of a batch, some at a time.
pub(in crate::input::columnar) struct IpcBatches {
    batch: RecordBatch,
    order: Vec<usize>,
    at: usize,
    /// So many at a time.
    at_once: usize,
}

impl IpcBatches {
    pub(in crate::input::columnar) fn next(&mut self) -> Option<Batch> {
        let rows = self.at_once.min(self.batch.num_rows() - self.at);
        if rows == 0 {
            return None;
        }
        let slice = self.batch.slice(self.at, rows);
        self.at += rows;
        let columns = self.order.iter().map(|&column| slice.column(column).clone()).collect();
        Some(Batch { columns, rows })
    }
}
