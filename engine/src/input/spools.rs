//! Spools: what is made of sources for random access, all in one temporary file, so that a thousand of them need no
//! thousand open files. It has no name and vanishes when it is closed.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::sync::{Arc, PoisonError, RwLock};

use clusterclip_core::monitor::CancelFlag;

use super::columnar::{ColumnFormat, RowTexts};
use super::error::InputError;
use super::fetch::read_at;
use super::positioned::write_all_at;
use super::source::Source;
use crate::error::Result;

/// Bytes unpacked at a time.
const CHUNK: usize = 1 << 20;

/// What was made of sources, by their numbers.
#[derive(Debug, Default)]
pub(super) struct Spools(RwLock<HashMap<u32, Part>>);

/// What was made of a source.
#[derive(Debug, Clone)]
pub(super) struct Part {
    file: Arc<File>,
    /// Where its bytes begin, and where they end.
    start: u64,
    end: u64,
    /// Of columnar sources, how many rows: where their texts begin, and where the last one ends, stands behind the
    /// texts.
    rows: u64,
}

impl Spools {
    /// The part of a source, which is made when it is first asked for; everybody else waits for it.
    pub(super) fn of(
        &self,
        number: u32,
        source: &Source,
        make: impl FnOnce(&mut Spool<'_>) -> Result<u64>,
    ) -> Result<Part> {
        if let Some(part) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&number) {
            return Ok(part.clone());
        }
        let mut parts = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(part) = parts.get(&number) {
            return Ok(part.clone());
        }
        let (file, start) = match parts.values().max_by_key(|part| part.end) {
            Some(last) => (last.file.clone(), last.end),
            None => {
                let file = tempfile::tempfile_in(std::env::temp_dir()).map_err(no_room(source))?;
                (Arc::new(file), 0)
            }
        };
        let mut spool = Spool { file: &file, source, end: start };
        let rows = make(&mut spool)?;
        let end = spool.end;
        let part = Part { file, start, end, rows };
        parts.insert(number, part.clone());
        Ok(part)
    }
}

impl Part {
    /// Bytes of an unpacked source; `None` where it ends before.
    pub(super) fn bytes(&self, source: &Source, offset: u64, length: u64) -> Result<Option<Vec<u8>>> {
        if offset.checked_add(length).is_none_or(|end| end > self.end - self.start) {
            return Ok(None);
        }
        read_at(source, &self.file, self.start + offset, length)
    }

    /// The text of a row; `None` where there is no such row.
    pub(super) fn text(&self, source: &Source, row: u64) -> Result<Option<Vec<u8>>> {
        if row >= self.rows {
            return Ok(None);
        }
        let ends = self.end - (self.rows + 1) * 8;
        let Some(found) = read_at(source, &self.file, ends + row * 8, 16)? else { return Ok(None) };
        let [from, to] = [0, 8].map(|at| u64::from_le_bytes(std::array::from_fn(|byte| found[at + byte])));
        read_at(source, &self.file, from, to - from)
    }
}

/// The end of the file, where a source is added.
#[derive(Debug)]
pub(super) struct Spool<'a> {
    file: &'a File,
    source: &'a Source,
    end: u64,
}

impl Write for Spool<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        write_all_at(self.file, bytes, self.end)?;
        self.end += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Spool<'_> {
    /// Unpacks a compressed source; it has no rows.
    pub(super) fn unpack(&mut self, cancel: &CancelFlag) -> Result<u64> {
        let source = self.source;
        let mut reader = source.open()?;
        let mut chunk = vec![0; CHUNK];
        loop {
            cancel.check()?;
            let read = reader.read(&mut chunk).map_err(|error| reader.failure(source, error))?;
            if read == 0 {
                return Ok(0);
            }
            self.write_all(&chunk[..read]).map_err(no_room(source))?;
        }
    }

    /// Writes the texts of a columnar source and where they are; gives how many rows it has.
    pub(super) fn texts(&mut self, format: ColumnFormat, cancel: &CancelFlag) -> Result<u64> {
        let source = self.source;
        let mut end = self.end;
        let mut ends = vec![end];
        let mut out = BufWriter::with_capacity(CHUNK, self);
        if let Some(mut rows) = RowTexts::open(source, format)? {
            rows.each(|rows| {
                for (_, record) in rows.records() {
                    cancel.check()?;
                    // Bad records have no text; nobody asks for them.
                    if let Ok(record) = record {
                        out.write_all(record.text.as_bytes()).map_err(no_room(source))?;
                        end += record.text.len() as u64;
                    }
                    ends.push(end);
                }
                Ok(())
            })?;
        }
        for end in &ends {
            out.write_all(&end.to_le_bytes()).map_err(no_room(source))?;
        }
        out.flush().map_err(no_room(source))?;
        Ok(ends.len() as u64 - 1)
    }
}

/// What it comes to that there is no room for a source in the folder for temporary files.
pub(super) fn no_room(source: &Source) -> impl FnOnce(io::Error) -> InputError {
    |cause| InputError::NoRoom { name: source.display().to_string(), folder: std::env::temp_dir(), cause }
}
