//! Reading an object without building it: wanted fields are kept, the rest is skipped.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::Fields;

/// A value of a field that may be the text.
pub(super) enum Text<'a> {
    Text(Cow<'a, str>),
    Other(&'static str),
}

/// The fields met in a record, before one is chosen.
#[derive(Default)]
pub(super) struct Found<'a> {
    pub(super) asked: Option<Text<'a>>,
    pub(super) text: Option<Text<'a>>,
    pub(super) content: Option<Text<'a>>,
    pub(super) prompt: Option<Text<'a>>,
    pub(super) output: Option<Text<'a>>,
    pub(super) id: Option<&'a RawValue>,
    pub(super) tokens: Option<&'a RawValue>,
}

/// Reads the wanted fields of an object and skips the rest without building it.
pub(super) struct Wanted<'f> {
    pub(super) fields: &'f Fields,
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

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Text::Other("an array"))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Text::Other("an object"))
    }
}

/// How null is spelled, in JSON and in messages.
pub(super) const NULL: &str = "null";

/// Reads a raw value as text; the raw value was checked when it was read.
pub(super) fn text_of(raw: &RawValue) -> Text<'_> {
    serde_json::Deserializer::from_str(raw.get())
        .deserialize_any(TextVisitor)
        .unwrap_or(Text::Other("a value that cannot be read"))
}
