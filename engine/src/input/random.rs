//! Random access: documents brought back in any order, on any number of threads, with few files open at a time.

use std::collections::HashMap;
use std::fs::File;
use std::sync::{Arc, PoisonError, RwLock};

use clusterclip_core::format::content_hash;
use clusterclip_core::monitor::CancelFlag;

use super::columnar::KeptRows;
use super::fetch::{bytes_of, changed, next_of_name, read_at, row_of, source_of, text_of};
use super::source::{Kind, Source};
use super::spools::Spools;
use super::{Corpus, Place};
use crate::error::Result;

/// How many files are kept open; reading a training order comes back to each of them often.
const OPEN_FILES: usize = 128;

/// Brings documents back in any order.
#[derive(Debug)]
pub struct RandomAccess<'a> {
    corpus: &'a Corpus,
    open: RwLock<HashMap<u32, Arc<File>>>,
    spools: Spools,
    /// The rows of columnar sources, with all of their columns.
    rows: RwLock<HashMap<u32, Arc<KeptRows>>>,
}

impl<'a> RandomAccess<'a> {
    pub(crate) fn new(corpus: &'a Corpus) -> Self {
        Self { corpus, open: RwLock::default(), spools: Spools::default(), rows: RwLock::default() }
    }

    /// What it reads.
    pub fn corpus(&self) -> &'a Corpus {
        self.corpus
    }

    /// Brings the text of one document back.
    ///
    /// # Errors
    /// Files that cannot be read or changed since they were scanned; no room to unpack a compressed one;
    /// [`Cancelled`](clusterclip_core::monitor::Cancelled).
    pub fn get(&self, place: &Place, cancel: &CancelFlag) -> Result<String> {
        self.find(place, cancel, |number, source| self.text(number, source, place, cancel))
    }

    /// Brings the record of one document back, as JSON on one line: the bytes of a JSON line as they are, and JSON made
    /// of the row of a table.
    ///
    /// # Errors
    /// As [`RandomAccess::get`]; text, which has no records.
    pub fn record(&self, place: &Place, cancel: &CancelFlag) -> Result<Vec<u8>> {
        self.find(place, cancel, |number, source| {
            if let Kind::Columns(_) = source.kind {
                let rows = self.rows(number, cancel)?;
                return Ok(rows.json(row_of(source, place)?));
            }
            let Some(raw) = self.raw(number, source, place, cancel)? else { return Ok(None) };
            text_of(source, place, &raw)?.is_some().then(|| source.json(raw)).transpose()
        })
    }

    /// The rows of a columnar source, with all of its columns. They are brought into a form for random access first.
    pub(crate) fn rows(&self, number: u32, cancel: &CancelFlag) -> Result<Arc<KeptRows>> {
        if let Some(rows) = self.rows.read().unwrap_or_else(PoisonError::into_inner).get(&number) {
            return Ok(rows.clone());
        }
        let mut all = self.rows.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(rows) = all.get(&number) {
            return Ok(rows.clone());
        }
        let rows = Arc::new(KeptRows::of(source_of(self.corpus, number)?, cancel)?);
        all.insert(number, rows.clone());
        Ok(rows)
    }

    /// Looks into the source of a place, and where it is not there into the next ones of that name.
    fn find<T>(
        &self,
        place: &Place,
        cancel: &CancelFlag,
        look: impl Fn(u32, &Source) -> Result<Option<T>>,
    ) -> Result<T> {
        cancel.check()?;
        let mut number = place.source;
        loop {
            if let Some(found) = look(number, source_of(self.corpus, number)?)? {
                return Ok(found);
            }
            number = next_of_name(self.corpus, number).ok_or_else(|| changed(self.corpus, place))?;
        }
    }

    /// The text at a place of a source; `None` when it is not the document that was read there.
    fn text(
        &self,
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
                let part = self.spools.of(number, source, |spool| spool.texts(format, cancel))?;
                let raw = part.text(source, row)?;
                let text = raw.and_then(|raw| String::from_utf8(raw).ok());
                Ok(text.filter(|text| content_hash(text) == place.hash))
            }
        }
    }

    fn raw(
        &self,
        number: u32,
        source: &Source,
        place: &Place,
        cancel: &CancelFlag,
    ) -> Result<Option<Vec<u8>>> {
        let (offset, length) = bytes_of(source, place)?;
        if source.compression.is_some() {
            let part = self.spools.of(number, source, |spool| spool.unpack(cancel))?;
            return part.bytes(source, offset, length);
        }
        let file = self.open(number, source)?;
        read_at(source, &file, offset, length)
    }

    fn open(&self, number: u32, source: &Source) -> Result<Arc<File>> {
        if let Some(file) = self.open.read().unwrap_or_else(PoisonError::into_inner).get(&number) {
            return Ok(file.clone());
        }
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        if open.len() >= OPEN_FILES {
            open.clear();
        }
        let file = Arc::new(source.open_file()?);
        open.insert(number, file.clone());
        Ok(file)
    }
}
