//! What can be wrong with a table of labels.

use std::fmt;

use super::MAX_ROW;
use crate::error::{Explain, Kind, Names};
use crate::format::table::MAX_COLUMNS;

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
