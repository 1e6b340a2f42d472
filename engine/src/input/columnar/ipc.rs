//! Arrow: record batches, in a file that ends with a list of them or in a stream that does not.
//!
//! The messages are found here and decoded by `arrow-ipc`, so that no length that a damaged file tells is believed
//! before it was held against the file's own. Of a batch the buffers of wanted columns alone are read.

use std::collections::{BTreeSet, VecDeque};
use std::ops::Range;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_buffer::{Buffer, MutableBuffer};
use arrow_ipc::convert::try_fb_to_schema;
use arrow_ipc::reader::FileDecoder;
use arrow_ipc::{Block, MessageHeader, MetadataVersion, root_as_footer, root_as_message};
use arrow_schema::{DataType, Field, Schema, UnionMode};

use super::disk::Disk;
use super::error::{ColumnsError, Part};
use super::parquet::in_file;
use super::{Batch, Column, ColumnFormat, Want, batch_rows};
use crate::error::Result;

/// What an Arrow file begins with, and ends with.
const MAGIC: &[u8] = b"ARROW1";

/// What a Feather file of version 1 begins with.
const FEATHER: &[u8] = b"FEA1";

/// What a message of a stream begins with, but for those of old.
const CONTINUATION: [u8; 4] = [0xFF; 4];

/// The most bytes that lie before a message: the mark and the length.
const PREFIX: u64 = 8;

/// How many times longer than its compressed bytes a buffer may claim to be; zstd's own limit is lower.
const MAX_RATIO: u64 = 1 << 17;

/// A message that holds values.
#[derive(Debug, Clone, Copy)]
struct Message {
    /// Where its metadata begin, their marks included.
    offset: u64,
    /// The length of these.
    metadata: u64,
    /// The length of its buffers, which follow.
    body: u64,
}

impl Message {
    fn end(self) -> u64 {
        self.offset + self.metadata + self.body
    }

    fn block(self) -> Block {
        Block::new(self.offset.cast_signed(), self.metadata as i32, self.body.cast_signed())
    }
}

/// What a message is good for.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// Values that columns with dictionaries point into, and the dictionary's number.
    Dictionary(Message, i64),
    /// So many rows.
    Batch(Message, u64),
}

/// An Arrow file or stream whose messages were found.
#[derive(Debug)]
pub(super) struct Ipc {
    disk: Disk,
    schema: Arc<Schema>,
    version: MetadataVersion,
    steps: Vec<Step>,
}

impl Ipc {
    pub(super) fn open(disk: Disk) -> Result<Self> {
        let name = || disk.name().to_owned();
        let length = disk.length();
        let begin = disk.bytes(0..length.min(8)).map_err(|error| disk.cannot(error))?;
        if begin.starts_with(FEATHER) {
            return Err(ColumnsError::Feather { name: name() }.into());
        }
        if begin.starts_with(MAGIC) {
            return Self::of_file(disk);
        }
        // The first message holds the schema; of anything else the first bytes make no such length.
        let first = begin.strip_prefix(&CONTINUATION).unwrap_or(&begin);
        let count = first.first_chunk().map_or(0, |count| u32::from_le_bytes(*count));
        if count == 0 || count > MAX_SCHEMA {
            return Err(ColumnsError::Other { name: name(), format: ColumnFormat::Arrow }.into());
        }
        Self::of_stream(disk)
    }

