//! The hub's Parquet conversion of a data set.

use std::collections::{BTreeMap, BTreeSet};

use super::super::DatasetError;
use super::super::card::DEFAULT;
use super::super::listing::Entry;
use super::{Chosen, Refused, Want, pick};
use crate::input::ALL_SPLITS;
use crate::input::splits::{Split, TRAIN};

/// Chooses in the hub's Parquet conversion, whose files lie at CONFIG/SPLIT/NUMBER.parquet. A part of the data lies in
/// `partial-SPLIT`.
pub(in crate::input::hub) fn choose_converted(
    name: &str,
    entries: &[Entry],
    want: &Want<'_>,
) -> Result<Chosen, Refused> {
    let mut found: BTreeMap<&str, BTreeMap<&str, Vec<usize>>> = BTreeMap::new();
    for (file, entry) in entries.iter().enumerate() {
        if let [config, split, file_name] = entry.path.split('/').collect::<Vec<_>>()[..]
            && file_name.ends_with(".parquet")
        {
            found.entry(config).or_default().entry(split).or_default().push(file);
        }
    }
    let names = || found.keys().map(|&config| config.to_owned()).collect();
    let config = match (want.config, found.len()) {
        (_, 0) => return Err(Refused::Unread("the hub's Parquet conversion is empty".to_owned())),
        (Some(config), _) => config,
        (None, 1) => found.keys().next().copied().unwrap_or_default(),
        (None, _) if found.contains_key(DEFAULT) => DEFAULT,
        _ => return Err(DatasetError::Unclear { name: name.to_owned(), configs: names() }.into()),
    };
    let Some(splits) = found.get(config) else {
        let (name, config) = (name.to_owned(), config.to_owned());
        return Err(DatasetError::NoConfig { name, config, configs: names() }.into());
    };
    let whole = |split: &str| split.strip_prefix("partial-").unwrap_or(split).to_owned();
    let partial: BTreeSet<String> =
        splits.keys().filter(|split| split.starts_with("partial-")).map(|split| whole(split)).collect();
    // In the order of `datasets`: train, validation, test, then others by name.
    let known = |split: &str| [TRAIN, "validation", "test"].iter().position(|known| *known == split);
    let mut listed: Vec<Split> =
        splits.iter().map(|(split, files)| Split { name: whole(split), files: files.clone() }).collect();
    listed.sort_by(|a, b| {
        let place = |split: &Split| known(&split.name).unwrap_or(usize::MAX);
        (place(a), &a.name).cmp(&(place(b), &b.name))
    });
    let chosen = pick(name, listed, want.split)?;
    let read = chosen.split.as_deref();
    if partial.iter().any(|split| read == Some(split) || read == Some(ALL_SPLITS)) {
        return Err(Refused::Unread("the hub's Parquet conversion holds a part of it only".to_owned()));
    }
    Ok(Chosen { config: Some(config.to_owned()), ..chosen })
}
