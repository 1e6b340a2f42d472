//! The bytes of a columnar file, read at their positions.

use std::fmt::Display;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use clusterclip_core::monitor::CancelFlag;
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};
use xxhash_rust::xxh3::Xxh3;

use super::error::{ColumnsError, Part};
use crate::error::{Error, FileError, Result};
use crate::fence::fenced;
use crate::input::positioned::read_exact_at;

/// Bytes hashed at a time.
const CHUNK: u64 = 1 << 20;

/// Bytes read at once where it is not known how many are wanted: those of a page's header.
const HEADER: usize = 1 << 10;

/// A file, what messages call it, and its length when it was opened.
#[derive(Debug, Clone)]
pub(super) struct Disk {
    file: Arc<File>,
    name: Arc<str>,
    length: u64,
    /// What the system said when it could not read: decoders pass on no more than its words.
    trouble: Arc<Mutex<Option<io::Error>>>,
}

impl Disk {
    pub(super) fn new(file: File, name: &str) -> Result<Self> {
        let length = file.metadata().map_err(FileError::read(name.as_ref()))?.len();
        Ok(Self { file: Arc::new(file), name: Arc::from(name), length, trouble: Arc::default() })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// What a failed read comes to.
    pub(super) fn cannot(&self, cause: io::Error) -> FileError {
        FileError::Read { name: self.name.to_string(), cause }
    }

    /// Why a decoder failed: because the system could not read, or because of what `part` of the file says.
    pub(super) fn failed(&self, part: Part, why: &dyn Display) -> Error {
        match self.trouble.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(cause) => self.cannot(cause).into(),
            None => ColumnsError::of_decoder(self.name.to_string(), part, why.to_string()).into(),
        }
    }

    /// Says that `part` of the file makes no sense.
    pub(super) fn damaged(&self, part: Part, why: &dyn Display) -> ColumnsError {
        ColumnsError::Damaged { name: self.name.to_string(), part, why: why.to_string() }
    }

    /// Lets a decoder work, which may panic on a damaged file.
    pub(super) fn decode<T, E: Display>(&self, part: Part, work: impl FnOnce() -> Result<T, E>) -> Result<T> {
        match fenced(work) {
            Ok(done) => done.map_err(|why| self.failed(part, &why)),
            Err(why) => Err(self.failed(part, &why)),
        }
    }

    /// Fills `out` with the bytes from `offset` on, which lie in the file.
    fn read(&self, out: &mut [u8], offset: u64) -> io::Result<()> {
        read_exact_at(&self.file, out, offset).inspect_err(|error| {
            // An error is not cloned; what is passed on says the same.
            let kept = error.raw_os_error().map_or_else(|| error.kind().into(), io::Error::from_raw_os_error);
            *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = Some(kept);
        })
    }

    /// Fills a part of `out` with a range that lies in the file.
    pub(super) fn fill(&self, out: &mut [u8], offset: u64) -> Result<()> {
        self.read(out, offset).map_err(|error| self.cannot(error).into())
    }

    /// Reads a range, which a damaged file may place outside of itself.
    pub(super) fn bytes(&self, range: Range<u64>) -> io::Result<Vec<u8>> {
        if range.start > range.end || range.end > self.length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut bytes = vec![0; (range.end - range.start) as usize];
        self.read(&mut bytes, range.start)?;
        Ok(bytes)
    }

    /// Hashes a range, without holding it.
    pub(super) fn hash(&self, range: Range<u64>, hash: &mut Xxh3, cancel: &CancelFlag) -> Result<()> {
        let mut chunk = Vec::new();
        let mut at = range.start;
        while at < range.end {
            cancel.check()?;
            chunk.resize(CHUNK.min(range.end - at) as usize, 0);
            self.fill(&mut chunk, at)?;
            hash.update(&chunk);
            at += chunk.len() as u64;
        }
        Ok(())
    }
}

impl Length for Disk {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for Disk {
    type T = BufReader<From>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        Ok(BufReader::with_capacity(HEADER, From { disk: self.clone(), at: start }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        let end = start.saturating_add(length as u64);
        Ok(self.bytes(start..end)?.into())
    }
}

/// The bytes of a file from a position on.
#[derive(Debug)]
pub(super) struct From {
    disk: Disk,
    at: u64,
}

impl Read for From {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let left = self.disk.length.saturating_sub(self.at).min(out.len() as u64) as usize;
        self.disk.read(&mut out[..left], self.at)?;
        self.at += left as u64;
        Ok(left)
    }
}
