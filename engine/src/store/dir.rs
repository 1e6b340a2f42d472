//! The folder that results are written to.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use clusterclip_core::error::Param;
use clusterclip_core::monitor::Monitor;
use same_file::Handle;

use super::error::StoreError;
use super::file::{self, FileWriter, TEMP_PREFIX, TEMP_SUFFIX};
use super::lock::{Claim, LOCK};
use super::manifest::Manifest;
use super::names::StageName;
use super::partial::{self, PartialRows};
use super::request::StageKey;
use super::results::Results;
use super::{MANIFEST, RUN};

/// A folder open for writing, by this process alone.
#[derive(Debug)]
pub struct OutDir {
    results: Results,
    force: bool,
    /// The stages that the command makes.
    wanted: Vec<StageName>,
    /// Held until the end, so that nobody else writes here.
    _claim: Claim,
}

impl OutDir {
    /// Opens the folder `path`, creating it where needed; locks it and removes what a killed run left
    /// unfinished. `force` allows other results and unknown files to be replaced.
    ///
    /// Dropped before anything was written, it removes the folders it has made, and its lock file.
    ///
    /// # Errors
    /// [`StoreError::NotAFolder`], [`StoreError::InUse`], [`StoreError::Io`]; without `force` also
    /// [`StoreError::Damaged`], [`StoreError::Newer`] and [`StoreError::Unsealed`] for a manifest that cannot be used.
    pub fn open(path: &Path, force: bool, monitor: &Monitor) -> Result<Self, StoreError> {
        if fs::metadata(path).is_ok_and(|found| !found.is_dir()) {
            return Err(StoreError::NotAFolder { path: path.to_path_buf() });
        }
        let claim = Claim::take(path, monitor)?;
        remove_unfinished(path)?;
        let manifest = match Manifest::read(&path.join(MANIFEST)) {
            Ok(manifest) => manifest.unwrap_or_default(),
            Err(StoreError::Damaged { .. } | StoreError::Newer { .. } | StoreError::Unsealed { .. })
                if force =>
            {
                Manifest::distrusting(path)
            }
            Err(error) => return Err(error),
        };
        let results = Results::new(path.to_path_buf(), manifest);
        Ok(Self { results, force, wanted: Vec::new(), _claim: claim })
    }

    /// Says which stages the command makes, before the first: what would stop a later one is told now.
    ///
    /// # Errors
    /// [`StoreError::Foreign`] without `--force`.
    pub fn want(&mut self, stages: &[StageName]) -> Result<(), StoreError> {
        self.wanted = stages.to_vec();
        self.refuse_foreign(stages)
    }

    /// The stages that [`OutDir::want`] was told.
    pub(super) fn wanted(&self) -> &[StageName] {
        &self.wanted
    }

    /// Refuses inputs that are files which the wanted stages replace or remove, or whose removal follows from them,
    /// whatever their paths look like: the system says what is one and the same file. `param` names the input, where
    /// one does.
    ///
    /// # Errors
    /// [`StoreError::OwnInput`].
    pub fn refuse_inputs<'a>(
        &self,
        param: Option<Param>,
        inputs: impl IntoIterator<Item = &'a Path>,
    ) -> Result<(), StoreError> {
        let own = self.own();
        // Of many inputs, few have the length of a result.
        let lengths: Vec<u64> = own.iter().map(|(_, length)| *length).collect();
        for path in inputs {
            let alike = fs::metadata(path).is_ok_and(|found| lengths.contains(&found.len()));
            if alike && Handle::from_path(path).is_ok_and(|input| own.iter().any(|(file, _)| *file == input))
            {
                return Err(StoreError::OwnInput { param, path: path.to_path_buf() });
            }
        }
        Ok(())
    }

    /// Refuses standard input where it is such a file.
    ///
    /// # Errors
    /// [`StoreError::OwnInput`].
    pub fn refuse_standard_input(&self) -> Result<(), StoreError> {
        let own = self.own();
        match Handle::stdin() {
            Ok(input) if own.iter().any(|(file, _)| *file == input) => {
                Err(StoreError::OwnInput { param: None, path: "-".into() })
            }
            _ => Ok(()),
        }
    }

    /// The files that are there of those which may be replaced or removed, and their lengths.
    fn own(&self) -> Vec<(Handle, u64)> {
        let stages = self.wanted.iter().flat_map(|stage| [&[*stage], stage.later()].concat());
        let names = stages.flat_map(|stage| stage.names_in(self.path()));
        let others = [MANIFEST, RUN, LOCK].into_iter().chain(partial::FILES).map(str::to_owned);
        let names: BTreeSet<String> = names.chain(others).collect();
        let files = names.into_iter().map(|name| self.path().join(name));
        files
            .filter_map(|file| {
                let found = fs::metadata(&file).ok().filter(fs::Metadata::is_file)?;
                Some((Handle::from_path(&file).ok()?, found.len()))
            })
            .collect()
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.results.path()
    }

    /// Whether other results and unknown files may be replaced.
    pub fn force(&self) -> bool {
        self.force
    }

    /// What is in the folder.
    pub fn results(&self) -> &Results {
        &self.results
    }

    /// Begins a file of a stage, beside its place, for [`OutDir::commit`].
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn create(&self, name: &str) -> Result<FileWriter, StoreError> {
        FileWriter::create(self.path(), name)
    }

    /// Goes on with the rows that a stopped run of the stage `key` left here, or begins an array of
    /// (n_samples, n_features); `remember` is told what was noted of each block that is there.
    ///
    /// # Errors
    /// [`StoreError::Io`], [`StoreError::Cancelled`].
    pub fn partial_rows(
        &self,
        key: StageKey,
        (n, n_features): (u64, usize),
        remember: &mut dyn FnMut(serde_json::Value),
        monitor: &Monitor,
    ) -> Result<PartialRows, StoreError> {
        PartialRows::open(self.path(), key, n, n_features as u64, remember, monitor)
    }

    /// Removes the rows that a stopped run left, if any: they are of no more use.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn discard_partial_rows(&self) -> Result<(), StoreError> {
        partial::discard(self.path())
    }

    /// Writes one file that belongs to no stage: whole, or, when `write` fails, not at all.
    ///
    /// # Errors
    /// The error of `write`, or [`StoreError::Io`].
    pub fn write_atomic<T, E: From<StoreError>>(
        &self,
        name: &str,
        write: impl FnOnce(&mut FileWriter) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut writer = self.create(name)?;
        let value = write(&mut writer)?;
        writer.finish()?.place()?;
        file::sync_folder(self.path())?;
        Ok(value)
    }

    /// Writes the manifest, and keeps it.
    pub(super) fn write_manifest(&mut self, manifest: &Manifest) -> Result<(), StoreError> {
        let text = manifest.to_json();
        self.write_atomic(MANIFEST, |writer| {
            writer.write_all(text.as_bytes()).map_err(|cause| StoreError::io("write", writer.target(), cause))
        })?;
        self.results.set_manifest(manifest.clone());
        Ok(())
    }
}

/// Removes the unfinished files of a killed run. The lock is held, so nobody is writing them.
fn remove_unfinished(path: &Path) -> Result<(), StoreError> {
    let failed = |cause| StoreError::io("read", path, cause);
    for entry in fs::read_dir(path).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(TEMP_PREFIX) && name.ends_with(TEMP_SUFFIX) {
            file::remove(&entry.path())?;
        }
    }
    Ok(())
}
