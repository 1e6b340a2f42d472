//! Whether results that are there may be used, and how new ones are put in place.

use std::collections::BTreeSet;

use clusterclip_core::monitor::{Event, Monitor};

use super::dir::OutDir;
use super::error::{Difference, StoreError};
use super::facts::Facts;
use super::file::{self, FinishedFile};
use super::manifest::StageRecord;
use super::names::StageName;
use super::request::{FILE_OF_LABELS, Request, WHOLE_INPUT};
use super::values::Parameter;

/// The most files that a warning names.
const TOLD: usize = 6;

/// What is to be done for a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The results are there, as listed.
    Reuse,
    /// They are to be made.
    Compute,
}

impl OutDir {
    /// Says whether the results wanted are there already. Files are read through and hashed, so that damage
    /// is noticed; a stage whose files are not as listed is made again, with a warning.
    ///
    /// `--force` lifts refusals; it does not make again what is there as wanted.
    ///
    /// # Errors
    /// Without `--force`: [`StoreError::Conflict`] where the folder holds other results of this stage, or
    /// results of a later one that were not made from this one, [`StoreError::Foreign`] where it holds files
    /// of this stage's names that no manifest lists.
    /// [`StoreError::Io`], [`StoreError::Cancelled`].
    pub fn decide(&self, request: &Request, monitor: &Monitor) -> Result<Decision, StoreError> {
        let manifest = self.results().manifest();
        let Some(record) = manifest.stages.get(&request.stage) else {
            self.refuse_foreign(&[request.stage])?;
            self.refuse_unrelated(request.stage)?;
            return Ok(Decision::Compute);
        };
        if record.key != request.key() {
            if self.force() {
                return Ok(Decision::Compute);
            }
            return Err(StoreError::Conflict {
                path: self.path().to_path_buf(),
                stage: request.stage,
                differences: self.differences(request, record),
            });
        }
        let Some((path, why)) = file::difference(self.path(), &record.files, monitor)? else {
            return Ok(Decision::Reuse);
        };
        let name = path.file_name().unwrap_or_default().display();
        let text = format!("{name} is not as manifest.json lists it ({why}): it is made again");
        monitor.emit(Event::Warning(text));
        Ok(Decision::Compute)
    }

    /// Puts the files of a stage in place together and lists them. Results of later stages that were made from
    /// other files than these are removed; the answer says so in sentences, for those that the command was not
    /// going to make ([`OutDir::want`]). With `--force` unknown files of the stage's names are removed too: beside
    /// its results they would look like them.
    ///
    /// The manifest first lists the names as pending, then the files are renamed, then the manifest lists the
    /// stage: whatever a kill leaves, the next run knows that these files are not results and makes them again.
    ///
    /// # Errors
    /// [`StoreError::Io`]. Files that were not put in place vanish, but for rows that can be gone on with.
    ///
    /// # Panics
    /// If a file is not one of the stage's.
    pub fn commit(
        &mut self,
        request: &Request,
        files: Vec<FinishedFile>,
        facts: Facts,
        warnings: Vec<String>,
    ) -> Result<Vec<String>, StoreError> {
        let stage = request.stage;
        let names: Vec<String> = files.iter().map(|file| file.name().to_owned()).collect();
        for name in &names {
            assert!(stage.owns(name), "{name} is no file of {stage}");
        }
        let records = files.iter().map(|file| (file.name().to_owned(), file.record().clone())).collect();
        let record = StageRecord { files: records, from: request.from.clone(), key: request.key() };

        let mut manifest = self.results().manifest().clone();
        let unchanged = manifest.stages.get(&stage) == Some(&record);
        let outdated = if unchanged { &[][..] } else { stage.later() };
        let lost = self.lost(stage, outdated);
        for stage in [&[stage], outdated].concat() {
            if let Some(old) = manifest.stages.get(&stage) {
                manifest.pending.extend(old.files.keys().cloned());
            }
            manifest.remove(stage);
        }
        manifest.pending.extend_from_slice(&names);
        if self.force() {
            manifest.pending.extend(stage.names_in(self.path()));
        }
        manifest.pending.sort_unstable();
        manifest.pending.dedup();
        self.write_manifest(&manifest)?;

        let kept: BTreeSet<&String> = names.iter().collect();
        for name in manifest.pending.iter().filter(|name| !kept.contains(name)) {
            file::remove_from(self.path(), name)?;
        }
        for finished in files {
            finished.place()?;
        }
        let folders = names.iter().filter_map(|name| Some(name.rsplit_once('/')?.0));
        for folder in folders.collect::<BTreeSet<_>>() {
            file::sync_folder(&self.path().join(folder))?;
        }
        file::sync_folder(self.path())?;

        manifest.pending.clear();
        manifest.insert(request, record.files, facts, warnings);
        self.write_manifest(&manifest)?;
        Ok(lost)
    }

