//! Reading an input whose bytes come piece after piece, as a browser hands them out: bytes in, records out.

mod error;

use super::cut::{Cutter, Shape, Span};
use super::items::{Item, Layout, items};
use super::json::Scanner;
use super::records::{Choice, FieldNames, Fields, Recipe, RecordError, listed_kinds};
use super::table::Columns;
use super::text::{SNIFF, first_nul};

pub use error::ReadError;

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
/// use clusterclip_core::format::table::TableOptions;
/// let mut reader = Reader::new(Shape::Table(TableOptions::CSV), Fields::default());
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
    choice: Choice,
    cutter: Cutter,
    /// Bytes that are no whole record yet, and where the first of them is.
    held: Vec<u8>,
    from: u64,
    /// Records that are whole and not handed out yet.
    spans: Vec<Span>,
    columns: Option<Columns>,
    names: FieldNames,
    named_lines: usize,
    /// Whether lines stand for the rows of a columnar file.
    of_rows: bool,
}

impl Reader {
    /// Starts at the beginning of an input.
    pub fn new(shape: Shape, fields: Fields) -> Self {
        Self {
            shape,
            choice: Choice::new(fields, Vec::new()),
            cutter: Cutter::new(shape),
            held: Vec::new(),
            from: 0,
            spans: Vec::new(),
            columns: None,
            names: FieldNames::default(),
            named_lines: 0,
            of_rows: false,
        }
    }

    /// Starts at the first row of a columnar file, whose rows come as JSON lines; `example` is a JSON object with a
    /// value of the kind of every column.
    ///
    /// # Errors
    /// [`RecordError`] if no records can be made of the columns.
    pub fn rows(example: &[u8], fields: Fields) -> Result<Self, RecordError> {
        let columns = Scanner::new(example).object()?;
        let first: Vec<_> = columns.iter().map(|(name, value)| (&**name, Some(value))).collect();
        let listed = || listed_kinds(first.iter().copied());
        let recipe = Recipe::of(&first, &fields).map_err(|error| error.with_fields(listed))?;
        let mut reader = Self::new(Shape::Jsonl, fields);
        reader.choice.settle(recipe);
        columns.into_iter().for_each(|(name, _)| reader.names.push(name.into_owned()));
        reader.named_lines = NAMED_LINES;
        reader.of_rows = true;
        Ok(reader)
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
        self.cutter.fault().map_or(Ok(()), |fault| Err(ReadError::Cut(fault)))?;
        if self.held.len() > MAX_RECORD {
            let quotes = matches!(self.shape, Shape::Table(_));
            return Err(ReadError::TooLong { line: self.cutter.line(), limit: MAX_RECORD, quotes });
        }
        Ok(())
    }

    /// Hands out what is left at the end of the input.
    ///
    /// # Errors
    /// [`ReadError`] for a header that is of no use, or JSON that is cut off.
    pub fn finish(&mut self, take: &mut dyn FnMut(Item<'_>)) -> Result<(), ReadError> {
        self.cutter.finish(&mut self.spans);
        self.hand_out(take)?;
        self.cutter.fault().map_or(Ok(()), |fault| Err(ReadError::Cut(fault)))
    }

    /// The fields there are: the columns of the header or of the file, or all fields of the first hundred JSON lines in
    /// the order in which they appear.
    pub fn field_names(&self) -> &[String] {
        self.columns.as_ref().map_or(self.names.names(), Columns::names)
    }

    /// What is taken of each record, once one has settled it; of text nothing but the text.
    pub fn recipe(&self) -> Option<&Recipe> {
        self.columns.as_ref().map(Columns::recipe).or_else(|| self.choice.recipe())
    }

    /// How many blank lines were left out so far.
    pub fn blank_lines(&self) -> u64 {
        self.cutter.blank_lines()
    }

    /// Hands out the records that are whole, and lets their bytes go.
    fn hand_out(&mut self, take: &mut dyn FnMut(Item<'_>)) -> Result<(), ReadError> {
        let Self { held, from, columns, choice, .. } = self;
        let mut spans = &self.spans[..];
        if let (Shape::Table(options), None, Some((first, rest))) =
            (self.shape, &columns, spans.split_first())
        {
            let of = Columns::of(first.of(held, *from), options, choice.given(), choice.fields());
            *columns = Some(of.map_err(|error| ReadError::Header { line: first.line, error })?);
            spans = if options.has_header() { rest } else { spans };
        }
        let layout = match (self.shape, columns) {
            (Shape::Jsonl, _) => Layout::Jsonl(choice),
            (Shape::Json, _) => Layout::Json(choice),
            (Shape::Table(_), Some(columns)) => Layout::Table(columns),
            // Before the header there is no record either.
            (Shape::Table(_), None) | (Shape::Lines | Shape::Whole, _) => Layout::Plain,
        };
        for mut item in items(layout, spans, held, *from) {
            if self.of_rows {
                let row = item.span.of(held, *from);
                item.decoded.record = item.decoded.record.map_err(|error| in_row(error, row));
            }
            if matches!(self.shape, Shape::Jsonl | Shape::Json) && self.named_lines < NAMED_LINES {
                self.named_lines += 1;
                self.names.add(item.span.of(held, *from));
            }
            take(item);
        }
        self.spans.clear();
        held.drain(..(self.cutter.pending() - *from) as usize);
        *from = self.cutter.pending();
        Ok(())
    }
}

/// Says of a row, which came as a line of JSON, where in its columns it is no UTF-8.
fn in_row(error: RecordError, row: &[u8]) -> RecordError {
    let RecordError::Utf8 { column } = error else { return error };
    let before = &row[..column - 1];
    // Quotes within a string are escaped.
    let opens = |&at: &usize| before[at] == b'"' && (at == 0 || before[at - 1] != b'\\');
    let Some(open) = (0..before.len()).rev().find(opens) else { return error };
    let (mut byte, mut inside) = (1, &before[open + 1..]);
    while let Some(&first) = inside.first() {
        let length = match (first, inside.get(1)) {
            (b'\\', Some(b'u')) => 6,
            (b'\\', _) => 2,
            _ => 1,
        };
        (byte, inside) = (byte + 1, &inside[length.min(inside.len())..]);
    }
    let (mut scanner, mut field) = (Scanner::new(row), String::new());
    while let Ok(Some(key)) = scanner.key() {
        field = key.text().into_owned();
        if scanner.value().is_err() {
            break;
        }
    }
    RecordError::FieldUtf8 { field, byte }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::format::records::{Record, RecordError};
    use crate::format::table::TableOptions;

    type Found = Vec<(Span, Result<Record<'static>, RecordError>)>;

    const CSV: Shape = Shape::Table(TableOptions::CSV);
    const TSV: Shape = Shape::Table(TableOptions::TSV);

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
        assert!(
            error.starts_with("line 3: no column that is known") && error.contains("`a`, `b`"),
            "{error}"
        );
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
            for shape in [Shape::Jsonl, Shape::Json, CSV, TSV, Shape::Lines, Shape::Whole] {
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
