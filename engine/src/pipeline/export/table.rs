//! What is known of the documents, on disk: the place, the id and the source of each. Memory holds none of it, however
//! many documents there are.

use std::fs::File;
use std::io::{self, BufWriter, Write};

use clusterclip_core::format::cut::At;
use clusterclip_core::monitor::Monitor;

use crate::error::{FileError, Result};
use crate::input::{Corpus, Place, read_exact_at};
use crate::pipeline::texts;
use crate::store::{ASSIGNMENTS, Results, each_name};

/// Bytes of an entry before its id: the source's number, the kind of place, its two numbers, the hash, and the lengths
/// of id and source.
const HEAD: usize = 48;

/// Bytes that are gathered before they are written.
const BUFFER: usize = 1 << 20;

/// The documents, by their rows.
pub enum Table {
    /// Those of a folder.
    Kept {
        /// Where each entry begins, and where the last one ends.
        index: File,
        /// The entries.
        entries: File,
    },
    /// Rows of a file of labels: their numbers are their ids.
    Rows {
        /// The file.
        source: String,
    },
}

/// What is known of a document.
pub struct Entry {
    /// Where it is; of no meaning where no input is read.
    pub place: Place,
    /// Its id.
    pub id: String,
    /// What it was read from.
    pub source: String,
}

impl Table {
    /// The documents of `results`, with their places where there is a corpus that they were read from.
    pub fn of(results: &Results, corpus: Option<&Corpus>, monitor: &Monitor<'_>) -> Result<Self> {
        let mut writer = Writer::new()?;
        match corpus {
            Some(corpus) => texts::walk(results, corpus, monitor, |document, place| {
                writer.push(&place, &document.id, &document.source)
            })?,
            None => {
                let place = Place { source: 0, at: At::Row(0), hash: 0 };
                each_name(&results.file(ASSIGNMENTS), monitor, |id, source| writer.push(&place, id, source))?;
            }
        }
        writer.finish()
    }

    /// What is known of the document of this row.
    pub fn get(&self, row: u64) -> Result<Entry> {
        match self {
            Self::Rows { source } => Ok(Entry {
                place: Place { source: 0, at: At::Row(row), hash: 0 },
                id: row.to_string(),
                source: source.clone(),
            }),
            Self::Kept { index, entries } => {
                let mut bounds = [0; 16];
                read_exact_at(index, &mut bounds, row * 8).map_err(failed)?;
                let from = u64_at(&bounds, 0);
                let mut bytes = vec![0; (u64_at(&bounds, 8) - from) as usize];
                read_exact_at(entries, &mut bytes, from).map_err(failed)?;
                Ok(entry(&bytes))
            }
        }
    }
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(std::array::from_fn(|byte| bytes[at + byte]))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(std::array::from_fn(|byte| bytes[at + byte]))
}

fn entry(bytes: &[u8]) -> Entry {
    let (first, second) = (u64_at(bytes, 8), u64_at(bytes, 16));
    let at = match u32_at(bytes, 4) {
        0 => At::Bytes { offset: first, length: second },
        _ => At::Row(first),
    };
    let hash = u128::from_le_bytes(std::array::from_fn(|byte| bytes[24 + byte]));
    let text = |from: usize, length: usize| String::from_utf8_lossy(&bytes[from..from + length]).into_owned();
    let (id, source) = (u32_at(bytes, 40) as usize, u32_at(bytes, 44) as usize);
    Entry {
        place: Place { source: u32_at(bytes, 0), at, hash },
        id: text(HEAD, id),
        source: text(HEAD + id, source),
    }
}

/// Writes the table into two files without names, which vanish when they are closed.
struct Writer {
    index: BufWriter<File>,
    entries: BufWriter<File>,
    end: u64,
}

impl Writer {
    fn new() -> Result<Self> {
        let file = || tempfile::tempfile_in(std::env::temp_dir()).map_err(failed);
        let [index, entries] = [file()?, file()?].map(|file| BufWriter::with_capacity(BUFFER, file));
        let mut writer = Self { index, entries, end: 0 };
        writer.mark()?;
        Ok(writer)
    }

    fn push(&mut self, place: &Place, id: &str, source: &str) -> Result<()> {
        let (kind, first, second) = match place.at {
            At::Bytes { offset, length } => (0u32, offset, length),
            At::Row(row) => (1, row, 0),
        };
        let mut head = [0; HEAD];
        head[..4].copy_from_slice(&place.source.to_le_bytes());
        head[4..8].copy_from_slice(&kind.to_le_bytes());
        head[8..16].copy_from_slice(&first.to_le_bytes());
        head[16..24].copy_from_slice(&second.to_le_bytes());
        head[24..40].copy_from_slice(&place.hash.to_le_bytes());
        // An id lies in a record, which is at most 1 GiB.
        head[40..44].copy_from_slice(&(id.len() as u32).to_le_bytes());
        head[44..].copy_from_slice(&(source.len() as u32).to_le_bytes());
        for bytes in [&head[..], id.as_bytes(), source.as_bytes()] {
            self.entries.write_all(bytes).map_err(failed)?;
            self.end += bytes.len() as u64;
        }
        self.mark()
    }

    fn mark(&mut self) -> Result<()> {
        Ok(self.index.write_all(&self.end.to_le_bytes()).map_err(failed)?)
    }

    fn finish(self) -> Result<Table> {
        let whole = |file: BufWriter<File>| file.into_inner().map_err(|error| failed(error.into_error()));
        Ok(Table::Kept { index: whole(self.index)?, entries: whole(self.entries)? })
    }
}

fn failed(cause: io::Error) -> FileError {
    let to = std::env::temp_dir().display().to_string();
    FileError::Copy { name: "the list of documents".to_owned(), to, cause }
}
