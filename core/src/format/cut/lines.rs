//! Lines: a record ends with its line.

use memchr::{memchr_iter, memchr2_iter};

use super::Span;

/// The line that has not ended, and what was counted before it.
#[derive(Debug)]
pub(super) struct Lines {
    /// Whether each line is a record, empty or not, and ends with a carriage return too.
    each: bool,
    line: u64,
    start: u64,
    /// Whether its bytes so far are ASCII white space alone.
    is_blank: bool,
    /// Whether the last byte was a carriage return.
    after_return: bool,
    blank_lines: u64,
}

impl Lines {
    /// Lines of JSON: those without anything on them are none, and only a line feed ends one.
    pub fn of_json() -> Self {
        Self { each: false, line: 1, start: 0, is_blank: true, after_return: false, blank_lines: 0 }
    }

    /// Lines of text.
    pub fn of_text() -> Self {
        Self { each: true, ..Self::of_json() }
    }

    pub fn begin_at(&mut self, offset: u64) {
        self.start = offset;
    }

    /// Takes bytes, the first of which is byte `seen` of the input.
    pub fn push(&mut self, bytes: &[u8], seen: u64, spans: &mut Vec<Span>) {
        if self.each {
            for end in memchr2_iter(b'\n', b'\r', bytes) {
                let at = seen + end as u64;
                // The second byte of a line end is none of its own.
                let second = bytes[end] == b'\n' && self.after_return && at == self.start;
                if !second {
                    spans.push(Span {
                        number: 0,
                        line: self.line,
                        offset: self.start,
                        length: at - self.start,
                    });
                    self.line += 1;
                }
                (self.start, self.after_return) = (at + 1, bytes[end] == b'\r');
            }
            return;
        }
        let mut from = 0;
        for feed in memchr_iter(b'\n', bytes) {
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
        if seen > self.start && self.each {
            spans.push(Span { number: 0, line: self.line, offset: self.start, length: seen - self.start });
        } else if seen > self.start {
            self.end(seen, spans);
        }
        self.start = seen;
    }

    /// Looks at more bytes of the line.
    fn go_on(&mut self, bytes: &[u8]) {
        self.is_blank = self.is_blank && bytes.iter().all(u8::is_ascii_whitespace);
        if let Some(&last) = bytes.last() {
            self.after_return = last == b'\r';
        }
    }

    /// Ends the line before byte `end`.
    fn end(&mut self, end: u64, spans: &mut Vec<Span>) {
        if self.is_blank {
            self.blank_lines += 1;
        } else {
            let length = end - self.start - u64::from(self.after_return);
            spans.push(Span { number: 0, line: self.line, offset: self.start, length });
        }
        (self.is_blank, self.after_return) = (true, false);
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
