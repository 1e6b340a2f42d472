//! What can be wrong with a record.

/// Why a line is no usable record. Columns count bytes from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The line is not UTF-8.
    #[error(
        "invalid UTF-8 in column {column}; a JSON record must be UTF-8: convert the file, or leave such records out with --on-bad-record skip"
    )]
    Utf8 {
        /// The first byte that is wrong.
        column: usize,
    },
    /// The line begins an array: a JSON file, not JSON lines.
    #[error(
        "a JSON array where JSON lines (one object a line) are read; convert the file: jq -c '.[]' FILE > FILE.jsonl"
    )]
    Array,
    /// The line is something else than an object.
    #[error(
        "{found} where a JSON object like {{\"text\": \"…\"}} is wanted; plain text is read with --lines (one document a line) or --format text (one document a file)"
    )]
    NotAnObject {
        /// What the line is.
        found: &'static str,
    },
    /// The line is no JSON.
    #[error(
        "broken JSON in column {column}: {reason}; each line must hold one whole JSON object (jq -c . FILE makes lines of objects that span several): mend it, or leave such records out with --on-bad-record skip"
    )]
    Json {
        /// Where the parser stopped.
        column: usize,
        /// What the parser says.
        reason: String,
    },
    /// The record has no text.
    #[error("no field {wanted}; the record has {fields}; name the field of the text with --text-field")]
    NoText {
        /// The fields that were looked for.
        wanted: String,
        /// The fields there are.
        fields: String,
    },
    /// A field that was asked for is not there.
    #[error("no field `{field}` ({option}); the record has {fields}")]
    NoField {
        /// The field that was asked for.
        field: String,
        /// The option that asked for it.
        option: &'static str,
        /// The fields there are.
        fields: String,
    },
    /// The text is no string.
    #[error(
        "the field `{field}` holds {found}, a string is wanted; name the field of the text with --text-field"
    )]
    NotText {
        /// Which field.
        field: String,
        /// What it holds.
        found: &'static str,
    },
    /// The token count is no count.
    #[error(
        "the field `{field}` (--token-field) holds {found}, a whole number from 0 to 4294967295 is wanted"
    )]
    NotACount {
        /// Which field.
        field: String,
        /// What it holds.
        found: String,
    },
    /// A record of a table has more or fewer cells than the header.
    #[error(
        "{found} cells where the header has {columns}; quote cells that hold the delimiter or a line end, or leave such records out with --on-bad-record skip"
    )]
    Cells {
        /// How many it has.
        found: usize,
        /// How many it should have.
        columns: usize,
    },
    /// A cell is not UTF-8.
    #[error(
        "invalid UTF-8 in byte {byte} of cell {cell}; convert the file, or leave such records out with --on-bad-record skip"
    )]
    CellUtf8 {
        /// Which cell, from 1.
        cell: usize,
        /// The first byte that is wrong, from 1, quotes not counted.
        byte: usize,
    },
    /// The cell of the id is empty.
    #[error("the column `{field}` (--id-field) is empty")]
    NoId {
        /// The column that was asked for.
        field: String,
    },
    /// A quote is not closed: everything after it would be one cell.
    #[error(
        "a quote in this record is not closed, so that it takes in the rest of the file; close it, and write \"\" for a quote within quotes"
    )]
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
