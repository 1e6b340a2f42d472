//! Reading an input whose bytes come piece after piece, as a browser hands them out: bytes in, records out.

use std::fmt;

use super::cut::{Cutter, Shape, Span};
use super::items::{Item, Layout, items};
use super::records::{Fields, field_names};
use super::table::{Columns, HeaderError};
use super::text::{SNIFF, first_nul};
use crate::error::{Explain, Kind, Names};

/// Why an input cannot be read at all. The caller adds its name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The input is no text.
    Binary {
        /// Which byte, from 1.
        byte: u64,
    },
    /// The header of a table is of no use.
    Header {
        /// The line on which it begins.
        line: u64,
        /// What is wrong with it.
        error: HeaderError,
    },
    /// A record is longer than any that is read.
    TooLong {
        /// The line on which it begins.
        line: u64,
        /// The limit.
        limit: usize,
        /// Whether quotes that were not closed may be why.
        quotes: bool,
    },
}

impl Explain for ReadError {
    fn kind(&self) -> Kind {
        Kind::Input
    }

    fn explain(&self, names: Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Binary { byte } => write!(f, "binary data (a NUL in byte {byte}), not text"),
            Self::Header { line, error } => {
                write!(f, "line {line}: ")?;
                error.explain(names, f)
            }
            Self::TooLong { line, limit, quotes } => {
                let advice = if *quotes { ", or close its quotes" } else { "" };
                write!(f, "line {line}: a record of more than {limit} bytes, the limit; split it{advice}")
            }
        }
    }
}

crate::explained!(ReadError);

/// The longest record, which is held whole; 32-bit memories hold little more.
const MAX_RECORD: usize = 1 << 28;

/// Lines whose field names are gathered.
const NAMED_LINES: usize = 100;

/// Reads documents from bytes that come piece after piece, and holds no more than the record that is not whole yet.
///
/// ```
/// use clusterclip_core::format::cut::Shape;
/// use clusterclip_core::format::reader::Reader;
/// use clusterclip_core::format::records::Fields;
/// use clusterclip_core::format::table::Delimiter;
/// let mut reader = Reader::new(Shape::Table(Delimiter::Comma), Fields::default());
/// let mut texts = Vec::new();
/// for piece in ["id,te", "xt\n1,\"a\n", "b\"\n2,c\n"] {
///     reader.push(piece.as_bytes(), &mut |item| {
///         texts.push((item.span.line, item.decoded.record.unwrap().text.into_owned()));
///     })?;
/// }
/// reader.finish(&mut |_| unreachable!("the last record ended with its line"))?;
/// assert_eq!(texts, [(2, "a\nb".to_owned()), (4, "c".to_owned())]);
/// assert_eq!(reader.field_names(), ["id", "text"]);
/// # Ok::<(), clusterclip_core::format::reader::ReadError>(())
/// ```
#[derive(Debug)]
pub struct Reader {
    shape: Shape,
    fields: Fields,
    cutter: Cutter,
    /// Bytes that are no whole record yet, and where the first of them is.
    held: Vec<u8>,
    from: u64,
    /// Records that are whole and not handed out yet.
    spans: Vec<Span>,
    columns: Option<Columns>,
    names: Vec<String>,
    named_lines: usize,
}

impl Reader {
    /// Starts at the beginning of an input.
    pub fn new(shape: Shape, fields: Fields) -> Self {
        Self {
            shape,
            fields,
            cutter: Cutter::new(shape),
            held: Vec::new(),
            from: 0,
            spans: Vec::new(),
            columns: None,
            names: Vec::new(),
            named_lines: 0,
        }
    }

