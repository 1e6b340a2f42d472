//! CSV and TSV: a header that names the columns, then a document a record.
//!
//! - In CSV cells may be quoted with `"`, a quote in them doubled; quoted cells may hold delimiters and line ends. Text
//!   after the closing quote, and a quote that never closes, are errors. In TSV a record is a line, and quotes are
//!   letters, unless each cell of the record that begins with one ends with one ([`Quote::WholeCells`]).
//!   [`TableOptions`] say otherwise.
//! - Records end with a line feed, a carriage return or both. Empty lines are left out and counted.
//! - The header decides once what is the text, as the first record does in JSON lines
//!   ([`Recipe`]). An empty cell is an empty text. Without a header the columns are called 0, 1, ….
//! - The id is the column that was asked for, else `id`. An empty cell is no id: then the caller names the record by
//!   its place, or it is bad where the column was asked for.
//! - The token count is the column that was asked for, else unknown; an empty cell says unknown too.
//! - A record has a cell for each column, and those that are read are UTF-8, or it is bad. One that names the columns
//!   again says nothing ([`RecordError::HeaderAgain`]).

mod cells;
mod error;
mod options;

use std::borrow::Cow;

pub use error::HeaderError;
pub use options::{Quote, TableOptions, TableOptionsError};

use self::cells::{Cells, text};
use super::cut::BOM;
use super::records::{Fields, Recipe, Record, RecordError, is_pointer, listed, shortened};
use super::value::Value;
use crate::error::Param;

/// The most columns of a table.
pub(in crate::format) const MAX_COLUMNS: usize = 1 << 16;

/// The columns of a table, and which of them are taken.
#[derive(Debug, Clone)]
pub struct Columns {
    options: TableOptions,
    names: Vec<String>,
    recipe: Recipe,
    /// The slot of the recipe that each column fills.
    slots: Vec<Option<usize>>,
}

impl Columns {
    /// Finds the columns in the first record of a table, from its bytes: it names them, or is the first row of a table
    /// without a header. `given` are fields that each record has besides.
    ///
    /// ```
    /// use clusterclip_core::format::records::Fields;
    /// use clusterclip_core::format::table::{Columns, TableOptions};
    /// let columns = Columns::of(b"id,text", TableOptions::CSV, &[], &Fields::default())?;
    /// assert_eq!(columns.names(), ["id", "text"]);
    /// let record = columns.parse(b"7,\"one,\ntwo\"").unwrap();
    /// assert_eq!((record.text.as_ref(), record.id.as_deref()), ("one,\ntwo", Some("7")));
    /// # Ok::<(), clusterclip_core::format::table::HeaderError>(())
    /// ```
    ///
    /// # Errors
    /// [`HeaderError`] without usable columns; the caller adds the file.
    pub fn of(
        first: &[u8],
        options: TableOptions,
        given: &[(String, String)],
        fields: &Fields,
    ) -> Result<Self, HeaderError> {
        let names = names(first, options)?;
        let is_there =
            |name: &str| names.iter().chain(given.iter().map(|(name, _)| name)).any(|own| own == name);
        let asked = [
            (&fields.id, Param::IdField),
            (if fields.textless { &None } else { &fields.tokens }, Param::TokenField),
            (&fields.score, Param::ScoreField),
        ];
        let asked = asked.into_iter().filter_map(|(name, param)| Some((name.as_ref()?, param)));
        let asked = fields.text.iter().map(|name| (name, Param::TextField)).chain(asked);
        for (name, param) in asked {
            if !is_there(name) {
                plainly_another(&names, options, fields)?;
                return Err(HeaderError::NoColumn { name: shortened(name), param, columns: listed(&names) });
            }
        }
        // A cell is a string, whatever it says: no conversation.
        let cell = Value::Text(Cow::Borrowed(""));
        let own = names.iter().map(|name| (name.as_str(), Some(&cell)));
        let keys: Vec<_> = own.chain(given.iter().map(|(name, _)| (name.as_str(), None))).collect();
        plainly_another(&names, options, fields)?;
        let recipe =
            Recipe::of(&keys, fields).map_err(|_| HeaderError::NoText { columns: listed(&names) })?;
        let recipe = recipe.with_given(given).of_cells();
        let wanted = recipe.wanted().unwrap_or_default();
        if let Some(name) = { wanted }.iter().find(|name| names.iter().filter(|own| own == name).count() > 1)
        {
            return Err(HeaderError::Twice { name: shortened(name) });
        }
        let slots = names.iter().map(|name| wanted.iter().position(|wanted| wanted == name)).collect();
        Ok(Self { options, slots, names, recipe })
    }

