//! Records of a piece of a table.

use std::borrow::Cow;

use csv_core::ReadRecordResult;

use super::Columns;
use crate::format::lines::count_ends;
use crate::format::records::{Record, RecordError};

/// A record of a table, and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The number of the line on which it begins.
    pub line: u64,
    /// The byte at which it begins.
    pub offset: u64,
    /// Its bytes, without the line end.
    pub length: u64,
    /// What it says, or why it cannot be used.
    pub record: Result<Record<'static>, RecordError>,
}

/// Walks the records of a piece of a table that begins and ends where records do.
#[derive(Debug)]
pub struct Rows<'a> {
    columns: &'a Columns,
    parser: csv_core::Reader,
    rest: &'a [u8],
    line: u64,
    offset: u64,
    blank_lines: u64,
    cells: Cells,
}

impl<'a> Rows<'a> {
    /// Starts at a piece whose first byte is byte `offset` of the input and begins line `line`. The header is no part
    /// of it.
    pub fn new(columns: &'a Columns, bytes: &'a [u8], line: u64, offset: u64) -> Self {
        let (parser, cells) = (columns.delimiter.parser(), Cells::default());
        Self { columns, parser, rest: bytes, line, offset, blank_lines: 0, cells }
    }

    /// How many empty lines were left out so far.
    pub fn blank_lines(&self) -> u64 {
        self.blank_lines
    }

    /// Goes on by `bytes` bytes, which hold `lines` line ends.
    fn pass(&mut self, bytes: usize, lines: u64) {
        self.rest = &self.rest[bytes..];
        self.offset += bytes as u64;
        self.line += lines;
    }
}

impl Iterator for Rows<'_> {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        let (bytes, lines) = blank(self.rest);
        self.blank_lines += lines;
        self.pass(bytes, lines);
        if self.rest.is_empty() {
            return None;
        }
        let read = self.cells.read(&mut self.parser, self.rest);
        let record = if read.closed {
            let cells = self.cells.texts();
            cells.and_then(|cells| self.columns.record(&cells)).map(|record| Record {
                text: Cow::Owned(record.text.into_owned()),
                id: record.id.map(|id| Cow::Owned(id.into_owned())),
                tokens: record.tokens,
            })
        } else {
            Err(RecordError::Unclosed)
        };
        let row = Row { line: self.line, offset: self.offset, length: read.length as u64, record };
        self.pass(read.taken, count_ends(&self.rest[..read.taken]));
        Some(row)
    }
}

/// Bytes and number of the empty lines at the start.
pub(super) fn blank(bytes: &[u8]) -> (usize, u64) {
    let end = bytes.iter().position(|byte| !matches!(byte, b'\r' | b'\n')).unwrap_or(bytes.len());
    (end, count_ends(&bytes[..end]))
}

/// The cells of one record, unquoted.
#[derive(Debug, Default)]
pub(super) struct Cells {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    count: usize,
}

/// How far a record reaches.
pub(super) struct Read {
    /// Its bytes without the line end.
    pub length: usize,
    /// Its bytes with the line end.
    pub taken: usize,
    /// Whether every quote is closed.
    pub closed: bool,
}

impl Cells {
    /// Reads the record at the start of `bytes`, which begin with neither a line end nor their own end.
    pub fn read(&mut self, parser: &mut csv_core::Reader, bytes: &[u8]) -> Read {
        let (mut taken, mut written, mut closed, mut ended) = (0, 0, true, false);
        self.count = 0;
        loop {
            // A line end after the last byte ends the record, unless a quote is open.
            let input = if ended { b"\n" } else { &bytes[taken..] };
            let (result, nin, nout, nend) =
                parser.read_record(input, &mut self.bytes[written..], &mut self.ends[self.count..]);
            taken += if ended { 0 } else { nin };
            written += nout;
            self.count += nend;
            match result {
                ReadRecordResult::OutputFull => self.bytes.resize(2 * self.bytes.len().max(512), 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(2 * self.ends.len().max(16), 0),
                ReadRecordResult::InputEmpty if !ended => ended = true,
                ReadRecordResult::InputEmpty => {
                    closed = false;
                    break;
                }
                ReadRecordResult::Record | ReadRecordResult::End => break,
            }
        }
        let mut length = taken;
        if !ended {
            // The last byte is the line end, or the first of the two of a line end.
            length -= 1;
            taken += usize::from(bytes[length..].starts_with(b"\r\n"));
        }
        Read { length, taken, closed }
    }

    /// The cells as texts.
    pub fn texts(&self) -> Result<Vec<&str>, RecordError> {
        let mut start = 0;
        let cells = self.ends[..self.count].iter().enumerate().map(|(cell, &end)| {
            let bytes = &self.bytes[start..end];
            start = end;
            std::str::from_utf8(bytes)
                .map_err(|error| RecordError::CellUtf8 { cell: cell + 1, byte: error.valid_up_to() + 1 })
        });
        cells.collect()
    }
}
