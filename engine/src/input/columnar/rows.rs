//! Rows of a columnar file as records.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use clusterclip_core::format::records::{Fields, Recipe, Record, RecordError, listed_kinds};
use clusterclip_core::monitor::CancelFlag;

use super::error::ColumnsError;
use super::value::{NoText, Weight, example, value};
use super::{Batch, Batches, Column, ColumnFormat, Reader, Table, Want};
use crate::error::Result;
use crate::input::MAX_DOCUMENT;
use crate::input::source::Source;

/// Bytes of text that are parsed at a time: few enough to spread a batch over cores.
const PIECE: u64 = 512 << 10;

/// How rows of a file become records.
#[derive(Debug)]
pub(crate) struct Plan {
    recipe: Recipe,
    /// The columns that are read.
    wanted: Vec<Want>,
    /// Where each field that the recipe wants is among these; for a template, where each column is and its name.
    slots: Slots,
}

#[derive(Debug)]
enum Slots {
    Wanted(Vec<Option<usize>>, Vec<String>),
    All(Vec<String>),
}

impl Plan {
    /// Settles it by the columns of a file, which all of its rows have; `given` are fields besides these.
    pub(crate) fn of(
        table: &Table,
        name: &str,
        given: &[(String, String)],
        fields: &Fields,
    ) -> Result<Self, ColumnsError> {
        let columns = table.columns();
        let examples: Vec<_> =
            columns.iter().map(|column| column.data_type.as_ref().and_then(example)).collect();
        let first = columns.iter().zip(&examples);
        // What is not read is a field as well; whether it is wanted shows itself.
        let first = first.map(|(column, example)| (column.name.as_str(), example.as_ref()));
        let listed = || listed_kinds(first.clone());
        let named = first.clone().chain(given.iter().map(|(name, _)| (name.as_str(), None)));
        let recipe = Recipe::of(&named.collect::<Vec<_>>(), fields);
        let recipe = recipe.map_err(|error| ColumnsError::Records {
            name: name.to_owned(),
            error: error.with_fields(listed),
        })?;
        let read = |column: usize, paths: Vec<&str>| {
            let Column { name: of, data_type } = &columns[column];
            match data_type {
                Some(data_type) if examples[column].is_some() => {
                    let paths = paths.into_iter().map(|path| steps(data_type, path)).collect();
                    Ok(Want { column, paths })
                }
                other => Err(ColumnsError::Unread {
                    name: name.to_owned(),
                    column: of.clone(),
                    holds: other
                        .as_ref()
                        .map_or_else(|| "values of an unknown type".to_owned(), DataType::to_string),
                }),
            }
        };
        let mut wanted = Vec::new();
        let slots = match recipe.wanted() {
            None => {
                // Of several columns with one name the last counts, as of fields.
                // What is not read is left out: the template need not ask for it.
                let is_taken = |&column: &usize| {
                    let later = columns[column + 1..].iter().any(|later| later.name == columns[column].name);
                    examples[column].is_some() && !later
                };
                for column in (0..columns.len()).filter(is_taken) {
                    wanted.push(read(column, Vec::new())?);
                }
                Slots::All(wanted.iter().map(|want| columns[want.column].name.clone()).collect())
            }
            Some(names) => {
                let mut slots = Vec::with_capacity(names.len());
                for (slot, name) in names.iter().enumerate() {
                    let column = columns.iter().rposition(|column| column.name == *name);
                    slots.push(column.map(|_| wanted.len()));
                    if let Some(column) = column {
                        wanted.push(read(column, recipe.paths(slot))?);
                    }
                }
                Slots::Wanted(slots, names.to_vec())
            }
        };
        Ok(Self { recipe: recipe.with_given(given), wanted, slots })
    }

    /// The columns that are read.
    pub(crate) fn wanted(&self) -> &[Want] {
        &self.wanted
    }

    /// How texts are made.
    pub(crate) fn recipe(&self) -> &Recipe {
        &self.recipe
    }
}

/// The names on the way down a path, as far as it leads through structs; a name that holds a point goes before a path.
fn steps(data_type: &DataType, path: &str) -> Vec<String> {
    let DataType::Struct(fields) = data_type else { return Vec::new() };
    let ends = std::iter::once(path.len()).chain(path.rmatch_indices('.').map(|(at, _)| at));
    for end in ends {
        if let Some((_, field)) = fields.find(&path[..end]) {
            let mut steps = vec![path[..end].to_owned()];
            steps.extend(
                path.get(end + 1..).map(|rest| self::steps(field.data_type(), rest)).unwrap_or_default(),
            );
            return steps;
        }
    }
    Vec::new()
}

/// Texts of rows, read from lower to higher numbers.
pub(crate) struct RowTexts {
    plan: Arc<Plan>,
    reader: Reader,
    /// The group that comes next, and its first row.
    group: usize,
    next: u64,
    /// What is left of the group before.
    batches: Option<Batches>,
    /// The last rows that were read. The next one that is wanted may be among them again.
    rows: Option<Rows>,
    /// The row after those.
    end: u64,
}