    /// The names of the columns, in their order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// What is taken of each record.
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// Reads the bytes of one record, without its line end.
    ///
    /// # Errors
    /// [`RecordError`], which says what to do; the caller adds the file and the line.
    pub fn parse<'b>(&self, record: &'b [u8]) -> Result<Record<'b>, RecordError> {
        let Some(wanted) = self.recipe.wanted() else { return self.parse_all(record) };
        let mut values: Vec<Option<Value<'b>>> = vec![None; wanted.len()];
        let mut count = 0;
        let mut again = self.options.has_header();
        for (column, cell) in Cells::of(record, self.options).enumerate() {
            let cell = cell?;
            again = again && self.names_again(column, &cell);
            count += 1;
            if let Some(slot) = self.slots.get(column).copied().flatten() {
                values[slot] = Some(Value::Text(text(cell, count)?));
            }
        }
        self.check(count, again)?;
        self.recipe.record(&mut values)
    }

    /// A record as a JSON object: each cell a string.
    ///
    /// ```
    /// use clusterclip_core::format::records::Fields;
    /// use clusterclip_core::format::table::{Columns, TableOptions};
    /// let columns = Columns::of(b"id,text", TableOptions::CSV, &[], &Fields::default())?;
    /// assert_eq!(columns.json(b"7,\"one,\ntwo\"").unwrap(), r#"{"id":"7","text":"one,\ntwo"}"#);
    /// # Ok::<(), clusterclip_core::format::table::HeaderError>(())
    /// ```
    ///
    /// # Errors
    /// [`RecordError`] for cells that are none.
    pub fn json(&self, record: &[u8]) -> Result<String, RecordError> {
        let cells = Cells::of(record, self.options).zip(&self.names).enumerate();
        let fields = cells.map(|(column, (cell, name))| {
            // A cell that nobody has read may be no UTF-8.
            let cell = String::from_utf8_lossy(&cell?).into_owned();
            let name = if column == 0 { name.trim_start_matches('\u{FEFF}') } else { name };
            Ok((Cow::Borrowed(name), Value::Text(Cow::Owned(cell))))
        });
        Ok(Value::Object(fields.collect::<Result<_, RecordError>>()?).to_string())
    }

    /// Reads all cells of a record.
    fn parse_all(&self, record: &[u8]) -> Result<Record<'static>, RecordError> {
        let mut fields = Vec::with_capacity(self.names.len());
        let mut count = 0;
        let mut again = self.options.has_header();
        for (column, cell) in Cells::of(record, self.options).enumerate() {
            let cell = cell?;
            again = again && self.names_again(column, &cell);
            count += 1;
            if let Some(name) = self.names.get(column) {
                fields.push((Cow::Borrowed(name.as_str()), Value::Text(text(cell, count)?)));
            }
        }
        self.check(count, again)?;
        self.recipe.record_of_all(fields).map(Record::into_owned)
    }

    /// Whether a cell is the name of its column; files that were joined may bring a byte order mark with it.
    fn names_again(&self, column: usize, cell: &[u8]) -> bool {
        let cell = if column == 0 { cell.strip_prefix(BOM).unwrap_or(cell) } else { cell };
        self.names.get(column).is_some_and(|name| name.as_bytes() == cell)
    }

    fn check(&self, count: usize, again: bool) -> Result<(), RecordError> {
        let columns = self.names.len();
        match (count == columns, again) {
            (false, _) => Err(RecordError::Cells { found: count, columns }),
            (true, true) => Err(RecordError::HeaderAgain),
            (true, false) => Ok(()),
        }
    }
}

/// Reads the names of the columns.
fn names(first: &[u8], options: TableOptions) -> Result<Vec<String>, HeaderError> {
    if is_pointer(first) {
        return Err(HeaderError::Pointer);
    }
    let cells = Cells::of(first, options).enumerate();
    let names = cells.map(|(column, cell)| {
        if column == MAX_COLUMNS {
            return Err(HeaderError::Columns);
        }
        let cell = cell.map_err(|error| match error {
            RecordError::AfterQuote { cell, .. } => HeaderError::AfterQuote { cell },
            _ => HeaderError::Unclosed,
        })?;
        match options.has_header() {
            true => text(cell, column + 1).map(Cow::into_owned).map_err(|_| HeaderError::Utf8),
            false => Ok(column.to_string()),
        }
    });
    names.collect()
}

/// Bytes that separate cells in one table or another.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Refuses a header of one column whose name is several names with another delimiter between.
fn plainly_another(names: &[String], options: TableOptions, fields: &Fields) -> Result<(), HeaderError> {
    let [name] = names else { return Ok(()) };
    if !options.has_header() || fields.text.contains(name) {
        return Ok(());
    }
    let another = DELIMITERS.into_iter().filter(|&byte| byte != options.delimiter());
    let found = { another }.find(|&byte| name.as_bytes().contains(&byte));
    match found {
        Some(found) => Err(HeaderError::Delimiter {
            header: shortened(name),
            found: char::from(found),
            read: char::from(options.delimiter()),
        }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
