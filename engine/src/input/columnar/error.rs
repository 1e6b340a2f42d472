//! What can be wrong with a columnar file.

use std::fmt;

use clusterclip_core::error::{Explain, Kind, Names, Param, said};
use clusterclip_core::format::json::VALUES;
use clusterclip_core::format::records::RecordError;

use super::{ColumnFormat, MAX_BATCH};
use crate::input::MAX_DOCUMENT;

/// Why a columnar file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ColumnsError {
    /// It is something else.
    Other {
        /// The file.
        name: String,
        /// What it should be.
        format: ColumnFormat,
    },
    /// It begins as it should and does not end so.
    CutOff {
        /// The file.
        name: String,
        /// What it is.
        format: ColumnFormat,
    },
    /// It is encrypted.
    Encrypted {
        /// The file.
        name: String,
    },
    /// It is of the first version of Feather, which is no Arrow file.
    Feather {
        /// The file.
        name: String,
    },
    /// It cannot be decoded.
    Damaged {
        /// The file.
        name: String,
        /// Which part of it.
        part: Part,
        /// What the decoder says.
        why: String,
    },
    /// It is written in a way that is not read.
    Unsupported {
        /// The file.
        name: String,
        /// Which part of it.
        part: Part,
        /// What the decoder says.
        why: String,
    },
    /// There is not enough memory to decode it.
    Memory {
        /// The file.
        name: String,
        /// Which part of it.
        part: Part,
    },
    /// Its columns make no records.
    Records {
        /// The file.
        name: String,
        /// What they lack.
        error: RecordError,
    },
    /// A column that is wanted holds values of a type that is not read.
    Unread {
        /// The file.
        name: String,
        /// The column.
        column: String,
        /// What it holds.
        holds: String,
    },
    /// A row holds more values than are read.
    TooMany {
        /// The file.
        name: String,
        /// The row.
        row: u64,
    },
    /// A record batch is longer than is read once it is unpacked.
    LongBatch {
        /// The file.
        name: String,
        /// The batch.
        part: Part,
    },
    /// A document is longer than is read.
    TooLong {
        /// The file.
        name: String,
        /// The row.
        row: u64,
    },
    /// A column of the same name holds something else in an earlier source.
    Differ {
        /// The file.
        name: String,
        /// The column.
        column: String,
        /// What the earlier one holds.
        there: String,
        /// What this one holds.
        here: String,
    },
    /// Columns cannot be put together.
    Unwritten {
        /// The library's answer.
        why: String,
    },
}

/// A part of a columnar file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// What says where everything is, and of which types.
    Outline,
    /// Rows that were written together, in Parquet.
    RowGroup(usize),
    /// Rows that were written together, in Arrow.
    Batch(usize),
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Outline => f.write_str("its outline"),
            Self::RowGroup(group) => write!(f, "row group {group}"),
            Self::Batch(batch) => write!(f, "record batch {batch}"),
        }
    }
}

impl ColumnsError {
    /// What the words of a decoder come to, which are all that it passes on.
    pub(super) fn of_decoder(name: String, part: Part, why: String) -> Self {
        let says = |words: &[&str]| words.iter().any(|words| why.contains(words));
        if says(&["NYI", "ot yet implemented", "not supported", "nsupported", "Disabled feature"]) {
            return Self::Unsupported { name, part, why };
        }
        if says(&["Memory error", "ot enough memory", "llocate memory"]) {
            return Self::Memory { name, part };
        }
        Self::Damaged { name, part, why }
    }
}

impl Explain for ColumnsError {
    fn kind(&self) -> Kind {
        Kind::Input
    }

    fn explain(&self, names: Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Other { name, format } => {
                write!(f, "{name} is no {format} file: it does not begin as such; was it named by mistake?")
            }
            Self::CutOff { name, format } => {
                write!(
                    f,
                    "{name} is cut off: it begins as a {format} file and does not end so; fetch it again"
                )
            }
            Self::Encrypted { name } => {
                write!(f, "{name} is an encrypted Parquet file; write it again without encryption")
            }
            Self::Feather { name } => write!(
                f,
                "{name} is a Feather file of version 1, which is not read; write it again, for example with pyarrow: \
                 pyarrow.feather.write_feather(pyarrow.feather.read_table('{name}'), '{name}')"
            ),
            Self::Damaged { name, part, why } => {
                write!(
                    f,
                    "{name}: {part} cannot be read ({why}); the file is damaged or encrypted: fetch it again"
                )
            }
            Self::Unsupported { name, part, why } => write!(
                f,
                "{name}: {part} is written in a way that is not read ({why}); write the file again, for example with \
                 pyarrow; if that cannot read it either, it is damaged"
            ),
            Self::Memory { name, part } => write!(
                f,
                "{name}: there is not enough memory for {part}; use a machine with more, or write the file again in \
                 smaller parts"
            ),
            Self::Records { name, error } => write!(f, "{name}: {}", said(error, names)),
            Self::Unread { name, column, holds } => {
                write!(f, "{name}: the column `{column}` holds {holds}, which is not read")
            }
            Self::TooMany { name, row } => write!(
                f,
                "{name}: row {row}: the columns that are read hold more than {VALUES} values, the limit; split it, or \
                 read fewer columns"
            ),
            Self::LongBatch { name, part } => write!(
                f,
                "{name}: {part} is more than {} GiB unpacked, the limit; write the file again with fewer \
                 rows a batch",
                MAX_BATCH >> 30
            ),
            Self::Differ { name, column, there, here } => write!(
                f,
                "{} parquet: {name}: the column `{column}` holds {here}, and {there} in a file before it; one table has one \
                 type for a column: write the files again with the same types, or use {0} records",
                names(Param::Export)
            ),
            Self::Unwritten { why } => write!(f, "{} parquet: {why}", names(Param::Export)),
            Self::TooLong { name, row } => {
                write!(
                    f,
                    "{name}: row {row}: a document of more than {MAX_DOCUMENT} bytes, the limit; split it"
                )
            }
        }
    }
}

clusterclip_core::explained!(ColumnsError);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_read_and_lack_of_memory_are_told_apart_from_damage() {
        let said = |why: &str| {
            ColumnsError::of_decoder("a.arrow".to_owned(), Part::Batch(1), why.to_owned()).to_string()
        };
        for why in ["NYI: Encoding X is not supported", "Not yet implemented: unions", "Disabled feature: x"]
        {
            let said = said(why);
            assert!(
                said.starts_with("a.arrow: record batch 1 is written in a way that is not read"),
                "{said}"
            );
        }
        for why in [
            "Memory error: no",
            "failed to allocate memory for layout 7",
            "Allocation error : not enough memory",
        ] {
            assert!(said(why).starts_with("a.arrow: there is not enough memory for record batch 1"));
        }
        assert!(said("Invalid page header").ends_with("is damaged or encrypted: fetch it again"));
    }
}
