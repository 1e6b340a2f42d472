//! Random access: documents brought back in any order, with few files open at a time.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};

use clusterclip_core::monitor::{CancelFlag, Monitor};

use super::error::InputError;
use super::fetch::{bytes_of, changed, next_of_name, read_at, source_of, text_of};
use super::source::Source;
use super::{Corpus, Place};
use crate::error::Result;

/// How many files are kept open; reading a training order comes back to each of them often.
const OPEN_FILES: usize = 128;

/// Brings documents back in any order.
#[derive(Debug)]
pub struct RandomAccess<'a> {
    corpus: &'a Corpus,
    open: HashMap<u32, File>,
    unpacked: Option<Unpacked>,
}

impl<'a> RandomAccess<'a> {
    pub(crate) fn new(corpus: &'a Corpus) -> Self {
        Self { corpus, open: HashMap::new(), unpacked: None }
    }

    /// Brings the text of one document back.
    ///
    /// # Errors
    /// Files that cannot be read or changed since they were scanned; no room to unpack a compressed one;
    /// [`Cancelled`](clusterclip_core::monitor::Cancelled).
    pub fn get(&mut self, place: &Place, monitor: &Monitor<'_>) -> Result<String> {
        monitor.check()?;
        let mut number = place.source;
        loop {
            let source = source_of(self.corpus, number)?;
            let raw = self.raw(number, source, place, monitor.cancel_flag())?;
            let text = raw.map(|raw| text_of(source, place, &raw)).transpose()?.flatten();
            if let Some(text) = text {
                return Ok(text);
            }
            number = next_of_name(self.corpus, number).ok_or_else(|| changed(self.corpus, place))?;
        }
    }

    fn raw(
        &mut self,
        number: u32,
        source: &Source,
        place: &Place,
        cancel: &CancelFlag,
    ) -> Result<Option<Vec<u8>>> {
        let (offset, length) = bytes_of(source, place)?;
        if source.compression.is_some() {
            let unpacked = match &mut self.unpacked {
                Some(unpacked) => unpacked,
                None => self.unpacked.insert(Unpacked::new(source)?),
            };
            return unpacked.read(number, source, (offset, length), cancel);
        }
        if !self.open.contains_key(&number) {
            if self.open.len() >= OPEN_FILES {
                self.open.clear();
            }
            self.open.insert(number, source.open_file()?);
        }
        read_at(source, &self.open[&number], offset, length)
    }
}

/// Compressed sources, decompressed one after another into one temporary file, so that a thousand of them
/// need no thousand open files. It has no name and vanishes when it is closed.
#[derive(Debug)]
struct Unpacked {
    file: File,
    /// Bytes written so far.
    end: u64,
    /// Where the bytes of a source begin, and how many there are.
    parts: HashMap<u32, (u64, u64)>,
}

impl Unpacked {
    fn new(source: &Source) -> Result<Self> {
        let file = tempfile::tempfile_in(std::env::temp_dir()).map_err(no_room(source))?;
        Ok(Self { file, end: 0, parts: HashMap::new() })
    }

    fn read(
        &mut self,
        number: u32,
        source: &Source,
        (offset, length): (u64, u64),
        cancel: &CancelFlag,
    ) -> Result<Option<Vec<u8>>> {
        let (start, whole) = match self.parts.get(&number) {
            Some(&part) => part,
            None => self.unpack(number, source, cancel)?,
        };
        if offset.checked_add(length).is_none_or(|end| end > whole) {
            return Ok(None);
        }
        read_at(source, &self.file, start + offset, length)
    }

    /// Appends a source.
    fn unpack(&mut self, number: u32, source: &Source, cancel: &CancelFlag) -> Result<(u64, u64)> {
        let mut reader = source.open()?;
        let start = self.end;
        // Positioned reads move the file's own position on some systems.
        self.file.seek(SeekFrom::Start(start)).map_err(no_room(source))?;
        let mut chunk = vec![0; 1 << 20];
        loop {
            cancel.check()?;
            let read = reader.read(&mut chunk).map_err(|error| reader.failure(source, error))?;
            if read == 0 {
                break;
            }
            self.file.write_all(&chunk[..read]).map_err(no_room(source))?;
            self.end += read as u64;
        }
        let part = (start, self.end - start);
        self.parts.insert(number, part);
        Ok(part)
    }
}

fn no_room(source: &Source) -> impl FnOnce(std::io::Error) -> InputError {
    |cause| InputError::NoRoom { name: source.display().to_string(), folder: std::env::temp_dir(), cause }
}
