//! Records of JSON: the elements of an array, or objects one after another, with any white space between.

use memchr::{memchr_iter, memchr2};

use super::{BOM, Fault, Span, Wrong};

/// The record that has not ended, and where it stands.
#[derive(Debug)]
pub(super) struct Objects {
    place: Place,
    /// The record that has not ended.
    record: Option<Open>,
    start: u64,
    /// The line of the record that has not ended; without one, of the next byte.
    line: u64,
    /// Line feeds from there on.
    feeds: u64,
    begun: bool,
    fault: Option<Fault>,
}

/// What may come next where no record has begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// An object, or an array of records: the beginning, or the end.
    Top,
    /// The first record of an array, or its end.
    First,
    /// A further record of an array.
    Further,
    /// A comma, or the end of an array.
    After,
}

/// How a record goes on.
#[derive(Debug, Clone, Copy)]
enum Open {
    /// Nothing of it but a byte order mark.
    Marked,
    /// So many brackets are open.
    Nested(u64),
    /// In a string, so many brackets round it; whether the last byte was a backslash that escapes the next one.
    Text(u64, bool),
    /// A number or a word.
    Word,
    /// To the end of the line: no JSON at all.
    Junk,
}

impl Objects {
    pub fn new() -> Self {
        Self { place: Place::Top, record: None, start: 0, line: 1, feeds: 0, begun: false, fault: None }
    }

    pub fn begin_at(&mut self, offset: u64) {
        self.start = offset;
    }

    /// Takes bytes, the first of which is byte `seen` of the input.
    pub fn push(&mut self, bytes: &[u8], seen: u64, spans: &mut Vec<Span>) {
        // Bytes before `counted` are in the line counts.
        let (mut at, mut counted) = (0, 0);
        while at < bytes.len() && self.fault.is_none() {
            let rest = &bytes[at..];
            let Some(open) = self.record else {
                match rest[0] {
                    b' ' | b'\t' | b'\r' | b'\n' => {}
                    byte => {
                        self.line += memchr_iter(b'\n', &bytes[counted..at]).count() as u64;
                        counted = at;
                        self.begun = true;
                        if let Some(open) = self.structure(byte) {
                            (self.record, self.start) = (Some(open), seen + at as u64);
                            continue;
                        }
                    }
                }
                at += 1;
                continue;
            };
            let passed = self.go_on(open, rest);
            at += passed;
            if self.record.is_none() {
                let end = seen + at as u64;
                spans.push(Span { number: 0, line: self.line, offset: self.start, length: end - self.start });
                self.feeds += memchr_iter(b'\n', &bytes[counted..at]).count() as u64;
                counted = at;
                self.line += std::mem::take(&mut self.feeds);
            }
        }
        let feeds = memchr_iter(b'\n', &bytes[counted..]).count() as u64;
        match self.record {
            Some(_) => self.feeds += feeds,
            None if self.fault.is_none() => {
                self.line += feeds;
                self.start = seen + bytes.len() as u64;
            }
            None => self.start = seen + bytes.len() as u64,
        }
    }

    /// Takes a byte between records; gives how a record begins with it, if one does.
    fn structure(&mut self, byte: u8) -> Option<Open> {
        let begins = match byte {
            b'{' | b'[' => Open::Nested(0),
            b'"' => Open::Nested(0),
            byte if byte == BOM[0] => Open::Marked,
            byte if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.') => Open::Word,
            _ => Open::Junk,
        };
        match (self.place, byte) {
            (Place::Top, b'[') => self.place = Place::First,
            (Place::First | Place::After, b']') => self.place = Place::Top,
            (Place::After, b',') => self.place = Place::Further,
            (Place::Top, b'{') => return Some(begins),
            (Place::Top, _) if matches!(begins, Open::Marked) => return Some(begins),
            (Place::Top, _) => return Some(Open::Junk),
            (Place::First | Place::Further, _) if !matches!(begins, Open::Junk) => {
                self.place = Place::After;
                return Some(begins);
            }
            (Place::First | Place::Further, _) => self.fail(Wrong::Wanted("a record")),
            (Place::After, _) => self.fail(Wrong::Wanted("`,` or `]`")),
        }
        None
    }

    /// Goes on with a record; gives how many bytes belong to it. It has ended when it is open no more.
    fn go_on(&mut self, open: Open, bytes: &[u8]) -> usize {
        let (mut at, mut open) = (0, open);
        loop {
            let Some(&byte) = bytes.get(at) else {
                self.record = Some(open);
                return at;
            };
            match &mut open {
                Open::Marked => match byte {
                    byte if BOM.contains(&byte) || byte.is_ascii_whitespace() => at += 1,
                    b'{' | b'[' | b'"' => open = Open::Nested(0),
                    _ if self.place == Place::Top => open = Open::Junk,
                    _ => open = Open::Word,
                },
                Open::Nested(depth) => {
                    at += 1;
                    match byte {
                        b'"' => open = Open::Text(*depth, false),
                        b'{' | b'[' => *depth += 1,
                        b'}' | b']' => {
                            *depth = depth.saturating_sub(1);
                            if *depth == 0 {
                                self.record = None;
                                return at;
                            }
                        }
                        _ => {}
                    }
                }
                Open::Text(_, escaped @ true) => {
                    *escaped = false;
                    at += 1;
                }
                Open::Text(depth, escaped) => match memchr2(b'"', b'\\', &bytes[at..]) {
                    None => at = bytes.len(),
                    Some(next) => {
                        at += next + 1;
                        if bytes[at - 1] == b'\\' {
                            *escaped = true;
                        } else if *depth == 0 {
                            self.record = None;
                            return at;
                        } else {
                            open = Open::Nested(*depth);
                        }
                    }
                },
                Open::Word => match byte {
                    b',' | b']' | b'}' | b' ' | b'\t' | b'\r' | b'\n' => {
                        self.record = None;
                        return at;
                    }
                    _ => at += 1,
                },
                Open::Junk => match memchr2(b'\n', b'\r', &bytes[at..]) {
                    None => at = bytes.len(),
                    Some(end) => {
                        self.record = None;
                        return at + end;
                    }
                },
            }
        }
    }

    fn fail(&mut self, wrong: Wrong) {
        self.fault = Some(Fault { line: self.line, wrong });
    }

    /// Ends the input. An array or an object that is not closed is a fault: it takes in the rest of the input.
    pub fn finish(&mut self, seen: u64, spans: &mut Vec<Span>) {
        if self.fault.is_none() && self.place != Place::Top {
            self.fail(Wrong::Unclosed);
        } else if let (None, Some(Open::Nested(_) | Open::Text(..))) = (self.fault, self.record) {
            self.fail(Wrong::Open);
        } else if self.record.is_some() {
            spans.push(Span { number: 0, line: self.line, offset: self.start, length: seen - self.start });
        }
        (self.record, self.start) = (None, seen);
        self.line += std::mem::take(&mut self.feeds);
    }

    pub fn pending(&self) -> u64 {
        self.start
    }

    pub fn line(&self) -> u64 {
        self.line
    }

    pub fn has_begun(&self) -> bool {
        self.begun
    }

    pub fn fault(&self) -> Option<Fault> {
        self.fault
    }
}
