//! The columns of a file, filled cell by cell, whatever they are read from; and those of a file of labels.

use std::path::Path;

use clusterclip_core::error::{Param, described};
use clusterclip_core::format::labels::{Cell, Found, LabelWarning, Number, Ranker, number};

use super::error::{At, Counts};
use super::{CLUSTER, LabelOptions, LabelsError, ROW, SCORE, TOKENS, Wrong};

/// What takes the cells of some columns, row by row, from whatever is read.
pub(super) trait Columns {
    /// What they are, for messages.
    const WHAT: &'static str;

    /// The columns that are looked for.
    fn wanted(&self) -> Vec<String>;

    /// Begins: `there` says which of these there are among all `columns`, and `at` what places are.
    ///
    /// # Errors
    /// Where a column is missing that is needed.
    fn begin(&mut self, there: &[bool], columns: &[String], at: fn(u64) -> At) -> Result<(), Wrong>;

    /// Takes the next cell of a column, null where there is no such column. Those of a row come one after another.
    ///
    /// # Errors
    /// A cell that is of no use where it must be.
    fn cell(&mut self, column: usize, cell: Cell<'_>, place: u64) -> Result<(), Wrong>;

    /// Takes notice that a column holds something else altogether.
    ///
    /// # Errors
    /// Where it is needed.
    fn unusable(&mut self, column: usize, wrong: Wrong) -> Result<(), Wrong>;

    /// Adds a warning.
    fn warn(&mut self, warning: String);

    /// Takes the cells of the next row, one of each column.
    ///
    /// # Errors
    /// See [`Columns::cell`].
    fn row(&mut self, cells: &[Cell<'_>], place: u64) -> Result<(), Wrong> {
        cells.iter().enumerate().try_for_each(|(column, &cell)| self.cell(column, cell, place))
    }
}

/// What there is of a file of labels, in its own order.
pub(super) struct LabelColumns<'a> {
    options: &'a LabelOptions,
    /// What the place of a cell is.
    at: fn(u64) -> At,
    ranker: Ranker,
    /// The rows of a column `document`, or why it gives none.
    documents: Option<Result<Vec<u64>, String>>,
    tokens: Option<Vec<Option<u32>>>,
    scores: Option<Vec<Option<f64>>>,
    warnings: Vec<String>,
}

/// Columns whose labels are clusters.
pub(super) struct Ranked {
    pub labels: Vec<i32>,
    pub names: Vec<String>,
    pub noise: u64,
    pub documents: Option<Result<Vec<u64>, String>>,
    pub tokens: Option<Vec<Option<u32>>>,
    pub scores: Option<Vec<Option<f64>>>,
    pub warnings: Vec<String>,
}

impl Columns for LabelColumns<'_> {
    const WHAT: &'static str = "labels";

    fn wanted(&self) -> Vec<String> {
        self.options.wanted().into_iter().map(str::to_owned).collect()
    }

    fn begin(&mut self, there: &[bool], columns: &[String], at: fn(u64) -> At) -> Result<(), Wrong> {
        self.options.check(there, columns)?;
        self.at = at;
        self.documents = there[ROW].then(|| Ok(Vec::new()));
        self.tokens = there[TOKENS].then(Vec::new);
        self.scores = self.options.scored.then(Vec::new);
        Ok(())
    }

    fn cell(&mut self, column: usize, cell: Cell<'_>, place: u64) -> Result<(), Wrong> {
        match column {
            CLUSTER => self.ranker.push(cell, place)?,
            TOKENS => self.count(cell, place)?,
            SCORE => self.score(cell)?,
            _ => self.document(cell, place),
        }
        Ok(())
    }

    /// Without counts and rows one can do; why they are of no use is told.
    fn unusable(&mut self, column: usize, wrong: Wrong) -> Result<(), Wrong> {
        match column {
            CLUSTER => return Err(wrong),
            TOKENS => self.without_counts(wrong.holds())?,
            SCORE => {
                let (field, found) = (self.options.score().to_owned(), wrong.holds());
                return Err(Wrong::NoScoreColumn { field, found });
            }
            _ => self.documents = Some(Err(format!("it {}", wrong.holds()))),
        }
        Ok(())
    }

    fn warn(&mut self, warning: String) {
        self.warnings.push(warning);
    }
}

impl<'a> LabelColumns<'a> {
    /// No labels yet.
    pub fn new(options: &'a LabelOptions) -> Self {
        let (ranker, warnings) = (Ranker::default(), Vec::new());
        Self { options, at: At::Row, ranker, documents: None, tokens: None, scores: None, warnings }
    }

