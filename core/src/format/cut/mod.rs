//! Cutting: where a record begins and where it ends.
//!
//! That is decided here, once, for bytes that come piece after piece: [`Cutter`] says of each record where it lies. Who
//! reads in order takes the bytes of a [`Span`] as they come, who wants a chosen document again reads them by its
//! place; the same bytes make the same [record](super::items) either way.
//!
//! - A byte order mark at the start of an input is no part of its first record.
//! - A line of JSON lines ends with a line feed or with the input; a carriage return before that belongs to the end.
//!   Lines of ASCII white space alone are none and are counted.
//! - A line of text ends with a line feed, a carriage return, both, or with the input. An empty one is an empty document.
//! - JSON is objects, and arrays of records, with any white space between.
//! - A record of a table ends with a line feed, a carriage return, both, or with the input, but not within quotes.
//!   Empty lines between records are none and are counted; those before the header are left out without.
//!
//! Columnar files are not cut: a document in one is a row ([`At::Row`]).

mod fault;
mod json;
mod lines;
mod place;
mod shape;
mod sniff;
mod table;

pub use fault::{Fault, Wrong};
pub use place::{At, Span};
pub use shape::Shape;
pub use sniff::{Sniffed, Sniffer};

use self::json::Objects;
use self::lines::Lines;
use self::table::Records;

/// The UTF-8 byte order mark.
pub const BOM: &[u8] = b"\xEF\xBB\xBF";

/// Cuts bytes that come piece after piece into records.
///
/// ```
/// use clusterclip_core::format::cut::{Cutter, Shape};
/// let mut spans = Vec::new();
/// let mut cutter = Cutter::new(Shape::Lines);
/// cutter.push(b"one\r\n\ntw", &mut spans);
/// assert_eq!(cutter.pending(), 6);
/// cutter.push(b"o", &mut spans);
/// cutter.finish(&mut spans);
/// let found: Vec<_> = spans.iter().map(|span| (span.line, span.of(b"one\r\n\ntwo", 0))).collect();
/// assert_eq!(found, [(1, &b"one"[..]), (2, b""), (3, b"two")]);
/// ```
#[derive(Debug)]
pub struct Cutter {
    /// Bytes seen.
    seen: u64,
    /// How many of the first bytes are those of a byte order mark, until it is known whether there is one.
    mark: Option<usize>,
    /// Whether there was any byte but those.
    begun: bool,
    /// Whether a header is still to come.
    header: bool,
    /// Records so far.
    records: u64,
    ends: Ends,
}

/// What ends a record.
#[derive(Debug)]
enum Ends {
    Lines(Lines),
    Records(Box<Records>),
    Objects(Objects),
    /// The end of the input alone; where the document begins.
    Whole(u64),
}

impl Cutter {
    /// Starts at the beginning of an input.
    pub fn new(shape: Shape) -> Self {
        let ends = match shape {
            Shape::Jsonl => Ends::Lines(Lines::of_json()),
            Shape::Lines => Ends::Lines(Lines::of_text()),
            Shape::Json => Ends::Objects(Objects::new()),
            Shape::Table(options) => Ends::Records(Box::new(Records::new(options))),
            Shape::Whole => Ends::Whole(0),
        };
        Self { seen: 0, mark: Some(0), begun: false, header: shape.has_header(), records: 0, ends }
    }

    /// Takes the next bytes; adds the records that they end to `spans`. The first one of a table is its header.
    pub fn push(&mut self, bytes: &[u8], spans: &mut Vec<Span>) {
        let before = spans.len();
        self.cut(bytes, spans);
        self.number(&mut spans[before..]);
    }

    fn cut(&mut self, mut bytes: &[u8], spans: &mut Vec<Span>) {
        while let (Some(matched), Some((&first, rest))) = (self.mark, bytes.split_first()) {
            if first != BOM[matched] {
                self.begin(spans);
            } else if matched + 1 == BOM.len() {
                self.mark = None;
                self.seen = BOM.len() as u64;
                self.ends.begin_at(self.seen);
                bytes = rest;
            } else {
                self.mark = Some(matched + 1);
                bytes = rest;
            }
        }
        self.take(bytes, spans);
    }

