//! Files of models, held in memory by the system while they are read.

use std::fs::File;
use std::ops::Deref;
use std::path::PathBuf;
use std::time::SystemTime;

use clusterclip_core::monitor::Monitor;
use memmap2::Mmap;
use xxhash_rust::xxh3::Xxh3;

use crate::error::{FileError, Result};

/// Bytes that are hashed between two looks at the cancel flag.
const PIECE: usize = 1 << 23;

/// A file, its hash, and what it was on disk when it was opened.
pub(super) struct Mapped {
    pub name: &'static str,
    pub path: PathBuf,
    pub hash: u128,
    map: Option<Mmap>,
    state: (u64, Option<SystemTime>),
}

impl Mapped {
    /// Maps and hashes the file at `path`, which is called `name` in the published layout.
    ///
    /// # Errors
    /// If it cannot be read; the work was stopped.
    pub fn open(name: &'static str, path: PathBuf, monitor: &Monitor<'_>) -> Result<Self> {
        let cannot = FileError::read(&path);
        let file = File::open(&path).map_err(cannot)?;
        let state = state(&file).map_err(cannot)?;
        let map = match state.0 {
            // Nothing can be mapped of an empty file.
            0 => None,
            // SAFETY: the file is only read, and nobody is to change a model while it is loaded, as with every input.
            _ => Some(unsafe { Mmap::map(&file) }.map_err(cannot)?),
        };
        let mut mapped = Self { name, path, hash: 0, map, state };
        let mut hash = Xxh3::new();
        for piece in mapped.chunks(PIECE) {
            monitor.check()?;
            hash.update(piece);
            mapped.release(piece);
        }
        mapped.hash = hash.digest128();
        Ok(mapped)
    }

    /// Gives back the memory of a part of the file. What is read of it again comes from the disk.
    pub fn release(&self, part: &[u8]) {
        #[cfg(unix)]
        if let Some(map) = &self.map {
            let offset = part.as_ptr().addr().wrapping_sub(map.as_ptr().addr());
            if offset < map.len() {
                let advice = memmap2::UncheckedAdvice::DontNeed;
                // SAFETY: the map is of a file and never written, so its pages come back as they were. It is advice:
                // where it is refused, the memory stays.
                let _ =
                    unsafe { map.unchecked_advise_range(advice, offset, part.len().min(map.len() - offset)) };
            }
        }
        #[cfg(not(unix))]
        let _ = part;
    }

    /// Makes sure that the hash is still that of the file.
    ///
    /// # Errors
    /// If the file was changed since it was opened.
    pub fn check_unchanged(&self) -> Result<(), FileError> {
        let now = File::open(&self.path).and_then(|file| state(&file));
        let now = now.map_err(FileError::read(&self.path))?;
        if now == self.state {
            return Ok(());
        }
        let how = FileError::difference(self.state.0, now.0);
        Err(FileError::Changed { name: self.path.display().to_string(), how })
    }
}

impl Deref for Mapped {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.map.as_deref().unwrap_or_default()
    }
}

fn state(file: &File) -> std::io::Result<(u64, Option<SystemTime>)> {
    let metadata = file.metadata()?;
    // Not every file system keeps times.
    Ok((metadata.len(), metadata.modified().ok()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use xxhash_rust::xxh3::xxh3_128;

    use super::*;

    #[test]
    fn a_released_file_reads_the_same_and_a_changed_one_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let bytes: Vec<u8> = (0..100_000u32).flat_map(u32::to_le_bytes).collect();
        fs::write(&path, &bytes).unwrap();
        let mapped = Mapped::open("file", path.clone(), &Monitor::silent()).unwrap();
        mapped.release(&mapped[5_000..90_001]);
        mapped.release(&mapped[..0]);
        mapped.release(&bytes);
        assert_eq!((&*mapped, mapped.hash), (&bytes[..], xxh3_128(&bytes)));
        mapped.check_unchanged().unwrap();
        fs::write(&path, &bytes[1..]).unwrap();
        let error = mapped.check_unchanged().unwrap_err().to_string();
        assert!(error.contains("changed while it was read (it had 400000 bytes and has 399999)"), "{error}");
    }

    #[test]
    fn an_empty_file_is_no_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "").unwrap();
        let mapped = Mapped::open("file", path, &Monitor::silent()).unwrap();
        assert_eq!((mapped.len(), mapped.hash), (0, xxh3_128(&[])));
    }
}
