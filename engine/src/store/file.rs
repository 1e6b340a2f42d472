//! Files written beside their place, hashed on the way, and put there when complete.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use clusterclip_core::monitor::Monitor;
use serde::{Deserialize, Serialize};
use tempfile::TempPath;
use xxhash_rust::xxh3::Xxh3;

use super::error::StoreError;
use super::values::{Exact, hex};
use crate::check::Check;

/// How the name of an unfinished file begins and ends, so that a later run knows what a killed one left.
pub(super) const TEMP_PREFIX: &str = ".clusterclip-";
pub(super) const TEMP_SUFFIX: &str = ".tmp";

/// One block of copying and hashing: well under 100 ms between two looks at the cancel flag.
const BLOCK: usize = 1 << 20;

/// A file as the manifest lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileRecord {
    /// Its size in bytes.
    pub bytes: Exact<u64>,
    /// XXH3 of its content, 128 bits, in hexadecimal.
    pub hash: String,
}

/// Files by name.
pub(super) type FileRecords = BTreeMap<String, FileRecord>;

/// A file being written beside its place. Dropped unfinished, it vanishes.
#[derive(Debug)]
pub struct FileWriter {
    buffer: BufWriter<Hashing>,
    temp: TempPath,
    name: String,
    target: PathBuf,
}

/// The file below the buffer: hashes what passes, and says in every error which file it was.
struct Hashing {
    file: File,
    hash: Xxh3,
    bytes: u64,
    target: PathBuf,
}

impl std::fmt::Debug for Hashing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hashing").field("target", &self.target).field("bytes", &self.bytes).finish()
    }
}

impl Hashing {
    fn named(&self, cause: io::Error) -> io::Error {
        io::Error::new(cause.kind(), StoreError::io("write", &self.target, cause))
    }
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // An interrupted call is tried again by `write_all`, which knows it by its kind.
        let written = self.file.write(bytes).map_err(|cause| self.named(cause))?;
        self.hash.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush().map_err(|cause| self.named(cause))
    }
}

impl FileWriter {
    /// Begins the file `name` of the folder `dir`.
    pub(super) fn create(dir: &Path, name: &str) -> Result<Self, StoreError> {
        let target = dir.join(name);
        let mut builder = tempfile::Builder::new();
        builder.prefix(TEMP_PREFIX).suffix(TEMP_SUFFIX);
        // Results are read by other people and programs: the umask decides, not the 0600 of temporary files.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let temp = builder.tempfile_in(dir).map_err(|cause| StoreError::io("write", &target, cause))?;
        let (file, temp) = temp.into_parts();
        let hashing = Hashing { file, hash: Xxh3::new(), bytes: 0, target: target.clone() };
        Ok(Self { buffer: BufWriter::with_capacity(BLOCK, hashing), temp, name: name.to_owned(), target })
    }

    /// Where the file will stand.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Writes out what is buffered and syncs it to the disk. The file still stands beside its place.
    ///
    /// # Errors
    /// [`StoreError::Io`], for example on a full disk.
    pub fn finish(mut self) -> Result<FinishedFile, StoreError> {
        let failed = |cause| StoreError::io("write", &self.target, cause);
        self.buffer.flush().map_err(failed)?;
        let hashing = self.buffer.get_ref();
        hashing.file.sync_all().map_err(failed)?;
        let record = FileRecord { bytes: Exact(hashing.bytes), hash: hex(hashing.hash.digest128()) };
        Ok(FinishedFile { temp: self.temp, name: self.name, target: self.target, record })
    }
}

impl FileWriter {
    /// Writes all of `bytes`.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn put(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.write_all(bytes).map_err(|error| StoreError::io("write", &self.target, error))
    }
}

impl Write for FileWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.buffer.flush()
    }
}

/// A complete file beside its place. Dropped, it vanishes, unless it is one that can be gone on with.
#[derive(Debug)]
pub struct FinishedFile {
    temp: TempPath,
    name: String,
    target: PathBuf,
    record: FileRecord,
}

impl FinishedFile {
    /// A file that was completed at `temp`.
    pub(super) fn new(temp: TempPath, name: String, target: PathBuf, record: FileRecord) -> Self {
        Self { temp, name, target, record }
    }

    /// The name it will have in the folder.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Gives it another name in the same folder, before it is put in place: how many files there are of a kind shows
    /// itself when the last is written.
    #[must_use]
    pub fn named(mut self, name: String) -> Self {
        self.target.set_file_name(name.rsplit('/').next().unwrap_or_default());
        self.name = name;
        self
    }

