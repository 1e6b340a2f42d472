//! Rows that take long to make, kept block after block: a run that was stopped goes on from the last whole block.
//!
//! Beside the array lies a log: a first line that says whose rows they are, and one line a block with the hash of the
//! array up to there. A block counts when its line is whole and the bytes hash as it says; what comes after is cut off.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use clusterclip_core::format::npy::{self, Dtype};
use clusterclip_core::monitor::Monitor;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tempfile::TempPath;
use xxhash_rust::xxh3::Xxh3;

use super::error::StoreError;
use super::file::{FileRecord, FinishedFile, remove};
use super::request::StageKey;
use super::values::{Exact, hex};

/// The array and its log; not of the names that an unfinished file has, since they outlive the run.
const ARRAY: &str = ".clusterclip-embeddings.part";
const LOG: &str = ".clusterclip-embeddings.log";

/// Both.
pub(super) const FILES: [&str; 2] = [ARRAY, LOG];

/// Bytes hashed between two looks at the cancel flag.
const PIECE: usize = 1 << 20;

/// Whose rows they are.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Owner {
    key: StageKey,
    n: u64,
    n_features: u64,
}

/// What the log says of a block.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    /// Rows so far.
    rows: u64,
    /// XXH3 of the array so far.
    hash: String,
    /// What the stage wants to know of the block again.
    facts: Value,
}

/// An array of float32 rows that is being made.
#[derive(Debug)]
pub struct PartialRows {
    array: File,
    log: File,
    path: PathBuf,
    hash: Running,
    bytes: u64,
    rows: u64,
    owner: Owner,
}

/// Removes what a stopped run left in the folder `dir`.
pub(super) fn discard(dir: &Path) -> Result<(), StoreError> {
    remove(&dir.join(LOG))?;
    remove(&dir.join(ARRAY))
}

impl PartialRows {
    /// Goes on with the rows that a stopped run of the stage `key` left in `dir`, or begins; `remember` is told what was
    /// noted of each whole block.
    pub(super) fn open(
        dir: &Path,
        key: StageKey,
        n: u64,
        n_features: u64,
        remember: &mut dyn FnMut(Value),
        monitor: &Monitor,
    ) -> Result<Self, StoreError> {
        let owner = Owner { key, n, n_features };
        let failed = |path: &Path| {
            let path = path.to_path_buf();
            move |cause| StoreError::io("write", &path, cause)
        };
        let (path, log_path) = (dir.join(ARRAY), dir.join(LOG));
        let open = |path: &Path| {
            let options = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
            options.map_err(failed(path))
        };
        let (array, log) = (open(&path)?, open(&log_path)?);
        let mut rows = Self { array, log, path, hash: Running(Xxh3::new()), bytes: 0, rows: 0, owner };
        let header = npy::header(Dtype::F32, &[n, n_features]);
        rows.keep(&header, remember, monitor)?;
        if rows.bytes == 0 {
            let mut first = serde_json::to_vec(&rows.owner).expect("names are strings");
            first.push(b'\n');
            rows.cut(0, 0)?;
            rows.log.write_all(&first).map_err(failed(&log_path))?;
            rows.append(&header)?;
        }
        Ok(rows)
    }

