//! What can be wrong with an input.

use std::fmt;
use std::path::PathBuf;

use clusterclip_core::documents::{BadRecord, why_nothing};
use clusterclip_core::error::{Explain, Kind, Names, Param, plain, said};
use clusterclip_core::format::cut::At;
use clusterclip_core::format::table::HeaderError;

use super::{Format, Summary};

/// Why documents cannot be read as they are asked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// A bad record.
    Record(BadRecord),
    /// The header of a table is of no use.
    Header {
        /// The table.
        name: String,
        /// The line on which it begins.
        line: u64,
        /// What is wrong with it.
        error: HeaderError,
    },
    /// There is no document.
    Nothing {
        /// What was read.
        named: String,
        /// What was there instead.
        summary: Box<Summary>,
    },
    /// A document a line is asked for, and a format that has no such documents.
    LinesOf {
        /// The format.
        format: Format,
    },
    /// A field is asked for where nothing has fields.
    NoFields {
        /// The parameter that asks for it.
        param: Param,
        /// The field.
        field: String,
    },
    /// The folder of results is read.
    OutIsInput {
        /// The folder.
        path: PathBuf,
    },
    /// A document of a source that is read as bytes should be somewhere else than in bytes.
    NotInBytes {
        /// The source.
        name: String,
        /// Where it should be.
        at: At,
    },
}

impl Explain for InputError {
    fn kind(&self) -> Kind {
        match self {
            Self::LinesOf { .. } => Kind::Usage,
            Self::Record(record) => record.kind(),
            Self::Header { error, .. } => error.kind(),
            Self::Nothing { .. }
            | Self::NoFields { .. }
            | Self::OutIsInput { .. }
            | Self::NotInBytes { .. } => Kind::Input,
        }
    }

    fn explain(&self, names: Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Record(record) => record.explain(names, f),
            Self::Header { name, line, error } => write!(f, "{name}:{line}: {}", said(error, names)),
            Self::Nothing { named, summary } => {
                write!(f, "no document to read in {named}: {}", why_nothing(&summary.warnings(names)))
            }
            Self::LinesOf { format } => {
                let (lines, option) = (names(Param::Lines), names(Param::Format));
                write!(f, "{lines} reads plain text; leave out {option} {format} or {lines}")
            }
            Self::NoFields { param, field } => {
                let (option, format) = (names(*param), names(Param::Format));
                write!(
                    f,
                    "{option} {field}: no INPUT is read as records, and plain text has no fields; leave {option} out, \
                     or say {format} jsonl, csv or tsv"
                )
            }
            Self::OutIsInput { path } => write!(
                f,
                "{} {} is the input folder itself; give a folder of its own for the results",
                names(Param::Out),
                path.display()
            ),
            Self::NotInBytes { name, at } => {
                write!(f, "{name} is read as bytes: there is no {at} in it; start again")
            }
        }
    }
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.explain(plain, f)
    }
}
