//! Buffers: which ones of a batch belong to a column, and what they may say of themselves.

use std::collections::{BTreeSet, VecDeque};
use std::ops::Range;

use arrow_ipc::MetadataVersion;
use arrow_schema::{DataType, Field, Schema, UnionMode};

/// How many times longer than its compressed bytes a buffer may claim to be; zstd's own limit is lower.
const MAX_RATIO: u64 = 1 << 17;

/// Where a buffer is in the body of a message, if it lies there.
pub(super) fn within((offset, length): (i64, i64), body: u64) -> Option<Range<usize>> {
    let end = u64::try_from(offset.checked_add(length)?).ok()?;
    (offset >= 0 && length >= 0 && end <= body).then_some(offset as usize..end as usize)
}

/// How long a packed buffer says it is unpacked, which its first eight bytes do; `None` if it cannot be as long.
pub(super) fn unpacked(buffer: &[u8]) -> Option<u64> {
    let length = buffer.first_chunk().map_or(0, |length| i64::from_le_bytes(*length));
    if length == -1 {
        // That says that it is not packed.
        return Some(buffer.len() as u64);
    }
    let most = (buffer.len() as u64).saturating_mul(MAX_RATIO);
    u64::try_from(length).ok().filter(|&length| length <= most)
}

/// Whether there is memory for so many bytes.
pub(super) fn fits(length: u64) -> bool {
    usize::try_from(length).is_ok_and(|length| Vec::<u8>::new().try_reserve_exact(length).is_ok())
}

/// Walks the buffers of a batch column by column.
pub(super) struct Walk {
    /// How many buffers of values the columns of views have.
    variadic: VecDeque<i64>,
    /// The next buffer.
    next: usize,
    version: MetadataVersion,
}

impl Walk {
    pub(super) fn new(variadic: VecDeque<i64>, version: MetadataVersion) -> Self {
        Self { variadic, next: 0, version }
    }

    /// The buffers of the wanted columns, which ascend.
    pub(super) fn wanted(&mut self, schema: &Schema, columns: &[usize]) -> Option<Vec<Range<usize>>> {
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
pub(super) fn dictionaries_of(field: &Field, found: &mut BTreeSet<i64>) {
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
