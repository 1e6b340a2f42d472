//! What can be wrong with a header.

use std::fmt;

use super::MAX_COLUMNS;
use crate::error::{Explain, Kind, Names, Param};

/// Why the first record of a table does not name the columns. It stops the reading of the table: no record can be
/// understood without.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderError {
    /// It names too many.
    Columns,
    /// The table is a pointer of Git LFS.
    Pointer,
    /// A quote of the header is not closed.
    Unclosed,
    /// There is text after the closing quote of a name.
    AfterQuote {
        /// Which one, from 1.
        cell: usize,
    },
    /// There is one column, whose name is several names with another delimiter between.
    Delimiter {
        /// The name.
        header: String,
        /// What is between.
        found: char,
        /// What was looked for.
        read: char,
    },
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
            Self::Columns => write!(f, "more than {MAX_COLUMNS} columns, the limit"),
            Self::Pointer => {
                f.write_str("a pointer of Git LFS, not the file itself; fetch it with `git lfs pull`")
            }
            Self::Unclosed => write!(
                f,
                "a quote in the header is not closed: the first record must name the columns; {} none reads quotes as \
                 letters",
                names(Param::Quote)
            ),
            Self::AfterQuote { cell } => write!(
                f,
                "text after the closing quote of name {cell} in the header; {} none reads quotes as letters",
                names(Param::Quote)
            ),
            Self::Delimiter { header, found, read } => {
                let said = match found {
                    '\t' => "'\\t'".to_owned(),
                    found => format!("'{found}'"),
                };
                write!(
                    f,
                    "the header has one column, `{}`, when cells are separated by {}; they are separated otherwise: {} \
                     {said}",
                    header.replace('\t', "\\t"),
                    match read {
                        ',' => "commas".to_owned(),
                        '\t' => "tabs".to_owned(),
                        read => format!("`{read}`"),
                    },
                    names(Param::Delimiter)
                )
            }
            Self::Utf8 => f.write_str("the header is not UTF-8; convert the file: iconv -f LATIN1 -t UTF-8"),
            Self::Twice { name } => write!(f, "two columns are called `{name}`; rename one of them"),
            Self::NoText { columns } => write!(
                f,
                "no column that is known to hold a text, such as `text` or `content`; the header (the first record, \
                 which names the columns) has {columns}; name the column of the text with {}; {} says that the first \
                 record names none",
                names(Param::TextField),
                names(Param::NoHeader)
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
