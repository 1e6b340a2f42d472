//! Random access: documents brought back in any order, with few files open at a time.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};

use clusterclip_core::format::content_hash;
use clusterclip_core::monitor::{CancelFlag, Monitor};

use super::columnar::{ColumnFormat, RowTexts};
use super::error::InputError;
use super::fetch::{bytes_of, changed, next_of_name, read_at, row_of, source_of, text_of};
use super::source::{Kind, Source};
use super::{Corpus, Place};
use crate::error::Result;

/// Bytes unpacked at a time.
const CHUNK: usize = 1 << 20;

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
            if let Some(text) = self.text(number, source, place, monitor.cancel_flag())? {
                return Ok(text);
            }
            number = next_of_name(self.corpus, number).ok_or_else(|| changed(self.corpus, place))?;
        }
    }

    /// The text at a place of a source; `None` when it is not the document that was read there.
    fn text(
        &mut self,
        number: u32,
        source: &Source,
        place: &Place,
        cancel: &CancelFlag,
    ) -> Result<Option<String>> {
        match source.kind {
            Kind::Bytes(_) => {
                let raw = self.raw(number, source, place, cancel)?;
                let text = raw.map(|raw| text_of(source, place, &raw));
                Ok(text.transpose()?.flatten())
            }
            Kind::Columns(format) => {
                let row = row_of(source, place)?;
                let unpacked = Unpacked::begun(&mut self.unpacked, source)?;
                let raw = unpacked.row((number, source, format), row, cancel)?;
                let text = raw.and_then(|raw| String::from_utf8(raw).ok());
                Ok(text.filter(|text| content_hash(text) == place.hash))
            }
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
            let unpacked = Unpacked::begun(&mut self.unpacked, source)?;
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
/// need no thousand open files; of columnar ones the texts. It has no name and vanishes when it is closed.
#[derive(Debug)]
struct Unpacked {
    file: File,
    /// Bytes written so far.
    end: u64,
    /// Where the bytes of a source begin, and how many there are.
    parts: HashMap<u32, (u64, u64)>,
    /// Where the texts of a columnar source begin, each where the one before ends; and where the last one ends.
    rows: HashMap<u32, Vec<u64>>,
}

impl Unpacked {
    /// The file, which is made when it is first asked for.
    fn begun<'a>(unpacked: &'a mut Option<Self>, source: &Source) -> Result<&'a mut Self> {
        if let Some(unpacked) = unpacked {
            return Ok(unpacked);
        }
        let file = tempfile::tempfile_in(std::env::temp_dir()).map_err(no_room(source))?;
        Ok(unpacked.insert(Self { file, end: 0, parts: HashMap::new(), rows: HashMap::new() }))
    }

    /// The text of a row; `None` where there is no such row.
    fn row(
        &mut self,
        (number, source, format): (u32, &Source, ColumnFormat),
        row: u64,
        cancel: &CancelFlag,
    ) -> Result<Option<Vec<u8>>> {
        if !self.rows.contains_key(&number) {
            let ends = self.spool(source, format, cancel)?;
            self.rows.insert(number, ends);
        }
        let ends = &self.rows[&number];
        let end = usize::try_from(row).ok().and_then(|row| Some((*ends.get(row)?, *ends.get(row + 1)?)));
        let Some((start, end)) = end else { return Ok(None) };
        read_at(source, &self.file, start, end - start)
    }

    /// Appends the texts of a columnar source; gives where they begin, and where the last one ends.
    fn spool(&mut self, source: &Source, format: ColumnFormat, cancel: &CancelFlag) -> Result<Vec<u64>> {
        self.file.seek(SeekFrom::Start(self.end)).map_err(no_room(source))?;
        let mut ends = vec![self.end];
        if let Some(mut rows) = RowTexts::open(source, format)? {
            let mut file = BufWriter::with_capacity(CHUNK, &self.file);
            rows.each(|rows| {
                for (_, record) in rows.records() {
                    cancel.check()?;
                    // Bad records have no text; nobody asks for them.
                    if let Ok(record) = record {
                        file.write_all(record.text.as_bytes()).map_err(no_room(source))?;
                        self.end += record.text.len() as u64;
                    }
                    ends.push(self.end);
                }
                Ok(())
            })?;
            file.flush().map_err(no_room(source))?;
        }
        Ok(ends)
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
        let mut chunk = vec![0; CHUNK];
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
