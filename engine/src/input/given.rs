//! Given files: arrays and labels. Each is opened once, so that what is checked, read and hashed is one and the
//! same file whatever happens to its name.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use clusterclip_core::monitor::Monitor;
use xxhash_rust::xxh3::Xxh3;

use super::InputError;
use super::packing::Compression;
use super::positioned::read_exact_at;
use super::reader::{Reader, open};
use crate::check::Check;
use crate::error::{FileError, Result};

/// Bytes hashed between two looks at the cancel flag.
const CHUNK: u64 = 1 << 20;

/// A regular file that is read more than once.
#[derive(Debug)]
pub(crate) struct Given {
    file: File,
    path: PathBuf,
    /// What it was when it was opened.
    opened: State,
}

/// What tells that a file was written to. A write that leaves both as they were is not noticed: one of equal
/// length within a tick of the file system's clock, or by a program that sets the time back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct State {
    length: u64,
    /// `None` where the file system keeps no times.
    modified: Option<SystemTime>,
}

impl State {
    fn of(file: &File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        Ok(Self { length: metadata.len(), modified: metadata.modified().ok() })
    }
}

impl Given {
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let opened = open(path).and_then(|file| Ok((State::of(&file)?, file)));
        let (opened, file) = opened.map_err(FileError::read(path))?;
        Ok(Self { file, path: path.to_owned(), opened })
    }

    /// Its bytes from the first on, unpacked. Readers share their position: one is used at a time.
    pub(crate) fn reader(&self, compression: Option<Compression>) -> Result<Reader> {
        let cannot = FileError::read(&self.path);
        let mut file = self.file.try_clone().map_err(cannot)?;
        file.rewind().map_err(cannot)?;
        Reader::new(file, compression, || self.path.display().to_string())
    }

    /// Its bytes unpacked, in a temporary file without a name, which takes half of the free space at most.
    ///
    /// # Errors
    /// Bytes that are not packed so, no room for them, and [`Cancelled`](clusterclip_core::monitor::Cancelled).
    pub(crate) fn unpacked(&self, compression: Compression, monitor: &Monitor<'_>) -> Result<Self> {
        let folder = std::env::temp_dir();
        // A system that cannot tell refuses nothing.
        let most = fs4::available_space(&folder).map_or(u64::MAX, |free| free / 2);
        self.unpacked_within(most, &folder, compression, monitor)
    }

    fn unpacked_within(
        &self,
        most: u64,
        folder: &Path,
        compression: Compression,
        monitor: &Monitor<'_>,
    ) -> Result<Self> {
        let name = || self.path.display().to_string();
        let mut reader = self.reader(Some(compression))?;
        let no_room = |cause| InputError::NoRoom { name: name(), folder: folder.to_owned(), cause };
        let mut copy = tempfile::tempfile_in(folder).map_err(no_room)?;
        let (mut chunk, mut after) = (vec![0; CHUNK as usize], 0);
        loop {
            monitor.check()?;
            let read = reader.read(&mut chunk).map_err(|cause| reader.failed(name(), cause))?;
            if read == 0 {
                break;
            }
            after += read as u64;
            if after > most {
                let why = format!("it has more than {most} bytes unpacked, half of the free space there");
                return Err(no_room(io::Error::new(io::ErrorKind::StorageFull, why)).into());
            }
            copy.write_all(&chunk[..read]).map_err(no_room)?;
        }
        let opened = State::of(&copy).map_err(FileError::read(&self.path))?;
        Ok(Self { file: copy, path: self.path.clone(), opened })
    }

    /// The file; reads that are not positioned share its position.
    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Its bytes when it was opened.
    pub(crate) fn length(&self) -> u64 {
        self.opened.length
    }

    /// Hashes its bytes: XXH3-128.
    pub(crate) fn hash(&self, monitor: &Monitor<'_>) -> Result<u128> {
        let mut check = Check::begin(self.length(), monitor);
        let mut hash = Xxh3::new();
        let mut chunk = Vec::new();
        for start in (0..self.length()).step_by(CHUNK as usize) {
            chunk.resize(CHUNK.min(self.length() - start) as usize, 0);
            if let Err(error) = read_exact_at(&self.file, &mut chunk, start) {
                // A file that ends early was cut: that is the better reason.
                self.check_unchanged()?;
                return Err(FileError::read(&self.path)(error).into());
            }
            hash.update(&chunk);
            check.read(chunk.len() as u64)?;
        }
        check.end();
        Ok(hash.digest128())
    }

    /// Refuses a file that was written to since it was opened.
    pub(crate) fn check_unchanged(&self) -> Result<(), FileError> {
        let now = State::of(&self.file).map_err(FileError::read(&self.path))?;
        if self.opened == now {
            return Ok(());
        }
        let how = FileError::difference(self.opened.length, now.length);
        Err(FileError::Changed { name: self.path.display().to_string(), how })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_unpacks_to_more_than_there_is_room_for_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("labels.npy.zst");
        std::fs::write(&path, zstd::encode_all(&[0; 1 << 21][..], 1).unwrap()).unwrap();
        let unpacked = |most| {
            let given = Given::open(&path).unwrap();
            given.unpacked_within(most, folder.path(), Compression::Zstd, &Monitor::silent())
        };
        assert_eq!(unpacked(1 << 21).unwrap().length(), 1 << 21);
        let message = unpacked((1 << 21) - 1).unwrap_err().to_string();
        assert!(message.contains("labels.npy.zst cannot be unpacked to"), "{message}");
        assert!(message.contains("more than 2097151 bytes"), "{message}");
    }
}
