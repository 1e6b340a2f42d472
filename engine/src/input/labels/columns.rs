//! The columns of a file of labels, filled cell by cell, whatever they were read from.

use std::path::Path;

use clusterclip_core::error::{Param, described};
use clusterclip_core::format::labels::{Cell, Found, LabelWarning, Number, Ranker, number};

use super::error::{At, Counts};
use super::{LabelOptions, LabelsError, Wrong};

/// What there is of a file, in its own order.
pub(super) struct Columns<'a> {
    options: &'a LabelOptions,
    /// What the place of a cell is.
    at: fn(u64) -> At,
    ranker: Ranker,
    /// The rows of a column `document`, or why it gives none.
    documents: Option<Result<Vec<u64>, String>>,
    tokens: Option<Vec<Option<u32>>>,
    warnings: Vec<String>,
}

/// Columns whose labels are clusters.
pub(super) struct Ranked {
    pub labels: Vec<i32>,
    pub names: Vec<String>,
    pub noise: u64,
    pub documents: Option<Result<Vec<u64>, String>>,
    pub tokens: Option<Vec<Option<u32>>>,
    pub warnings: Vec<String>,
}

impl<'a> Columns<'a> {
    /// Begins columns, of which there are those of `there`: clusters, token counts, rows. `at` says what places are.
    pub fn new(options: &'a LabelOptions, there: [bool; 3], at: fn(u64) -> At) -> Self {
        let [_, tokens, documents] = there;
        Self {
            options,
            at,
            ranker: Ranker::default(),
            documents: documents.then(|| Ok(Vec::new())),
            tokens: tokens.then(Vec::new),
            warnings: Vec::new(),
        }
    }

    /// Adds a warning.
    pub fn warn(&mut self, warning: String) {
        self.warnings.push(warning);
    }

    /// Adds the next row.
    ///
    /// # Errors
    /// A label that is none, and a cell that is no count where counts must be.
    pub fn row(&mut self, [cluster, tokens, document]: [Cell<'_>; 3], place: u64) -> Result<(), Wrong> {
        self.label(cluster, place)?;
        self.count(tokens, place)?;
        self.document(document, place);
        Ok(())
    }

    /// Adds the next label.
    ///
    /// # Errors
    /// See [`Ranker::push`].
    pub fn label(&mut self, cell: Cell<'_>, place: u64) -> Result<(), Wrong> {
        Ok(self.ranker.push(cell, place)?)
    }

    /// Adds the next token count, where there is such a column.
    ///
    /// # Errors
    /// See [`Columns::row`].
    pub fn count(&mut self, cell: Cell<'_>, place: u64) -> Result<(), Wrong> {
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

    /// Adds the next row's number, where there is such a column.
    pub fn document(&mut self, cell: Cell<'_>, place: u64) {
        let Some(Ok(rows)) = &mut self.documents else { return };
        match whole(cell).flatten().map(u64::try_from) {
            Some(Ok(row)) => rows.push(row),
            _ => self.documents = Some(Err(format!("{} has {}", (self.at)(place), quoted(cell)))),
        }
    }

    /// Says why the column of rows gives none.
    pub fn without_documents(&mut self, reason: String) {
        self.documents = Some(Err(reason));
    }

    /// Does without the column of token counts, and says why.
    ///
    /// # Errors
    /// Where counts must be.
    pub fn without_counts(&mut self, reason: String) -> Result<(), Wrong> {
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
        let Self { options, at, ranker, documents, tokens, mut warnings } = self;
        let Found { labels, names, noise, warnings: found } =
            ranker.finish(&options.rules).map_err(|error| {
                let place = error.place();
                let wrong = Wrong::from(error).of(path);
                LabelsError { at: place.map(at), ..wrong }
            })?;
        warnings.extend(found.iter().map(|warning| said(warning, at)));
        Ok(Ranked { labels, names, noise, documents, tokens, warnings })
    }
}

/// The integer of a cell; nothing in it for null, `None` for what is no integer.
fn whole(cell: Cell<'_>) -> Option<Option<i128>> {
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

/// A cell as messages quote it.
fn quoted(cell: Cell<'_>) -> String {
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
