//! `members.npy`: the rows of each cluster, which samplers map and never hold.

use std::fmt;
use std::fs::File;
use std::path::Path;

use clusterclip_core::format::npy::{self, Dtype};
use clusterclip_core::monitor::Monitor;
use clusterclip_core::sampler::{MemberRows, Members};
use memmap2::Mmap;

use super::error::{Remedy, StoreError};
use super::file::{FileWriter, FinishedFile};
use super::npy::{NpyValue, NpyWriter};

/// From so many documents on, rows are written as uint64.
const WIDE: u64 = 1 << 32;

/// Rows that are written at a time.
const BLOCK: usize = 1 << 16;

/// Writes all members, (n_clustered,): rows sorted by (cluster, row), as uint32, or uint64 from 2^32 documents on.
///
/// # Errors
/// [`StoreError::Io`], [`StoreError::Cancelled`].
pub fn write_members(
    file: FileWriter,
    members: &Members,
    monitor: &Monitor,
) -> Result<FinishedFile, StoreError> {
    match members.n_rows() < WIDE {
        // Rows are under the number of documents.
        true => write(file, members, |row| row as u32, monitor),
        false => write(file, members, |row| row, monitor),
    }
}

fn write<T: NpyValue>(
    file: FileWriter,
    members: &Members,
    number: impl Fn(u64) -> T,
    monitor: &Monitor,
) -> Result<FinishedFile, StoreError> {
    let mut array = NpyWriter::<T>::new(file, &[members.n_documents()])?;
    let mut block = Vec::with_capacity(BLOCK);
    for row in members.sorted_rows() {
        block.push(number(row));
        if block.len() == BLOCK {
            monitor.check()?;
            array.write(&block)?;
            block.clear();
        }
    }
    array.write(&block)?;
    array.finish()
}

/// The rows of a members.npy, in memory as far as the system keeps them there.
pub(super) struct MappedRows {
    map: Mmap,
    /// Where the first row begins.
    start: usize,
    len: usize,
    wide: bool,
}

impl fmt::Debug for MappedRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MappedRows").field("len", &self.len).field("wide", &self.wide).finish_non_exhaustive()
    }
}

impl MappedRows {
    /// Maps the file.
    ///
    /// # Errors
    /// [`StoreError::Io`]; [`StoreError::Damaged`] when it is no such array.
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let damaged =
            |why: String| StoreError::Damaged { path: path.to_path_buf(), why, remedy: Remedy::Replace };
        let failed = |cause| StoreError::io("read", path, cause);
        let file = File::open(path).map_err(failed)?;
        if file.metadata().map_err(failed)?.len() == 0 {
            // Nothing can be mapped of it.
            return Err(damaged("it is empty".to_owned()));
        }
        // SAFETY: the file is only read, and whoever reads a folder of results holds its lock, so that no clusterclip
        // writes it; others have no business there.
        let map = unsafe { Mmap::map(&file) }.map_err(failed)?;
        let header = npy::parse_header(&map).map_err(|e| damaged(e.to_string()))?;
        header.check_length(map.len() as u64).map_err(|error| damaged(error.to_string()))?;
        let wide = header.dtype == Dtype::U64;
        match header.shape[..] {
            [n] if wide || header.dtype == Dtype::U32 => {
                // The map holds them all.
                Ok(Self { start: header.data_offset as usize, len: n as usize, wide, map })
            }
            _ => Err(damaged("it holds no rows written by clusterclip".to_owned())),
        }
    }
}

impl MemberRows for MappedRows {
    fn len(&self) -> usize {
        self.len
    }

    #[inline]
    fn row(&self, place: usize) -> u64 {
        let width = if self.wide { 8 } else { 4 };
        let bytes = &self.map[self.start + place * width..][..width];
        match bytes.try_into() {
            Ok(bytes) => u32::from_le_bytes(bytes).into(),
            Err(_) => bytes.try_into().map_or(0, u64::from_le_bytes),
        }
    }
}
