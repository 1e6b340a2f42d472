//! Data sets of the hub: `hf://datasets/[OWNER/]NAME[@REVISION][/PATH]`.
//!
//! A revision is a commit first, and everything is of that commit. Its list of files, and what the README says of them,
//! tell which are read, as `datasets` does it; those that the hub's ordinary cache lacks are fetched into it. They are
//! then read like the record files of a folder, under their names in the repository.

mod bring;
mod card;
mod choose;
mod download;
mod error;
mod kept;
mod kinds;
mod listing;
mod name;
mod pattern;
mod remote;

use std::path::{Path, PathBuf};

use clusterclip_core::error::Param;
use clusterclip_core::monitor::Monitor;

use self::bring::Hub;
use self::kept::Kept;
use self::name::{MAIN, Name, no_revision};
use self::remote::Remote;
use super::Options;
use crate::error::Result;
use crate::hub;

pub use error::DatasetError;

/// What was brought of a data set.
#[derive(Debug)]
pub(crate) struct Fetched {
    /// Its files in reading order.
    pub(crate) files: Vec<FetchedFile>,
    /// The split that is read and those there are, where there are several.
    pub(crate) splits: Option<(String, Vec<String>)>,
    /// Where they come from.
    pub(crate) origin: Origin,
}

/// A file of a data set.
#[derive(Debug)]
pub(crate) struct FetchedFile {
    /// Where it is in the cache.
    pub(crate) path: PathBuf,
    /// What it is called in its repository.
    pub(crate) name: String,
}

/// Where documents come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The data set and the revision that was asked for: `hf://datasets/OWNER/NAME@REVISION`.
    pub name: String,
    /// The commit that it had.
    pub commit: String,
    /// The files that are read, with `/` between the parts of their paths, and the hash that the hub has of each.
    pub files: Vec<(String, String)>,
}

/// Whether an INPUT is meant for the hub.
pub(crate) fn is_of_hub(input: &Path) -> Option<&str> {
    input.to_str().filter(|input| name::is_of_hub(input))
}

/// Checks what is asked of data sets of the hub, before anything is looked at.
///
/// # Errors
/// A name of no data set, a revision that is none, what nothing is asked of.
pub(crate) fn check(inputs: &[PathBuf], options: &Options) -> Result<(), DatasetError> {
    let of_hub: Vec<&str> = inputs.iter().filter_map(|input| is_of_hub(input)).collect();
    for (param, value) in [(Param::Config, &options.config), (Param::Revision, &options.revision)] {
        if let Some(value) = value
            && of_hub.is_empty()
        {
            return Err(DatasetError::NoneNamed { param, value: value.clone() });
        }
    }
    of_hub.into_iter().try_for_each(|input| asked(input, options).map(drop))
}

/// Takes an INPUT apart, and finds the revision that it means.
fn asked(input: &str, options: &Options) -> Result<(Name, String), DatasetError> {
    let name = Name::parse(input)?;
    if let Some(why) = options.revision.as_deref().and_then(no_revision) {
        return Err(DatasetError::Revision { why });
    }
    let revision = match (&name.revision, &options.revision) {
        (Some(own), Some(asked)) if own != asked => {
            let (own, asked) = (own.clone(), asked.clone());
            return Err(DatasetError::Revisions { name: name.to_string(), own, asked });
        }
        (Some(revision), _) | (None, Some(revision)) => revision.clone(),
        (None, None) => MAIN.to_owned(),
    };
    if let (Some(path), Some(config)) = (&name.path, &options.config) {
        let (config, path) = (config.clone(), path.clone());
        return Err(DatasetError::ConfigOfPath { name: name.to_string(), config, path });
    }
    Ok((name, revision))
}

/// Brings what an INPUT names of the hub.
///
/// # Errors
/// What is not there, cannot be told apart, cannot be fetched, or is not read; the work was stopped.
pub(crate) fn fetch(input: &str, options: &Options, monitor: &Monitor<'_>) -> Result<Fetched> {
    let (name, revision) = asked(input, options)?;
    let kept = Kept::new(&name.id);
    let remote = Remote::new(&name.id, &kept.cache);
    let hub = Hub { name: &name, kept, remote, offline: hub::is_offline(), monitor };
    hub.fetch(&revision, options)
}
