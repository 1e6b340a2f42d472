//! Why a data set of the hub cannot be read.

use std::fmt;
use std::io;
use std::path::PathBuf;

use clusterclip_core::error::{Explain, Kind, Names, Param};

use crate::hub::HubError;
use crate::human::{bytes, counted};
use crate::input::ALL_SPLITS;

/// Why a data set of the hub cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DatasetError {
    /// The name of a data set does not have the form of one.
    Form {
        /// What was given.
        input: String,
        /// What is wrong with it.
        why: String,
    },
    /// A revision that is none.
    Revision {
        /// Why.
        why: String,
    },
    /// Two revisions are named.
    Revisions {
        /// The data set.
        name: String,
        /// That in its name.
        own: String,
        /// That of the parameter.
        asked: String,
    },
    /// A parameter is given that is of data sets of the hub alone, and there is none.
    NoneNamed {
        /// The parameter.
        param: Param,
        /// Its value.
        value: String,
    },
    /// A configuration and a path both say what is read.
    ConfigOfPath {
        /// The data set.
        name: String,
        /// The configuration.
        config: String,
        /// The path.
        path: String,
    },
    /// Nothing says which configuration is meant.
    Unclear {
        /// The data set.
        name: String,
        /// Its configurations.
        configs: Vec<String>,
    },
    /// There is no such configuration.
    NoConfig {
        /// The data set.
        name: String,
        /// The configuration.
        config: String,
        /// Those there are.
        configs: Vec<String>,
    },
    /// There is no such split.
    NoSplit {
        /// The data set.
        name: String,
        /// The split.
        split: String,
        /// Those there are.
        splits: Vec<String>,
    },
    /// There is nothing at a path.
    NoPath {
        /// The data set.
        name: String,
        /// The path.
        path: String,
    },
    /// What its README says of its files cannot be understood.
    Card {
        /// The data set.
        name: String,
        /// The file that says so.
        file: &'static str,
        /// Why.
        why: String,
    },
    /// A pattern of its files cannot be followed.
    Pattern {
        /// The data set.
        name: String,
        /// The configuration that has it.
        config: Option<String>,
        /// Why.
        why: String,
    },
    /// It has no data that are read.
    Unread {
        /// The data set.
        name: String,
        /// What it has instead.
        why: String,
        /// Whether a script is to make them.
        script: Option<String>,
        /// Why the hub's conversion is of no use.
        conversion: String,
    },
    /// Without the hub, the cache lacks files.
    Lacks {
        /// The data set.
        name: String,
        /// How many.
        files: u64,
        /// The first of them.
        first: String,
        /// The cache.
        cache: PathBuf,
        /// The variable that keeps to the cache.
        variable: &'static str,
    },
    /// There is no room for what is to come.
    NoRoom {
        /// The data set.
        name: String,
        /// Bytes to come.
        wanted: u64,
        /// Bytes that are free.
        free: u64,
        /// The cache.
        cache: PathBuf,
    },
    /// The cache cannot be written or read.
    Cache {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        cause: io::Error,
    },
    /// The hub did not give what the cache lacks.
    Hub {
        /// The data set.
        name: String,
        /// What went wrong.
        cause: Box<HubError>,
        /// The cache.
        cache: PathBuf,
        /// The name that was meant, where an owner is none.
        meant: Option<String>,
    },
}

impl Explain for DatasetError {
    fn kind(&self) -> Kind {
        match self {
            Self::Form { .. }
            | Self::Revision { .. }
            | Self::Revisions { .. }
            | Self::NoneNamed { .. }
            | Self::ConfigOfPath { .. } => Kind::Usage,
            Self::Unclear { .. }
            | Self::NoConfig { .. }
            | Self::NoSplit { .. }
            | Self::NoPath { .. }
            | Self::Card { .. }
            | Self::Pattern { .. }
            | Self::Unread { .. } => Kind::Input,
            Self::Lacks { .. } | Self::NoRoom { .. } | Self::Cache { .. } | Self::Hub { .. } => Kind::Io,
        }
    }