    /// Reads the list at the end of a file.
    fn of_file(disk: Disk) -> Result<Self> {
        let length = disk.length();
        let cut_off = || ColumnsError::CutOff { name: disk.name().to_owned(), format: ColumnFormat::Arrow };
        // Before the magic stands the length of the footer.
        let tail_at = length.checked_sub(10).filter(|&at| at >= 8).ok_or_else(cut_off)?;
        let tail = disk.bytes(tail_at..length).map_err(|error| disk.cannot(error))?;
        let count = u64::from(u32::from_le_bytes([tail[0], tail[1], tail[2], tail[3]]));
        if &tail[4..] != MAGIC || count > tail_at - 8 {
            return Err(cut_off().into());
        }
        let bytes = disk.bytes(tail_at - count..tail_at).map_err(|error| disk.cannot(error))?;
        let (schema, version, blocks) = disk.decode(Part::Outline, || {
            let footer = root_as_footer(&bytes).map_err(|error| error.to_string())?;
            let schema = footer.schema().ok_or("it has no schema")?;
            let (schema, version) = (schema_of(schema)?, footer.version());
            let dictionaries = footer.dictionaries().into_iter().flatten();
            let batches = footer.recordBatches().into_iter().flatten();
            // Whatever their order in the file: dictionaries go first.
            let blocks: Vec<Block> = dictionaries.chain(batches).copied().collect();
            Ok::<_, String>((schema, version, blocks))
        })?;
        let mut steps = Vec::with_capacity(blocks.len());
        for block in blocks {
            let parts = [block.offset(), block.metaDataLength().into(), block.bodyLength()];
            let [offset, metadata, body] = parts.map(|part| u64::try_from(part).unwrap_or(u64::MAX));
            let end = offset.checked_add(metadata).and_then(|end| end.checked_add(body));
            if end.is_none_or(|end| end > length) || metadata < PREFIX {
                return Err(disk.damaged(Part::Outline, &"a batch does not lie in the file").into());
            }
            steps.extend(step(&disk, Message { offset, metadata, body })?);
        }
        Ok(Self { disk, schema: Arc::new(schema), version, steps })
    }

    /// Walks the messages of a stream.
    fn of_stream(disk: Disk) -> Result<Self> {
        let length = disk.length();
        let cut_off = || ColumnsError::CutOff { name: disk.name().to_owned(), format: ColumnFormat::Arrow };
        let (mut offset, mut found, mut steps) = (0, None, Vec::new());
        while offset < length {
            // A stream ends with its file, or with a message of no length.
            let begin =
                disk.bytes(offset..length.min(offset + PREFIX)).map_err(|error| disk.cannot(error))?;
            let after = begin.strip_prefix(&CONTINUATION);
            let count = after.unwrap_or(&begin).first_chunk().copied().ok_or_else(cut_off)?;
            let count = u64::from(u32::from_le_bytes(count));
            if count == 0 {
                break;
            }
            let metadata = count + if after.is_some() { PREFIX } else { PREFIX / 2 };
            if metadata > (length - offset).min(i32::MAX as u64) {
                return Err(cut_off().into());
            }
            let bytes = disk.bytes(offset + metadata - count..offset + metadata);
            let bytes = bytes.map_err(|error| disk.cannot(error))?;
            let body = disk.decode(Part::Outline, || {
                let message = root_as_message(&bytes).map_err(|error| error.to_string())?;
                if let Some(schema) = message.header_as_schema().filter(|_| found.is_none()) {
                    found = Some((schema_of(schema)?, message.version()));
                }
                u64::try_from(message.bodyLength()).map_err(|_| "a message has a negative length".to_owned())
            })?;
            if body > length - offset - metadata {
                return Err(cut_off().into());
            }
            let message = Message { offset, metadata, body };
            steps.extend(step(&disk, message)?);
            offset = message.end();
        }
        let (schema, version) = found.ok_or_else(|| disk.damaged(Part::Outline, &"it has no schema"))?;
        Ok(Self { disk, schema: Arc::new(schema), version, steps })
    }

    /// The columns.
    pub(super) fn columns(&self) -> Vec<Column> {
        let column = |field: &Arc<Field>| Column {
            name: field.name().clone(),
            data_type: Some(field.data_type().clone()),
        };
        self.schema.fields().iter().map(column).collect()
    }

    /// How many rows each batch has.
    pub(super) fn groups(&self) -> Vec<u64> {
        let rows = self.steps.iter().filter_map(|step| match step {
            Step::Batch(_, rows) => Some(*rows),
            Step::Dictionary(..) => None,
        });
        rows.collect()
    }

    /// Settles which columns are read.
    pub(super) fn select(self, wanted: &[Want]) -> IpcReader {
        let mut columns: Vec<usize> = wanted.iter().map(|want| want.column).collect();
        columns.sort_unstable();
        let mut dictionaries = BTreeSet::new();
        columns.iter().for_each(|&column| dictionaries_of(self.schema.field(column), &mut dictionaries));
        let decoder = FileDecoder::new(self.schema.clone(), self.version).with_projection(columns.clone());
        IpcReader { order: in_file(wanted), columns, dictionaries, decoder, done: 0, batches: 0, file: self }
    }
}