    /// Says which results go because `stage` is replaced, and how they are made again.
    fn lost(&self, stage: StageName, outdated: &[StageName]) -> Vec<String> {
        let there = outdated.iter().filter(|outdated| !self.wanted().contains(outdated));
        let recorded = &self.results().manifest().stages;
        there
            .filter_map(|&outdated| {
                let files = &recorded.get(&outdated)?.files;
                let (them, were) = if files.len() == 1 { ("it", "was") } else { ("them", "were") };
                let files = first_of(files.keys());
                Some(format!(
                    "{files} {were} removed, made from {} that have been replaced: {} in `{}` makes {them} again",
                    stage.results(),
                    outdated.described(),
                    self.path().display()
                ))
            })
            .collect()
    }

    /// Refuses to write over files that this folder's manifest knows nothing of: those of the names of `stages`
    /// that have no results here.
    ///
    /// # Errors
    /// [`StoreError::Foreign`], unless `--force` was given.
    pub fn refuse_foreign(&self, stages: &[StageName]) -> Result<(), StoreError> {
        let manifest = self.results().manifest();
        let pending = &manifest.pending;
        let begun = stages.iter().filter(|stage| !manifest.stages.contains_key(stage));
        let foreign = begun
            .flat_map(|stage| stage.names_in(self.path()))
            .find(|name| !pending.contains(name) && self.path().join(name).symlink_metadata().is_ok());
        match foreign {
            Some(name) if !self.force() => Err(StoreError::Foreign { path: self.path().to_path_buf(), name }),
            _ => Ok(()),
        }
    }

    /// Refuses to begin a stage before results that are there already: made from something else, they would
    /// be removed when it is put in place.
    fn refuse_unrelated(&self, stage: StageName) -> Result<(), StoreError> {
        let recorded = &self.results().manifest().stages;
        match stage.later().iter().find(|later| recorded.contains_key(later)) {
            Some(&later) if !self.force() => Err(StoreError::Conflict {
                path: self.path().to_path_buf(),
                stage: later,
                differences: vec![Difference::NotFrom { stage }],
            }),
            _ => Ok(()),
        }
    }

    /// In what the results that are there differ from those wanted.
    fn differences(&self, request: &Request, record: &StageRecord) -> Vec<Difference> {
        let manifest = self.results().manifest();
        let mut found = Vec::new();
        let there = manifest.parameters.get(&request.stage).cloned().unwrap_or_default();
        let names = there.names().chain(request.parameters.names().filter(|name| there.get(name).is_none()));
        for name in names {
            let (old, new) = (there.get(name), request.parameters.get(name));
            if old != new {
                let text = |value: Option<&Parameter>| value.map_or("unset".to_owned(), ToString::to_string);
                let (there, here) = (text(old), text(new));
                found.push(Difference::Setting { name: name.to_owned(), there, here });
            }
        }
        let inputs = manifest.inputs.get(&request.stage).map_or(&[][..], Vec::as_slice);
        let other = |name: &str| there.get(name) != request.parameters.get(name);
        // These decide which files are read, and so the hash of the same input.
        let explained = other("format") || other("lines");
        if inputs != request.inputs && !explained {
            let changed = request.inputs.iter().find(|input| !inputs.contains(input));
            found.push(match changed.map(|input| input.name.as_str()) {
                Some(WHOLE_INPUT) => Difference::Input,
                Some(FILE_OF_LABELS) => Difference::Labels,
                Some(name) => Difference::File { name: name.to_owned() },
                None => Difference::Inputs,
            });
        }
        let version = manifest.versions.get(request.stage.name()).map_or("", String::as_str);
        if version != request.version {
            found.push(Difference::Version { there: version.to_owned(), here: request.version.clone() });
        }
        if record.from != request.from {
            found.push(Difference::Earlier);
        }
        if found.is_empty() {
            found.push(Difference::Format);
        }
        found
    }
}

/// The first names of files, and how many more there are.
fn first_of<'a>(names: impl ExactSizeIterator<Item = &'a String>) -> String {
    let count = names.len();
    let first: Vec<&str> = names.take(TOLD).map(String::as_str).collect();
    match count - first.len() {
        0 => first.join(", "),
        more => format!("{} and {more} more files", first.join(", ")),
    }
}