    /// Adds the next token count, where there is such a column.
    fn count(&mut self, cell: Cell<'_>, place: u64) -> Result<(), Wrong> {
        let Some(counts) = &mut self.tokens else { return Ok(()) };
        match whole(cell).map(|count| count.map(u32::try_from).transpose()) {
            Some(Ok(count)) => counts.push(count),
            _ if self.options.tokens_must_be() => {
                let (field, asked) = (self.options.tokens().to_owned(), self.options.asked());
                return Err(Wrong::Counts(Counts { field, asked, found: quoted(cell) }));
            }
            _ => {
                let (at, found) = ((self.at)(place), quoted(cell));
                self.tokens = None;
                self.warn(format!("the column `tokens` is not used: {at} has {found}, no count"));
            }
        }
        Ok(())
    }

    /// Adds the next score.
    fn score(&mut self, cell: Cell<'_>) -> Result<(), Wrong> {
        let Some(scores) = &mut self.scores else { return Ok(()) };
        match real(cell) {
            Some(score) if !score.is_some_and(f64::is_nan) => scores.push(score),
            _ => {
                let (field, found) = (self.options.score().to_owned(), quoted(cell));
                return Err(Wrong::Score { field, found });
            }
        }
        Ok(())
    }

    /// Adds the next row's number, where there is such a column.
    fn document(&mut self, cell: Cell<'_>, place: u64) {
        let Some(Ok(rows)) = &mut self.documents else { return };
        match whole(cell).flatten().map(u64::try_from) {
            Some(Ok(row)) => rows.push(row),
            _ => self.documents = Some(Err(format!("{} has {}", (self.at)(place), quoted(cell)))),
        }
    }

    /// Does without the column of token counts, and says why.
    fn without_counts(&mut self, reason: String) -> Result<(), Wrong> {
        if self.tokens.is_none() {
            return Ok(());
        }
        if self.options.tokens_must_be() {
            let (field, asked) = (self.options.tokens().to_owned(), self.options.asked());
            return Err(Wrong::NoCountColumn(Counts { field, asked, found: reason }));
        }
        self.tokens = None;
        self.warn(format!("the column `tokens` is not used: it {reason}"));
        Ok(())
    }

    /// Ranks the labels.
    ///
    /// # Errors
    /// Labels that cannot be ranked.
    pub fn ranked(self, path: &Path) -> Result<Ranked, LabelsError> {
        let Self { options, at, ranker, documents, tokens, scores, mut warnings } = self;
        let Found { labels, names, noise, warnings: found } =
            ranker.finish(&options.rules).map_err(|error| {
                let place = error.place();
                let wrong = Wrong::from(error).of(path);
                LabelsError { at: place.map(at), ..wrong }
            })?;
        warnings.extend(found.iter().map(|warning| said(warning, at)));
        Ok(Ranked { labels, names, noise, documents, tokens, scores, warnings })
    }
}

/// The integer of a cell; nothing in it for null, `None` for what is no integer.
pub(super) fn whole(cell: Cell<'_>) -> Option<Option<i128>> {
    match cell {
        Cell::Null => Some(None),
        Cell::Integer(whole) => Some(Some(whole)),
        Cell::Float(value) if value.is_nan() => Some(None),
        // Counts and rows are far below this.
        Cell::Float(value) => (value.fract() == 0.0 && value.abs() < 1e30).then_some(Some(value as i128)),
        Cell::Text(text) if text.trim_ascii().is_empty() => Some(None),
        Cell::Text(text) => match number(text) {
            Some(Number::Whole(whole)) => Some(Some(whole)),
            _ => None,
        },
    }
}

/// The number of a cell; nothing in it for null, `None` for what is no number.
pub(super) fn real(cell: Cell<'_>) -> Option<Option<f64>> {
    Some(match cell {
        Cell::Null => None,
        Cell::Integer(whole) => Some(whole as f64),
        Cell::Float(value) => Some(value),
        Cell::Text(text) if text.trim_ascii().is_empty() => None,
        Cell::Text(text) => Some(text.trim_ascii().parse().ok()?),
    })
}

/// A cell as messages quote it.
pub(super) fn quoted(cell: Cell<'_>) -> String {
    match cell {
        Cell::Null => "null".to_owned(),
        Cell::Integer(whole) => whole.to_string(),
        Cell::Float(value) => value.to_string(),
        Cell::Text(text) => format!("{:?}", shortened(text)),
    }
}

pub(super) fn shortened(text: &str) -> String {
    const SHOWN: usize = 40;
    match text.char_indices().nth(SHOWN) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

fn said(warning: &LabelWarning, at: fn(u64) -> At) -> String {
    let noise = described(Param::NoiseLabel);
    match warning {
        LabelWarning::Mixed { label, place } => format!(
            "the labels are taken as text, not as numbers, since {} has {:?}",
            at(*place),
            shortened(label)
        ),
        LabelWarning::NullName { label, place } => format!(
            "the label {label:?} ({}) is taken as the name of a cluster, since other labels are no numbers; {noise} \
             {label} makes it noise",
            at(*place)
        ),
        LabelWarning::Absent { label } => format!("{noise}: no label is {:?}", shortened(label)),
        _ => format!("{warning:?}"),
    }
}
