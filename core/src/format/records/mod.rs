//! Records: what of their fields is the text, the id, the token count and the score.
//!
//! - The text is what [`Fields`] ask for; else what the fields of the first record of a source say ([`Recipe`]).
//! - The id is the field that was asked for, else `id`; a string as it is, anything else by its JSON spelling (so that
//!   long integers keep their digits). Without one the caller names the record by its place.
//! - The token count is the field that was asked for, else unknown; null says unknown too. 12.0 is 12.
//! - The score is the field that was asked for, a number, else unknown; null says unknown too.
//! - Of a field that is given twice the last one counts.
//! - A field that is asked for is one of that name, else the end of a path: `meta.text`, `turns.0.content`.

mod choice;
mod error;
mod recipe;
#[cfg(feature = "template")]
mod template;
mod text;

use std::borrow::Cow;
use std::collections::HashSet;

pub use choice::Choice;
pub use error::RecordError;
pub use recipe::Recipe;
#[cfg(feature = "template")]
pub use template::{Template, TemplateError};

use super::cut::BOM;
use super::items::Decoded;
use super::json::{Fault, Reason, Scanner};
use super::value::Value;

/// The fields to take from a record; without any, those that its source is known by ([`Recipe`]).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields {
    /// The fields of the text: several are joined by a line break.
    pub text: Vec<String>,
    /// Whether records have no text, but the other fields: a list of scores, say. Counts may then be left out.
    pub textless: bool,
    /// What makes the text of all fields; it goes before `text`.
    #[cfg(feature = "template")]
    pub template: Option<Template>,
    /// The field of the id.
    pub id: Option<String>,
    /// The field of the token count.
    pub tokens: Option<String>,
    /// The field of the score.
    pub score: Option<String>,
}

/// What a record says.
#[derive(Debug, Clone, PartialEq)]
pub struct Record<'a> {
    /// The text to embed.
    pub text: Cow<'a, str>,
    /// The id, if the record has one.
    pub id: Option<Cow<'a, str>>,
    /// How many tokens the text has, if the record says so.
    pub tokens: Option<u32>,
    /// The score of the record, if it says so; never NaN.
    pub score: Option<f64>,
}

/// Slots that need no memory of their own.
const FEW: usize = 8;

/// Reads a record that is a JSON object.
///
/// ```
/// use clusterclip_core::format::records::{Fields, Recipe, parse};
/// let line = br#"{"id": 7, "prompt": "1+1?", "output": "2", "score": NaN}"#;
/// let recipe = Recipe::of_json(line, &[], &Fields::default())?;
/// let record = parse(line, &recipe).record?;
/// assert_eq!((record.text.as_ref(), record.id.as_deref()), ("1+1?\n2", Some("7")));
/// # Ok::<(), clusterclip_core::format::records::RecordError>(())
/// ```
pub fn parse<'a>(record: &'a [u8], recipe: &Recipe) -> Decoded<'a> {
    let mut scanner = Scanner::new(record);
    let record = check_start(record)
        .and_then(|()| read(&mut scanner, recipe))
        .map_err(|error| error.with_fields(|| names(record)));
    Decoded { replaced: scanner.has_replaced(), record }
}

fn read<'a>(scanner: &mut Scanner<'a>, recipe: &Recipe) -> Result<Record<'a>, RecordError> {
    let Some(wanted) = recipe.wanted() else {
        return recipe.record_of_all(scanner.object()?);
    };
    let (mut few, mut many) = ([const { None }; FEW], Vec::new());
    let values: &mut [Option<Value<'a>>] = match few.get_mut(..wanted.len()) {
        Some(few) => few,
        None => {
            many.resize(wanted.len(), None);
            &mut many
        }
    };
    while let Some(key) = scanner.key()? {
        match wanted.iter().position(|name| key.is(name)) {
            Some(slot) => values[slot] = Some(scanner.value()?),
            None => scanner.skip()?,
        }
    }
    recipe.record(values)
}

