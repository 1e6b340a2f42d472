//! Where a table can be cut.

use csv_core::ReadRecordResult;

use super::Delimiter;

/// Finds where records end in bytes that come piece after piece, so that a table can be cut without being held whole.
#[derive(Debug)]
pub struct Cutter {
    parser: csv_core::Reader,
    /// Bytes seen.
    seen: u64,
    /// Where the first record ends, and the last one so far.
    first: Option<u64>,
    last: u64,
    /// Whether the last byte seen is a carriage return that ended a record: a line feed may belong to it.
    carriage: bool,
}

impl Cutter {
    /// Starts at the beginning of a table, after the byte order mark, if any.
    pub fn new(delimiter: Delimiter) -> Self {
        Self { parser: delimiter.parser(), seen: 0, first: None, last: 0, carriage: false }
    }

    /// Goes on by `bytes`.
    pub fn push(&mut self, bytes: &[u8]) {
        // What the parser writes is not looked at.
        let (mut cells, mut ends) = ([0; 4096], [0; 64]);
        let mut taken = 0;
        while taken < bytes.len() {
            if self.carriage {
                self.carriage = false;
                if bytes[taken] == b'\n' {
                    // The parser drops it as well.
                    self.parser.read_record(b"\n", &mut cells, &mut ends);
                    taken += 1;
                }
                self.ended(taken);
                continue;
            }
            let (result, nin, ..) = self.parser.read_record(&bytes[taken..], &mut cells, &mut ends);
            taken += nin;
            if result == ReadRecordResult::Record {
                self.carriage = bytes[taken - 1] == b'\r';
                if !self.carriage {
                    self.ended(taken);
                }
            }
        }
        self.seen += bytes.len() as u64;
    }

    fn ended(&mut self, taken: usize) {
        self.last = self.seen + taken as u64;
        self.first.get_or_insert(self.last);
    }

    /// Where the first record, the header, ends: counted in bytes from the start, its line end included.
    pub fn first(&self) -> Option<u64> {
        self.first
    }

    /// Where the last record that is whole ends, its line end included; 0 without one.
    pub fn last(&self) -> u64 {
        self.last
    }
}
