//! One data set: its commit, its files, what of them is read, and all that in the cache.

use std::collections::BTreeSet;
use std::fs;

use clusterclip_core::monitor::{Event, Monitor};

use super::card::{CARDS, Card};
use super::choose::{Chosen, Refused, Want, choose, choose_converted};
use super::download::Downloads;
use super::kept::Kept;
use super::listing::{Entry, missing};
use super::name::{MAIN, Name, is_commit};
use super::remote::Remote;
use super::{DatasetError, Fetched, FetchedFile, Origin};
use crate::error::Result;
use crate::hub::{self, ANSWER, HubError, OFFLINE, apart};
use crate::human::{bytes, counted};
use crate::input::Options;

/// Where the hub keeps its Parquet conversions.
const CONVERTED: &str = "refs/convert/parquet";
/// The longest README whose head is read.
const LONGEST_CARD: u64 = 64 << 20;

/// One data set, and whoever is asked for it.
pub(super) struct Hub<'a> {
    pub(super) name: &'a Name,
    pub(super) kept: Kept,
    pub(super) remote: Remote,
    pub(super) offline: bool,
    pub(super) monitor: &'a Monitor<'a>,
}

/// The files of a commit.
struct Commit {
    commit: String,
    entries: Vec<Entry>,
}

impl Hub<'_> {
    /// Brings what is read of a revision.
    pub(super) fn fetch(&self, revision: &str, options: &Options) -> Result<Fetched> {
        let title = self.name.to_string();
        let at = self.commit(revision)?;
        let want = Want {
            path: self.name.path.as_deref(),
            config: options.config.as_deref(),
            split: options.split.as_deref(),
        };
        let card = if want.path.is_some() { Card::default() } else { self.card(&at)? };
        self.kept.note_commit(revision, &at.commit);
        let (revision, at, chosen) = match choose(&title, &at.entries, &card, &want) {
            Ok(chosen) => (revision, at, chosen),
            Err(Refused::Error(error)) => return Err(error.into()),
            Err(Refused::Unread(why)) => {
                let own = self.name.id.rsplit('/').next().unwrap_or_default();
                let script = at.entries.iter().find(|entry| entry.path == format!("{own}.py"));
                let script = script.map(|entry| entry.path.clone());
                match self.converted(revision, &want)? {
                    Ok((at, chosen)) => (CONVERTED, at, chosen),
                    Err(conversion) => {
                        return Err(DatasetError::Unread { name: title, why, script, conversion }.into());
                    }
                }
            }
        };
        let wanted: BTreeSet<usize> = chosen.files.iter().copied().collect();
        let wanted = wanted.into_iter().map(|file| at.entries[file].clone()).collect();
        self.bring(&at.commit, wanted, Some(&chosen))?;
        self.kept.note_commit(revision, &at.commit);
        let hashed = |&file: &usize| {
            let entry = &at.entries[file];
            (entry.path.clone(), entry.etag.clone())
        };
        let hashes = chosen.files.iter().map(hashed).collect();
        let file = |&file: &usize| {
            let name = at.entries[file].path.clone();
            FetchedFile { path: self.kept.file(&at.commit, &name), name }
        };
        Ok(Fetched {
            files: chosen.files.iter().map(file).collect(),
            splits: chosen.split.filter(|_| chosen.splits.len() > 1).map(|split| (split, chosen.splits)),
            origin: Origin { name: format!("{title}@{revision}"), commit: at.commit, files: hashes },
        })
    }

    /// The hub's Parquet conversion, or why it is of no use. It is made of the newest commit alone.
    fn converted(&self, revision: &str, want: &Want<'_>) -> Result<Result<(Commit, Chosen), String>> {
        if want.path.is_some() {
            return Ok(Err("its path names nothing else".to_owned()));
        }
        if revision != MAIN {
            return Ok(Err(format!("the hub converts the branch {MAIN} alone to Parquet")));
        }
        let at = match self.commit(CONVERTED) {
            Ok(at) => at,
            Err(error) => match error.downcast_ref() {
                Some(DatasetError::Hub { cause, .. }) if matches!(**cause, HubError::Refused { .. }) => {
                    return Ok(Err("the hub has no Parquet conversion of it".to_owned()));
                }
                Some(DatasetError::Hub { cause, .. }) if matches!(**cause, HubError::Offline { .. }) => {
                    return Ok(Err(format!("{OFFLINE} keeps from asking for its Parquet conversion")));
                }
                _ => return Err(error),
            },
        };
        match choose_converted(&self.name.to_string(), &at.entries, want) {
            Ok(chosen) => Ok(Ok((at, chosen))),
            Err(Refused::Unread(why)) => Ok(Err(why)),
            Err(Refused::Error(error)) => Err(error.into()),
        }
    }

    /// The commit of a revision, and its files: as the hub has them, or where the cache is enough, as it does.
    fn commit(&self, revision: &str) -> Result<Commit> {
        let known = self.kept.commit(revision);
        let commit = match &known {
            Some(commit) if self.offline || (is_commit(revision) && self.kept.listing(commit).is_some()) => {
                commit.clone()
            }
            None if self.offline => return Err(self.failed(HubError::Offline { variable: OFFLINE }).into()),
            _ => {
                self.note(format!("asks the hub for {}@{revision}", self.name));
                let (remote, asked) = (self.remote.clone(), revision.to_owned());
                let spare = known.filter(|commit| self.kept.listing(commit).is_some());
                let limit = spare.as_ref().map(|_| hub::seconds(ANSWER));
                match (apart(move || remote.commit(&asked), limit, self.monitor)?, spare) {
                    (Ok(commit), _) => commit,
                    (Err(error), Some(commit)) if error.is_of_network() => {
                        self.warn(format!(
                            "{}: the hub cannot be asked for {revision}, which the cache has at commit {commit}: that \
                             is read ({error}); {OFFLINE}=1 keeps to the cache",
                            self.name
                        ));
                        commit
                    }
                    (Err(error), _) => return Err(self.failed(error).into()),
                }
            }
        };
        let entries = match self.kept.listing(&commit) {
            Some(entries) => entries,
            None if self.offline => self.snapshot(&commit)?,
            None => {
                let (remote, asked) = (self.remote.clone(), commit.clone());
                let entries = apart(move || remote.tree(&asked), None, self.monitor)?;
                let entries = entries.map_err(|error| self.failed(error))?;
                self.kept.keep_listing(&commit, &entries);
                entries
            }
        };
        Ok(Commit { commit, entries })
    }

    /// What the cache has of a commit, where nothing tells whether that is all.
    fn snapshot(&self, commit: &str) -> Result<Vec<Entry>, DatasetError> {
        let entries = self.kept.snapshot(commit);
        if entries.is_empty() {
            return Err(self.failed(HubError::Offline { variable: OFFLINE }));
        }
        if let Some(first) = missing(&entries) {
            return Err(self.lacks(1, &first));
        }
        self.warn(format!(
            "{}: the cache has {} of commit {commit}, and no list that tells whether these are all: they are taken for \
             all, as {OFFLINE} is set",
            self.name,
            counted(entries.len() as u64, "file")
        ));
        Ok(entries)
    }

    /// What the data set says of its own files.
    fn card(&self, at: &Commit) -> Result<Card> {
        let is_card = |entry: &&Entry| CARDS.contains(&&*entry.path);
        let cards: Vec<Entry> = at.entries.iter().filter(is_card).cloned().collect();
        let damaged =
            |file: &'static str, why: String| DatasetError::Card { name: self.name.to_string(), file, why };
        if let Some(large) = cards.iter().find(|entry| entry.size > LONGEST_CARD) {
            let file = if large.path == CARDS[0] { CARDS[0] } else { CARDS[1] };
            return Err(damaged(file, format!("it has {}", bytes(large.size as f64))).into());
        }
        self.bring(&at.commit, cards.clone(), None)?;
        let mut card = Card::default();
        for file in CARDS {
            if !cards.iter().any(|entry| entry.path == file) {
                continue;
            }
            let path = self.kept.file(&at.commit, file);
            let bytes = fs::read(&path).map_err(|cause| DatasetError::Cache { path, cause })?;
            let text = String::from_utf8_lossy(&bytes);
            let of = if file == CARDS[0] { Card::of_readme(&text) } else { Card::of_yaml(&text) };
            card = card.overlaid(of.map_err(|why| damaged(file, why))?);
        }
        Ok(card)
    }

    /// Has files of a commit in the cache.
    fn bring(&self, commit: &str, entries: Vec<Entry>, chosen: Option<&Chosen>) -> Result<()> {
        let (kept, remote) = (self.kept.clone(), self.remote.clone());
        let files = entries.len() as u64;
        let downloads =
            Downloads { name: self.name.to_string(), remote, kept, commit: commit.to_owned(), entries };
        let lacking = downloads.lacking().count() as u64;
        if let Some(chosen) = chosen {
            let come = match downloads.to_come() {
                0 => "in the cache".to_owned(),
                come => format!("{} of {} to come", bytes(come as f64), counted(lacking, "file")),
            };
            self.note(format!(
                "{}{} at {}: {}; {come} ({})",
                self.name,
                described(chosen),
                &commit[..12],
                counted(files, "file"),
                self.kept.cache.path().display()
            ));
        }
        if self.offline
            && let Some(first) = downloads.lacking().next()
        {
            return Err(self.lacks(lacking, &first.path).into());
        }
        downloads.fetch(self.monitor)
    }

    fn note(&self, text: String) {
        self.monitor.emit(Event::Note { about: "hub", text });
    }

    fn warn(&self, text: String) {
        self.monitor.emit(Event::Warning(text));
    }

    fn lacks(&self, files: u64, first: &str) -> DatasetError {
        let (name, cache) = (self.name.to_string(), self.kept.cache.path().clone());
        DatasetError::Lacks { name, files, first: first.to_owned(), cache, variable: OFFLINE }
    }

    fn failed(&self, cause: HubError) -> DatasetError {
        let (name, cache) = (self.name.to_string(), self.kept.cache.path().clone());
        let meant = matches!(cause, HubError::Refused { .. }).then(|| self.name.without_owner()).flatten();
        DatasetError::Hub { name, cause: cause.into(), cache, meant }
    }
}

/// What of a data set is read.
fn described(chosen: &Chosen) -> String {
    let config = chosen.config.iter().map(|config| format!(", config {config}")).collect::<String>();
    match &chosen.split {
        None => config,
        Some(split) if chosen.splits.len() > 1 => {
            format!("{config}, split {split} (of {})", chosen.splits.join(", "))
        }
        Some(split) => format!("{config}, split {split}"),
    }
}
