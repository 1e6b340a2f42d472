//! The folder that results are written to.

use std::fs::{self, File, TryLockError};
use std::io;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clusterclip_core::monitor::{Event, Monitor};

use super::MANIFEST;
use super::error::StoreError;
use super::file::{self, FileWriter, TEMP_PREFIX, TEMP_SUFFIX};
use super::manifest::Manifest;
use super::results::Results;

/// The file that a process locks while it works in the folder. It is empty and stays: removing it would let
/// two processes lock two files of the same name. (A folder itself can be locked on some systems only.)
pub(super) const LOCK: &str = ".clusterclip.lock";

/// A folder open for writing, by this process alone.
#[derive(Debug)]
pub struct OutDir {
    results: Results,
    force: bool,
    /// Held for its lock, which the system gives up when the file is closed, even by a kill.
    _lock: File,
}

impl OutDir {
    /// Opens the folder `path`, creating it where needed; locks it and removes what a killed run left
    /// unfinished. `force` (the option `--force`) allows other results and unknown files to be replaced.
    ///
    /// # Errors
    /// [`StoreError::NotAFolder`], [`StoreError::InUse`], [`StoreError::Io`]; without `force` also
    /// [`StoreError::Damaged`] and [`StoreError::Newer`] for a manifest that cannot be used.
    pub fn open(path: &Path, force: bool, monitor: &Monitor) -> Result<Self, StoreError> {
        if fs::metadata(path).is_ok_and(|found| !found.is_dir()) {
            return Err(StoreError::NotAFolder { path: path.to_path_buf() });
        }
        fs::create_dir_all(path).map_err(|cause| StoreError::io("create", path, cause))?;
        let lock = lock(path, monitor)?;
        remove_unfinished(path)?;
        let manifest = match Manifest::read(&path.join(MANIFEST)) {
            Ok(manifest) => manifest.unwrap_or_default(),
            Err(StoreError::Damaged { .. } | StoreError::Newer { .. }) if force => Manifest::distrusting(),
            Err(error) => return Err(error),
        };
        Ok(Self { results: Results::new(path.to_path_buf(), manifest), force, _lock: lock })
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

/// Takes the folder for this process.
fn lock(path: &Path, monitor: &Monitor) -> Result<File, StoreError> {
    let failed = |cause| StoreError::io("write in", path, cause);
    let file =
        File::options().create(true).write(true).truncate(false).open(path.join(LOCK)).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(StoreError::InUse { path: path.to_path_buf() }),
        Err(TryLockError::Error(cause)) if cause.kind() == io::ErrorKind::Unsupported => {
            let text = format!("{} is on a file system without locks: run one process in it", path.display());
            monitor.emit(Event::Warning(text));
        }
        Err(TryLockError::Error(cause)) => return Err(failed(cause)),
    }
    Ok(file)
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

/// Locks a folder that is only read against a process that writes it. A folder without a lock file (read-only,
/// or copied) needs none.
pub(super) fn lock_shared(path: &Path) -> Result<Option<File>, StoreError> {
    let Ok(file) = File::open(path.join(LOCK)) else { return Ok(None) };
    match file.try_lock_shared() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse { path: PathBuf::from(path) }),
        // A file system without locks: the writer has warned.
        Err(TryLockError::Error(_)) => Ok(None),
    }
}
