//! JSON lines: one object a line, from bytes to text, id and token count.
//!
//! - The text is the field that was asked for, else `text`, else `content`, else `prompt` and `output` joined
//!   by a line feed. A field that is null counts as absent.
//! - The id is the field that was asked for, else `id`; a string as it is, anything else by its JSON spelling
//!   (so that long integers keep their digits). Without an `id` the caller names the record by its place.
//! - The token count is the field that was asked for, else unknown; null says unknown too.
//! - Of a field that is given twice the last one counts.
//! - A record is UTF-8 or it is bad: JSON allows nothing else.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The fields to take from a record; `None` means the defaults above.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields {
    /// The field of the text (`--text-field`).
    pub text: Option<String>,
    /// The field of the id (`--id-field`).
    pub id: Option<String>,
    /// The field of the token count (`--token-field`).
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

/// Why a line is no usable record. Columns count bytes from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The line is not UTF-8.
    #[error(
        "invalid UTF-8 in column {column}; a JSON record must be UTF-8: convert the file, or leave such records out with --on-bad-record skip"
    )]
    Utf8 {
        /// The first byte that is wrong.
        column: usize,
    },
    /// The line begins an array: a JSON file, not JSON lines.
    #[error(
        "a JSON array where JSON lines (one object a line) are read; convert the file: jq -c '.[]' FILE > FILE.jsonl"
    )]
    Array,
    /// The line is something else than an object.
    #[error(
        "{found} where a JSON object like {{\"text\": \"…\"}} is wanted; plain text is read with --lines (one document a line) or --format text (one document a file)"
    )]
    NotAnObject {
        /// What the line is.
        found: &'static str,
    },
    /// The line is no JSON.
    #[error(
        "broken JSON in column {column}: {reason}; each line must hold one whole JSON object: mend the line, or leave such records out with --on-bad-record skip"
    )]
    Json {
        /// Where the parser stopped.
        column: usize,
        /// What the parser says.
        reason: String,
    },
    /// The record has no text.
    #[error("no field {wanted}; the record has {fields}; name the field of the text with --text-field")]
    NoText {
        /// The fields that were looked for.
        wanted: String,
        /// The fields there are.
        fields: String,
    },
    /// A field that was asked for is not there.
    #[error("no field `{field}` ({option}); the record has {fields}")]
    NoField {
        /// The field that was asked for.
        field: String,
        /// The option that asked for it.
        option: &'static str,
        /// The fields there are.
        fields: String,
    },
    /// The text is no string.
    #[error(
        "the field `{field}` holds {found}, a string is wanted; name the field of the text with --text-field"
    )]
    NotText {
        /// Which field.
        field: String,
        /// What it holds.
        found: &'static str,
    },
    /// The token count is no count.
    #[error(
        "the field `{field}` (--token-field) holds {found}, a whole number from 0 to 4294967295 is wanted"
    )]
    NotACount {
        /// Which field.
        field: String,
        /// What it holds.
        found: String,
    },
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

/// A value of a field that may be the text.
enum Text<'a> {
    Text(Cow<'a, str>),
    Other(&'static str),
}

/// The fields met in a record, before one is chosen.
#[derive(Default)]
struct Found<'a> {
    asked: Option<Text<'a>>,
    text: Option<Text<'a>>,
    content: Option<Text<'a>>,
    prompt: Option<Text<'a>>,
    output: Option<Text<'a>>,
    id: Option<&'a RawValue>,
    tokens: Option<&'a RawValue>,
}

/// Reads the wanted fields of an object and skips the rest without building it.
struct Wanted<'f> {
    fields: &'f Fields,
}