    /// Ends the input; adds the last record to `spans`, if it did not end before.
    pub fn finish(&mut self, spans: &mut Vec<Span>) {
        let before = spans.len();
        self.begin(spans);
        match &mut self.ends {
            Ends::Lines(lines) => lines.finish(self.seen, spans),
            Ends::Records(records) => records.finish(self.seen, spans),
            Ends::Objects(objects) => objects.finish(self.seen, spans),
            Ends::Whole(start) => {
                if self.seen > *start {
                    spans.push(Span { number: 0, line: 1, offset: *start, length: self.seen - *start });
                }
                *start = self.seen;
            }
        }
        self.number(&mut spans[before..]);
    }

    /// Numbers further records.
    fn number(&mut self, spans: &mut [Span]) {
        for span in spans {
            span.number = self.records;
            self.records += u64::from(!std::mem::take(&mut self.header));
        }
    }

    /// Why nothing more is cut, if that is so: the rest of the input is passed over.
    pub fn fault(&self) -> Option<Fault> {
        match &self.ends {
            Ends::Objects(objects) => objects.fault(),
            Ends::Lines(_) | Ends::Records(_) | Ends::Whole(_) => None,
        }
    }

    /// The input does not begin with a byte order mark: what looked like one is its first bytes.
    fn begin(&mut self, spans: &mut Vec<Span>) {
        if let Some(matched) = self.mark.take() {
            self.take(&BOM[..matched], spans);
        }
    }

    fn take(&mut self, bytes: &[u8], spans: &mut Vec<Span>) {
        match &mut self.ends {
            Ends::Lines(lines) => lines.push(bytes, self.seen, spans),
            Ends::Records(records) => records.push(bytes, self.seen, spans),
            Ends::Objects(objects) => objects.push(bytes, self.seen, spans),
            Ends::Whole(_) => {}
        }
        self.begun |= !bytes.is_empty();
        self.seen += bytes.len() as u64;
    }

    /// The byte before which all is done with: there begins what is no whole record yet.
    pub fn pending(&self) -> u64 {
        match &self.ends {
            Ends::Lines(lines) => lines.pending(),
            Ends::Records(records) => records.pending().unwrap_or(self.seen),
            Ends::Objects(objects) => objects.pending(),
            Ends::Whole(start) => *start,
        }
    }

    /// The number of the line on which that begins.
    pub fn line(&self) -> u64 {
        match &self.ends {
            Ends::Lines(lines) => lines.line(),
            Ends::Records(records) => records.line(),
            Ends::Objects(objects) => objects.line(),
            Ends::Whole(_) => 1,
        }
    }

    /// How many blank lines were left out so far.
    pub fn blank_lines(&self) -> u64 {
        match &self.ends {
            Ends::Lines(lines) => lines.blank_lines(),
            Ends::Records(records) => records.blank_lines(),
            Ends::Objects(_) | Ends::Whole(_) => 0,
        }
    }

    /// Whether there was nothing but a byte order mark so far, or before the header of a table nothing but empty lines.
    pub fn is_empty(&self) -> bool {
        match &self.ends {
            Ends::Records(records) => !records.has_begun(),
            Ends::Objects(objects) => !objects.has_begun(),
            Ends::Lines(_) | Ends::Whole(_) => !self.begun,
        }
    }
}

impl Ends {
    /// The input begins after its byte order mark.
    fn begin_at(&mut self, offset: u64) {
        match self {
            Self::Lines(lines) => lines.begin_at(offset),
            Self::Records(_) => {}
            Self::Objects(objects) => objects.begin_at(offset),
            Self::Whole(start) => *start = offset,
        }
    }
}

#[cfg(test)]
mod tests;
