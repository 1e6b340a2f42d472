//! Records of a table: a line end within quotes ends none.

use csv_core::ReadRecordResult;

use super::Span;
use crate::format::table::Delimiter;

/// The record that has not ended, and what was counted before it.
#[derive(Debug)]
pub(super) struct Records {
    parser: csv_core::Reader,
    /// Where the record begins that has not ended, and the line on which it does; without one, the next line.
    start: Option<u64>,
    line: u64,
    /// Line ends in the bytes of that record so far.
    ends: u64,
    /// Whether the last byte was a carriage return: a line feed after it ends no further line.
    after_return: bool,
    /// Whether a record, the header, has begun.
    begun: bool,
    blank_lines: u64,
}

impl Records {
    pub fn new(delimiter: Delimiter) -> Self {
        Self {
            parser: delimiter.parser(),
            start: None,
            line: 1,
            ends: 0,
            after_return: false,
            begun: false,
            blank_lines: 0,
        }
    }

    /// Takes bytes, the first of which is byte `seen` of the input.
    pub fn push(&mut self, bytes: &[u8], seen: u64, spans: &mut Vec<Span>) {
        // What the parser writes is not looked at.
        let (mut cells, mut ends) = ([0; 4096], [0; 64]);
        let mut taken = 0;
        while taken < bytes.len() {
            let Some(start) = self.start else {
                taken += self.pass_line_ends(&bytes[taken..]);
                if taken < bytes.len() {
                    (self.start, self.begun) = (Some(seen + taken as u64), true);
                }
                continue;
            };
            let (result, read, ..) = self.parser.read_record(&bytes[taken..], &mut cells, &mut ends);
            self.ends += self.count_ends(&bytes[taken..taken + read]);
            taken += read;
            if result == ReadRecordResult::Record {
                // The last byte is the line end, or the first of its two.
                let length = seen + taken as u64 - 1 - start;
                self.end(Span { line: self.line, offset: start, length }, spans);
            }
        }
    }

    /// Ends the record that the end of the input ends, if there is one: a quote in it may still be open.
    pub fn finish(&mut self, seen: u64, spans: &mut Vec<Span>) {
        if let Some(start) = self.start {
            self.end(Span { line: self.line, offset: start, length: seen - start }, spans);
        }
    }

    fn end(&mut self, span: Span, spans: &mut Vec<Span>) {
        spans.push(span);
        self.start = None;
        self.line += std::mem::take(&mut self.ends);
    }

    /// Passes the line ends at the start of `bytes`, between two records; gives how many bytes they are.
    fn pass_line_ends(&mut self, bytes: &[u8]) -> usize {
        let length = bytes.iter().position(|byte| !matches!(byte, b'\r' | b'\n')).unwrap_or(bytes.len());
        let lines = self.count_ends(&bytes[..length]);
        self.line += lines;
        self.blank_lines += if self.begun { lines } else { 0 };
        length
    }

    /// Counts the line ends of bytes that follow those that were counted before.
    fn count_ends(&mut self, bytes: &[u8]) -> u64 {
        let Some(&last) = bytes.last() else { return 0 };
        let feeds = memchr::memchr_iter(b'\n', bytes);
        let alone = feeds.filter(|&at| if at == 0 { !self.after_return } else { bytes[at - 1] != b'\r' });
        let ends = alone.count() + memchr::memchr_iter(b'\r', bytes).count();
        self.after_return = last == b'\r';
        ends as u64
    }

    pub fn pending(&self) -> Option<u64> {
        self.start
    }

    pub fn line(&self) -> u64 {
        self.line
    }

    pub fn blank_lines(&self) -> u64 {
        self.blank_lines
    }

    pub fn has_begun(&self) -> bool {
        self.begun
    }
}
