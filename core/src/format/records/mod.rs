//! JSON lines: one object a line, from bytes to text, id and token count.
//!
//! - The text is the field that was asked for, else `text`, else `content`, else `prompt` and `output` joined
//!   by a line feed. A field that is null counts as absent.
//! - The id is the field that was asked for, else `id`; a string as it is, anything else by its JSON spelling
//!   (so that long integers keep their digits). Without an `id` the caller names the record by its place.
//! - The token count is the field that was asked for, else unknown; null says unknown too.
//! - Of a field that is given twice the last one counts.
//! - A record is UTF-8 or it is bad: JSON allows nothing else.

mod error;
mod visit;

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

pub use error::RecordError;
use visit::{Found, NULL, Text, Wanted, text_of};

use crate::error::Param;

/// The fields to take from a record; `None` means the defaults above.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields {
    /// The field of the text.
    pub text: Option<String>,
    /// The field of the id.
    pub id: Option<String>,
    /// The field of the token count.
    pub tokens: Option<String>,
}

/// What a record says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record<'a> {
    /// The text to embed.
    pub text: Cow<'a, str>,
    /// The id, if the record has one.
    pub id: Option<Cow<'a, str>>,
    /// How many tokens the text has, if the record says so.
    pub tokens: Option<u32>,
}

/// Parses one line of JSON lines.
///
/// ```
/// use clusterclip_core::format::records::{Fields, parse};
/// let record = parse(br#"{"id": 7, "prompt": "1+1?", "output": "2"}"#, &Fields::default())?;
/// assert_eq!(record.text, "1+1?\n2");
/// assert_eq!(record.id.as_deref(), Some("7"));
/// # Ok::<(), clusterclip_core::format::records::RecordError>(())
/// ```
///
/// # Errors
/// [`RecordError`], which says what to do; the caller adds the file and the line.
pub fn parse<'a>(line: &'a [u8], fields: &Fields) -> Result<Record<'a>, RecordError> {
    let line =
        std::str::from_utf8(line).map_err(|error| RecordError::Utf8 { column: error.valid_up_to() + 1 })?;
    match line.trim_ascii_start().as_bytes().first() {
        Some(b'{') | None => {}
        Some(b'[') => return Err(RecordError::Array),
        Some(b'"') => return Err(RecordError::NotAnObject { found: "a string" }),
        Some(b'0'..=b'9' | b'-') => return Err(RecordError::NotAnObject { found: "a number" }),
        Some(_) => return Err(RecordError::NotAnObject { found: "no JSON" }),
    }
    let mut json = serde_json::Deserializer::from_str(line);
    let found = json
        .deserialize_map(Wanted { fields })
        .and_then(|found| json.end().map(|()| found))
        .map_err(|error| broken(&error))?;
    found.into_record(line, fields)
}

/// Turns the parser's error into ours; its position is told once, by us.
fn broken(error: &serde_json::Error) -> RecordError {
    let whole = error.to_string();
    let reason = whole.rsplit_once(" at line ").map_or(whole.as_str(), |(reason, _)| reason);
    RecordError::Json { column: error.column().max(1), reason: reason.to_owned() }
}

impl<'a> Found<'a> {
    fn into_record(self, line: &'a str, fields: &Fields) -> Result<Record<'a>, RecordError> {
        let (id, tokens) = (self.id, self.tokens);
        let id = match id.map(|raw| (raw, text_of(raw))) {
            None | Some((_, Text::Other(NULL))) => match &fields.id {
                Some(field) => return Err(no_field(line, field, Param::IdField)),
                None => None,
            },
            Some((_, Text::Text(id))) => Some(id),
            Some((raw, Text::Other(_))) => Some(Cow::Borrowed(raw.get())),
        };
        let tokens =
            match (&fields.tokens, tokens) {
                (None, _) => None,
                (Some(field), None) => return Err(no_field(line, field, Param::TokenField)),
                (Some(_), Some(raw)) if raw.get() == NULL => None,
                (Some(field), Some(raw)) => Some(raw.get().parse().map_err(|_| RecordError::NotACount {
                    field: field.clone(),
                    found: shortened(raw.get()),
                })?),
            };
        let text = self.into_text(line, fields)?;
        Ok(Record { text, id, tokens })
    }

    fn into_text(self, line: &str, fields: &Fields) -> Result<Cow<'a, str>, RecordError> {
        let absent = |value: &Option<Text<'_>>| matches!(value, None | Some(Text::Other(NULL)));
        let string = |field: &str, value: Option<Text<'a>>| match value {
            Some(Text::Text(text)) => Ok(text),
            Some(Text::Other(found)) => Err(RecordError::NotText { field: field.to_owned(), found }),
            None => Err(RecordError::NotText { field: field.to_owned(), found: "nothing" }),
        };
        if let Some(field) = &fields.text {
            return match self.asked {
                None => Err(no_field(line, field, Param::TextField)),
                value => string(field, value),
            };
        }
        if !absent(&self.text) {
            return string("text", self.text);
        }
        if !absent(&self.content) {
            return string("content", self.content);
        }
        if !absent(&self.prompt) && !absent(&self.output) {
            let prompt = string("prompt", self.prompt)?;
            let output = string("output", self.output)?;
            return Ok(Cow::Owned(format!("{prompt}\n{output}")));
        }
        // A text that is null is told as such; a record without any names its fields.
        if self.text.is_some() {
            return string("text", self.text);
        }
        if self.content.is_some() {
            return string("content", self.content);
        }
        Err(RecordError::NoText {
            wanted: "`text`, `content` or `prompt` with `output`".to_owned(),
            fields: names(line),
        })
    }
}

fn no_field(line: &str, field: &str, param: Param) -> RecordError {
    RecordError::NoField { field: field.to_owned(), param, fields: names(line) }
}

/// How many field names a message lists.
const NAMES_SHOWN: usize = 12;

/// Gives the names of the fields of a line of JSON lines, in their order; none if it is no JSON object.
pub fn field_names(line: &[u8]) -> Vec<String> {
    struct Names;
    impl<'de> Visitor<'de> for Names {
        type Value = Vec<String>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a JSON object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut names = Vec::new();
            while let Some((name, IgnoredAny)) = map.next_entry::<String, IgnoredAny>()? {
                names.push(name);
            }
            Ok(names)
        }
    }
    serde_json::Deserializer::from_slice(line).deserialize_map(Names).unwrap_or_default()
}

/// Lists the fields of a record for a message, in their order.
fn names(line: &str) -> String {
    let names = field_names(line.as_bytes());
    if names.is_empty() { "no fields".to_owned() } else { listed(&names) }
}

/// Lists names for a message.
pub(super) fn listed(names: &[String]) -> String {
    let mut list: Vec<String> =
        names.iter().take(NAMES_SHOWN).map(|name| format!("`{}`", shortened(name))).collect();
    if names.len() > NAMES_SHOWN {
        list.push(format!("{} more", names.len() - NAMES_SHOWN));
    }
    list.join(", ")
}

/// Cuts a value for a message.
pub(super) fn shortened(value: &str) -> String {
    const SHOWN: usize = 60;
    if value.chars().count() <= SHOWN {
        return value.to_owned();
    }
    value.chars().take(SHOWN).chain(['…']).collect()
}

#[cfg(test)]
mod tests;
