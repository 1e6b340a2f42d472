//! What can be wrong with an input.

mod message;

use std::path::PathBuf;
use std::{fmt, io};

use clusterclip_core::documents::BadRecord;
use clusterclip_core::error::{Explain, Kind, Names, Param};
use clusterclip_core::format::cut::{At, Fault};
use clusterclip_core::format::table::{HeaderError, TableOptionsError};

use super::columnar::{ColumnFormat, ColumnsError};
use super::{Files, Format, Summary};

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
    /// A folder cannot be walked, or something in it not be looked at.
    Walk {
        /// What cannot be looked at.
        path: PathBuf,
        /// The answer of the system.
        cause: io::Error,
    },
    /// The input is a folder of results.
    Results {
        /// The folder.
        path: PathBuf,
        /// The names of the texts that were exported there.
        exports: Vec<String>,
    },
    /// A folder holds records and text, and too much of either to be read as the other.
    Mixed {
        /// The folder.
        path: String,
        /// Its record files, by format.
        records: Vec<(Format, Files)>,
        /// Its text files.
        text: Files,
    },
    /// There is no such split.
    NoSplit {
        /// The input.
        path: String,
        /// What is asked for, or would be read.
        split: String,
        /// The splits that there are.
        there: Vec<String>,
    },
    /// A pointer of Git LFS or git-annex lies where a file should be.
    Pointer {
        /// The file.
        name: String,
    },
    /// The list of a saved data set names something outside its folder.
    LeadsOut {
        /// The list.
        list: PathBuf,
        /// What it names.
        name: String,
    },
    /// A saved data set is a selection of the rows of its files.
    SavedIndices {
        /// Its folder.
        path: PathBuf,
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
    /// Other data follow the compressed ones.
    Trailing {
        /// The file.
        name: String,
        /// How it is compressed.
        compression: &'static str,
        /// The byte of the file at which they begin.
        byte: u64,
        /// What came before, in bytes of text.
        after: u64,
    },
    /// A text is too long for one document.
    LongText {
        /// The file.
        name: String,
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
    /// Records are asked for of what is text.
    NoRecords {
        /// The file.
        name: String,
    },
    /// A file that is named holds no text.
    NoText {
        /// The file.
        name: String,
        /// What tells.
        reason: String,
    },
    /// A document is longer than is read.
    TooLong {
        /// The file.
        name: String,
        /// The line on which it begins.
        line: u64,
        /// How many bytes one may have.
        limit: u64,
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
            | Self::Results { .. }
            | Self::Mixed { .. }
            | Self::NoSplit { .. }
            | Self::Pointer { .. }
            | Self::LeadsOut { .. }
            | Self::SavedIndices { .. }
            | Self::Trailing { .. }
            | Self::LongText { .. }
            | Self::NoText { .. }
            | Self::NoRecords { .. }
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
        self.message(names, f)
    }
}

clusterclip_core::explained!(InputError);
