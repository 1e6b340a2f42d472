//! Tables of labels, cut into cells strictly: a row that is lost or shifted gives every later label to another document.
//!
//! Unlike a table of documents, an empty line is told: it is a row without a cell. A quote that merges rows or loses
//! letters is an error.

mod error;
mod quotes;

pub use error::TableError;
pub use quotes::Quotes;

use super::super::table::MAX_COLUMNS;

/// The longest row, header and quoted line ends included: an open quote swallows no more.
const MAX_ROW: usize = 1 << 26;

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

#[cfg(test)]
mod tests;
