//! Fetching: chosen documents brought back from their sources.
//!
//! A place made from `documents.parquet` may name an earlier source of the same name than the right one (see
//! [`Locator`](super::Locator)), never a later one. Whether a document is the right one is told by its hash;
//! where it is not, the next source of that name is looked into.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};

use clusterclip_core::format::content_hash;
use clusterclip_core::format::cut::At;
use clusterclip_core::format::items::decode;
use clusterclip_core::monitor::{CancelFlag, Monitor};

use super::columnar::RowTexts;
use super::positioned::read_exact_at;
use super::reader::Reader;
use super::source::{Kind, Source};
use super::{Corpus, InputError, Place};
use crate::error::Result;

/// Bytes read between two looks at the cancel flag.
const CHUNK: usize = 1 << 20;

/// See [`Corpus::fetch`].
pub(crate) fn fetch(
    corpus: &Corpus,
    places: &[Place],
    monitor: &Monitor<'_>,
    take: &mut dyn FnMut(usize, &str) -> Result<()>,
) -> Result<()> {
    // What is to be looked for in each source; only later sources are added on the way.
    let mut wanted: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (index, place) in places.iter().enumerate() {
        wanted.entry(place.source).or_default().push(index);
    }
    let what = |index: usize| (places[index].at, places[index].hash);
    while let Some((number, mut of_source)) = wanted.pop_first() {
        of_source.sort_by_key(|&index| what(index));
        let source = source_of(corpus, number)?;
        let mut texts = Texts::open(source)?;
        for same in of_source.chunk_by(|&a, &b| what(a) == what(b)) {
            monitor.check()?;
            let place = &places[same[0]];
            if let Some(text) = texts.read(source, place, monitor.cancel_flag())? {
                same.iter().try_for_each(|&index| take(index, &text))?;
            } else {
                let next = next_of_name(corpus, number).ok_or_else(|| changed(corpus, place))?;
                wanted.entry(next).or_default().extend(same);
            }
        }
    }
    Ok(())
}

/// Finds a source by its number.
pub(crate) fn source_of(corpus: &Corpus, number: u32) -> Result<&Source, InputError> {
    let missing = || InputError::NoSource { number, sources: corpus.sources.len() };
    corpus.sources.get(number as usize).ok_or_else(missing)
}

/// Finds the next source that is called as this one is.
pub(crate) fn next_of_name(corpus: &Corpus, number: u32) -> Option<u32> {
    let name = &corpus.sources[number as usize].name;
    let later = (number + 1..).zip(corpus.sources.iter().skip(number as usize + 1));
    { later }.find(|(_, source)| source.name == *name).map(|(next, _)| next)
}

/// Says that a document is in no source of its name any more.
pub(crate) fn changed(corpus: &Corpus, place: &Place) -> InputError {
    let Place { source, at, .. } = *place;
    let first = &corpus.sources[source as usize];
    let several = next_of_name(corpus, source).is_some();
    let name = if several { first.name.to_string() } else { first.display().to_string() };
    InputError::Moved { name, at, several }
}

/// Decodes a record as the scan did; `None` when it is not the document that was read at this place.
pub(crate) fn text_of(source: &Source, place: &Place, raw: &[u8]) -> Result<Option<String>> {
    let record = decode(source.layout()?, raw).record.ok();
    let text = record.map(|record| record.text.into_owned());
    Ok(text.filter(|text| content_hash(text) == place.hash))
}

/// The row of a document.
pub(crate) fn row_of(source: &Source, place: &Place) -> Result<u64> {
    match place.at {
        At::Row(row) => Ok(row),
        at @ At::Bytes { .. } => Err(InputError::NotInRows { name: source.display(), at }.into()),
    }
}

/// The bytes of a document, its first one and how many there are.
pub(crate) fn bytes_of(source: &Source, place: &Place) -> Result<(u64, u64)> {
    match place.at {
        At::Bytes { offset, length } => Ok((offset, length)),
        at @ At::Row(_) => Err(InputError::NotInBytes { name: source.display(), at }.into()),
    }
}

