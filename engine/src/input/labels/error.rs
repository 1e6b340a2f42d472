//! What can be wrong with a file of labels.

use std::fmt;
use std::path::{Path, PathBuf};

use clusterclip_core::error::{Explain, Kind, Names, Param, said};
use clusterclip_core::format::labels::RowsError;
use clusterclip_core::format::npy::Dtype;

use super::DOCUMENT;

/// A file of labels that cannot be used.
#[derive(Debug)]
pub struct LabelsError {
    /// The file.
    pub path: PathBuf,
    /// The line of a table, from 1, where one is to blame.
    pub line: Option<u64>,
    /// What is wrong.
    pub wrong: Wrong,
}

/// What is wrong with a file of labels.
#[derive(Debug)]
#[non_exhaustive]
pub enum Wrong {
    /// It has another format than those that are read.
    Format,
    /// It holds none.
    Empty,
    /// The column of rows numbers too few documents.
    Documents(RowsError),
    /// A column is not there.
    NoColumn {
        /// Its name.
        field: String,
        /// What names it.
        param: Param,
        /// The columns that are there.
        columns: Vec<String>,
        /// Whether a budget in tokens needs it.
        needed: bool,
    },
    /// Two columns have one name.
    TwoColumns {
        /// Their name.
        field: String,
    },
    /// A column holds what is no label.
    Column {
        /// Its name.
        field: String,
        /// What it holds.
        found: String,
    },
    /// A column holds lists.
    Lists {
        /// Its name.
        field: String,
    },
    /// A column of token counts holds something else.
    Counts {
        /// Its name.
        field: String,
        /// What asks for it.
        asked: Asked,
        /// What it holds, where a column as a whole is wrong; a cell is quoted otherwise.
        found: Found,
    },
    /// An array that is none of integers.
    Type(Dtype),
    /// An array of more or fewer axes than one.
    Shape(String),
    /// An array has no columns.
    NoColumns {
        /// What names one.
        param: Param,
        /// Its name.
        field: String,
    },
    /// An array has no token counts.
    NoCounts,
    /// A label that 64 bits do not hold.
    TooLarge {
        /// Its row, from 0.
        row: u64,
        /// The label.
        label: i128,
        /// The column, where there are several.
        field: Option<String>,
    },
    /// Text that is no UTF-8.
    Utf8,
    /// Text of a column that is no UTF-8.
    Utf8Row {
        /// Its row, from 0.
        row: u64,
        /// The column.
        field: String,
    },
    /// A record of another length than the header.
    Cells {
        /// Its cells.
        found: u64,
        /// The header's.
        wanted: u64,
    },
    /// What the reader of tables says.
    Table(String),
    /// What the reader of Parquet says of the file.
    Parquet(String),
    /// What the reader of Parquet says of its values.
    Damaged(String),
}

/// What asks for a column of token counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// It is named.
    Field,
    /// A budget in tokens needs it.
    Budget,
}

/// What a column of token counts holds instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A cell.
    Cell(String),
    /// Something else altogether.
    Column(String),
}

impl Wrong {
    /// The error of that file.
    pub(super) fn of(self, path: &Path) -> LabelsError {
        LabelsError { path: path.to_owned(), line: None, wrong: self }
    }

    /// The error of that line of the file.
    pub(super) fn on(self, path: &Path, line: u64) -> LabelsError {
        LabelsError { line: Some(line), ..self.of(path) }
    }

    fn explain(&self, names: Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Format => {
                f.write_str("labels are read from .npy, .parquet, .csv and .tsv files; this is none")
            }
            Self::Empty => f.write_str("holds no labels"),
            Self::Documents(error) => write!(
                f,
                "the column `{DOCUMENT}` should number the documents from 0: {}; rename the column if it means \
                 something else",
                said(error, names)
            ),
            Self::NoColumn { field, param, columns, needed } => {
                let columns: Vec<String> = columns.iter().map(|column| format!("`{column}`")).collect();
                if *needed {
                    write!(f, "{} needs token counts: ", names(Param::Tokens))?;
                }
                write!(
                    f,
                    "no column `{field}`; there are {}; name it with {}",
                    columns.join(", "),
                    names(*param)
                )
            }
            Self::TwoColumns { field } => write!(f, "two columns are called `{field}`; rename one of them"),
            Self::Column { field, found } => write!(
                f,
                "the column `{field}` ({}) holds {found}; integers or strings are wanted",
                names(Param::ClusterField)
            ),
            Self::Lists { field } => {
                write!(f, "the column `{field}` holds lists, not one value a document")
            }
            Self::Counts { field, asked, found } => {
                let asked = match asked {
                    Asked::Field => names(Param::TokenField),
                    Asked::Budget => format!("for {}", names(Param::Tokens)),
                };
                let most = u32::MAX;
                match found {
                    Found::Cell(cell) => write!(
                        f,
                        "{cell:?} in the column `{field}` ({asked}); a whole number from 0 to {most} is wanted"
                    ),
                    Found::Column(found) => write!(
                        f,
                        "the column `{field}` ({asked}) {found}; whole numbers from 0 to {most} are wanted"
                    ),
                }
            }
            Self::Type(dtype) => {
                write!(f, "labels of type {dtype}; integers are wanted: labels.astype('int32')")
            }
            Self::Shape(shape) => {
                write!(f, "an array of shape {shape}; labels have one axis, (n_samples,)")
            }
            Self::NoColumns { param, field } => {
                let option = names(*param);
                write!(
                    f,
                    "a .npy file has no column `{field}` ({option}); use Parquet or CSV, or leave out {option}"
                )
            }
            Self::NoCounts => write!(
                f,
                "a .npy file of labels has no token counts, which {} needs; use Parquet or CSV with a token column \
                 and {}, or {} or {}",
                names(Param::Tokens),
                names(Param::TokenField),
                names(Param::Epochs),
                names(Param::Documents)
            ),
            Self::TooLarge { row, label, field } => {
                let most = i64::MAX;
                match field {
                    Some(field) => {
                        write!(f, "row {row} has {label} in the column `{field}`; the limit is {most}")
                    }
                    None => write!(f, "row {row} has the label {label}; the limit is {most}"),
                }
            }
            Self::Utf8 => f.write_str("invalid UTF-8; convert the file to UTF-8"),
            Self::Utf8Row { row, field } => write!(f, "row {row} of the column `{field}` is no UTF-8"),
            Self::Cells { found, wanted } => write!(
                f,
                "{found} cells where the header has {wanted}; is the delimiter right (.csv: comma, .tsv: tab)?"
            ),
            Self::Table(error) => f.write_str(error),
            Self::Parquet(error) => write!(f, "is no Parquet file that can be read: {error}"),
            Self::Damaged(error) => {
                write!(f, "cannot be read: {error}; write it again, with snappy, zstd or no compression")
            }
        }
    }
}

impl Explain for LabelsError {
    fn kind(&self) -> Kind {
        Kind::Input
    }

    fn explain(&self, names: Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match (self.line, &self.wrong) {
            (Some(line), _) => write!(f, "{path}:{line}: ")?,
            // What is said of the file as a whole is a sentence with its name.
            (None, Wrong::Empty | Wrong::Parquet(_) | Wrong::Damaged(_)) => write!(f, "{path} ")?,
            (None, _) => write!(f, "{path}: ")?,
        }
        self.wrong.explain(names, f)
    }
}

clusterclip_core::explained!(LabelsError);

impl std::error::Error for LabelsError {}
