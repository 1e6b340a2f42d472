//! Records of a table: a line end within quotes ends none.

use memchr::{memchr, memchr_iter, memchr2, memchr3};

use super::Span;
use crate::format::table::TableOptions;

/// The record that has not ended, and what was counted before it.
#[derive(Debug)]
pub(super) struct Records {
    delimiter: u8,
    /// What holds line ends.
    quote: Option<u8>,
    cell: Cell,
    /// Where the record begins that has not ended, and the line on which it does; without one, the next line.
    start: Option<u64>,
    line: u64,
    /// Line ends within quotes of that record so far.
    ends: u64,
    /// Whether that record is blanks alone so far: such a line is none, as pandas has it.
    is_blank: bool,
    /// Whether the last byte was a carriage return: a line feed after it ends no further line.
    after_return: bool,
    /// Whether a record, the first, has begun.
    begun: bool,
    blank_lines: u64,
}

/// Where in a cell the next byte is.
#[derive(Debug, Clone, Copy)]
enum Cell {
    /// At its beginning.
    Begins,
    /// Within, not in quotes.
    Plain,
    /// In quotes.
    Quoted,
    /// After a quote that ends those, unless another one follows.
    Closed,
}

impl Records {
    pub fn new(options: TableOptions) -> Self {
        Self {
            delimiter: options.delimiter(),
            quote: options.quote().holds_lines(),
            cell: Cell::Begins,
            start: None,
            line: 1,
            ends: 0,
            is_blank: false,
            after_return: false,
            begun: false,
            blank_lines: 0,
        }
    }

    /// Takes bytes, the first of which is byte `seen` of the input.
    pub fn push(&mut self, bytes: &[u8], seen: u64, spans: &mut Vec<Span>) {
        let mut at = 0;
        while at < bytes.len() {
            let rest = &bytes[at..];
            let Some(start) = self.start else {
                at += self.pass_line_ends(rest);
                if at < bytes.len() {
                    (self.start, self.is_blank) = (Some(seen + at as u64), true);
                    (self.cell, self.after_return) = (Cell::Begins, false);
                }
                continue;
            };
            match (self.cell, self.quote) {
                (Cell::Begins, Some(quote)) if rest[0] == quote => {
                    (self.cell, self.is_blank) = (Cell::Quoted, false);
                    at += 1;
                }
                (Cell::Begins, _) => self.cell = Cell::Plain,
                (Cell::Quoted, Some(quote)) => {
                    let length = memchr(quote, rest);
                    if length.is_some() {
                        self.cell = Cell::Closed;
                    }
                    let passed = length.map_or(rest.len(), |length| length + 1);
                    self.ends += self.count_ends(&rest[..passed]);
                    at += passed;
                }
                (Cell::Closed, Some(quote)) if rest[0] == quote => {
                    self.cell = Cell::Quoted;
                    at += 1;
                }
                (Cell::Quoted | Cell::Closed, _) => self.cell = Cell::Plain,
                (Cell::Plain, quote) => {
                    // Without quotes it does not matter where a cell begins.
                    let end = match quote {
                        Some(_) => memchr3(self.delimiter, b'\n', b'\r', rest),
                        None => memchr2(b'\n', b'\r', rest),
                    };
                    let cell = &rest[..end.unwrap_or(rest.len())];
                    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t') && *byte != self.delimiter;
                    self.is_blank = self.is_blank && cell.iter().all(is_blank);
                    let Some(end) = end else { return };
                    at += end + 1;
                    if rest[end] == self.delimiter {
                        (self.cell, self.is_blank) = (Cell::Begins, false);
                        continue;
                    }
                    self.ends += 1;
                    self.after_return = rest[end] == b'\r';
                    self.end(start, seen + at as u64 - 1, spans);
                }
            }
        }
    }

    /// Ends the record that the end of the input ends, if there is one: a quote in it may still be open.
    pub fn finish(&mut self, seen: u64, spans: &mut Vec<Span>) {
        if let Some(start) = self.start {
            self.end(start, seen, spans);
        }
    }

    fn end(&mut self, start: u64, end: u64, spans: &mut Vec<Span>) {
        if self.is_blank {
            self.blank_lines += u64::from(self.begun);
        } else {
            self.begun = true;
            spans.push(Span { number: 0, line: self.line, offset: start, length: end - start });
        }
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
        let feeds = memchr_iter(b'\n', bytes);
        let alone = feeds.filter(|&at| if at == 0 { !self.after_return } else { bytes[at - 1] != b'\r' });
        let ends = alone.count() + memchr_iter(b'\r', bytes).count();
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
        self.begun || self.start.is_some() && !self.is_blank
    }
}