/// Reads bytes of a file that holds those of `source`; `None` where it ends before.
pub(crate) fn read_at(source: &Source, file: &File, offset: u64, length: u64) -> Result<Option<Vec<u8>>> {
    // No document that was read is as long as this.
    let Ok(length) = usize::try_from(length) else { return Ok(None) };
    let mut raw = vec![0; length];
    match read_exact_at(file, &mut raw, offset) {
        Ok(()) => Ok(Some(raw)),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(source.cannot()(error).into()),
    }
}

/// The texts of a source, read in its order.
enum Texts {
    Bytes(Bytes),
    Rows(Option<Box<RowTexts>>),
}

impl Texts {
    fn open(source: &Source) -> Result<Self> {
        Ok(match source.kind {
            Kind::Bytes(_) => Self::Bytes(Bytes::open(source)?),
            Kind::Columns(format) => Self::Rows(RowTexts::open(source, format)?.map(Box::new)),
        })
    }

    /// The text at a place; `None` when it is not the document that was read there.
    fn read(&mut self, source: &Source, place: &Place, cancel: &CancelFlag) -> Result<Option<String>> {
        match self {
            Self::Bytes(bytes) => {
                let raw = bytes.read(source, place, cancel)?;
                Ok(raw.map(|raw| text_of(source, place, &raw)).transpose()?.flatten())
            }
            Self::Rows(None) => Ok(None),
            Self::Rows(Some(rows)) => {
                let text = rows.read(row_of(source, place)?, cancel)?;
                Ok(text.filter(|text| content_hash(text) == place.hash))
            }
        }
    }
}

/// The decompressed bytes of a source, read from lower to higher offsets.
enum Bytes {
    Plain(File),
    Packed(Box<Forward>),
}

impl Bytes {
    fn open(source: &Source) -> Result<Self> {
        Ok(match source.compression {
            None => Self::Plain(source.open_file()?),
            Some(_) => {
                let reader = source.open()?;
                Self::Packed(Box::new(Forward { reader, window: Vec::new(), from: 0, offset: 0 }))
            }
        })
    }

    fn read(&mut self, source: &Source, place: &Place, cancel: &CancelFlag) -> Result<Option<Vec<u8>>> {
        let (offset, length) = bytes_of(source, place)?;
        match self {
            Self::Plain(file) => read_at(source, file, offset, length),
            Self::Packed(forward) => Ok(forward.read(source, offset, length, cancel)?.map(<[u8]>::to_vec)),
        }
    }
}

/// Reads forward through a compressed source. The bytes of the last place are kept, because the next may
/// overlap it when one of the two belongs to a later source.
struct Forward {
    reader: Reader,
    /// Bytes that were read; those before `from` are done with.
    window: Vec<u8>,
    from: usize,
    /// Where in the source `from` is.
    offset: u64,
}

impl Forward {
    fn read(
        &mut self,
        source: &Source,
        offset: u64,
        length: u64,
        cancel: &CancelFlag,
    ) -> Result<Option<&[u8]>> {
        let held = self.window.len() - self.from;
        let passed = usize::try_from(offset - self.offset).map_or(held, |gap| gap.min(held));
        self.from += passed;
        self.offset += passed as u64;
        // Each byte is moved at most once for every byte that is dropped.
        if self.from > self.window.len() / 2 {
            self.window.drain(..self.from);
            self.from = 0;
        }
        while self.offset < offset {
            cancel.check()?;
            let step = (offset - self.offset).min(CHUNK as u64);
            let skipped = io::copy(&mut self.reader.by_ref().take(step), &mut io::sink())
                .map_err(|error| self.reader.failure(source, error))?;
            self.offset += skipped;
            if skipped < step {
                return Ok(None);
            }
        }
        // No document that was read is as long as this.
        let Ok(length) = usize::try_from(length) else { return Ok(None) };
        let end = self.from + length;
        while self.window.len() < end {
            cancel.check()?;
            let step = (end - self.window.len()).min(CHUNK);
            let read = self.reader.by_ref().take(step as u64).read_to_end(&mut self.window);
            if read.map_err(|error| self.reader.failure(source, error))? < step {
                return Ok(None);
            }
        }
        Ok(Some(&self.window[self.from..end]))
    }
}