impl RowTexts {
    /// Opens a columnar source; `None` for one without rows.
    pub(crate) fn open(source: &Source, format: ColumnFormat) -> Result<Option<Self>> {
        let opened = source.open_columns(format)?;
        Ok(opened.map(|(plan, reader)| Self {
            plan,
            reader,
            group: 0,
            next: 0,
            batches: None,
            rows: None,
            end: 0,
        }))
    }

    /// The text of a row; `None` where there is no such row, or no text in it.
    pub(crate) fn read(&mut self, row: u64, cancel: &CancelFlag) -> Result<Option<String>> {
        while self.end <= row {
            cancel.check()?;
            if !self.advance(row)? {
                return Ok(None);
            }
        }
        let rows = self.rows.as_ref().filter(|rows| rows.first <= row);
        let record = rows.map(|rows| rows.record((row - rows.first) as usize));
        Ok(record.and_then(Result::ok).map(|record| record.text.into_owned()))
    }

    /// Goes on to the next rows; groups that end before `row` are passed over. False at the end.
    fn advance(&mut self, row: u64) -> Result<bool> {
        let batch = match &mut self.batches {
            Some(batches) => batches.next()?,
            None => None,
        };
        if let Some(batch) = batch {
            self.rows = Some(Rows::whole(&self.plan, self.end, batch));
            self.end += self.rows.as_ref().map_or(0, |rows| rows.rows as u64);
            return Ok(true);
        }
        let Some(&rows) = self.reader.groups().get(self.group) else { return Ok(false) };
        let passed = self.next + rows <= row;
        self.batches = if passed { None } else { Some(self.reader.read(self.group)?) };
        self.end = if passed { self.next + rows } else { self.next };
        self.rows = None;
        self.next += rows;
        self.group += 1;
        Ok(true)
    }
}

/// Rows that lie one after another.
#[derive(Debug, Clone)]
pub(crate) struct Rows {
    plan: Arc<Plan>,
    /// The number of the first in the file.
    first: u64,
    /// The wanted columns.
    columns: Vec<ArrayRef>,
    rows: usize,
}

impl Rows {
    /// Cuts a batch, which begins at row `first`, into pieces for several cores; each with its bytes.
    pub(crate) fn pieces(
        plan: &Arc<Plan>,
        name: &str,
        first: u64,
        batch: &Batch,
    ) -> Result<Vec<(Self, u64)>, ColumnsError> {
        let Batch { columns, rows } = batch;
        let mut pieces = Vec::new();
        let (mut from, mut bytes) = (0, 0);
        for row in 0..*rows {
            let mut weight = Weight::default();
            columns.iter().for_each(|column| weight.add(column, row));
            if weight.is_too_much() {
                return Err(ColumnsError::TooMany { name: name.to_owned(), row: first + row as u64 });
            }
            if weight.bytes > MAX_DOCUMENT {
                return Err(ColumnsError::TooLong { name: name.to_owned(), row: first + row as u64 });
            }
            bytes += weight.bytes;
            if bytes >= PIECE || row + 1 == *rows {
                let columns = columns.iter().map(|column| column.slice(from, row + 1 - from)).collect();
                let piece =
                    Self { plan: plan.clone(), first: first + from as u64, columns, rows: row + 1 - from };
                pieces.push((piece, bytes));
                (from, bytes) = (row + 1, 0);
            }
        }
        Ok(pieces)
    }

    /// A batch that begins at row `first`, as it is.
    fn whole(plan: &Arc<Plan>, first: u64, batch: Batch) -> Self {
        Self { plan: plan.clone(), first, columns: batch.columns, rows: batch.rows }
    }

    /// The numbers of the rows in the file, each with its record.
    pub(crate) fn records(&self) -> impl Iterator<Item = (u64, Result<Record<'_>, RecordError>)> {
        (0..self.rows).map(|row| (self.first + row as u64, self.record(row)))
    }

    fn record(&self, row: usize) -> Result<Record<'_>, RecordError> {
        let take = |name: &str, column: usize| {
            let no_text = |NoText(byte)| RecordError::FieldUtf8 { field: name.to_owned(), byte };
            value(&self.columns[column], row).map_err(no_text)
        };
        match &self.plan.slots {
            Slots::Wanted(slots, names) => {
                let values = slots.iter().zip(names);
                let values = values.map(|(slot, name)| slot.map(|column| take(name, column)).transpose());
                self.plan.recipe.record(&mut values.collect::<Result<Vec<_>, _>>()?)
            }
            Slots::All(names) => {
                // Bytes that are no text are left out too.
                let fields = names.iter().enumerate();
                let fields = fields
                    .filter_map(|(column, name)| Some((name.as_str().into(), take(name, column).ok()?)));
                self.plan.recipe.record_of_all(fields.collect())
            }
        }
    }
}
