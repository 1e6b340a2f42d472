//! The cells of a record.

use csv_core::{ReadRecordResult, Reader};

use super::Delimiter;
use crate::format::records::RecordError;

/// Reads the cells of one record after the other, unquoted.
#[derive(Debug)]
pub struct Cells {
    delimiter: Delimiter,
    /// At the start of a record; a clone of a parser parses nothing, so there is one for all.
    parser: Reader,
    bytes: Vec<u8>,
    ends: Vec<usize>,
    count: usize,
}

impl Cells {
    pub(super) fn new(delimiter: Delimiter) -> Self {
        Self { delimiter, parser: delimiter.parser(), bytes: Vec::new(), ends: Vec::new(), count: 0 }
    }

    /// Reads the cells of a record, from its bytes without the line end. Gives whether every quote is closed.
    pub(super) fn read(&mut self, record: &[u8]) -> bool {
        let (mut taken, mut written) = (0, 0);
        self.count = 0;
        loop {
            let (input, all) = match &record[taken..] {
                // A line end after the last byte ends the record, unless a quote is open.
                [] => (&b"\n"[..], true),
                rest => (rest, false),
            };
            let (result, read, wrote, ends) =
                self.parser.read_record(input, &mut self.bytes[written..], &mut self.ends[self.count..]);
            taken += if all { 0 } else { read };
            written += wrote;
            self.count += ends;
            match result {
                ReadRecordResult::OutputFull => self.bytes.resize(2 * self.bytes.len().max(512), 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(2 * self.ends.len().max(16), 0),
                ReadRecordResult::InputEmpty if !all => {}
                ReadRecordResult::InputEmpty => {
                    self.parser = self.delimiter.parser();
                    return false;
                }
                ReadRecordResult::Record | ReadRecordResult::End => return true,
            }
        }
    }

    /// The cells as texts.
    pub(super) fn texts(&self) -> Result<Vec<&str>, RecordError> {
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
