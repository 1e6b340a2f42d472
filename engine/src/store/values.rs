//! Values as manifests write them.

use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// A 128-bit hash as manifests write it.
pub fn hex(hash: u128) -> String {
    format!("{hash:032x}")
}

/// An integer that JSON carries as a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Exact<T>(pub T);

impl<T: Display> Serialize for Exact<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de, T: FromStr<Err: Display>> Deserialize<'de> for Exact<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(|why| D::Error::custom(format_args!("{text:?}: {why}")))
    }
}

/// The value of an option as the manifest writes it: 64-bit integers as strings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Parameter(Value);

impl From<u64> for Parameter {
    fn from(value: u64) -> Self {
        Self(Value::String(value.to_string()))
    }
}

impl Parameter {
    /// The value, where it is a text or an integer of 64 bits, as it is written.
    pub fn text(&self) -> Option<&str> {
        self.0.as_str()
    }
}

/// What JSON holds as it is.
macro_rules! plain {
    ($($type:ty),+) => {$(
        impl From<$type> for Parameter {
            fn from(value: $type) -> Self {
                Self(value.into())
            }
        }
    )+};
}

plain!(u32, f64, bool, &str, String, Vec<String>);

impl<T: Into<Self>> From<Option<T>> for Parameter {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self(Value::Null), Into::into)
    }
}

impl Parameter {
    /// A list of strings.
    pub fn texts(&self) -> Vec<String> {
        let values = self.0.as_array().into_iter().flatten();
        values.filter_map(|value| value.as_str().map(str::to_owned)).collect()
    }

    /// Whether it says yes.
    pub fn is_true(&self) -> bool {
        self.0 == true
    }
}

impl Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Value::Null => f.write_str("unset"),
            Value::String(text) => f.write_str(text),
            value => value.fmt(f),
        }
    }
}

/// The options of a stage that change its results, by their names on the command line without the dashes.
/// `--threads`, `--device`, `--adapter`, `--quiet` and `--json` never belong here.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Parameters(BTreeMap<String, Parameter>);

impl Parameters {
    /// No options.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the option `name`.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Parameter>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// The names of the options, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The value of the option `name`.
    pub fn get(&self, name: &str) -> Option<&Parameter> {
        self.0.get(name)
    }
}
