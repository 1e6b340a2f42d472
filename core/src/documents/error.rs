//! Why documents could not be gathered.

use std::fmt;

use super::counts::{BadRecord, Counts};
use crate::error::{Explain, Kind, Names, said};
use crate::format::reader::ReadError;
use crate::format::records::RecordError;

/// Why documents could not be gathered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentsError {
    /// The input cannot be read at all.
    Read {
        /// The input.
        name: String,
        /// Why.
        error: ReadError,
    },
    /// A bad record.
    Record(BadRecord),
    /// The columns of a columnar file make no records.
    Columns {
        /// The input.
        name: String,
        /// What they lack.
        error: RecordError,
    },
    /// More than may be held.
    Limit {
        /// The input.
        name: String,
        /// The limit.
        limit: u64,
        /// Of what.
        unit: &'static str,
    },
    /// There is no document.
    Nothing {
        /// The input.
        name: String,
        /// What was there instead.
        counts: Box<Counts>,
    },
}

impl Explain for DocumentsError {
    fn kind(&self) -> Kind {
        match self {
            Self::Read { error, .. } => error.kind(),
            Self::Record(record) => record.kind(),
            Self::Columns { error, .. } => error.kind(),
            Self::Limit { .. } => Kind::Memory,
            Self::Nothing { .. } => Kind::Input,
        }
    }

    fn explain(&self, names: Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read { name, error } => write!(f, "{name}: {}", said(error, names)),
            Self::Record(record) => record.explain(names, f),
            Self::Columns { name, error } => write!(f, "{name}: {}", said(error, names)),
            Self::Limit { name, limit, unit } => {
                write!(f, "{name} holds more than the {limit} {unit} that can be held in memory here")
            }
            Self::Nothing { name, counts } => {
                write!(f, "no document to read in {name}: {}", why_nothing(&counts.warnings(names)))
            }
        }
    }
}

crate::explained!(DocumentsError);

/// The end of a sentence that says why there is no document: what was left out, if anything was there.
pub fn why_nothing(warnings: &[String]) -> String {
    if warnings.is_empty() { "the input is empty".to_owned() } else { warnings.join("; ") }
}
