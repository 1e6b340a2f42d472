//! Values: what a field of a record holds, whatever the record was read from.

use std::borrow::Cow;
use std::fmt;

/// A value of a record. Numbers keep their spelling.
///
/// ```
/// use clusterclip_core::format::value::Value;
/// let meta = Value::Object(vec![("url".into(), Value::Text("x".into())), ("n".into(), Value::Number("1.0".into()))]);
/// assert_eq!(meta.to_string(), r#"{"url":"x","n":1.0}"#);
/// assert_eq!(meta.below("n"), Some(&Value::Number("1.0".into())));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Value<'a> {
    /// Nothing.
    #[default]
    Null,
    /// True or false.
    Bool(bool),
    /// A number, as it was written.
    Number(Cow<'a, str>),
    /// A string.
    Text(Cow<'a, str>),
    /// A list.
    List(Vec<Value<'a>>),
    /// Fields with names, in their order; of several with one name the last counts.
    Object(Vec<(Cow<'a, str>, Value<'a>)>),
}

impl<'a> Value<'a> {
    /// What it is, for messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "true or false",
            Self::Number(_) => "a number",
            Self::Text(_) => "a string",
            Self::List(_) => "an array",
            Self::Object(_) => "an object",
        }
    }

    /// The field of an object that has this name.
    pub fn field(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(fields) => fields.iter().rfind(|(key, _)| key == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The value at the end of a path like `meta.text` or `turns.0.content`: numbers are places in lists, from 0. A
    /// name that holds a point goes before a path.
    pub fn below(&self, path: &str) -> Option<&Self> {
        if let Self::List(values) = self {
            let (place, rest) =
                path.split_once('.').map_or((path, None), |(place, rest)| (place, Some(rest)));
            let value = values.get(place.parse::<usize>().ok()?)?;
            return rest.map_or(Some(value), |rest| value.below(rest));
        }
        let (name, rest) = split(path, |name| self.field(name).is_some())?;
        let value = self.field(name)?;
        rest.map_or(Some(value), |rest| value.below(rest))
    }

    /// Its spelling: a string as it is, anything else as JSON.
    pub fn spelled(&self) -> Cow<'a, str> {
        match self {
            Self::Text(text) | Self::Number(text) => text.clone(),
            other => Cow::Owned(other.to_string()),
        }
    }

    /// Owns what it holds.
    pub fn into_owned(self) -> Value<'static> {
        let own = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        match self {
            Self::Null => Value::Null,
            Self::Bool(bool) => Value::Bool(bool),
            Self::Number(number) => Value::Number(own(number)),
            Self::Text(text) => Value::Text(own(text)),
            Self::List(values) => Value::List(values.into_iter().map(Value::into_owned).collect()),
            Self::Object(fields) => Value::Object(
                fields.into_iter().map(|(name, value)| (own(name), value.into_owned())).collect(),
            ),
        }
    }
}

/// Splits a path into a name that is there and the rest below it: the whole path first, then ever shorter ones.
pub(super) fn split(path: &str, is_there: impl Fn(&str) -> bool) -> Option<(&str, Option<&str>)> {
    if is_there(path) {
        return Some((path, None));
    }
    let points = path.rmatch_indices('.').map(|(at, _)| at);
    { points }.find(|&at| is_there(&path[..at])).map(|at| (&path[..at], Some(&path[at + 1..])))
}

/// JSON without blanks.
impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(bool) => write!(f, "{bool}"),
            Self::Number(number) => f.write_str(number),
            Self::Text(text) => quoted(text, f),
            Self::List(values) => {
                for (place, value) in values.iter().enumerate() {
                    write!(f, "{}{value}", if place == 0 { "[" } else { "," })?;
                }
                f.write_str(if values.is_empty() { "[]" } else { "]" })
            }
            Self::Object(fields) => {
                for (place, (name, value)) in fields.iter().enumerate() {
                    f.write_str(if place == 0 { "{" } else { "," })?;
                    quoted(name, f)?;
                    write!(f, ":{value}")?;
                }
                f.write_str(if fields.is_empty() { "{}" } else { "}" })
            }
        }
    }
}

fn quoted(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(&serde_json::to_string(text).map_err(|_| fmt::Error)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value<'_> {
        Value::Text(text.into())
    }

    fn object<'a>(fields: &[(&'a str, Value<'a>)]) -> Value<'a> {
        Value::Object(fields.iter().map(|(name, value)| ((*name).into(), value.clone())).collect())
    }

    #[test]
    fn a_name_with_points_goes_before_a_path_and_numbers_are_places() {
        let turns = Value::List(vec![object(&[("content", text("a"))]), object(&[("content", text("b"))])]);
        let record = object(&[
            ("meta", object(&[("text", text("path")), ("a.b", text("pointed"))])),
            ("meta.text", text("exact")),
            ("turns", turns),
        ]);
        assert_eq!(record.below("meta.text"), Some(&text("exact")));
        assert_eq!(record.below("meta.a.b"), Some(&text("pointed")));
        assert_eq!(record.below("turns.1.content"), Some(&text("b")));
        for absent in
            ["turns.2.content", "turns.x", "turns.-1", "meta.none", "none", "", "turns.0.content.deeper"]
        {
            assert_eq!(record.below(absent), None, "{absent}");
        }
    }

    #[test]
    fn the_last_of_two_fields_counts_and_spellings_are_json() {
        let twice = object(&[("a", Value::Null), ("a", Value::Bool(true))]);
        assert_eq!(twice.field("a"), Some(&Value::Bool(true)));
        let value = Value::List(vec![
            twice,
            Value::List(vec![]),
            object(&[]),
            text("q\"\n"),
            Value::Number("1e3".into()),
        ]);
        assert_eq!(value.spelled(), r#"[{"a":null,"a":true},[],{},"q\"\n",1e3]"#);
        assert_eq!((text("as it is").spelled(), Value::Null.spelled()), ("as it is".into(), "null".into()));
        assert_eq!(value.clone().into_owned(), value);
    }
}
