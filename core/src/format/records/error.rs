//! What can be wrong with a record.

use std::fmt;

use crate::error::{Explain, Kind, Names, Param};
use crate::format::json::Reason;

/// Why a record cannot be used. Columns count bytes from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// A string that is read is not UTF-8.
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
        /// What is wrong there.
        reason: Reason,
    },
    /// An object that need not stand on a line of its own is no JSON.
    Object {
        /// Where the parser stopped: the byte of the object, from 1.
        byte: usize,
        /// What is wrong there.
        reason: Reason,
    },
    /// A byte order mark stands before the record, in the middle of its source.
    Mark,
    /// The record is a pointer of Git LFS.
    Pointer,
    /// No text can be made of the fields of the first record.
    NoText {
        /// The fields there are.
        fields: String,
    },
    /// A field is not there that is part of the text, as the first record made it.
    NoPart {
        /// The field.
        field: String,
        /// How the text is made.
        taken: String,
        /// The fields there are.
        fields: String,
    },
    /// Everything that the text is made of is null.
    NoWords {
        /// How the text is made.
        taken: String,
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
    /// A list is no conversation.
    NotTurns {
        /// Which field.
        field: String,
    },
    /// The template fails on the record.
    Template {
        /// On which of its lines.
        line: usize,
        /// Why.
        reason: String,
    },
    /// The token count is no count.
    NotACount {
        /// Which field.
        field: String,
        /// What it holds.
        found: String,
    },
    /// The score is no number.
    NotAScore {
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
    /// Bytes of a column are not UTF-8.
    FieldUtf8 {
        /// Which column.
        field: String,
        /// The first byte that is wrong, from 1.
        byte: usize,
    },
    /// The cell of the id is empty.
    NoId {
        /// The column that was asked for.
        field: String,
    },
    /// A quote is not closed: everything after it would be one cell.
    Unclosed,
    /// There is text after the closing quote of a cell.
    AfterQuote {
        /// Which cell, from 1.
        cell: usize,
        /// Whether the record has several lines: then the quotes may have made one of several records.
        merges: bool,
    },
    /// A row of a table names the columns again. It says nothing, whatever is done with bad records.
    HeaderAgain,
}

impl RecordError {
    /// Whether reading must stop here even if bad records are to be left out: leaving out this one would leave out the
    /// rest of the source. `first` says that it is the first record of its source.
    pub fn stops(&self, first: bool) -> bool {
        match self {
            Self::Array | Self::Pointer => first,
            Self::Unclosed | Self::AfterQuote { merges: true, .. } => true,
            Self::Json { reason: Reason::Another, .. } => true,
            _ => false,
        }
    }

    /// Lists the fields of the record, where they are to be told.
    #[must_use]
    pub fn with_fields(mut self, listed: impl FnOnce() -> String) -> Self {
        if let Self::NoText { fields } | Self::NoPart { fields, .. } | Self::NoField { fields, .. } =
            &mut self
        {
            *fields = listed();
        }
        self
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
            Self::Array => write!(
                f,
                "a JSON array where JSON lines (one object a line) are read; {} json reads an array of objects",
                names(Param::Format)
            ),
            Self::Mark => write!(
                f,
                "a byte order mark before this record, in the middle of the file: files that begin with one were \
                 joined; take it out (sed -i 's/\\xEF\\xBB\\xBF//g' FILE), or {}",
                leave_out()
            ),
            Self::Pointer => {
                f.write_str("a pointer of Git LFS, not the file itself; fetch it with `git lfs pull`")
            }
            Self::NotAnObject { found } => write!(
                f,
                "{found} where a JSON object like {{\"text\": \"…\"}} is wanted; plain text is read with {} (one \
                 document a line) or {} text (one document a file); or {}",
                names(Param::Lines),
                names(Param::Format),
                leave_out()
            ),
            Self::Json { column, reason: reason @ Reason::Another } => write!(
                f,
                "{reason} in column {column}; {} json reads objects that do not stand on lines of their own",
                names(Param::Format)
            ),
            Self::Object { byte, reason } => {
                write!(f, "broken JSON in byte {byte} of the record: {reason}; mend it, or {}", leave_out())
            }
            Self::Json { column, reason } => write!(
                f,
                "broken JSON in column {column}: {reason}; each line must hold one whole JSON object (jq -c . FILE \
                 makes lines of objects that span several): mend it, or {}",
                leave_out()
            ),
            Self::NoText { fields } => write!(
                f,
                "no field that is known to hold a text, such as `text`, `content`, `messages`, or `prompt` with \
                 `completion`; the record has {fields}; {}, or {}",
                name_text(),
                leave_out()
            ),
            Self::NoPart { field, taken, fields } => write!(
                f,
                "no field `{field}`, and the text is {taken} by the first record; this one has {fields}; {}, or {}",
                name_text(),
                leave_out()
            ),
            Self::NoWords { taken } => {
                write!(f, "{taken} holds null, a string is wanted; {}, or {}", leave_out(), name_text())
            }
            Self::NoField { field, param, fields } => {
                let param = names(*param);
                write!(f, "no field `{field}` ({param}); the record has {fields}; {}", leave_out())
            }
            Self::NotText { field, found } => write!(
                f,
                "the field `{field}` holds {found}, a string is wanted; {}, or {}",
                name_text(),
                leave_out()
            ),
            Self::NotTurns { field } => write!(
                f,
                "the field `{field}` is no conversation: each turn is an object with `role` or `from`, and `content` or \
                 `value`, a string; {}, or {}",
                name_text(),
                leave_out()
            ),
            Self::Template { line, reason } => write!(
                f,
                "{} fails on this record in its line {line}: {reason}; {}",
                names(Param::Template),
                leave_out()
            ),
            Self::NotACount { field, found } => write!(
                f,
                "the field `{field}` ({}) holds {found}, a whole number from 0 to 4294967295 is wanted; {}",
                names(Param::TokenField),
                leave_out()
            ),
            Self::NotAScore { field, found } => write!(
                f,
                "the field `{field}` ({}) holds {found}, a number is wanted, or null for a record without a score; {}",
                names(Param::ScoreField),
                leave_out()
            ),
            Self::Cells { found, columns } => write!(
                f,
                "{found} cells where the header has {columns}; quote cells that hold the delimiter or a line end, tell \
                 what quotes are with {}, or {}",
                names(Param::Quote),
                leave_out()
            ),
            Self::CellUtf8 { cell, byte } => {
                write!(f, "invalid UTF-8 in byte {byte} of cell {cell}; convert the file, or {}", leave_out())
            }
            Self::FieldUtf8 { field, byte } => {
                write!(
                    f,
                    "invalid UTF-8 in byte {byte} of the field `{field}`; convert the file, or {}",
                    leave_out()
                )
            }
            Self::NoId { field } => {
                write!(f, "the column `{field}` ({}) is empty; {}", names(Param::IdField), leave_out())
            }
            Self::Unclosed => write!(
                f,
                "a quote in this record is not closed, so that it takes in the rest of the file; close it, write \"\" \
                 for a quote within quotes, or read quotes as letters with {} none",
                names(Param::Quote)
            ),
            Self::AfterQuote { cell, merges } => write!(
                f,
                "text after the closing quote of cell {cell}{}; write \"\" for a quote within quotes, or read quotes \
                 as letters with {} none",
                if *merges { ", in a record of several lines" } else { "" },
                names(Param::Quote)
            ),
            Self::HeaderAgain => f.write_str("this row names the columns again"),
        }
    }
}

crate::explained!(RecordError);
