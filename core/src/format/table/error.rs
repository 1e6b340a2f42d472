//! What can be wrong with a header.

use std::fmt;

use crate::error::{Explain, Kind, Names, Param};

/// Why the first record of a table does not name the columns. It stops the reading of the table: no record can be
/// understood without.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderError {
    /// There is no record at all.
    Missing,
    /// A quote of the header is not closed.
    Unclosed,
    /// The header is not UTF-8.
    Utf8,
    /// Two columns that are wanted have one name.
    Twice {
        /// The name.
        name: String,
    },
    /// No column is known to hold the text.
    NoText {
        /// The columns there are.
        columns: String,
    },
    /// A column that was asked for is not there.
    NoColumn {
        /// The column that was asked for.
        name: String,
        /// The parameter that asked for it.
        param: Param,
        /// The columns there are.
        columns: String,
    },
}

impl Explain for HeaderError {
    fn kind(&self) -> Kind {
        Kind::Input
    }

    fn explain(&self, names: Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("no header: the first record must name the columns"),
            Self::Unclosed => {
                f.write_str("a quote in the header is not closed: the first record must name the columns")
            }
            Self::Utf8 => f.write_str("the header is not UTF-8; convert the file: iconv -f LATIN1 -t UTF-8"),
            Self::Twice { name } => write!(f, "two columns are called `{name}`; rename one of them"),
            Self::NoText { columns } => write!(
                f,
                "no column `text`, `content` or `prompt` with `output`; the header (the first record, which names the \
                 columns) has {columns}; name the column of the text with {}; cells are separated by commas ({format} \
                 csv) or tabs ({format} tsv)",
                names(Param::TextField),
                format = names(Param::Format)
            ),
            Self::NoColumn { name, param, columns } => {
                write!(
                    f,
                    "no column `{name}` ({}); the header (the first record) has {columns}",
                    names(*param)
                )
            }
        }
    }
}

crate::explained!(HeaderError);
