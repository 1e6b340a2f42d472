//! What of a data set is read: a configuration and a split, as `datasets` resolves them, or what a PATH names.

mod converted;

pub(super) use self::converted::choose_converted;
use super::DatasetError;
use super::card::{Card, Config, DEFAULT, Meant};
use super::kinds::{one_kind, readable};
use super::listing::Entry;
use super::pattern::{Pattern, is_magic};
use crate::input::ALL_SPLITS;
use crate::input::splits::{Split, TRAIN, splits};

/// What is asked for.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Want<'a> {
    pub(super) path: Option<&'a str>,
    pub(super) config: Option<&'a str>,
    pub(super) split: Option<&'a str>,
}

/// What is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Chosen {
    /// The numbers of its files in the listing, in reading order.
    pub(super) files: Vec<usize>,
    pub(super) config: Option<String>,
    /// `None` for a file that is named itself.
    pub(super) split: Option<String>,
    /// The splits there are.
    pub(super) splits: Vec<String>,
}

/// Why nothing is chosen.
#[derive(Debug)]
pub(super) enum Refused {
    /// There are no data that are read, and what is there instead; another form of the data may do.
    Unread(String),
    /// It cannot be done as it is asked for.
    Error(DatasetError),
}

impl From<DatasetError> for Refused {
    fn from(error: DatasetError) -> Self {
        Self::Error(error)
    }
}

/// Chooses among the files of the repository `name`.
pub(super) fn choose(name: &str, entries: &[Entry], card: &Card, want: &Want<'_>) -> Result<Chosen, Refused> {
    if let Some(path) = want.path {
        return named(name, entries, path, want);
    }
    let config = match (want.config, card.meant()) {
        (None, Meant::One(config)) => Some(config),
        (None | Some(DEFAULT), Meant::None) => None,
        (None, Meant::Unclear) => {
            return Err(DatasetError::Unclear { name: name.to_owned(), configs: configs(card) }.into());
        }
        (Some(asked), meant) => {
            if meant == Meant::None {
                // Without data of its own, another form of them may have configurations.
                by_names(entries, "")?;
            }
            let found = card.configs.iter().find(|config| config.name == asked);
            let (name, config) = (name.to_owned(), asked.to_owned());
            let none = || DatasetError::NoConfig { name, config, configs: configs(card) };
            Some(found.ok_or_else(none)?)
        }
    };
    let splits = match config {
        Some(Config { name: config, splits: Some(patterns), folder, .. }) => {
            of_patterns(name, entries, config, patterns, folder.as_deref().unwrap_or_default())?
        }
        Some(Config { folder, .. }) => by_names(entries, folder.as_deref().unwrap_or_default())?,
        None => by_names(entries, "")?,
    };
    let config = config.map(|config| config.name.clone());
    Ok(Chosen { config, ..pick(name, splits, want.split)? })
}

fn configs(card: &Card) -> Vec<String> {
    card.configs.iter().map(|config| config.name.clone()).collect()
}

/// What a PATH names: a file, a folder whose files' names tell the splits, or a pattern.
fn named(name: &str, entries: &[Entry], path: &str, want: &Want<'_>) -> Result<Chosen, Refused> {
    if let Some(file) = entries.iter().position(|entry| entry.path == path) {
        if let Some(split) = want.split.filter(|split| ![TRAIN, ALL_SPLITS].contains(split)) {
            let (name, split) = (format!("{name}/{path}"), split.to_owned());
            return Err(DatasetError::NoSplit { name, split, splits: vec![TRAIN.to_owned()] }.into());
        }
        return Ok(Chosen { files: vec![file], ..Chosen::default() });
    }
    let nothing = || DatasetError::NoPath { name: name.to_owned(), path: path.to_owned() };
    let inside = |entry: &Entry| entry.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
    let splits = if entries.iter().any(inside) {
        by_names(entries, path)?
    } else if is_magic(path) {
        let pattern = Pattern::new("", path).map_err(|why| DatasetError::Pattern {
            name: name.to_owned(),
            config: None,
            why,
        })?;
        let files: Vec<usize> = matching(entries, &pattern).collect();
        if files.is_empty() {
            return Err(nothing().into());
        }
        vec![Split { name: TRAIN.to_owned(), files: readable(entries, files).map_err(Refused::Unread)? }]
    } else {
        return Err(nothing().into());
    };
    Ok(pick(name, splits, want.split)?)
}

/// The splits that the README names. A file that two patterns of a split name is read twice, as `datasets` does: else
/// all numbers after it would be others.
fn of_patterns(
    name: &str,
    entries: &[Entry],
    config: &str,
    patterns: &[(String, Vec<String>)],
    folder: &str,
) -> Result<Vec<Split>, Refused> {
    let wrong = |why| DatasetError::Pattern { name: name.to_owned(), config: Some(config.to_owned()), why };
    let (mut found, mut unread) = (Vec::new(), None);
    for (split, texts) in patterns {
        let mut files = Vec::new();
        for text in texts {
            let pattern = Pattern::new(folder, text).map_err(wrong)?;
            let mut matched = matching(entries, &pattern).peekable();
            if matched.peek().is_none() && !pattern.is_magic() {
                return Err(wrong(format!("{} is not there", pattern.text())).into());
            }
            files.extend(matched);
        }
        match readable(entries, files) {
            Ok(files) => found.push(Split { name: split.clone(), files }),
            Err(why) => unread = Some(why),
        }
    }
    match unread {
        Some(why) if found.is_empty() => Err(Refused::Unread(why)),
        _ => Ok(found),
    }
}

/// The splits that the names of files and folders tell.
fn by_names(entries: &[Entry], folder: &str) -> Result<Vec<Split>, Refused> {
    let all = Pattern::new(folder, "**").map_err(Refused::Unread)?;
    let files = one_kind(entries, matching(entries, &all).collect()).map_err(Refused::Unread)?;
    let start = all.text().len() - "**".len();
    let paths: Vec<&str> = files.iter().map(|&file| &entries[file].path[start..]).collect();
    let of = |Split { name, files: places }: Split| Split {
        name,
        files: places.into_iter().map(|place| files[place]).collect(),
    };
    Ok(splits(&paths).into_iter().map(of).collect())
}

/// The files that a pattern names, in the order of their paths.
fn matching<'a>(entries: &'a [Entry], pattern: &'a Pattern) -> impl Iterator<Item = usize> + 'a {
    let named = |(_, entry): &(usize, &Entry)| pattern.names(&entry.path);
    entries.iter().enumerate().filter(named).map(|(file, _)| file)
}

/// The split that is asked for.
fn pick(name: &str, splits: Vec<Split>, asked: Option<&str>) -> Result<Chosen, DatasetError> {
    let names: Vec<String> = splits.iter().map(|split| split.name.clone()).collect();
    let wanted = asked.unwrap_or(TRAIN);
    let mut files = Vec::new();
    if wanted == ALL_SPLITS {
        files.extend(splits.into_iter().flat_map(|split| split.files));
    } else {
        let found = splits.into_iter().find(|split| split.name == wanted);
        let none = || DatasetError::NoSplit {
            name: name.to_owned(),
            split: wanted.to_owned(),
            splits: names.clone(),
        };
        files.extend(found.ok_or_else(none)?.files);
    }
    Ok(Chosen { files, config: None, split: Some(wanted.to_owned()), splits: names })
}

#[cfg(test)]
mod tests;
