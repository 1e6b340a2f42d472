//! Tables of labels, cut into cells strictly: a row that is lost or shifted gives every later label to another document.
//!
//! Unlike a table of documents, an empty line is told: it is a row without a cell. A quote that merges rows or loses
//! letters is an error.

use std::fmt;

use crate::error::{Explain, Kind, Names};

/// The longest row, header and quoted line ends included: an open quote swallows no more.
const MAX_ROW: usize = 1 << 26;

/// The most columns of a header.
const MAX_COLUMNS: usize = 1 << 16;

/// Why a table cannot be cut. The caller adds the file and [the line](TableError::line).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// Text follows the quote that closes a cell.
    AfterQuote {
        /// The line, from 1.
        line: u64,
        /// The cell of its row, from 1.
        cell: usize,
    },
    /// A quote is never closed.
    Unclosed {
        /// The line on which it is opened, from 1.
        line: u64,
        /// The cell of its row, from 1.
        cell: usize,
    },
    /// A row is too long to be one.
    TooLong {
        /// The line on which it begins, from 1.
        line: u64,
    },
    /// There are too many columns to be any.
    Columns {
        /// The line of the header, from 1.
        line: u64,
    },
    /// A row has more or fewer cells than the header.
    Cells {
        /// The line on which it begins, from 1.
        line: u64,
        /// Its cells; of too many, as far as they were counted.
        found: usize,
        /// The header's.
        wanted: usize,
    },
}

impl TableError {
    /// The line, from 1.
    pub fn line(&self) -> u64 {
        match *self {
            Self::AfterQuote { line, .. }
            | Self::Unclosed { line, .. }
            | Self::TooLong { line }
            | Self::Columns { line }
            | Self::Cells { line, .. } => line,
        }
    }
}

impl Explain for TableError {
    fn kind(&self) -> Kind {
        Kind::Input
    }

    fn explain(&self, _: Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AfterQuote { cell, .. } => write!(
                f,
                "text follows the quote that closes cell {cell}: double the quotes inside of a quoted cell (\"a \"\"b\"\" \
                 c\"), or take the first one away"
            ),
            Self::Unclosed { cell, .. } => {
                write!(
                    f,
                    "the quote that opens cell {cell} is never closed: close it, or write the cell as \"\"\"…\""
                )
            }
            Self::TooLong { .. } => {
                write!(f, "a row of more than {MAX_ROW} bytes, the limit; is one of its quotes never closed?")
            }
            Self::Columns { .. } => write!(f, "a header of more than {MAX_COLUMNS} columns, the limit"),
            Self::Cells { found, wanted, .. } => write!(
                f,
                "{found} cells where the header has {wanted}; is the delimiter right (.csv: comma, .tsv: tab)?"
            ),
        }
    }
}

crate::explained!(TableError);

/// A row of a table.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// The line on which it begins, from 1.
    pub line: u64,
    bytes: &'a [u8],
    ends: &'a [usize],
}

impl<'a> Row<'a> {
    /// How many cells it has: none on an empty line.
    pub fn len(self) -> usize {
        self.ends.len()
    }

    /// Whether the line is empty.
    pub fn is_empty(self) -> bool {
        self.ends.is_empty()
    }

    /// The bytes of a cell, without quotes around it.
    ///
    /// # Panics
    /// If there is no such cell.
    pub fn cell(self, cell: usize) -> &'a [u8] {
        let start = if cell == 0 { 0 } else { self.ends[cell - 1] };
        &self.bytes[start..self.ends[cell]]
    }
}

/// Where in a row the next byte is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// At the start of a cell; of a row, where there are no cells and no delimiter before.
    Start,
    Bare,
    Quoted,
    /// After a quote in a quoted cell, which closes it or is doubled.
    Quote,
}

/// Cuts a table into rows; the first that is not empty is its header, which says how many cells each has.
///
/// ```
/// use clusterclip_core::format::labels::{Records, TableError};
/// let mut records = Records::new(b',', true);
/// let mut rows = Vec::new();
/// let mut take = |row: clusterclip_core::format::labels::Row<'_>| {
///     rows.push((row.line, (0..row.len()).map(|cell| row.cell(cell).to_vec()).collect::<Vec<_>>()));
///     Ok::<_, TableError>(())
/// };
/// records.push(b"cluster\nsea\n\n\"a \"\"b\"", &mut take)?;
/// records.push(b"\"\"", &mut take)?;
/// records.finish(&mut take)?;
/// assert_eq!(rows[1..], [(2, vec![b"sea".to_vec()]), (3, vec![]), (4, vec![b"a \"b\"".to_vec()])]);
/// # Ok::<(), TableError>(())
/// ```
#[derive(Debug)]
pub struct Records {
    delimiter: u8,
    quotes: bool,
    at: At,
    /// Cells of the header, once it was cut.
    columns: Option<usize>,
    /// Cells of the row so far, one after the other.
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// The line that the next byte is on, that on which the row begins, and that of the quote that is open.
    line: u64,
    row: u64,
    opened: u64,
    /// Whether the last byte was a carriage return, so that a line feed belongs to it.
    after_return: bool,
}

