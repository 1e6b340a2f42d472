//! What can be wrong with an input.

use std::path::PathBuf;
use std::{fmt, io};

use clusterclip_core::documents::{BadRecord, why_nothing};
use clusterclip_core::error::{Explain, Kind, Names, Param, said};
use clusterclip_core::format::cut::{At, Fault};
use clusterclip_core::format::table::{HeaderError, TableOptionsError};

use super::columnar::{ColumnFormat, ColumnsError};
use super::{Format, MAX_DOCUMENT, Summary};

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
    /// Where a further record begins is not known.
    Cut {
        /// The file.
        name: String,
        /// Why.
        fault: Fault,
    },
    /// No table is like that.
    Table(TableOptionsError),
    /// Something is asked for that tables alone have, and nothing is read as one.
    NoTables {
        /// The parameter that asks for it.
        param: Param,
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
    /// A document of a source that is read as rows should be somewhere else than in a row.
    NotInRows {
        /// The source.
        name: String,
        /// Where it should be.
        at: At,
    },
    /// There are more files than can be numbered.
    TooManyFiles,
    /// A path that cannot be one.
    NoPath {
        /// What was given.
        path: PathBuf,
        /// The system's answer.
        cause: io::Error,
    },
    /// A folder cannot be walked.
    Walk {
        /// The folder.
        path: PathBuf,
        /// The answer of the system.
        cause: walkdir::Error,
    },
    /// A columnar file cannot be read.
    Columns(ColumnsError),
    /// A columnar file that is packed as a whole.
    PackedColumns {
        /// The file.
        name: String,
        /// Its format.
        format: ColumnFormat,
    },
    /// A file is named as compressed, and is not.
    NotPacked {
        /// The file.
        name: String,
        /// What it should be.
        compression: &'static str,
        /// What its name ends in.
        extension: &'static str,
    },
    /// Compressed data are cut off or damaged.
    Unpack {
        /// The file.
        name: String,
        /// How it is compressed.
        compression: &'static str,
        /// What came before it, in bytes of text.
        after: u64,
        /// The decoder's answer.
        cause: io::Error,
    },
    /// A file cannot be read any further.
    Beyond {
        /// The file.
        name: String,
        /// Where it stopped.
        byte: u64,
        /// The system's answer.
        cause: io::Error,
    },
    /// There is no room to unpack a file.
    NoRoom {
        /// The file.
        name: String,
        /// The folder.
        folder: PathBuf,
        /// The system's answer.
        cause: io::Error,
    },
    /// A file that is named holds no text.
    NoText {
        /// The file.
        name: String,
        /// What tells.
        reason: &'static str,
    },
    /// A document is longer than is read.
    TooLong {
        /// The file.
        name: String,
        /// The line on which it begins.
        line: u64,
        /// Whether a quote that never closes may be to blame.
        quotes: bool,
    },
    /// A document is not where it was read.
    Moved {
        /// The source.
        name: String,
        /// Where the document was.
        at: At,
        /// Whether there are several sources of this name.
        several: bool,
    },
    /// The documents that are there were read from elsewhere.
    NotAmongInputs {
        /// What they were read from.
        name: String,
    },
    /// The number of a source is that of none.
    NoSource {
        /// The number.
        number: u32,
        /// How many there are.
        sources: usize,
    },
    /// The thread that reads has gone.
    Panicked,
}

impl Explain for InputError {
    fn kind(&self) -> Kind {
        match self {
            Self::LinesOf { .. } => Kind::Usage,
            Self::Table(error) => error.kind(),
            Self::Cut { fault, .. } => fault.kind(),
            Self::Record(record) => record.kind(),
            Self::Columns(error) => error.kind(),
            Self::Header { error, .. } => error.kind(),
            Self::Nothing { .. }
            | Self::NoFields { .. }
            | Self::NoTables { .. }
            | Self::OutIsInput { .. }
            | Self::NotInBytes { .. }
            | Self::NotInRows { .. }
            | Self::TooManyFiles
            | Self::PackedColumns { .. }
            | Self::NotPacked { .. }
            | Self::Unpack { .. }
            | Self::NoText { .. }
            | Self::TooLong { .. }
            | Self::Moved { .. }
            | Self::NotAmongInputs { .. }
            | Self::NoSource { .. } => Kind::Input,
            Self::NoPath { .. }
            | Self::Walk { .. }
            | Self::Beyond { .. }
            | Self::NoRoom { .. }
            | Self::Panicked => Kind::Io,
        }
    }

