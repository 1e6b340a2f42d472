//! What can be wrong with a record.

use std::fmt;

use crate::error::{Explain, Kind, Names, Param};

/// Why a record cannot be used. Columns count bytes from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The line is not UTF-8.
    Utf8 {
        /// The first byte that is wrong.
        column: usize,
    },
    /// The line begins an array: a JSON file, not JSON lines.
    Array,
    /// The line is something else than an object.
    NotAnObject {
        /// What the line is.
        found: &'static str,
    },
    /// The line is no JSON.
    Json {
        /// Where the parser stopped.
        column: usize,
        /// What the parser says.
        reason: String,
    },
    /// The record has no text.
    NoText {
        /// The fields that were looked for.
        wanted: String,
        /// The fields there are.
        fields: String,
    },
    /// A field that was asked for is not there.
    NoField {
        /// The field that was asked for.
        field: String,
        /// The parameter that asked for it.
        param: Param,
        /// The fields there are.
        fields: String,
    },
    /// The text is no string.
    NotText {
        /// Which field.
        field: String,
        /// What it holds.
        found: &'static str,
    },
    /// The token count is no count.
    NotACount {
        /// Which field.
        field: String,
        /// What it holds.
        found: String,
    },
    /// A record of a table has more or fewer cells than the header.
    Cells {
        /// How many it has.
        found: usize,
        /// How many it should have.
        columns: usize,
    },
    /// A cell is not UTF-8.
    CellUtf8 {
        /// Which cell, from 1.
        cell: usize,
        /// The first byte that is wrong, from 1, quotes not counted.
        byte: usize,
    },
    /// The cell of the id is empty.
    NoId {
        /// The column that was asked for.
        field: String,
    },
    /// A quote is not closed: everything after it would be one cell.
    Unclosed,
}

impl RecordError {
    /// Whether reading must stop here even if bad records are to be left out: leaving out this one would leave out the
    /// rest of the source. `first` says that it is the first record of its source.
    pub fn stops(&self, first: bool) -> bool {
        match self {
            Self::Array => first,
            Self::Unclosed => true,
            _ => false,
        }
    }
}

impl Explain for RecordError {
    fn kind(&self) -> Kind {
        Kind::Input
    }

    fn explain(&self, names: Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let leave_out = || format!("leave such records out with {} skip", names(Param::OnBadRecord));
        let name_text = || format!("name the field of the text with {}", names(Param::TextField));
        match self {
            Self::Utf8 { column } => write!(
                f,
                "invalid UTF-8 in column {column}; a JSON record must be UTF-8: convert the file, or {}",
                leave_out()
            ),
            Self::Array => f.write_str(
                "a JSON array where JSON lines (one object a line) are read; convert the file: jq -c '.[]' FILE > \
                 FILE.jsonl",
            ),
            Self::NotAnObject { found } => write!(
                f,
                "{found} where a JSON object like {{\"text\": \"…\"}} is wanted; plain text is read with {} (one \
                 document a line) or {} text (one document a file)",
                names(Param::Lines),
                names(Param::Format)
            ),
            Self::Json { column, reason } => write!(
                f,
                "broken JSON in column {column}: {reason}; each line must hold one whole JSON object (jq -c . FILE \
                 makes lines of objects that span several): mend it, or {}",
                leave_out()
            ),
            Self::NoText { wanted, fields } => {
                write!(f, "no field {wanted}; the record has {fields}; {}", name_text())
            }
            Self::NoField { field, param, fields } => {
                write!(f, "no field `{field}` ({}); the record has {fields}", names(*param))
            }
            Self::NotText { field, found } => {
                write!(f, "the field `{field}` holds {found}, a string is wanted; {}", name_text())
            }
            Self::NotACount { field, found } => write!(
                f,
                "the field `{field}` ({}) holds {found}, a whole number from 0 to 4294967295 is wanted",
                names(Param::TokenField)
            ),
            Self::Cells { found, columns } => write!(
                f,
                "{found} cells where the header has {columns}; quote cells that hold the delimiter or a line end, or {}",
                leave_out()
            ),
            Self::CellUtf8 { cell, byte } => {
                write!(f, "invalid UTF-8 in byte {byte} of cell {cell}; convert the file, or {}", leave_out())
            }
            Self::NoId { field } => write!(f, "the column `{field}` ({}) is empty", names(Param::IdField)),
            Self::Unclosed => f.write_str(
                "a quote in this record is not closed, so that it takes in the rest of the file; close it, and write \
                 \"\" for a quote within quotes",
            ),
        }
    }
}

crate::explained!(RecordError);
