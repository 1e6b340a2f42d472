//! Shapes: how the bytes of an input become documents.

use super::Span;
use crate::format::table::TableOptions;

/// How the bytes of an input become documents.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Shape {
    /// A JSON object a line.
    #[default]
    Jsonl,
    /// JSON: an array of objects, or objects one after another, each over as many lines as it likes.
    Json,
    /// A header, then a record a document.
    Table(TableOptions),
    /// Plain text, a document a line.
    Lines,
    /// Plain text, one document.
    Whole,
}

impl Shape {
    /// Whether documents are records, with fields.
    pub fn has_fields(self) -> bool {
        matches!(self, Self::Jsonl | Self::Json | Self::Table(_))
    }

    /// Whether the first record is no document: it names the columns.
    pub fn has_header(self) -> bool {
        matches!(self, Self::Table(options) if options.has_header())
    }

    /// What tells a record from others of its source, for [`default_id`](Self::default_id): its line, or its number in
    /// JSON, of which many may stand on a line.
    pub fn place(self, span: Span) -> u64 {
        if self == Self::Json { span.number } else { span.line }
    }

    /// The id of a document without one of its own: `source:line`, `source#number` in JSON, or `source` for a document
    /// that is a whole file.
    pub fn default_id(self, source: &str, place: u64) -> String {
        match self {
            Self::Whole => source.to_owned(),
            Self::Json => format!("{source}#{place}"),
            Self::Jsonl | Self::Table(_) | Self::Lines => format!("{source}:{place}"),
        }
    }
}