    fn explain(&self, names: Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Record(record) => record.explain(names, f),
            Self::Header { name, line, error } => write!(f, "{name}:{line}: {}", said(error, names)),
            Self::Cut { name, fault } => write!(f, "{name}:{}: {}", fault.line, said(fault, names)),
            Self::Table(error) => error.explain(names, f),
            Self::NoTables { param } => {
                let (option, format) = (names(*param), names(Param::Format));
                write!(
                    f,
                    "{option}: no INPUT is read as a table; leave {option} out, or say {format} csv or tsv"
                )
            }
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
                     or say {format} jsonl, json, csv or tsv"
                )
            }
            Self::OutIsInput { path } => write!(
                f,
                "{} {} is the input folder itself; give a folder of its own for the results",
                names(Param::Out),
                path.display()
            ),
            Self::TooManyFiles => {
                write!(f, "more than {} files; put several documents in a file as JSON lines", u32::MAX)
            }
            Self::NoPath { path, cause } => write!(f, "{} is no path: {cause}", path.display()),
            Self::Walk { path, cause } => {
                write!(f, "the folder {} cannot be walked: {cause}", path.display())
            }
            Self::Columns(error) => error.explain(names, f),
            Self::PackedColumns { name, format } => {
                write!(f, "{name}: {format} files pack their columns themselves; unpack this one")
            }
            Self::NotPacked { name, compression, extension } => write!(
                f,
                "{name} is no {compression} data: it does not begin as such; compress it again, or take {extension} \
                 off its name if it is not compressed"
            ),
            Self::Unpack { name, compression, after, cause } => {
                let what = match cause.kind() {
                    io::ErrorKind::UnexpectedEof => "is cut off".to_owned(),
                    _ => format!("is damaged ({cause})"),
                };
                write!(
                    f,
                    "{name}: the {compression} data {what} after {after} bytes of text; fetch or compress the file \
                     again"
                )
            }
            Self::Beyond { name, byte, cause } => {
                write!(f, "{name} cannot be read beyond byte {byte}: {cause}")
            }
            Self::NoRoom { name, folder, cause } => write!(
                f,
                "{name} cannot be unpacked to {}; TMPDIR names another folder: {cause}",
                folder.display()
            ),
            Self::NoText { name, reason } => write!(f, "{name} {reason}"),
            Self::TooLong { name, line, quotes } => {
                let advice = if *quotes { ", or close its quotes" } else { "" };
                write!(
                    f,
                    "{name}:{line}: a document of more than {MAX_DOCUMENT} bytes, the limit; split it{advice}"
                )
            }
            Self::Moved { name, at, several: false } => write!(
                f,
                "{name} changed since it was read (the document at {at} is another one); start again"
            ),
            Self::Moved { name, at, several: true } => write!(
                f,
                "one of the inputs called {name} changed since it was read (none of them has the document at {at} any \
                 more); start again"
            ),
            Self::NotAmongInputs { name } => write!(
                f,
                "{name} is not among the inputs, or not in its place; name the inputs that were read before"
            ),
            Self::NoSource { number, sources } => {
                write!(f, "source {number} of a document is none of the {sources} sources")
            }
            Self::Panicked => f.write_str("the thread that reads has panicked"),
            Self::NotInRows { name, at } => {
                write!(f, "{name} is read as rows: there is no {at} in it; start again")
            }
            Self::NotInBytes { name, at } => {
                write!(f, "{name} is read as bytes: there is no {at} in it; start again")
            }
        }
    }
}

clusterclip_core::explained!(InputError);
