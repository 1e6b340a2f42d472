//! Files of a moment, in memory where the system has a folder for that.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use tempfile::TempDir;

static FOLDER: LazyLock<TempDir> = LazyLock::new(|| {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.expect("a temporary folder")
});

/// A path among them.
pub fn path(name: &str) -> PathBuf {
    FOLDER.path().join(name)
}

/// A file of that name with these bytes; the last one of that name is gone.
pub fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let path = path(name);
    fs::write(&path, bytes).expect("room for a small file");
    path
}