    /// How many rows there are.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Adds a block of rows, and what is to be known of it again.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn push(&mut self, values: &[f32], facts: Value) -> Result<(), StoreError> {
        if cfg!(target_endian = "little") {
            self.append(bytemuck::cast_slice(values))?;
        } else {
            let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
            self.append(&bytes)?;
        }
        self.rows += values.len() as u64 / self.owner.n_features.max(1);
        let line = Line { rows: self.rows, hash: hex(self.hash.0.digest128()), facts };
        let mut line = serde_json::to_vec(&line).map_err(|cause| self.failed(cause.into()))?;
        line.push(b'\n');
        self.log.write_all(&line).map_err(|cause| self.failed(cause))
    }

    /// Ends the array, which from then on is a file of the stage named `name`.
    ///
    /// # Errors
    /// [`StoreError::Count`] when rows are missing, [`StoreError::Io`].
    pub fn finish(self, name: &str) -> Result<FinishedFile, StoreError> {
        let target = self.path.with_file_name(name);
        if self.rows != self.owner.n {
            return Err(StoreError::Count {
                path: target,
                expected: self.owner.n,
                got: self.rows,
                unit: "rows",
            });
        }
        self.array.sync_all().map_err(|cause| self.failed(cause))?;
        let record = FileRecord { bytes: Exact(self.bytes), hash: hex(self.hash.0.digest128()) };
        let mut temp = TempPath::try_from_path(&self.path).map_err(|cause| self.failed(cause))?;
        // Where the stage fails after all, for a full disk or a stop, the next run finds every row.
        temp.disable_cleanup(true);
        Ok(FinishedFile::new(temp, name.to_owned(), target, record))
    }

    /// Reads the log as far as the array bears it out, tells what was noted, and cuts both there.
    fn keep(
        &mut self,
        header: &[u8],
        remember: &mut dyn FnMut(Value),
        monitor: &Monitor,
    ) -> Result<(), StoreError> {
        let mut lines = BufReader::new(&self.log);
        let mut line = Vec::new();
        let mut next = || -> Result<Option<Vec<u8>>, io::Error> {
            line.clear();
            lines.read_until(b'\n', &mut line)?;
            Ok(line.ends_with(b"\n").then(|| line.clone()))
        };
        let failed = |cause| StoreError::io("read", &self.path, cause);
        let Some(first) = next().map_err(failed)? else { return Ok(()) };
        if serde_json::from_slice::<Owner>(&first).ok().as_ref() != Some(&self.owner) {
            return Ok(());
        }
        let mut array = &self.array;
        let mut hash = Xxh3::new();
        let (mut log_bytes, mut bytes, mut rows) = (first.len() as u64, 0, 0);
        let mut found = vec![0; header.len()];
        if array.read_exact(&mut found).is_err() || found != header {
            return Ok(());
        }
        hash.update(header);
        let mut piece = vec![0; PIECE];
        let begin = (hash.clone(), header.len() as u64, log_bytes);
        let mut whole = begin;
        while let Some(text) = next().map_err(failed)? {
            let Ok(line) = serde_json::from_slice::<Line>(&text) else { break };
            if line.rows < rows || line.rows > self.owner.n {
                break;
            }
            let mut left = (line.rows - rows) * self.owner.n_features * 4;
            while left > 0 {
                monitor.check()?;
                let part = &mut piece[..left.min(PIECE as u64) as usize];
                if array.read_exact(part).is_err() {
                    break;
                }
                hash.update(part);
                bytes += part.len() as u64;
                left -= part.len() as u64;
            }
            if left > 0 || hex(hash.digest128()) != line.hash {
                break;
            }
            rows = line.rows;
            log_bytes += text.len() as u64;
            whole = (hash.clone(), header.len() as u64 + bytes, log_bytes);
            remember(line.facts);
        }
        let (hash, bytes, log_bytes) = whole;
        (self.hash, self.bytes, self.rows) = (Running(hash), bytes, rows);
        self.cut(bytes, log_bytes)
    }

    /// Cuts array and log at a length and goes on from there.
    fn cut(&mut self, bytes: u64, log_bytes: u64) -> Result<(), StoreError> {
        for (file, length) in [(&mut self.array, bytes), (&mut self.log, log_bytes)] {
            let cut = file.set_len(length).and_then(|()| file.seek(SeekFrom::Start(length)));
            cut.map_err(|cause| StoreError::io("write", &self.path, cause))?;
        }
        Ok(())
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.array.write_all(bytes).map_err(|cause| self.failed(cause))?;
        self.hash.0.update(bytes);
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    fn failed(&self, cause: io::Error) -> StoreError {
        StoreError::io("write", &self.path, cause)
    }
}

/// A running hash; it has no `Debug` of its own.
struct Running(Xxh3);

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Xxh3")
    }
}

#[cfg(test)]
mod tests;
