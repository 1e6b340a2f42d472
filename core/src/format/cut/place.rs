//! Places: where in its source a document is, and where in its input a record lies.

use std::ops::Range;

/// Where a document is in its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum At {
    /// In so many bytes of a file that is read as bytes, after decompression.
    Bytes {
        /// The byte at which its record begins, from 0.
        offset: u64,
        /// The bytes of its record, without the line end.
        length: u64,
    },
    /// In a row of a columnar file, from 0.
    Row(u64),
}

impl At {
    /// The byte or the row at which it begins, and the one after its last: of one source they ascend in reading order.
    pub fn range(self) -> Range<u64> {
        match self {
            Self::Bytes { offset, length } => offset..offset.saturating_add(length),
            Self::Row(row) => row..row.saturating_add(1),
        }
    }
}

impl std::fmt::Display for At {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bytes { offset, .. } => write!(f, "byte {offset}"),
            Self::Row(row) => write!(f, "row {row}"),
        }
    }
}

/// Where a record lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Its number among the records of the input, from 0, good and bad; a header is not counted.
    pub number: u64,
    /// The number of the line on which it begins, from 1.
    pub line: u64,
    /// The byte at which it begins, from 0.
    pub offset: u64,
    /// Its bytes, without the line end.
    pub length: u64,
}

impl Span {
    /// Where it is, as places say.
    pub fn at(self) -> At {
        At::Bytes { offset: self.offset, length: self.length }
    }

    /// Its bytes, among `bytes` that begin at byte `from` of the input.
    ///
    /// # Panics
    /// If it does not lie in them.
    pub fn of(self, bytes: &[u8], from: u64) -> &[u8] {
        // It lies in memory, so its numbers fit.
        &bytes[(self.offset - from) as usize..][..self.length as usize]
    }
}