impl<'de> Visitor<'de> for Wanted<'_> {
    type Value = Found<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Found<'de>, A::Error> {
        let mut found = Found::default();
        let id_field = self.fields.id.as_deref().unwrap_or("id");
        while let Some(Key(key)) = map.next_key()? {
            let key = key.as_ref();
            let is_id = key == id_field;
            let is_tokens = self.fields.tokens.as_deref() == Some(key);
            let text_place = match &self.fields.text {
                Some(asked) => (asked == key).then_some(&mut found.asked),
                None => match key {
                    "text" => Some(&mut found.text),
                    "content" => Some(&mut found.content),
                    "prompt" => Some(&mut found.prompt),
                    "output" => Some(&mut found.output),
                    _ => None,
                },
            };
            match (text_place, is_id || is_tokens) {
                (None, false) => {
                    map.next_value::<IgnoredAny>()?;
                }
                (Some(place), false) => *place = Some(map.next_value::<TextValue<'de>>()?.0),
                (place, true) => {
                    // One field in several roles, or an id or a count: kept by its spelling.
                    let raw: &'de RawValue = map.next_value()?;
                    if let Some(place) = place {
                        *place = Some(text_of(raw));
                    }
                    if is_id {
                        found.id = Some(raw);
                    }
                    if is_tokens {
                        found.tokens = Some(raw);
                    }
                }
            }
        }
        Ok(found)
    }
}

/// A key, borrowed from the line where it has no escapes.
struct Key<'a>(Cow<'a, str>);

impl<'de> serde::Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(StringVisitor).map(Key)
    }
}

struct StringVisitor;

impl<'de> Visitor<'de> for StringVisitor {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

/// A value that is hoped to be a string.
struct TextValue<'a>(Text<'a>);

impl<'de> serde::Deserialize<'de> for TextValue<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor).map(TextValue)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Text::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Text::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Text::Other(NULL))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Text::Other("true or false"))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Text::Other("a number"))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Text::Other("a number"))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Text::Other("a number"))
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Text::Other("an array"))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Text::Other("an object"))
    }
}

const NULL: &str = "null";

/// Reads a raw value as text; the raw value was checked when it was read.
fn text_of(raw: &RawValue) -> Text<'_> {
    serde_json::Deserializer::from_str(raw.get())
        .deserialize_any(TextVisitor)
        .unwrap_or(Text::Other("a value that cannot be read"))
}

impl<'a> Found<'a> {
    fn into_record(self, line: &'a str, fields: &Fields) -> Result<Record<'a>, RecordError> {
        let (id, tokens) = (self.id, self.tokens);
        let id = match id.map(|raw| (raw, text_of(raw))) {
            None | Some((_, Text::Other(NULL))) => match &fields.id {
                Some(field) => return Err(no_field(line, field, "--id-field")),
                None => None,
            },
            Some((_, Text::Text(id))) => Some(id),
            Some((raw, Text::Other(_))) => Some(Cow::Borrowed(raw.get())),
        };
        let tokens =
            match (&fields.tokens, tokens) {
                (None, _) => None,
                (Some(field), None) => return Err(no_field(line, field, "--token-field")),
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
                None => Err(no_field(line, field, "--text-field")),
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

fn no_field(line: &str, field: &str, option: &'static str) -> RecordError {
    RecordError::NoField { field: field.to_owned(), option, fields: names(line) }
}

/// How many field names a message lists.
const NAMES_SHOWN: usize = 12;

/// Lists the fields of a record for a message, in their order.
fn names(line: &str) -> String {
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
    let names = serde_json::Deserializer::from_str(line).deserialize_map(Names).unwrap_or_default();
    if names.is_empty() {
        return "no fields".to_owned();
    }
    let mut list: Vec<String> =
        names.iter().take(NAMES_SHOWN).map(|name| format!("`{}`", shortened(name))).collect();
    if names.len() > NAMES_SHOWN {
        list.push(format!("{} more", names.len() - NAMES_SHOWN));
    }
    list.join(", ")
}

/// Cuts a value for a message.
fn shortened(value: &str) -> String {
    const SHOWN: usize = 60;
    if value.chars().count() <= SHOWN {
        return value.to_owned();
    }
    value.chars().take(SHOWN).chain(['…']).collect()
}

#[cfg(test)]
#[path = "records_tests.rs"]
mod tests;
