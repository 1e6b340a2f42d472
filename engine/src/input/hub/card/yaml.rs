//! What the YAML of a README says, as it is written.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{Config, DEFAULT};
use crate::input::splits::TRAIN;

#[derive(Deserialize)]
pub(super) struct Configured {
    #[serde(default)]
    pub(super) configs: Option<Vec<RawConfig>>,
}

#[derive(Deserialize)]
pub(super) struct RawConfig {
    config_name: String,
    #[serde(default)]
    data_files: Option<Listed<Files>>,
    #[serde(default)]
    data_dir: Option<String>,
    #[serde(default, rename = "default")]
    is_default: Option<bool>,
}

/// A text, or several things.
enum Listed<T> {
    One(String),
    Many(Vec<T>),
}

enum Files {
    Pattern(String),
    Split(RawSplit),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSplit {
    split: String,
    path: Listed<String>,
}

#[derive(Deserialize)]
pub(super) struct Described {
    #[serde(default)]
    pub(super) dataset_info: Option<Infos>,
}

pub(super) enum Infos {
    One(Info),
    Many(Vec<Info>),
}

#[derive(Deserialize)]
pub(super) struct Info {
    #[serde(default)]
    config_name: Option<String>,
}

impl Info {
    pub(super) fn name(self) -> String {
        self.config_name.unwrap_or_else(|| DEFAULT.to_owned())
    }
}

impl RawConfig {
    pub(super) fn checked(self) -> Result<Config, String> {
        let name = self.config_name;
        let splits = match self.data_files {
            None => None,
            Some(Listed::One(pattern)) => Some(vec![(TRAIN.to_owned(), vec![pattern])]),
            Some(Listed::Many(all)) => Some(split_up(all).map_err(|why| format!("config {name}: {why}"))?),
        };
        Ok(Config { name, splits, folder: self.data_dir, is_default: self.is_default.unwrap_or_default() })
    }
}

// Written out, since serde's own way with such choices asks YAML for whatever a value may be: a split that is called `n`
// would be a truth value.

struct OneOrMany<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Listed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrMany(PhantomData))
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for OneOrMany<T> {
    type Value = Listed<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or a list")
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Listed::One(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        Deserialize::deserialize(SeqAccessDeserializer::new(list)).map(Listed::Many)
    }
}

struct PatternOrSplit;

impl<'de> Deserialize<'de> for Files {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PatternOrSplit)
    }
}

impl<'de> Visitor<'de> for PatternOrSplit {
    type Value = Files;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, or a split and a path")
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Files::Pattern(text.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Deserialize::deserialize(MapAccessDeserializer::new(map)).map(Files::Split)
    }
}

struct InfoOrInfos;

impl<'de> Deserialize<'de> for Infos {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(InfoOrInfos)
    }
}

impl<'de> Visitor<'de> for InfoOrInfos {
    type Value = Infos;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a description or a list of them")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Deserialize::deserialize(MapAccessDeserializer::new(map)).map(Infos::One)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        Deserialize::deserialize(SeqAccessDeserializer::new(list)).map(Infos::Many)
    }
}

/// A list of patterns is one split, a list of splits is what it says.
fn split_up(all: Vec<Files>) -> Result<Vec<(String, Vec<String>)>, String> {
    let (mut patterns, mut splits) = (Vec::new(), Vec::<(String, Vec<String>)>::new());
    for files in all {
        match files {
            Files::Pattern(pattern) => patterns.push(pattern),
            Files::Split(RawSplit { split, path }) => {
                if splits.iter().any(|(known, _)| *known == split) {
                    return Err(format!("its data_files name the split {split} twice"));
                }
                splits.push((
                    split,
                    match path {
                        Listed::One(path) => vec![path],
                        Listed::Many(paths) => paths,
                    },
                ));
            }
        }
    }
    match (patterns.is_empty(), splits.is_empty()) {
        (false, false) => Err("its data_files are partly files, partly splits".to_owned()),
        (false, true) => Ok(vec![(TRAIN.to_owned(), patterns)]),
        (true, _) => Ok(splits),
    }
}