    /// Takes the next bytes and hands out the records that they complete.
    ///
    /// # Errors
    /// [`ReadError`] when nothing more can be read.
    pub fn push(&mut self, bytes: &[u8], take: &mut dyn FnMut(Item<'_>)) -> Result<(), ReadError> {
        let seen = self.from + self.held.len() as u64;
        let first = &bytes[..bytes.len().min((SNIFF as u64).saturating_sub(seen) as usize)];
        if let Some(at) = first_nul(first) {
            return Err(ReadError::Binary { byte: seen + at as u64 + 1 });
        }
        self.held.extend_from_slice(bytes);
        self.cutter.push(bytes, &mut self.spans);
        self.hand_out(take)?;
        if self.held.len() > MAX_RECORD {
            let quotes = matches!(self.shape, Shape::Table(_));
            return Err(ReadError::TooLong { line: self.cutter.line(), limit: MAX_RECORD, quotes });
        }
        Ok(())
    }

    /// Hands out what is left at the end of the input.
    ///
    /// # Errors
    /// [`ReadError`] for a header that is of no use.
    pub fn finish(&mut self, take: &mut dyn FnMut(Item<'_>)) -> Result<(), ReadError> {
        self.cutter.finish(&mut self.spans);
        self.hand_out(take)
    }

    /// The fields there are: the columns of the header, or all fields of the first hundred JSON lines in the order in
    /// which they appear.
    pub fn field_names(&self) -> &[String] {
        self.columns.as_ref().map_or(&self.names, Columns::names)
    }

    /// How many blank lines were left out so far.
    pub fn blank_lines(&self) -> u64 {
        self.cutter.blank_lines()
    }

    /// Hands out the records that are whole, and lets their bytes go.
    fn hand_out(&mut self, take: &mut dyn FnMut(Item<'_>)) -> Result<(), ReadError> {
        let Self { held, from, columns, fields, .. } = self;
        let mut spans = &self.spans[..];
        if let (Shape::Table(delimiter), None, Some((header, rest))) =
            (self.shape, &columns, spans.split_first())
        {
            let of = Columns::of(header.of(held, *from), delimiter, fields);
            *columns = Some(of.map_err(|error| ReadError::Header { line: header.line, error })?);
            spans = rest;
        }
        let layout = match (self.shape, columns) {
            (Shape::Jsonl, _) => Layout::Jsonl(fields),
            (Shape::Table(_), Some(columns)) => Layout::Table(columns),
            // Before the header there is no record either.
            (Shape::Table(_), None) | (Shape::Lines | Shape::Whole, _) => Layout::Plain,
        };
        for item in items(layout, spans, held, *from) {
            if self.shape == Shape::Jsonl && self.named_lines < NAMED_LINES {
                self.named_lines += 1;
                for name in field_names(item.span.of(held, *from)) {
                    if !self.names.contains(&name) {
                        self.names.push(name);
                    }
                }
            }
            take(item);
        }
        self.spans.clear();
        held.drain(..(self.cutter.pending() - *from) as usize);
        *from = self.cutter.pending();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::format::records::{Record, RecordError};
    use crate::format::table::Delimiter;

    type Found = Vec<(Span, Result<Record<'static>, RecordError>)>;

    const CSV: Shape = Shape::Table(Delimiter::Comma);
    const TSV: Shape = Shape::Table(Delimiter::Tab);

    /// What a reader says of pieces.
    fn read(shape: Shape, pieces: &[&[u8]]) -> Result<(Found, Vec<String>, u64), ReadError> {
        let mut reader = Reader::new(shape, Fields::default());
        let mut found = Vec::new();
        let mut take = |item: Item<'_>| {
            found.push((item.span, item.decoded.record.map(Record::into_owned)));
        };
        for piece in pieces {
            reader.push(piece, &mut take)?;
        }
        reader.finish(&mut take)?;
        Ok((found, reader.field_names().to_vec(), reader.blank_lines()))
    }

    #[test]
    fn the_fields_of_json_lines_are_gathered_in_their_order() {
        let lines = b"\xEF\xBB\xBF{\"text\":\"a\",\"x\":1}\n\n{\"text\":\"b\",\"id\":2}\n";
        let (found, names, blank) = read(Shape::Jsonl, &[lines]).unwrap();
        assert_eq!((found.len(), blank), (2, 1));
        let spans = (found[0].0, found[1].0);
        assert_eq!((spans.0.line, spans.0.offset, spans.1.line), (1, 3, 3));
        assert_eq!(names, ["text", "x", "id"]);
    }

    #[test]
    fn what_cannot_be_read_at_all_is_an_error() {
        for pieces in [&[&b"a\0b"[..]][..], &[b"a", b"\0b"]] {
            assert_eq!(read(Shape::Lines, pieces).unwrap_err(), ReadError::Binary { byte: 2 });
        }
        let error = read(CSV, &[b"\n\na,b\n1,2\n"]).unwrap_err().to_string();
        assert!(error.starts_with("line 3: no column `text`") && error.contains("`a`, `b`"), "{error}");
        for empty in [&b""[..], b"\xEF\xBB\xBF", b"\n"] {
            assert_eq!(read(CSV, &[empty]), Ok((vec![], vec![], 0)), "{empty:?}");
        }
        assert_eq!(read(TSV, &[b"text"]).unwrap().1, ["text"]);
        let long = |quotes| ReadError::TooLong { line: 7, limit: 9, quotes }.to_string();
        assert_eq!(long(false), "line 7: a record of more than 9 bytes, the limit; split it");
        assert_eq!(long(true), long(false) + ", or close its quotes");
    }

    proptest! {
        #[test]
        fn pieces_of_any_size_give_the_same_items(
            bytes in prop::collection::vec(prop_oneof![
                Just(b'\n'), Just(b'\r'), Just(b'"'), Just(b','), Just(b'\t'), Just(b'a'), Just(0xEF), Just(b'{')
            ], 0..60),
            bom: bool,
            cuts in prop::collection::vec(0usize..70, 0..8),
        ) {
            for shape in [Shape::Jsonl, CSV, TSV, Shape::Lines, Shape::Whole] {
                let mut input = if bom { b"\xEF\xBB\xBF".to_vec() } else { Vec::new() };
                if matches!(shape, Shape::Table(_)) {
                    input.extend(b"text\n");
                }
                input.extend(&bytes);
                let mut ends: Vec<usize> = cuts.iter().map(|&cut| cut.min(input.len())).collect();
                ends.sort_unstable();
                ends.push(input.len());
                let starts = std::iter::once(0).chain(ends.iter().copied());
                let pieces: Vec<&[u8]> = starts.zip(&ends).map(|(start, &end)| &input[start..end]).collect();
                prop_assert_eq!(read(shape, &pieces), read(shape, &[&input]));
            }
        }
    }
}
