//! Lines: a record ends with a line feed.

use super::Span;

/// The line that has not ended, and what was counted before it.
#[derive(Debug)]
pub(super) struct Lines {
    line: u64,
    start: u64,
    /// Whether its bytes so far are ASCII white space alone.
    is_blank: bool,
    /// Whether the last of them is a carriage return.
    has_return: bool,
    blank_lines: u64,
}

impl Lines {
    pub fn new() -> Self {
        Self { line: 1, start: 0, is_blank: true, has_return: false, blank_lines: 0 }
    }

    pub fn begin_at(&mut self, offset: u64) {
        self.start = offset;
    }

    /// Takes bytes, the first of which is byte `seen` of the input.
    pub fn push(&mut self, bytes: &[u8], seen: u64, spans: &mut Vec<Span>) {
        let mut from = 0;
        for feed in memchr::memchr_iter(b'\n', bytes) {
            self.go_on(&bytes[from..feed]);
            self.end(seen + feed as u64, spans);
            from = feed + 1;
            self.start = seen + from as u64;
            self.line += 1;
        }
        self.go_on(&bytes[from..]);
    }

    /// Ends the line that the end of the input ends, if there is one.
    pub fn finish(&mut self, seen: u64, spans: &mut Vec<Span>) {
        if seen > self.start {
            self.end(seen, spans);
            self.start = seen;
        }
    }

    /// Looks at more bytes of the line.
    fn go_on(&mut self, bytes: &[u8]) {
        self.is_blank = self.is_blank && bytes.iter().all(u8::is_ascii_whitespace);
        if let Some(&last) = bytes.last() {
            self.has_return = last == b'\r';
        }
    }

    /// Ends the line before byte `end`.
    fn end(&mut self, end: u64, spans: &mut Vec<Span>) {
        if self.is_blank {
            self.blank_lines += 1;
        } else {
            let length = end - self.start - u64::from(self.has_return);
            spans.push(Span { line: self.line, offset: self.start, length });
        }
        (self.is_blank, self.has_return) = (true, false);
    }

    pub fn pending(&self) -> u64 {
        self.start
    }

    pub fn line(&self) -> u64 {
        self.line
    }

    pub fn blank_lines(&self) -> u64 {
        self.blank_lines
    }
}
