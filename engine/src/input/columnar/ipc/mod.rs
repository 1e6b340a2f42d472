//! Arrow: record batches, in a file that ends with a list of them or in a stream that does not.
//!
//! The messages are found here and decoded by `arrow-ipc`, so that no length that a damaged file tells is believed
//! before it was held against the file's own. Of a batch the buffers of wanted columns alone are read.

mod buffers;
mod reader;

use std::sync::Arc;

use arrow_ipc::convert::try_fb_to_schema;
use arrow_ipc::{Block, MessageHeader, MetadataVersion, root_as_footer, root_as_message};
use arrow_schema::{Field, Schema};

pub(super) use self::reader::{IpcBatches, IpcReader};

use super::disk::Disk;
use super::error::{ColumnsError, Part};
use super::{Column, ColumnFormat, Want};
use crate::error::Result;

/// What an Arrow file begins with, and ends with.
const MAGIC: &[u8] = b"ARROW1";

/// What a Feather file of version 1 begins with.
const FEATHER: &[u8] = b"FEA1";

/// What a message of a stream begins with, but for those of old.
const CONTINUATION: [u8; 4] = [0xFF; 4];

/// The most bytes that lie before a message: the mark and the length.
const PREFIX: u64 = 8;

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
        let file = Self::found(disk)?;
        // Each says for itself how many it has.
        let rows = file.groups().into_iter().try_fold(0, u64::checked_add);
        if rows.is_none_or(|rows| rows > i64::MAX as u64) {
            return Err(file.disk.damaged(Part::Outline, &"its batches claim absurdly many rows").into());
        }
        Ok(file)
    }

    fn found(disk: Disk) -> Result<Self> {
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
        IpcReader::new(self, wanted)
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
