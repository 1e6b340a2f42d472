//! Why an input cannot be read at all.

use std::fmt;

use crate::error::{Explain, Kind, Names};
use crate::format::cut::Fault;
use crate::format::table::HeaderError;

/// Why an input cannot be read at all. The caller adds its name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The input is no text.
    Binary {
        /// Which byte, from 1.
        byte: u64,
    },
    /// Where a further record begins is not known.
    Cut(Fault),
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
            Self::Cut(fault) => {
                write!(f, "line {}: ", fault.line)?;
                fault.explain(names, f)
            }
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