impl Records {
    /// Starts at the beginning of a table, after its byte order mark.
    pub fn new(delimiter: u8, quotes: bool) -> Self {
        Self {
            delimiter,
            quotes,
            at: At::Start,
            columns: None,
            bytes: Vec::new(),
            ends: Vec::new(),
            line: 1,
            row: 1,
            opened: 1,
            after_return: false,
        }
    }

    /// Takes the next bytes and hands out the rows that they end, the header first; empty lines before it are none.
    ///
    /// # Errors
    /// [`TableError`], and what `take` returns.
    pub fn push<E: From<TableError>>(
        &mut self,
        bytes: &[u8],
        take: &mut dyn FnMut(Row<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        for &byte in bytes {
            let follows = std::mem::replace(&mut self.after_return, byte == b'\r') && byte == b'\n';
            let ends_line = matches!(byte, b'\n' | b'\r');
            self.line += u64::from(ends_line && !follows);
            match self.at {
                At::Quoted if byte == b'"' => self.at = At::Quote,
                At::Quoted => self.keep(byte)?,
                _ if follows => self.row = self.line,
                _ if ends_line => self.end_row(take)?,
                _ if byte == self.delimiter => self.end_cell()?,
                At::Quote if byte == b'"' => {
                    self.keep(byte)?;
                    self.at = At::Quoted;
                }
                At::Quote => {
                    return Err(TableError::AfterQuote { line: self.line, cell: self.ends.len() + 1 }.into());
                }
                At::Start if byte == b'"' && self.quotes => (self.at, self.opened) = (At::Quoted, self.line),
                At::Start | At::Bare => {
                    self.keep(byte)?;
                    self.at = At::Bare;
                }
            }
        }
        Ok(())
    }

    /// Ends the table, and the row that has not ended, if there is one.
    ///
    /// # Errors
    /// As [`Records::push`].
    pub fn finish<E: From<TableError>>(
        &mut self,
        take: &mut dyn FnMut(Row<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.at == At::Quoted {
            return Err(TableError::Unclosed { line: self.opened, cell: self.ends.len() + 1 }.into());
        }
        if self.at == At::Start && self.ends.is_empty() { Ok(()) } else { self.end_row(take) }
    }

    fn keep(&mut self, byte: u8) -> Result<(), TableError> {
        if self.bytes.len() >= MAX_ROW {
            return Err(TableError::TooLong { line: self.row });
        }
        self.bytes.push(byte);
        Ok(())
    }

    fn end_cell(&mut self) -> Result<(), TableError> {
        self.ends.push(self.bytes.len());
        self.at = At::Start;
        match self.columns {
            // One more comes, at the least.
            Some(wanted) if self.ends.len() >= wanted => {
                Err(TableError::Cells { line: self.row, found: self.ends.len() + 1, wanted })
            }
            None if self.ends.len() >= MAX_COLUMNS => Err(TableError::Columns { line: self.row }),
            _ => Ok(()),
        }
    }

    fn end_row<E: From<TableError>>(
        &mut self,
        take: &mut dyn FnMut(Row<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let is_empty = self.at == At::Start && self.ends.is_empty();
        if !is_empty {
            self.ends.push(self.bytes.len());
            let (found, line) = (self.ends.len(), self.row);
            let wanted = *self.columns.get_or_insert(found);
            if found != wanted {
                return Err(TableError::Cells { line, found, wanted }.into());
            }
        }
        if self.columns.is_some() {
            take(Row { line: self.row, bytes: &self.bytes, ends: &self.ends })?;
        }
        self.bytes.clear();
        self.ends.clear();
        (self.at, self.row) = (At::Start, self.line);
        Ok(())
    }
}

/// Finds whether a table uses quotes, where that is not sure: it does if every cell that begins with one ends with one.
#[derive(Debug, Clone)]
pub struct Quotes {
    delimiter: u8,
    /// Bytes of the cell so far, whether it begins with a quote, and whether its last byte is one.
    length: usize,
    begins: bool,
    ends: bool,
    open: bool,
}

impl Quotes {
    /// Starts at the beginning of a table.
    ///
    /// ```
    /// use clusterclip_core::format::labels::Quotes;
    /// let used = |table: &[u8]| {
    ///     let mut quotes = Quotes::new(b'\t');
    ///     quotes.push(table);
    ///     quotes.are_used()
    /// };
    /// assert!(used(b"a\t\"b c\"\n\"d\"\te"));
    /// assert!(!used(b"a\t\"b c\nd\te\n"));
    /// ```
    pub fn new(delimiter: u8) -> Self {
        Self { delimiter, length: 0, begins: false, ends: false, open: false }
    }

    /// Looks at the next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            if byte == self.delimiter || matches!(byte, b'\n' | b'\r') {
                self.end();
                continue;
            }
            self.begins |= self.length == 0 && byte == b'"';
            self.ends = byte == b'"';
            self.length += 1;
        }
    }

