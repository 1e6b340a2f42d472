//! Who may work in a folder, and what stays of it when nothing was done there.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use clusterclip_core::monitor::{Event, Monitor};
use same_file::Handle;

use super::MANIFEST;
use super::error::StoreError;

/// The file that a process locks while it works in the folder. It is empty, and stays where there are results.
/// (A folder itself can be locked on some systems only.)
pub(super) const LOCK: &str = ".clusterclip.lock";

/// How often a lock file that vanishes while it is being taken is made again.
const ATTEMPTS: usize = 8;

/// A folder that this process alone writes in. Dropped before there is a manifest, it leaves no trace.
#[derive(Debug)]
pub(super) struct Claim {
    path: PathBuf,
    /// The folders that were not there before, the innermost first.
    made: Vec<PathBuf>,
    /// Held for its lock, which the system gives up when the file is closed, even by a kill.
    lock: Option<File>,
    /// Whether the lock file was not there before.
    fresh: bool,
}

impl Claim {
    /// Takes the folder `path`, which is made where needed.
    pub(super) fn take(path: &Path, monitor: &Monitor) -> Result<Self, StoreError> {
        let absent = path.ancestors().take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists());
        let made = absent.map(Path::to_path_buf).collect();
        let mut claim = Self { path: path.to_path_buf(), made, lock: None, fresh: false };
        fs::create_dir_all(path).map_err(|cause| StoreError::io("create", path, cause))?;
        for _ in 0..ATTEMPTS {
            if claim.try_lock(monitor)? {
                return Ok(claim);
            }
        }
        Err(StoreError::InUse { path: path.to_path_buf() })
    }

    /// Locks the lock file, made where there is none; `false` when its last user has removed it meanwhile.
    fn try_lock(&mut self, monitor: &Monitor) -> Result<bool, StoreError> {
        let failed = |cause| StoreError::io("write in", &self.path, cause);
        let name = self.path.join(LOCK);
        let (file, fresh) = match File::create_new(&name) {
            Ok(file) => (file, true),
            Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => {
                match File::options().write(true).open(&name) {
                    Ok(file) => (file, false),
                    Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(false),
                    Err(cause) => return Err(failed(cause)),
                }
            }
            Err(cause) => return Err(failed(cause)),
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(StoreError::InUse { path: self.path.clone() }),
            Err(TryLockError::Error(cause)) if cause.kind() == io::ErrorKind::Unsupported => {
                let text = format!(
                    "{} is on a file system without locks: run one process in it",
                    self.path.display()
                );
                monitor.emit(Event::Warning(text));
            }
            Err(TryLockError::Error(cause)) => return Err(failed(cause)),
        }
        // Whoever locks a file that has lost its name shares the folder with whoever makes the next one.
        let locked = file.try_clone().and_then(Handle::from_file).map_err(failed)?;
        if Handle::from_path(&name).ok() != Some(locked) {
            return Ok(false);
        }
        (self.lock, self.fresh) = (Some(file), fresh);
        Ok(true)
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if self.path.join(MANIFEST).exists() {
            return;
        }
        // Nothing can be done about a failure here, and none loses anything: the folder stays, with its lock
        // file. A folder with something in it cannot be removed in this way.
        if self.fresh {
            let _ = fs::remove_file(self.path.join(LOCK));
        }
        drop(self.lock.take());
        for folder in &self.made {
            if fs::remove_dir(folder).is_err() {
                break;
            }
        }
    }
}

/// Locks a folder that is only read against a process that writes it. A folder without a lock file (read-only,
/// or copied) needs none.
pub(super) fn lock_shared(path: &Path) -> Result<Option<File>, StoreError> {
    let Ok(file) = File::open(path.join(LOCK)) else { return Ok(None) };
    match file.try_lock_shared() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse { path: path.to_path_buf() }),
        // A file system without locks: the writer has warned.
        Err(TryLockError::Error(_)) => Ok(None),
    }
}
