//! Reading forward: chosen documents of sources, from lower to higher places, each source from its beginning.

use std::fs::File;
use std::io::{self, Read};

use clusterclip_core::format::cut::At;
use clusterclip_core::monitor::CancelFlag;

use super::columnar::RowTexts;
use super::fetch::source_of;
use super::positioned::read_at;
use super::reader::Reader;
use super::source::{Kind, Source};
use super::{Corpus, InputError, Place};
use crate::error::Result;

/// Bytes read between two looks at the cancel flag.
const CHUNK: usize = 1 << 20;

/// Bytes of a file that are read at once: few where documents lie far apart, more and more where they follow each other.
const WINDOWS: (usize, usize) = (16 << 10, 1 << 20);

/// Sources that are kept open: a document may be looked for in several of one name.
const OPEN: usize = 8;

/// Brings documents back. Whoever asks for places in the order of their sources and in each from lower to higher ones has
/// every source read once; others are served as well, at the price of beginning anew.
pub(crate) struct Forward<'a> {
    corpus: &'a Corpus,
    /// The one that was read last comes last.
    open: Vec<Open>,
}

/// A source that is being read.
struct Open {
    number: u32,
    texts: Texts,
    /// Where the last place that was asked for begins.
    at: u64,
}

impl<'a> Forward<'a> {
    pub(crate) fn new(corpus: &'a Corpus) -> Self {
        Self { corpus, open: Vec::with_capacity(OPEN) }
    }

    /// Appends what is at a place to `out`: the bytes of a record, or the text of a row. False where there is nothing.
    ///
    /// # Errors
    /// Files that cannot be read; [`Cancelled`](clusterclip_core::monitor::Cancelled).
    pub(crate) fn read(&mut self, place: &Place, out: &mut Vec<u8>, cancel: &CancelFlag) -> Result<bool> {
        let source = source_of(self.corpus, place.source)?;
        let start = place.at.range().start;
        let known = self.open.iter().position(|open| open.number == place.source);
        let mut open = match known.map(|known| self.open.remove(known)).filter(|open| open.at <= start) {
            Some(open) => open,
            None => Open { number: place.source, texts: Texts::open(source)?, at: 0 },
        };
        open.at = start;
        let found = open.texts.read(source, place, out, cancel);
        if self.open.len() == OPEN {
            self.open.remove(0);
        }
        self.open.push(open);
        found
    }
}

/// The texts of a source, read in its order.
enum Texts {
    Plain(Window),
    Packed(Box<Packed>),
    Rows(Option<Box<RowTexts>>),
}

impl Texts {
    fn open(source: &Source) -> Result<Self> {
        Ok(match (source.kind, source.compression) {
            (Kind::Columns(format), _) => Self::Rows(RowTexts::open(source, format)?.map(Box::new)),
            (Kind::Bytes(_), None) => Self::Plain(Window::new(source.open_file()?)),
            (Kind::Bytes(_), Some(_)) => Self::Packed(Box::new(Packed {
                reader: source.open()?,
                window: Vec::new(),
                from: 0,
                offset: 0,
            })),
        })
    }

    fn read(
        &mut self,
        source: &Source,
        place: &Place,
        out: &mut Vec<u8>,
        cancel: &CancelFlag,
    ) -> Result<bool> {
        match self {
            Self::Rows(rows) => {
                let row = row_of(source, place)?;
                let text = rows.as_mut().map(|rows| rows.read(row, cancel)).transpose()?.flatten();
                out.extend_from_slice(text.as_deref().unwrap_or_default().as_bytes());
                Ok(text.is_some())
            }
            Self::Plain(window) => {
                let (offset, length) = bytes_of(source, place)?;
                window.read(source, offset, length, out)
            }
            Self::Packed(packed) => {
                let (offset, length) = bytes_of(source, place)?;
                let found = packed.read(source, offset, length, cancel)?;
                out.extend_from_slice(found.unwrap_or_default());
                Ok(found.is_some())
            }
        }
    }
}

/// The row of a document.
fn row_of(source: &Source, place: &Place) -> Result<u64> {
    match place.at {
        At::Row(row) => Ok(row),
        at @ At::Bytes { .. } => Err(InputError::NotInRows { name: source.display(), at }.into()),
    }
}

/// The bytes of a document, its first one and how many there are.
fn bytes_of(source: &Source, place: &Place) -> Result<(u64, u64)> {
    match place.at {
        At::Bytes { offset, length } => Ok((offset, length)),
        at @ At::Row(_) => Err(InputError::NotInBytes { name: source.display(), at }.into()),
    }
}

/// Reads a file some bytes at a time.
struct Window {
    file: File,
    /// Bytes that were read, from `start` on.
    bytes: Vec<u8>,
    start: u64,
    /// How many are read next.
    size: usize,
}

impl Window {
    fn new(file: File) -> Self {
        Self { file, bytes: Vec::new(), start: 0, size: WINDOWS.0 }
    }

    /// Appends some bytes to `out`; false where the file ends before.
    fn read(&mut self, source: &Source, offset: u64, length: u64, out: &mut Vec<u8>) -> Result<bool> {
        // No document that was read is as long as this.
        let Ok(length) = usize::try_from(length) else { return Ok(false) };
        let held = offset.checked_sub(self.start).and_then(|from| usize::try_from(from).ok());
        if let Some(from) = held
            && let Some(bytes) = self.bytes.get(from..from.saturating_add(length))
        {
            out.extend_from_slice(bytes);
            return Ok(true);
        }
        let follows = held.is_some_and(|from| from <= self.bytes.len() + self.size);
        self.size = if follows { WINDOWS.1.min(self.size * 2) } else { WINDOWS.0 };
        self.bytes.resize(self.size.max(length), 0);
        self.start = offset;
        let read = read_at(&self.file, &mut self.bytes, offset).map_err(source.cannot())?;
        self.bytes.truncate(read);
        match self.bytes.get(..length) {
            Some(bytes) => out.extend_from_slice(bytes),
            None => return Ok(false),
        }
        Ok(true)
    }
}

/// Reads forward through a compressed source. The bytes of the last place are kept, because the next may
/// overlap it when one of the two belongs to a later source.
struct Packed {
    reader: Reader,
    /// Bytes that were read; those before `from` are done with.
    window: Vec<u8>,
    from: usize,
    /// Where in the source `from` is.
    offset: u64,
}

impl Packed {
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
