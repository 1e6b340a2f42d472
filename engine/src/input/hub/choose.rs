//! What of a data set is read: a configuration and a split, as `datasets` resolves them, or what a PATH names.

use std::collections::{BTreeMap, BTreeSet};

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

/// Chooses in the hub's Parquet conversion, whose files lie at CONFIG/SPLIT/NUMBER.parquet. A part of the data lies in
/// `partial-SPLIT`.
pub(super) fn choose_converted(name: &str, entries: &[Entry], want: &Want<'_>) -> Result<Chosen, Refused> {
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
mod tests {
    use super::*;

    fn entries(paths: &[&str]) -> Vec<Entry> {
        let mut paths = paths.to_vec();
        paths.sort_unstable();
        let of = |path: &&str| Entry { path: (*path).to_owned(), size: 1, etag: "0".repeat(40) };
        paths.iter().map(of).collect()
    }

    fn outcome(entries: &[Entry], chosen: Result<Chosen, Refused>) -> String {
        match chosen {
            Ok(chosen) => {
                let files: Vec<_> = chosen.files.iter().map(|&file| &*entries[file].path).collect();
                format!(
                    "{} {}: {}",
                    chosen.config.as_deref().unwrap_or("-"),
                    chosen.split.as_deref().unwrap_or("-"),
                    files.join(" ")
                )
            }
            Err(Refused::Unread(why)) => format!("unread: {why}"),
            Err(Refused::Error(error)) => format!("error: {error}"),
        }
    }

    fn of(paths: &[&str], yaml: &str, want: Want<'_>) -> String {
        let (entries, card) = (entries(paths), Card::of_yaml(yaml).expect(yaml));
        outcome(&entries, choose("hf://datasets/a/b", &entries, &card, &want))
    }

    const NONE: &str = "license: mit";
    const ANY: Want<'static> = Want { path: None, config: None, split: None };

    fn split(split: &str) -> Want<'_> {
        Want { split: Some(split), ..ANY }
    }

    fn config(config: &str) -> Want<'_> {
        Want { config: Some(config), ..ANY }
    }

    fn path(path: &str) -> Want<'_> {
        Want { path: Some(path), ..ANY }
    }

    #[test]
    fn names_tell_splits_where_the_readme_tells_nothing() {
        let paths =
            ["README.md", "data/train-00000-of-00001.parquet", "data/test-00000-of-00001.parquet", "x.py"];
        assert_eq!(of(&paths, NONE, ANY), "- train: data/train-00000-of-00001.parquet");
        assert_eq!(of(&paths, NONE, split("test")), "- test: data/test-00000-of-00001.parquet");
        assert!(
            of(&paths, NONE, split("all")).ends_with("-of-00001.parquet data/test-00000-of-00001.parquet")
        );
        let told = of(&paths, NONE, split("dev"));
        assert!(told.starts_with("error") && told.contains("train, test"), "{told}");
        assert_eq!(of(&["a.csv", ".hidden/b.csv", "config.json"], NONE, ANY), "- train: a.csv");
        assert_eq!(of(&["a.csv"], NONE, config("default")), "- train: a.csv");
        assert!(of(&["a.csv"], NONE, config("en")).contains("en"));
        assert!(of(&["a.py"], NONE, config("en")).starts_with("unread"));
        let told = of(&["test.csv"], NONE, ANY);
        assert!(told.contains("train") && told.contains("test"), "{told}");
    }

    #[test]
    fn files_of_the_commonest_kind_are_the_data() {
        assert_eq!(of(&["a.csv", "b.csv", "c.jsonl"], NONE, ANY), "- train: a.csv b.csv");
        assert_eq!(of(&["a.csv", "a.parquet"], NONE, ANY), "- train: a.parquet");
        assert_eq!(of(&["a.jsonl.gz", "b.json.zst", "x.txt"], NONE, ANY), "- train: a.jsonl.gz b.json.zst");
        assert_eq!(
            of(&["1.jpg", "2.jpg", "metadata.csv"], NONE, ANY),
            "unread: its data are .jpg files, which are not read"
        );
        assert_eq!(of(&["b.py", "README.md", "LICENSE"], NONE, ANY), "unread: it has no file of data");
        assert_eq!(of(&[], NONE, ANY), "unread: it has no file of data");
    }

    #[test]
    fn the_readme_tells_configurations_and_splits() {
        let yaml = "configs:\n- config_name: en\n  default: true\n  data_files:\n  - split: train\n    path: [en/2.csv, \
                    en/*.csv]\n  - split: more\n    path: extra/**\n- config_name: de\n  data_dir: de\n- config_name: \
                    fr\n  data_dir: fr\n  data_files: x.csv\n";
        let paths =
            ["en/1.csv", "en/2.csv", "extra/x/1.jsonl", "de/train.csv", "de/test.csv", "fr/x.csv", "x.csv"];
        assert_eq!(of(&paths, yaml, ANY), "en train: en/2.csv en/1.csv en/2.csv");
        assert_eq!(of(&paths, yaml, split("more")), "en more: extra/x/1.jsonl");
        assert_eq!(of(&paths, yaml, split("all")), "en all: en/2.csv en/1.csv en/2.csv extra/x/1.jsonl");
        assert_eq!(of(&paths, yaml, config("de")), "de train: de/train.csv");
        assert_eq!(of(&paths, yaml, config("fr")), "fr train: fr/x.csv");
        let told = of(&paths, yaml, config("it"));
        assert!(told.contains("it") && told.contains("en, de, fr"), "{told}");
        let unclear = yaml.replace("  default: true\n", "");
        let told = of(&paths, &unclear, ANY);
        assert!(told.starts_with("error") && told.contains("en, de, fr"), "{told}");
    }

    #[test]
    fn patterns_that_name_nothing_or_something_else_are_told() {
        let yaml = |files: &str| format!("configs:\n- config_name: a\n  data_files: {files}\n");
        for (files, says) in [
            ("x.csv", "x.csv is not there"),
            ("'*.json'", "unread"),
            ("../x.csv", "leads out"),
            ("'**.csv'", "whole parts"),
            ("https://example.org/x.csv", "elsewhere"),
        ] {
            let told = of(&["a.csv"], &yaml(files), ANY);
            assert!(told.contains(says), "{files}: {told}");
        }
        assert_eq!(of(&["a.csv", "c.csv"], &yaml("['b*', a.csv]"), ANY), "a train: a.csv");
    }

    #[test]
    fn a_path_is_a_file_a_folder_or_a_pattern() {
        let paths = ["en/train.csv", "en/test.csv", "en/x/y.dat", "de.csv", "de2.csv"];
        assert_eq!(of(&paths, NONE, path("de.csv")), "- -: de.csv");
        assert_eq!(of(&paths, NONE, path("en/x/y.dat")), "- -: en/x/y.dat");
        assert!(of(&paths, NONE, Want { split: Some("test"), ..path("de.csv") }).contains("no split test"));
        assert_eq!(of(&paths, NONE, path("en")), "- train: en/train.csv");
        assert_eq!(of(&paths, NONE, Want { split: Some("test"), ..path("en") }), "- test: en/test.csv");
        assert_eq!(of(&paths, NONE, path("de*.csv")), "- train: de.csv de2.csv");
        for none in ["e", "en/t", "it/*.csv"] {
            let told = of(&paths, NONE, path(none));
            assert!(told.starts_with("error") && told.contains(none), "{told}");
        }
        assert!(of(&paths, NONE, path("en/x")).starts_with("unread"));
    }

    #[test]
    fn of_the_conversion_only_what_is_whole_is_read() {
        let converted = |paths: &[&str], want: Want<'_>| {
            let entries = entries(paths);
            outcome(&entries, choose_converted("hf://datasets/a/b", &entries, &want))
        };
        let one =
            ["default/train/0000.parquet", "default/train/0001.parquet", "default/test/0000.parquet", ".x"];
        assert_eq!(
            converted(&one, ANY),
            "default train: default/train/0000.parquet default/train/0001.parquet"
        );
        assert!(converted(&one, split("all")).ends_with("0001.parquet default/test/0000.parquet"));
        let partial = ["default/partial-train/0000.parquet", "default/test/0000.parquet"];
        assert!(converted(&partial, ANY).contains("a part of it only"));
        assert!(converted(&partial, split("all")).contains("a part of it only"));
        assert_eq!(converted(&partial, split("test")), "default test: default/test/0000.parquet");
        assert!(converted(&partial, split("dev")).contains("train, test"));
        let two = ["en/train/0000.parquet", "de/train/0000.parquet"];
        assert!(converted(&two, ANY).contains("de, en"));
        assert_eq!(converted(&two, config("de")), "de train: de/train/0000.parquet");
        assert!(converted(&two, config("fr")).contains("de, en"));
        assert!(converted(&[".gitattributes"], ANY).starts_with("unread"));
    }
}