    /// Whether quotes are used, as far as was looked.
    pub fn are_used(mut self) -> bool {
        self.end();
        !self.open
    }

    fn end(&mut self) {
        self.open |= self.begins && !(self.ends && self.length > 1);
        (self.length, self.begins, self.ends) = (0, false, false);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Rows = Vec<(u64, Vec<String>)>;

    fn cut(pieces: &[&[u8]]) -> Result<Rows, TableError> {
        let mut records = Records::new(b',', true);
        let mut rows = Vec::new();
        let mut take = |row: Row<'_>| {
            let cells = (0..row.len()).map(|cell| String::from_utf8_lossy(row.cell(cell)).into_owned());
            rows.push((row.line, cells.collect()));
            Ok(())
        };
        pieces.iter().try_for_each(|piece| records.push(piece, &mut take))?;
        records.finish(&mut take)?;
        Ok(rows)
    }

    fn rows(rows: &[(u64, &[&str])]) -> Result<Rows, TableError> {
        Ok(rows
            .iter()
            .map(|(line, cells)| (*line, cells.iter().map(|&cell| cell.to_owned()).collect()))
            .collect())
    }

    #[test]
    fn an_empty_line_is_a_row_without_cells() {
        let expected = rows(&[(1, &["c"]), (2, &["a"]), (3, &[]), (4, &["b"]), (5, &[""]), (6, &["x"])]);
        assert_eq!(cut(&[b"c\na\n\nb\n\"\"\nx"]), expected);
        assert_eq!(cut(&[b"c\r\na\r\n\r\nb\r\n\"\"\r\nx\r\n"]), expected);
        assert_eq!(cut(&[b"c\ra\r\rb\r\"\"\rx\r"]), expected);
        assert_eq!(cut(&[b"\n\nc,d\n,\n"]), rows(&[(3, &["c", "d"]), (4, &["", ""])]));
        assert_eq!(cut(&[b"c\n\n\n"]), rows(&[(1, &["c"]), (2, &[]), (3, &[])]));
        assert_eq!(cut(&[b""]), Ok(vec![]));
    }

    #[test]
    fn quotes_that_merge_rows_or_lose_letters_are_errors_with_their_line() {
        assert_eq!(
            cut(&[b"c,d\na,\"x\ny\"\nb,1"]),
            rows(&[(1, &["c", "d"]), (2, &["a", "x\ny"]), (4, &["b", "1"])])
        );
        assert_eq!(cut(&[b"c,d\na,5\" disk\n"]), rows(&[(1, &["c", "d"]), (2, &["a", "5\" disk"])]));
        assert_eq!(cut(&[b"c,d\na,\"x\" y\n"]), Err(TableError::AfterQuote { line: 2, cell: 2 }));
        assert_eq!(cut(&[b"c\n\"a\nb\n"]), Err(TableError::Unclosed { line: 2, cell: 1 }));
        // The next quote closes it, on a later line.
        assert_eq!(cut(&[b"c\n\"a\nb\n\"d\"\n"]), Err(TableError::AfterQuote { line: 4, cell: 1 }));
        assert_eq!(cut(&[b"c\n\"\"\""]), Err(TableError::Unclosed { line: 2, cell: 1 }));
        assert_eq!(cut(&[b"c,d\n1\n"]), Err(TableError::Cells { line: 2, found: 1, wanted: 2 }));
        assert_eq!(cut(&[b"c,d\n1,2,3,4\n"]), Err(TableError::Cells { line: 2, found: 3, wanted: 2 }));
        assert_eq!(cut(&[&b",".repeat(MAX_COLUMNS)]), Err(TableError::Columns { line: 1 }));
    }

    proptest! {
        #[test]
        fn pieces_of_any_size_give_the_same_rows(
            bytes in prop::collection::vec(prop_oneof![Just(b'\n'), Just(b'\r'), Just(b'"'), Just(b','), Just(b'a')], 0..40),
            at in 0usize..40,
        ) {
            let (left, right) = bytes.split_at(at.min(bytes.len()));
            prop_assert_eq!(cut(&[left, right]), cut(&[&bytes]));
        }
    }
}
