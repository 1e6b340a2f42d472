//! CSV and TSV: a header that names the columns, then a document a record.
//!
//! - Cells may be quoted with `"`, a quote in them doubled; quoted cells may hold delimiters and line ends. Records end
//!   with a line feed, a carriage return or both. Empty lines are left out and counted.
//! - The text is the column that was asked for, else `text`, else `content`, else `prompt` and `output` joined by a
//!   line feed: the header decides, once. An empty cell is an empty text.
//! - The id is the column that was asked for, else `id`. An empty cell is no id: then the caller names the record by
//!   its place, or it is bad where the column was asked for.
//! - The token count is the column that was asked for, else unknown; an empty cell says unknown too.
//! - A record has a cell for each column and is UTF-8, or it is bad.

mod cells;
mod error;

use std::borrow::Cow;

use csv_core::ReaderBuilder;

pub use cells::Cells;
pub use error::HeaderError;

use super::records::{Fields, Record, RecordError, listed, shortened};
use crate::error::Param;

/// What stands between cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delimiter {
    /// CSV.
    Comma,
    /// TSV.
    Tab,
}

impl Delimiter {
    /// Makes a parser at the start of a record.
    pub(super) fn parser(self) -> csv_core::Reader {
        let byte = match self {
            Self::Comma => b',',
            Self::Tab => b'\t',
        };
        let mut parser = ReaderBuilder::new().delimiter(byte).build();
        // The first bytes that a parser sees may lose a byte order mark; only the caller knows where a file begins.
        parser.read_record(b"\n", &mut [0], &mut [0]);
        parser
    }
}

/// The columns of a table, and which of them are taken.
#[derive(Debug, Clone)]
pub struct Columns {
    delimiter: Delimiter,
    names: Vec<String>,
    text: Text,
    id: Option<usize>,
    tokens: Option<usize>,
    fields: Fields,
}

/// Where the text is.
#[derive(Debug, Clone, Copy)]
enum Text {
    Cell(usize),
    Joined(usize, usize),
}

impl Columns {
    /// Finds the columns in the header, the first record of a table, from its bytes.
    ///
    /// ```
    /// use clusterclip_core::format::records::Fields;
    /// use clusterclip_core::format::table::{Columns, Delimiter};
    /// let columns = Columns::of(b"id,text", Delimiter::Comma, &Fields::default())?;
    /// assert_eq!(columns.names(), ["id", "text"]);
    /// let record = columns.parse(&mut columns.cells(), b"7,\"one,\ntwo\"").unwrap();
    /// assert_eq!((record.text.as_ref(), record.id.as_deref()), ("one,\ntwo", Some("7")));
    /// # Ok::<(), clusterclip_core::format::table::HeaderError>(())
    /// ```
    ///
    /// # Errors
    /// [`HeaderError`] without a usable header; the caller adds the file.
    pub fn of(header: &[u8], delimiter: Delimiter, fields: &Fields) -> Result<Self, HeaderError> {
        let names = names(header, delimiter)?;
        let place = |name: &str| -> Result<Option<usize>, HeaderError> {
            let mut places = (0..names.len()).filter(|&place| names[place] == name);
            let first = places.next();
            match places.next() {
                None => Ok(first),
                Some(_) => Err(HeaderError::Twice { name: shortened(name) }),
            }
        };
        let asked = |name: &Option<String>, param| match name {
            None => Ok(None),
            Some(name) => match place(name)? {
                Some(place) => Ok(Some(place)),
                None => Err(HeaderError::NoColumn { name: shortened(name), param, columns: listed(&names) }),
            },
        };
        let text = match asked(&fields.text, Param::TextField)? {
            Some(place) => Text::Cell(place),
            None => match (place("text")?, place("content")?) {
                (Some(place), _) | (None, Some(place)) => Text::Cell(place),
                (None, None) => match (place("prompt")?, place("output")?) {
                    (Some(prompt), Some(output)) => Text::Joined(prompt, output),
                    _ => return Err(HeaderError::NoText { columns: listed(&names) }),
                },
            },
        };
        let id = match asked(&fields.id, Param::IdField)? {
            None => place("id")?,
            place => place,
        };
        let tokens = asked(&fields.tokens, Param::TokenField)?;
        Ok(Self { delimiter, names, text, id, tokens, fields: fields.clone() })
    }

    /// The names of the columns, in their order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Makes a reader of cells.
    pub fn cells(&self) -> Cells {
        Cells::new(self.delimiter)
    }

    /// Parses the bytes of one record, without its line end.
    ///
    /// # Errors
    /// [`RecordError`], which says what to do; the caller adds the file and the line.
    pub fn parse(&self, cells: &mut Cells, record: &[u8]) -> Result<Record<'static>, RecordError> {
        if !cells.read(record) {
            return Err(RecordError::Unclosed);
        }
        Ok(self.record(&cells.texts()?)?.into_owned())
    }

    /// Takes what is wanted from the cells of a record.
    fn record<'a>(&self, cells: &[&'a str]) -> Result<Record<'a>, RecordError> {
        if cells.len() != self.names.len() {
            return Err(RecordError::Cells { found: cells.len(), columns: self.names.len() });
        }
        let text = match self.text {
            Text::Cell(place) => Cow::Borrowed(cells[place]),
            Text::Joined(prompt, output) => Cow::Owned(format!("{}\n{}", cells[prompt], cells[output])),
        };
        let id = self.id.map(|place| cells[place]).filter(|id| !id.is_empty());
        if let (None, Some(field)) = (id, &self.fields.id) {
            return Err(RecordError::NoId { field: field.clone() });
        }
        let tokens = match self.tokens.map(|place| cells[place].trim_ascii()) {
            None | Some("") => None,
            Some(cell) => Some(count(cell).ok_or_else(|| RecordError::NotACount {
                field: self.fields.tokens.clone().unwrap_or_default(),
                found: shortened(cell),
            })?),
        };
        Ok(Record { text, id: id.map(Cow::Borrowed), tokens })
    }
}

/// A count in digits alone, as in JSON: no sign, no point.
fn count(cell: &str) -> Option<u32> {
    cell.parse().ok().filter(|_| cell.as_bytes()[0].is_ascii_digit())
}

/// Reads the names of the columns.
fn names(header: &[u8], delimiter: Delimiter) -> Result<Vec<String>, HeaderError> {
    if header.is_empty() {
        return Err(HeaderError::Missing);
    }
    let mut cells = Cells::new(delimiter);
    if !cells.read(header) {
        return Err(HeaderError::Unclosed);
    }
    let names = cells.texts().map_err(|_| HeaderError::Utf8)?;
    Ok(names.into_iter().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests;
