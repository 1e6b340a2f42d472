//! The folder that results are written to.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use clusterclip_core::error::Param;
use clusterclip_core::monitor::Monitor;

use super::MANIFEST;
use super::error::StoreError;
use super::file::{self, FileWriter, TEMP_PREFIX, TEMP_SUFFIX};
use super::lock::Claim;
use super::manifest::Manifest;
use super::names::StageName;
use super::partial::{self, PartialRows};
use super::request::StageKey;
use super::results::Results;

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
    /// [`StoreError::Damaged`] and [`StoreError::Newer`] for a manifest that cannot be used.
    pub fn open(path: &Path, force: bool, monitor: &Monitor) -> Result<Self, StoreError> {
        if fs::metadata(path).is_ok_and(|found| !found.is_dir()) {
            return Err(StoreError::NotAFolder { path: path.to_path_buf() });
        }
        let claim = Claim::take(path, monitor)?;
        remove_unfinished(path)?;
        let manifest = match Manifest::read(&path.join(MANIFEST)) {
            Ok(manifest) => manifest.unwrap_or_default(),
            Err(StoreError::Damaged { .. } | StoreError::Newer { .. }) if force => Manifest::distrusting(),
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

    /// Refuses an input, which `param` names, that is one of the files that the wanted stages replace or remove.
    ///
    /// # Errors
    /// [`StoreError::OwnInput`].
    pub fn refuse_input(&self, param: Param, path: &Path) -> Result<(), StoreError> {
        let Ok(input) = fs::canonicalize(path) else { return Ok(()) };
        let mut files = self.wanted.iter().flat_map(|stage| stage.files());
        if files.any(|name| fs::canonicalize(self.path().join(name)).is_ok_and(|file| file == input)) {
            return Err(StoreError::OwnInput { param, path: path.to_path_buf() });
        }
        Ok(())
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