    fn explain(&self, names: Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (config, split, revision) = (names(Param::Config), names(Param::Split), names(Param::Revision));
        match self {
            Self::Form { input, why } => write!(
                f,
                "{input}: {why}; a data set of the hub is named hf://datasets/OWNER/NAME, with @REVISION and /PATH \
                 after it where they are wanted"
            ),
            Self::Revision { why } => write!(f, "{revision}: {why}"),
            Self::Revisions { name, own, asked } => {
                write!(
                    f,
                    "{name}@{own} names another revision than {revision} {asked}; leave out one of the two"
                )
            }
            Self::NoneNamed { param, value } => write!(
                f,
                "{} {value} is for data sets of the hub, and no INPUT is one (hf://datasets/OWNER/NAME); leave it out",
                names(*param)
            ),
            Self::ConfigOfPath { name, config: value, path } => write!(
                f,
                "{name}: the path {path} says what is read, and so does {config} {value}; leave out one of the two"
            ),
            Self::Unclear { name, configs } => write!(
                f,
                "{name} has several configs and no default: name one with {config} ({})",
                listed(configs)
            ),
            Self::NoConfig { name, config: value, configs } if configs.is_empty() => {
                write!(f, "{name} has no configs; leave out {config} {value}")
            }
            Self::NoConfig { name, config: value, configs } => {
                write!(f, "{name} has no config {value}; {config} names one of: {}", listed(configs))
            }
            Self::NoSplit { name, split: value, splits } => write!(
                f,
                "{name} has no split {value}; {split} names one of: {}; or all of them: {split} {}",
                listed(splits),
                ALL_SPLITS
            ),
            Self::NoPath { name, path } => write!(f, "{name} has no file and no folder {path}"),
            Self::Card { name, file, why } => write!(
                f,
                "{name}: what its {file} says of its files cannot be understood: {why}; name the files by a path: \
                 {name}/PATH"
            ),
            Self::Pattern { name, config: of, why } => {
                write!(f, "{name}: the files of ")?;
                match of {
                    Some(config) => write!(f, "its config {config}")?,
                    None => f.write_str("that path")?,
                }
                write!(f, ": {why}; name the files by a path: {name}/PATH")
            }
            Self::Unread { name, why, script, conversion } => {
                write!(f, "{name} cannot be read: ")?;
                match script {
                    Some(script) => write!(
                        f,
                        "its data are made by a script, {script}, and nothing that comes from the hub is run"
                    )?,
                    None => write!(f, "{why}")?,
                }
                write!(f, "; {conversion}")
            }
            Self::Lacks { name, files, first, cache, variable } => write!(
                f,
                "{name}: {variable} is set, and the cache {} lacks {} of it, {first} for one",
                cache.display(),
                counted(*files, "file")
            ),
            Self::NoRoom { name, wanted, free, cache } => write!(
                f,
                "{name}: {} are to come, and {} are free where the cache {} is; HF_HOME names another folder",
                bytes(*wanted as f64),
                bytes(*free as f64),
                cache.display()
            ),
            Self::Cache { path, cause } => {
                write!(f, "the hub's cache cannot be used: {}: {cause}", path.display())
            }
            Self::Hub { name, cause, cache, meant } => {
                write!(f, "{name}: {cause}; the cache {} was looked in too", cache.display())?;
                match meant {
                    Some(meant) => write!(f, "; a data set without an owner is named {meant}"),
                    None => Ok(()),
                }
            }
        }
    }
}

clusterclip_core::explained!(DatasetError);

/// Names one after another; of very many the first.
fn listed(names: &[String]) -> String {
    const MOST: usize = 100;
    let mut text = names[..names.len().min(MOST)].join(", ");
    if names.len() > MOST {
        text += &format!(", … ({} in all)", names.len());
    }
    text
}
