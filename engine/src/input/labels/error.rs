//! What can be wrong with a file of labels.

use std::fmt;
use std::path::{Path, PathBuf};

use clusterclip_core::error::{Explain, Kind, Names, Param, said};
use clusterclip_core::format::json::Fault;
use clusterclip_core::format::labels::{LabelError, RowsError, TableError};
use clusterclip_core::format::npy::Dtype;

use super::DOCUMENT;
use super::columns::{Columns as _, LabelColumns};
use super::weights::WrongWeight;
use crate::input::MAX_DOCUMENT;

/// A file of labels that cannot be used.
#[derive(Debug)]
pub struct LabelsError {
    /// The file.
    pub path: PathBuf,
    /// Where in it, where a place is to blame.
    pub at: Option<At>,
    /// What is wrong.
    pub wrong: Wrong,
}

/// A place in a file of labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// A line of a text, from 1.
    Line(u64),
    /// A row of an array or a columnar file, from 0.
    Row(u64),
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::Row(row) => write!(f, "row {row}"),
        }
    }
}

/// What is wrong with a file of labels.
#[derive(Debug)]
#[non_exhaustive]
pub enum Wrong {
    /// It has another format than those that such things are read from.
    Format(&'static str),
    /// It holds none of them.
    Empty(&'static str),
    /// The column of rows numbers too few documents.
    Documents(RowsError),
    /// A column is not there.
    NoColumn {
        /// Its name.
        field: String,
        /// What names another, if anything does.
        param: Option<Param>,
        /// The columns that are there.
        columns: Vec<String>,
        /// What needs token counts, where it should hold these.
        needed: Option<Param>,
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
    /// A cell of a column of token counts is none.
    Counts(Counts),
    /// A column of token counts holds something else altogether.
    NoCountColumn(Counts),
    /// A cell of a column of scores is none.
    Score {
        /// The column.
        field: String,
        /// What the cell holds.
        found: String,
    },
    /// A column of scores holds something else altogether.
    NoScoreColumn {
        /// The column.
        field: String,
        /// What is said of it.
        found: String,
    },
    /// An array that is none of numbers.
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
    /// An array has no token counts, which this needs.
    NoCounts(Param),
    /// An array has no scores.
    NoScores,
    /// The labels cannot be ranked.
    Label(LabelError),
    /// The header of a table is there once more.
    HeaderAgain,
    /// Text that is no UTF-8.
    Utf8,
    /// A label that goes over a line end.
    LineEnd,
    /// A byte order mark before a further line.
    Mark,
    /// A line that is too long to be one.
    TooLong,
    /// A JSON array, where lines of such things are wanted.
    Array(&'static str),
    /// What is wrong with a line of JSON.
    Json(Fault),
    /// What is wrong with a table.
    Table(TableError),
    /// What the reader of Parquet says of the file.
    Parquet(String),
    /// What the reader of Parquet says of its values.
    Damaged(String),
    /// What is wrong with a list of weights.
    Weights(WrongWeight),
}

/// What asks for a column of token counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// It is named.
    Field,
    /// This needs it.
    For(Param),
}

/// What a column of token counts holds instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts {
    /// Its name.
    pub field: String,
    /// What asks for it.
    pub asked: Asked,
    /// What it holds: a cell, quoted, or what is said of the column.
    pub found: String,
}

impl From<LabelError> for Wrong {
    fn from(error: LabelError) -> Self {
        Self::Label(error)
    }
}

impl Wrong {
    /// The error of that file.
    pub(super) fn of(self, path: &Path) -> LabelsError {
        LabelsError { path: path.to_owned(), at: None, wrong: self }
    }

    /// The error of that place of the file.
    pub(super) fn at(self, path: &Path, at: At) -> LabelsError {
        LabelsError { at: Some(at), ..self.of(path) }
    }

    /// What a column holds that is of no use, for a sentence about the column.
    pub(super) fn holds(&self) -> String {
        match self {
            Self::Column { found, .. } => format!("holds {found}"),
            _ => "holds lists".to_owned(),
        }
    }

    fn explain(&self, names: Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Format(what) => {
                let npy = if *what == LabelColumns::WHAT { ".npy, " } else { "" };
                write!(
                    f,
                    "{what} are read from {npy}.parquet, .csv, .tsv and .jsonl files, also packed; this is none"
                )
            }
            Self::Empty(what) => write!(f, "holds no {what}"),
            Self::Documents(error) => write!(
                f,
                "the column `{DOCUMENT}` should number the documents from 0: {}; rename the column if it means \
                 something else",
                said(error, names)
            ),
            Self::NoColumn { field, param, columns, needed } => {
                if let Some(needed) = needed {
                    write!(f, "{} needs token counts: ", names(*needed))?;
                }
                write!(f, "no column `{field}`; there are {}", listed(columns))?;
                if let Some(param) = param {
                    write!(f, "; name it with {}", names(*param))?;
                }
                match &columns[..] {
                    [one] if one.contains([';', '|', '\t', ',']) => {
                        f.write_str("; cells are told apart by commas in .csv and by tabs in .tsv")
                    }
                    _ => Ok(()),
                }
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
            Self::Counts(Counts { field, asked, found }) => write!(
                f,
                "{found} in the column `{field}` ({}); a whole number from 0 to {} is wanted",
                asked.said(names),
                u32::MAX
            ),
            Self::NoCountColumn(Counts { field, asked, found }) => write!(
                f,
                "the column `{field}` ({}) {found}; whole numbers from 0 to {} are wanted",
                asked.said(names),
                u32::MAX
            ),
            Self::Score { field, found } => write!(
                f,
                "{found} in the column `{field}` ({}); a number is wanted, or null for a document without a score",
                names(Param::ScoreField)
            ),
            Self::NoScoreColumn { field, found } => {
                write!(f, "the column `{field}` ({}) {found}; numbers are wanted", names(Param::ScoreField))
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
                    "a .npy file has no column `{field}` ({option}); use Parquet, CSV or JSON lines, or leave out {option}"
                )
            }
            Self::NoCounts(param) => {
                write!(
                    f,
                    "a .npy file of labels has no token counts, which {} needs; use Parquet or CSV with a token column \
                     and {}, or ",
                    names(*param),
                    names(Param::TokenField),
                )?;
                match param {
                    Param::EvenIn => write!(f, "{} documents", names(*param)),
                    _ => write!(f, "{} or {}", names(Param::Epochs), names(Param::Documents)),
                }
            }
            Self::NoScores => write!(
                f,
                "a .npy file of labels has no scores, which {} score needs; use Parquet, CSV or JSON lines with a \
                 column of scores and {}",
                names(Param::Within),
                names(Param::ScoreField)
            ),
            Self::Label(error) => write!(f, "{}", said(error, names)),
            Self::HeaderAgain => f.write_str(
                "the header again, as where files were joined; it is no row and would shift those that follow: take the \
                 line out",
            ),
            Self::Utf8 => f.write_str("invalid UTF-8; convert the file to UTF-8"),
            Self::LineEnd => f.write_str("a label that goes over a line end: is a quote never closed?"),
            Self::Mark => f.write_str(
                "a byte order mark in the middle of the file: files that begin with one were joined; take it out (sed -i \
                 's/\\xEF\\xBB\\xBF//g' FILE)",
            ),
            Self::TooLong => write!(f, "a line of more than {MAX_DOCUMENT} bytes, the limit"),
            Self::Array(what) => {
                write!(f, "a JSON array; {what} are read from JSON lines, one object a line: jq -c '.[]'")
            }
            Self::Json(fault) => write!(f, "broken JSON in column {}: {}", fault.column, fault.reason),
            Self::Table(error) => write!(f, "{}", said(error, names)),
            Self::Parquet(error) => write!(f, "is no Parquet file that can be read: {error}"),
            Self::Damaged(error) => write!(f, "cannot be read: {error}"),
            Self::Weights(wrong) => write!(f, "{wrong}"),
        }
    }
}

impl Asked {
    fn said(self, names: Names) -> String {
        match self {
            Self::Field => names(Param::TokenField),
            Self::For(param) => format!("for {}", names(param)),
        }
    }
}

/// The first columns, and how many more there are.
fn listed(columns: &[String]) -> String {
    const SHOWN: usize = 20;
    let mut shown: Vec<String> =
        columns.iter().take(SHOWN).map(|column| format!("`{}`", super::columns::shortened(column))).collect();
    if columns.is_empty() {
        return "none".to_owned();
    }
    if columns.len() > SHOWN {
        shown.push(format!("and {} more", columns.len() - SHOWN));
    }
    shown.join(", ")
}

impl Explain for LabelsError {
    fn kind(&self) -> Kind {
        Kind::Input
    }

    fn explain(&self, names: Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match (self.at, &self.wrong) {
            (Some(At::Line(line)), _) => write!(f, "{path}:{line}: ")?,
            (Some(at), _) => write!(f, "{path}: {at}: ")?,
            // What is said of the file as a whole is a sentence with its name.
            (None, Wrong::Empty(_) | Wrong::Parquet(_) | Wrong::Damaged(_)) => write!(f, "{path} ")?,
            (None, _) => write!(f, "{path}: ")?,
        }
        self.wrong.explain(names, f)
    }
}

clusterclip_core::explained!(LabelsError);

impl std::error::Error for LabelsError {}
