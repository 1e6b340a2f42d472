//! The cells of a record.

use std::borrow::Cow;

use memchr::{memchr, memchr2};

use super::{Quote, TableOptions};
use crate::format::records::RecordError;

/// Goes through the cells of a record, unquoted.
#[derive(Debug)]
pub(super) struct Cells<'b> {
    record: &'b [u8],
    /// What is left of it; `None` after its last cell.
    rest: Option<&'b [u8]>,
    delimiter: u8,
    quote: Option<u8>,
    /// The number of the next cell, from 1.
    cell: usize,
}

impl<'b> Cells<'b> {
    /// Starts before the first cell of a record, given without its line end.
    pub fn of(record: &'b [u8], options: TableOptions) -> Self {
        let delimiter = options.delimiter();
        let quote = match options.quote() {
            Quote::Nothing => None,
            Quote::Byte(quote) => Some(quote),
            Quote::WholeCells => {
                // Each cell that begins with a quote ends with one.
                let mut quoted = Self::quoted_by(Some(b'"'), record, delimiter);
                (memchr(b'"', record).is_none() || quoted.all(|cell| cell.is_ok())).then_some(b'"')
            }
        };
        Self::quoted_by(quote, record, delimiter)
    }

    fn quoted_by(quote: Option<u8>, record: &'b [u8], delimiter: u8) -> Self {
        Self { record, rest: Some(record), delimiter, quote, cell: 1 }
    }

    /// Takes the cell off that a quote, which was passed, begins.
    fn quoted(&mut self, cell: &'b [u8], quote: u8) -> Result<Cow<'b, [u8]>, RecordError> {
        let mut text = Cow::Borrowed(&cell[..0]);
        let mut from = 0;
        loop {
            let end = from + memchr(quote, &cell[from..]).ok_or(RecordError::Unclosed)?;
            if text.is_empty() {
                text = Cow::Borrowed(&cell[from..end]);
            } else {
                text.to_mut().extend_from_slice(&cell[from..end]);
            }
            match cell.get(end + 1) {
                Some(&byte) if byte == quote => {
                    text.to_mut().push(quote);
                    from = end + 2;
                }
                Some(&byte) if byte == self.delimiter => {
                    self.rest = Some(&cell[end + 2..]);
                    return Ok(text);
                }
                None => {
                    self.rest = None;
                    return Ok(text);
                }
                Some(_) => {
                    let merges = memchr2(b'\n', b'\r', self.record).is_some();
                    return Err(RecordError::AfterQuote { cell: self.cell, merges });
                }
            }
        }
    }
}

impl<'b> Iterator for Cells<'b> {
    type Item = Result<Cow<'b, [u8]>, RecordError>;

    fn next(&mut self) -> Option<Self::Item> {
        let record = self.rest.take()?;
        let cell = match (record.split_first(), self.quote) {
            (Some((&first, cell)), Some(quote)) if first == quote => self.quoted(cell, quote),
            _ => Ok(Cow::Borrowed(match memchr(self.delimiter, record) {
                Some(end) => {
                    self.rest = Some(&record[end + 1..]);
                    &record[..end]
                }
                None => record,
            })),
        };
        self.cell += 1;
        Some(cell)
    }
}

/// Reads a cell as text.
pub(super) fn text(cell: Cow<'_, [u8]>, number: usize) -> Result<Cow<'_, str>, RecordError> {
    let wrong = |at: usize| RecordError::CellUtf8 { cell: number, byte: at + 1 };
    match cell {
        Cow::Borrowed(bytes) => {
            std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|error| wrong(error.valid_up_to()))
        }
        Cow::Owned(bytes) => {
            String::from_utf8(bytes).map(Cow::Owned).map_err(|error| wrong(error.utf8_error().valid_up_to()))
        }
    }
}