    /// Its size and hash.
    pub fn record(&self) -> &FileRecord {
        &self.record
    }

    /// Where the file stands until it is put in place, for a later step of the same stage that reads it.
    pub fn path(&self) -> &Path {
        &self.temp
    }

    /// Puts the file in its place, over an older one.
    pub(super) fn place(self) -> Result<(), StoreError> {
        if let Some(folder) = self.target.parent() {
            fs::create_dir_all(folder).map_err(|cause| StoreError::io("make", folder, cause))?;
        }
        self.temp.persist(&self.target).map_err(|failed| StoreError::io("write", &self.target, failed.error))
    }
}

/// Makes renames and removals in `dir` last through a power cut, where the system can.
pub(super) fn sync_folder(dir: &Path) -> Result<(), StoreError> {
    if cfg!(unix) {
        let synced = File::open(dir).and_then(|folder| folder.sync_all());
        match synced {
            // Some network file systems cannot sync a folder; they order renames themselves.
            Err(cause)
                if !matches!(cause.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) =>
            {
                return Err(StoreError::io("sync", dir, cause));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Removes a file; one that is not there is fine.
pub(super) fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(StoreError::io("remove", path, cause)),
        _ => Ok(()),
    }
}

/// Removes the file of this name from `dir`, and the folder that it was alone in.
pub(super) fn remove_from(dir: &Path, name: &str) -> Result<(), StoreError> {
    remove(&dir.join(name))?;
    if let Some((folder, _)) = name.rsplit_once('/') {
        // One that holds other files stays.
        fs::remove_dir(dir.join(folder)).ok();
    }
    Ok(())
}

/// Reads the files of `dir` that `listed` names, and says which is the first that is not as listed, and why.
pub(super) fn difference(
    dir: &Path,
    listed: &FileRecords,
    monitor: &Monitor,
) -> Result<Option<(PathBuf, String)>, StoreError> {
    let mut check = Check::begin(listed.values().map(|record| record.bytes.0).sum(), monitor);
    for (name, record) in listed {
        let path = dir.join(name);
        if let Some(why) = difference_of_one(&path, record, &mut check)? {
            check.end();
            return Ok(Some((path, why)));
        }
    }
    check.end();
    Ok(None)
}

fn difference_of_one(
    path: &Path,
    record: &FileRecord,
    check: &mut Check,
) -> Result<Option<String>, StoreError> {
    let failed = |cause| StoreError::io("read", path, cause);
    let mut file = match File::open(path) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(Some("it is missing".to_owned())),
        opened => opened.map_err(failed)?,
    };
    let bytes = file.metadata().map_err(failed)?.len();
    if bytes != record.bytes.0 {
        return Ok(Some(format!("it has {bytes} bytes, {} are listed", record.bytes.0)));
    }
    let mut hash = Xxh3::new();
    let mut block = vec![0; BLOCK];
    loop {
        match file.read(&mut block) {
            Ok(0) => break,
            Ok(read) => {
                hash.update(&block[..read]);
                check.read(read as u64)?;
            }
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
            Err(cause) => return Err(failed(cause)),
        }
    }
    let same = hex(hash.digest128()) == record.hash;
    Ok((!same).then(|| "its content is not the one listed".to_owned()))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    /// A writer whose disk is full.
    fn full_disk(dir: &Path) -> FileWriter {
        let mut writer = FileWriter::create(dir, "labels.npy").unwrap();
        let full = File::options().write(true).open("/dev/full").unwrap();
        writer.buffer.get_mut().file = full;
        writer
    }

    #[test]
    fn a_full_disk_is_named_with_the_file_whatever_lies_between() {
        let dir = tempfile::tempdir().unwrap();
        let expected = format!("cannot write {}: No space left", dir.path().join("labels.npy").display());
        let check = |error: StoreError| {
            let text = error.to_string();
            assert!(text.starts_with(&expected) && text.contains(" with out"), "{text}");
            assert_eq!(text.matches("No space").count(), 1, "{text}");
        };
        // Found at the end, through the buffer.
        let mut writer = full_disk(dir.path());
        writer.write_all(b"small").unwrap();
        check(writer.finish().unwrap_err());
        // Found on the way, through an array and through Parquet.
        let mut array = super::super::NpyWriter::new(full_disk(dir.path()), &[1 << 20]).unwrap();
        check(array.write(&vec![0i32; 1 << 20]).unwrap_err());
        drop(array);
        let documents = super::super::DocumentsWriter::new(full_disk(dir.path())).unwrap();
        check(documents.finish().unwrap_err());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0, "nothing is left");
    }
}
