//! Reading an input whose bytes come piece after piece, as a browser hands them out: bytes in, records out.

use super::items::{Item, Items, Layout};
use super::lines::{bom_length, count_ends};
use super::records::{Fields, field_names};
use super::table::{Columns, Cutter, Delimiter, HeaderError};
use super::text::first_nul;

/// The formats that hold many documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// One JSON object a line.
    Jsonl,
    /// Comma-separated values.
    Csv,
    /// Tab-separated values.
    Tsv,
    /// Plain text, one document a line.
    Lines,
}

impl Format {
    /// What separates cells, if the format is a table.
    pub fn delimiter(self) -> Option<Delimiter> {
        match self {
            Self::Csv => Some(Delimiter::Comma),
            Self::Tsv => Some(Delimiter::Tab),
            Self::Jsonl | Self::Lines => None,
        }
    }
}

/// Why an input cannot be read at all. The caller adds its name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The input is no text.
    #[error("binary data (a NUL in byte {byte}), not text")]
    Binary {
        /// Which byte, from 1.
        byte: usize,
    },
    /// The header of a table is of no use.
    #[error("line {line}: {error}")]
    Header {
        /// The line on which it begins.
        line: u64,
        /// What is wrong with it.
        error: HeaderError,
    },
    /// A record is longer than any that is read.
    #[error("line {line}: a record of more than {limit} bytes, the limit; split it, or close its quotes")]
    TooLong {
        /// The line on which it begins.
        line: u64,
        /// The limit.
        limit: usize,
    },
}

/// The longest record, which is held whole; 32-bit memories hold little more.
const MAX_RECORD: usize = 1 << 28;

/// Lines whose field names are gathered.
const NAMED_LINES: usize = 100;

/// Reads documents from bytes that come piece after piece, and holds no more than the record that is not whole yet.
///
/// ```
/// use clusterclip_core::format::reader::{Format, Reader};
/// use clusterclip_core::format::records::Fields;
/// let mut reader = Reader::new(Format::Csv, Fields::default());
/// let mut texts = Vec::new();
/// for piece in ["id,te", "xt\n1,\"a\n", "b\"\n2,c\n"] {
///     reader.push(piece.as_bytes(), &mut |item| texts.push((item.line, item.record.unwrap().text.into_owned())))?;
/// }
/// reader.finish(&mut |_| unreachable!("the last record ended with its line"))?;
/// assert_eq!(texts, [(2, "a\nb".to_owned()), (4, "c".to_owned())]);
/// assert_eq!(reader.field_names(), ["id", "text"]);
/// # Ok::<(), clusterclip_core::format::reader::ReadError>(())
/// ```
#[derive(Debug)]
pub struct Reader {
    format: Format,
    fields: Fields,
    /// Bytes that are no whole record yet.
    held: Vec<u8>,
    /// Bytes of these that are known to end no record.
    searched: usize,
    begun: bool,
    line: u64,
    offset: u64,
    cutter: Option<Cutter>,
    /// The byte after the byte order mark.
    start: u64,
    columns: Option<Columns>,
    names: Vec<String>,
    named_lines: usize,
    blank_lines: u64,
}

impl Reader {
    /// Starts at the beginning of an input.
    pub fn new(format: Format, fields: Fields) -> Self {
        let cutter = format.delimiter().map(Cutter::new);
        Self {
            format,
            fields,
            held: Vec::new(),
            searched: 0,
            begun: false,
            line: 1,
            offset: 0,
            cutter,
            start: 0,
            columns: None,
            names: Vec::new(),
            named_lines: 0,
            blank_lines: 0,
        }
    }