/// Refuses what is no object at all, by its first bytes.
fn check_start(record: &[u8]) -> Result<(), RecordError> {
    match record.trim_ascii() {
        [b'{', ..] | [] => Ok(()),
        [b'[', ..] => Err(RecordError::Array),
        [b'"', ..] => Err(RecordError::NotAnObject { found: "a string" }),
        [b'0'..=b'9' | b'-', ..] => Err(RecordError::NotAnObject { found: "a number" }),
        b"null" => Err(RecordError::NotAnObject { found: "null" }),
        b"true" | b"false" => Err(RecordError::NotAnObject { found: "true or false" }),
        marked if marked.starts_with(BOM) => Err(RecordError::Mark),
        pointer if is_pointer(pointer) => Err(RecordError::Pointer),
        _ => Err(RecordError::NotAnObject { found: "no JSON" }),
    }
}

/// Whether bytes begin as a pointer of Git LFS does: a file that stands for another one, which was not fetched.
pub fn is_pointer(bytes: &[u8]) -> bool {
    bytes.starts_with(b"version https://git-lfs.github.com/spec/v1")
}

impl From<Fault> for RecordError {
    fn from(Fault { column, reason }: Fault) -> Self {
        match reason {
            Reason::Utf8 => Self::Utf8 { column },
            reason => Self::Json { column, reason },
        }
    }
}

/// How many field names a message lists.
const NAMES_SHOWN: usize = 12;

/// The names of fields, each once, in the order in which they came; as many as a person may look at.
#[derive(Debug, Clone, Default)]
pub struct FieldNames {
    names: Vec<String>,
    known: HashSet<String>,
}

impl FieldNames {
    /// Adds those of a JSON object, as far as it can be read.
    pub fn add(&mut self, record: &[u8]) {
        let mut scanner = Scanner::new(record);
        for _ in 0..MAX_KEYS {
            let Ok(Some(key)) = scanner.key() else { return };
            self.push(key.text().into_owned());
            if self.names.len() > MAX_NAMES || scanner.skip().is_err() {
                return;
            }
        }
    }

    /// Adds one.
    pub fn push(&mut self, name: String) {
        if self.known.insert(name.clone()) {
            self.names.push(name);
        }
    }

    /// All of them.
    pub fn names(&self) -> &[String] {
        &self.names
    }
}

/// Names that are gathered.
const MAX_NAMES: usize = 1000;

/// Fields of one record that are looked at for their names.
const MAX_KEYS: usize = 10 * MAX_NAMES;

/// Lists the fields of a record for a message, in their order.
fn names(record: &[u8]) -> String {
    let mut fields = FieldNames::default();
    fields.add(record);
    if fields.names().is_empty() { "no fields".to_owned() } else { listed(fields.names()) }
}

/// Lists names for a message.
pub(super) fn listed<S: AsRef<str>>(names: &[S]) -> String {
    let shown = names.iter().take(NAMES_SHOWN);
    let mut list: Vec<String> = shown.map(|name| format!("`{}`", shortened(name.as_ref()))).collect();
    if names.len() > NAMES_SHOWN {
        list.push(format!("{} more", names.len() - NAMES_SHOWN));
    }
    list.join(", ")
}

/// Lists columns for a message, each with what it holds unless that is strings; `None` is not read.
///
/// ```
/// use clusterclip_core::format::records::listed_kinds;
/// use clusterclip_core::format::value::Value;
/// let (text, tags) = (Value::Text("".into()), Value::List(Vec::new()));
/// assert_eq!(listed_kinds([("text", Some(&text)), ("tags", Some(&tags))].into_iter()), "`text`, `tags` (an array)");
/// ```
pub fn listed_kinds<'v>(columns: impl ExactSizeIterator<Item = (&'v str, Option<&'v Value<'v>>)>) -> String {
    let more = columns.len().saturating_sub(NAMES_SHOWN);
    let said = columns.take(NAMES_SHOWN).map(|(name, value)| {
        let name = shortened(name);
        match value {
            Some(Value::Text(_)) => format!("`{name}`"),
            Some(value) => format!("`{name}` ({})", value.kind()),
            None => format!("`{name}` (not read)"),
        }
    });
    let mut list: Vec<String> = said.collect();
    if more > 0 {
        list.push(format!("{more} more"));
    }
    if list.is_empty() { "no columns".to_owned() } else { list.join(", ") }
}

/// Cuts a value for a message: sixty letters of it.
pub fn shortened(value: &str) -> String {
    const SHOWN: usize = 60;
    if value.chars().nth(SHOWN).is_none() {
        return value.to_owned();
    }
    value.chars().take(SHOWN).chain(['…']).collect()
}

#[cfg(test)]
mod tests;