/// The longest schema that is looked for in the first bytes of a stream.
const MAX_SCHEMA: u32 = 1 << 28;

fn schema_of(schema: arrow_ipc::Schema<'_>) -> Result<Schema, String> {
    if !schema.endianness().equals_to_target_endianness() {
        return Err("its bytes are in the order of other processors".to_owned());
    }
    try_fb_to_schema(schema).map_err(|error| error.to_string())
}

/// Looks at a message that lies in the file; `None` if it holds no values.
fn step(disk: &Disk, message: Message) -> Result<Option<Step>> {
    let bytes = disk.bytes(message.offset..message.offset + message.metadata);
    let bytes = bytes.map_err(|error| disk.cannot(error))?;
    disk.decode(Part::Outline, || {
        let header = root_as_message(unmarked(&bytes)).map_err(|error| error.to_string())?;
        Ok::<_, String>(match header.header_type() {
            MessageHeader::DictionaryBatch => {
                header.header_as_dictionary_batch().map(|batch| Step::Dictionary(message, batch.id()))
            }
            MessageHeader::RecordBatch => {
                let batch = header.header_as_record_batch().ok_or("a batch is none")?;
                let rows = u64::try_from(batch.length()).map_err(|_| "a batch has a negative length")?;
                Some(Step::Batch(message, rows))
            }
            _ => None,
        })
    })
}

/// The metadata of a message, without what stands before them.
fn unmarked(bytes: &[u8]) -> &[u8] {
    let marks = if bytes.starts_with(&CONTINUATION) { PREFIX } else { PREFIX / 2 };
    &bytes[(marks as usize).min(bytes.len())..]
}

/// Reads the wanted columns of an Arrow file.
#[derive(Debug)]
pub(super) struct IpcReader {
    file: Ipc,
    /// The wanted columns, in the order of the file.
    columns: Vec<usize>,
    /// Where each wanted column is among these.
    order: Vec<usize>,
    /// The dictionaries that they need.
    dictionaries: BTreeSet<i64>,
    decoder: FileDecoder,
    /// Steps that the decoder has been through.
    done: usize,
    /// Batches among these.
    batches: usize,
}

impl IpcReader {
    pub(super) fn disk(&self) -> &Disk {
        &self.file.disk
    }

    /// The bytes of a batch, and all before it that belong to no earlier one; to the last belongs the rest of the file.
    pub(super) fn range(&self, group: usize) -> Range<u64> {
        let ends = self.file.steps.iter().filter_map(|step| match step {
            Step::Batch(message, _) => Some(message.end()),
            Step::Dictionary(..) => None,
        });
        let before = ends.clone().take(group).max().unwrap_or(0);
        if ends.clone().count() == group + 1 {
            return before..self.file.disk.length();
        }
        before..ends.take(group + 1).max().unwrap_or(0)
    }

    /// Reads a batch, and the dictionaries before it.
    pub(super) fn read(&mut self, group: usize) -> Result<IpcBatches> {
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
        let mut bytes = bytes.map_err(|error| disk.damaged(part, &error))?;
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
            let mut walk = Walk { variadic, next: 0, version: header.version() };
            let wanted = match columns {
                Some(columns) => {
                    walk.wanted(&self.file.schema, columns).ok_or("it has not as many buffers as columns")?
                }
                None => vec![0..buffers.len()],
            };
            let wanted = wanted.into_iter().map(|range| buffers.get(range));
            let wanted = wanted.collect::<Option<Vec<_>>>().ok_or("it has not as many buffers as columns")?;
            let ranges = wanted.into_iter().flatten().map(|&buffer| within(buffer, message.body));
            let ranges = ranges.collect::<Option<Vec<_>>>().ok_or("a buffer does not lie in it")?;
            Ok::<_, String>((ranges, batch.compression().is_some()))
        })?;
        for range in ranges {
            let buffer = &mut body[range.clone()];
            disk.fill(buffer, message.offset + message.metadata + range.start as u64)?;
            if packed && !is_plausible(buffer) {
                return Err(disk.damaged(part, &"a buffer claims an absurd length").into());
            }
        }
        Ok(bytes.into())
    }
}

