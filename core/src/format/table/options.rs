//! Options of tables: what stands between cells and round them.

use std::fmt;

use crate::error::{Explain, Kind, Names, Param};

/// What stands round cells that hold delimiters or line ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quote {
    /// Nothing: quotes are letters, and a record is a line.
    Nothing,
    /// This byte, doubled within.
    Byte(u8),
    /// `"`, in those records alone in which each cell that begins with one ends with one, quotes within doubled. In all
    /// others quotes are letters. A record is a line, but such cells may hold the delimiter.
    WholeCells,
}

impl Quote {
    /// The byte within which line ends end no record.
    pub(in crate::format) fn holds_lines(self) -> Option<u8> {
        match self {
            Self::Byte(byte) => Some(byte),
            Self::Nothing | Self::WholeCells => None,
        }
    }
}

impl fmt::Display for Quote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("none"),
            Self::Byte(byte) => write!(f, "{}", char::from(*byte)),
            Self::WholeCells => f.write_str("auto"),
        }
    }
}

/// How a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TableOptions {
    delimiter: u8,
    quote: Quote,
    header: bool,
}

impl TableOptions {
    /// Commas, quotes, a header.
    pub const CSV: Self = Self { delimiter: b',', quote: Quote::Byte(b'"'), header: true };
    /// Tabs, quotes round [whole cells](Quote::WholeCells), a header.
    pub const TSV: Self = Self { delimiter: b'\t', quote: Quote::WholeCells, header: true };

    /// Takes what is given instead. The quote of another delimiter is that of TSV for tabs, else that of CSV.
    ///
    /// ```
    /// use clusterclip_core::format::table::{Quote, TableOptions};
    /// let options = TableOptions::CSV.with(Some(b'\t'), None, false)?;
    /// assert_eq!((options.delimiter(), options.quote(), options.has_header()), (b'\t', Quote::WholeCells, false));
    /// assert!(TableOptions::CSV.with(Some(b'"'), None, true).is_err());
    /// # Ok::<(), clusterclip_core::format::table::TableOptionsError>(())
    /// ```
    ///
    /// # Errors
    /// [`TableOptionsError`] for bytes that cannot stand there.
    pub fn with(
        self,
        delimiter: Option<u8>,
        quote: Option<Quote>,
        header: bool,
    ) -> Result<Self, TableOptionsError> {
        let of_delimiter = |byte| if byte == b'\t' { Quote::WholeCells } else { Quote::Byte(b'"') };
        let quote = quote.or(delimiter.map(of_delimiter)).unwrap_or(self.quote);
        let delimiter = delimiter.unwrap_or(self.delimiter);
        let wrong = |byte: u8| !byte.is_ascii() || matches!(byte, b'\r' | b'\n' | 0);
        if wrong(delimiter) {
            return Err(TableOptionsError { param: Param::Delimiter, same: false });
        }
        match quote {
            Quote::Byte(byte) if wrong(byte) => Err(TableOptionsError { param: Param::Quote, same: false }),
            Quote::Byte(byte) if byte == delimiter => {
                Err(TableOptionsError { param: Param::Quote, same: true })
            }
            _ => Ok(Self { delimiter, quote, header }),
        }
    }

    /// What stands between cells.
    pub fn delimiter(self) -> u8 {
        self.delimiter
    }

    /// What stands round them.
    pub fn quote(self) -> Quote {
        self.quote
    }

    /// Whether the first record names the columns.
    pub fn has_header(self) -> bool {
        self.header
    }
}

/// Options with which no table can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub struct TableOptionsError {
    /// Which one is wrong.
    pub param: Param,
    /// Whether the two are the same byte; otherwise it is no byte that may stand there.
    pub same: bool,
}

impl Explain for TableOptionsError {
    fn kind(&self) -> Kind {
        Kind::Usage
    }

    fn explain(&self, names: Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.same {
            return write!(f, "{} and {} are the same", names(Param::Delimiter), names(Param::Quote));
        }
        let param = names(self.param);
        write!(f, "{param} is one character of ASCII, no line end; tabs are \\t")
    }
}

crate::explained!(TableOptionsError);