    /// Takes the next bytes and hands out the records that they complete.
    ///
    /// # Errors
    /// [`ReadError`] when nothing more can be read.
    pub fn push(&mut self, bytes: &[u8], take: &mut dyn FnMut(Item<'_>)) -> Result<(), ReadError> {
        self.held.extend_from_slice(bytes);
        // Whether a byte order mark begins the input shows with three bytes.
        if !self.begun && self.held.len() >= 3 {
            self.begin()?;
        }
        if self.begun {
            let end = self.whole();
            self.hand_out(end, false, take)?;
        }
        if self.held.len() > MAX_RECORD {
            return Err(ReadError::TooLong { line: self.line, limit: MAX_RECORD });
        }
        Ok(())
    }

    /// Hands out what is left at the end of the input.
    ///
    /// # Errors
    /// [`ReadError`] for a header that is of no use.
    pub fn finish(&mut self, take: &mut dyn FnMut(Item<'_>)) -> Result<(), ReadError> {
        if !self.begun {
            self.begin()?;
        }
        self.whole();
        self.hand_out(self.held.len(), true, take)
    }

    /// The fields there are: the columns of the header, or all fields of the first hundred JSON lines in the order in
    /// which they appear.
    pub fn field_names(&self) -> &[String] {
        self.columns.as_ref().map_or(&self.names, Columns::names)
    }

    /// How many blank lines were left out so far.
    pub fn blank_lines(&self) -> u64 {
        self.blank_lines
    }

    fn begin(&mut self) -> Result<(), ReadError> {
        self.begun = true;
        if let Some(at) = first_nul(&self.held) {
            return Err(ReadError::Binary { byte: at + 1 });
        }
        let bom = bom_length(&self.held);
        self.held.drain(..bom);
        (self.offset, self.start) = (bom as u64, bom as u64);
        Ok(())
    }

    /// Where the last record that is whole ends in the bytes held.
    fn whole(&mut self) -> usize {
        let new = &self.held[self.searched..];
        let end = match &mut self.cutter {
            None => memchr::memrchr(b'\n', new).map_or(0, |at| self.searched + at + 1),
            Some(cutter) => {
                cutter.push(new);
                cutter.last().saturating_sub(self.offset - self.start) as usize
            }
        };
        self.searched = self.held.len();
        end
    }

    /// Hands out the records in the first `end` bytes held; `all` says that no more will come.
    fn hand_out(&mut self, end: usize, all: bool, take: &mut dyn FnMut(Item<'_>)) -> Result<(), ReadError> {
        let mut from = 0;
        if let (Some(delimiter), None) = (self.format.delimiter(), &self.columns) {
            let header = self.cutter.as_ref().and_then(Cutter::first);
            let Some(header) = header.map(|header| header as usize).or(all.then_some(end)) else {
                return Ok(());
            };
            let blank = self.held.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            let line = self.line + count_ends(&self.held[..blank]);
            // An input without a byte has no header, and no document that would need one.
            if blank == self.held.len() {
                return Ok(());
            }
            let columns = Columns::of(&self.held, delimiter, &self.fields)
                .map_err(|error| ReadError::Header { line, error })?;
            self.columns = Some(columns);
            self.line += count_ends(&self.held[..header]);
            from = header;
        }
        let layout = match (self.format, &self.columns) {
            (Format::Lines, _) => Layout::Lines,
            (_, Some(columns)) => Layout::Table(columns),
            (_, None) => Layout::Jsonl(&self.fields),
        };
        let piece = &self.held[from..end];
        let mut items = Items::new(layout, piece, self.line, self.offset + from as u64);
        for item in items.by_ref() {
            if self.format == Format::Jsonl && self.named_lines < NAMED_LINES {
                self.named_lines += 1;
                let start = (item.offset - self.offset) as usize;
                for name in field_names(&self.held[start..start + item.length as usize]) {
                    if !self.names.contains(&name) {
                        self.names.push(name);
                    }
                }
            }
            take(item);
        }
        self.blank_lines += items.blank_lines();
        self.line += if self.cutter.is_some() {
            count_ends(piece)
        } else {
            memchr::memchr_iter(b'\n', piece).count() as u64
        };
        self.offset += end as u64;
        self.held.drain(..end);
        self.searched = self.held.len();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::format::records::{Record, RecordError};

    type Found = Vec<(u64, u64, u64, Result<Record<'static>, RecordError>)>;

    /// What a reader says of pieces.
    fn read(format: Format, pieces: &[&[u8]]) -> Result<(Found, Vec<String>, u64), ReadError> {
        let mut reader = Reader::new(format, Fields::default());
        let mut found = Vec::new();
        let mut take = |item: Item<'_>| {
            found.push((item.line, item.offset, item.length, item.record.map(Record::into_owned)));
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
        let (found, names, blank) = read(Format::Jsonl, &[lines]).unwrap();
        assert_eq!((found.len(), blank), (2, 1));
        assert_eq!((found[0].0, found[0].1, found[1].0), (1, 3, 3));
        assert_eq!(names, ["text", "x", "id"]);
    }

    #[test]
    fn what_cannot_be_read_at_all_is_an_error() {
        assert_eq!(read(Format::Lines, &[b"a\0b"]).unwrap_err(), ReadError::Binary { byte: 2 });
        let error = read(Format::Csv, &[b"\n\na,b\n1,2\n"]).unwrap_err().to_string();
        assert!(error.starts_with("line 3: no column `text`") && error.contains("`a`, `b`"), "{error}");
        for empty in [&b""[..], b"\xEF\xBB\xBF", b"\n"] {
            assert_eq!(read(Format::Csv, &[empty]), Ok((vec![], vec![], 0)), "{empty:?}");
        }
        assert_eq!(read(Format::Tsv, &[b"text"]).unwrap().1, ["text"]);
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
            for format in [Format::Jsonl, Format::Csv, Format::Tsv, Format::Lines] {
                let mut input = if bom { b"\xEF\xBB\xBF".to_vec() } else { Vec::new() };
                if format.delimiter().is_some() {
                    input.extend(b"text\n");
                }
                input.extend(&bytes);
                let mut ends: Vec<usize> = cuts.iter().map(|&cut| cut.min(input.len())).collect();
                ends.sort_unstable();
                ends.push(input.len());
                let starts = std::iter::once(0).chain(ends.iter().copied());
                let pieces: Vec<&[u8]> = starts.zip(&ends).map(|(start, &end)| &input[start..end]).collect();
                prop_assert_eq!(read(format, &pieces), read(format, &[&input]));
            }
        }
    }
}