/// Where a buffer is in the body of a message, if it lies there.
fn within((offset, length): (i64, i64), body: u64) -> Option<Range<usize>> {
    let end = u64::try_from(offset.checked_add(length)?).ok()?;
    (offset >= 0 && length >= 0 && end <= body).then_some(offset as usize..end as usize)
}

/// Whether a packed buffer may be as long as it says: its first eight bytes do, before anything is unpacked.
fn is_plausible(buffer: &[u8]) -> bool {
    let length = buffer.first_chunk().map_or(0, |length| i64::from_le_bytes(*length));
    let most = (buffer.len() as u64).saturating_mul(MAX_RATIO);
    // -1 says that the buffer is not packed.
    length == -1 || u64::try_from(length).is_ok_and(|length| length <= most && fits(length))
}

/// Whether there is memory for so many bytes.
fn fits(length: u64) -> bool {
    usize::try_from(length).is_ok_and(|length| Vec::<u8>::new().try_reserve_exact(length).is_ok())
}

/// Walks the buffers of a batch column by column.
struct Walk {
    /// How many buffers of values the columns of views have.
    variadic: VecDeque<i64>,
    /// The next buffer.
    next: usize,
    version: MetadataVersion,
}

impl Walk {
    /// The buffers of the wanted columns, which ascend.
    fn wanted(&mut self, schema: &Schema, columns: &[usize]) -> Option<Vec<Range<usize>>> {
        let mut ranges = Vec::with_capacity(columns.len());
        for (column, field) in schema.fields().iter().enumerate() {
            let first = self.next;
            self.column(field.data_type())?;
            if columns.binary_search(&column).is_ok() {
                ranges.push(first..self.next);
            }
        }
        Some(ranges)
    }

    /// Passes over the buffers of a column.
    fn column(&mut self, data_type: &DataType) -> Option<()> {
        let own = match data_type {
            DataType::Null | DataType::RunEndEncoded(..) => 0,
            DataType::Struct(_) | DataType::FixedSizeList(..) => 1,
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Binary | DataType::LargeBinary => 3,
            DataType::ListView(_) | DataType::LargeListView(_) => 3,
            DataType::Utf8View | DataType::BinaryView => {
                usize::try_from(self.variadic.pop_front()?).ok()?.checked_add(2)?
            }
            DataType::Union(_, mode) => {
                1 + usize::from(self.version < MetadataVersion::V5) + usize::from(*mode == UnionMode::Dense)
            }
            _ => 2,
        };
        self.next = self.next.checked_add(own)?;
        match data_type {
            DataType::List(item)
            | DataType::LargeList(item)
            | DataType::ListView(item)
            | DataType::LargeListView(item)
            | DataType::FixedSizeList(item, _)
            | DataType::Map(item, _) => self.column(item.data_type()),
            DataType::Struct(fields) => fields.iter().try_for_each(|field| self.column(field.data_type())),
            DataType::RunEndEncoded(ends, values) => {
                self.column(ends.data_type())?;
                self.column(values.data_type())
            }
            DataType::Union(fields, _) => {
                fields.iter().try_for_each(|(_, field)| self.column(field.data_type()))
            }
            _ => Some(()),
        }
    }
}

/// Gathers the numbers of the dictionaries that a column needs.
fn dictionaries_of(field: &Field, found: &mut BTreeSet<i64>) {
    #[expect(deprecated, reason = "the number is what messages call a dictionary by")]
    found.extend(field.dict_id());
    match field.data_type() {
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::ListView(item)
        | DataType::LargeListView(item)
        | DataType::FixedSizeList(item, _)
        | DataType::Map(item, _) => dictionaries_of(item, found),
        DataType::Struct(fields) => fields.iter().for_each(|field| dictionaries_of(field, found)),
        DataType::RunEndEncoded(_, values) => dictionaries_of(values, found),
        DataType::Union(fields, _) => fields.iter().for_each(|(_, field)| dictionaries_of(field, found)),
        DataType::Dictionary(_, values) => {
            dictionaries_of(&Field::new("", values.as_ref().clone(), true), found);
        }
        _ => {}
    }
}

/// The rows of a batch, some at a time.
pub(super) struct IpcBatches {
    batch: RecordBatch,
    order: Vec<usize>,
    at: usize,
    /// So many at a time.
    at_once: usize,
}

impl IpcBatches {
    pub(super) fn next(&mut self) -> Option<Batch> {
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
