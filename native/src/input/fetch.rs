//! Fetching: chosen documents brought back from their sources.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};

use anyhow::{Context, Result, anyhow, bail};
use clusterclip_core::format::records::{self, RecordError};
use clusterclip_core::format::{content_hash, text};
use clusterclip_core::monitor::{CancelFlag, Monitor};

use super::positioned::read_exact_at;
use super::source::{Reader, Shape, Source};
use super::{Corpus, Place};

/// A document brought back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// Its text.
    pub text: String,
    /// The bytes of its record: the JSON line, or the plain text.
    pub raw: Vec<u8>,
    /// Whether `raw` is a JSON object.
    pub is_json: bool,
}

/// See [`Corpus::fetch`].
pub(crate) fn fetch(
    corpus: &Corpus,
    places: &[Place],
    monitor: &Monitor<'_>,
    take: &mut dyn FnMut(usize, Fetched) -> Result<()>,
) -> Result<()> {
    let mut wanted: Vec<usize> = (0..places.len()).collect();
    wanted.sort_by_key(|&index| (places[index].source, places[index].offset));
    for of_source in wanted.chunk_by(|&a, &b| places[a].source == places[b].source) {
        let source = source_of(corpus, &places[of_source[0]])?;
        let mut forward = None;
        let file = source.open_file()?;
        for same in of_source.chunk_by(|&a, &b| places[a] == places[b]) {
            monitor.check()?;
            let place = &places[same[0]];
            let raw = match source.compression {
                None => read_at(source, &file, place)?,
                Some(_) => {
                    let forward = match &mut forward {
                        Some(forward) => forward,
                        None => forward.insert(Forward { reader: source.open()?, at: 0 }),
                    };
                    forward.read(source, place, monitor.cancel_flag())?
                }
            };
            let fetched = decode(corpus, source, place, raw)?;
            for &index in same {
                take(index, fetched.clone())?;
            }
        }
    }
    Ok(())
}

fn source_of<'a>(corpus: &'a Corpus, place: &Place) -> Result<&'a Source> {
    let missing =
        || anyhow!("source {} of a document is none of the {} sources", place.source, corpus.sources.len());
    corpus.sources.get(place.source as usize).ok_or_else(missing)
}

fn changed(source: &Source, place: &Place) -> anyhow::Error {
    anyhow!(
        "{} changed since it was read (the document at byte {} is another one); start again",
        source.display(),
        place.offset
    )
}

fn read_at(source: &Source, file: &File, place: &Place) -> Result<Vec<u8>> {
    let mut raw = vec![0; usize::try_from(place.length)?];
    match read_exact_at(file, &mut raw, place.offset) {
        Ok(()) => Ok(raw),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(changed(source, place)),
        Err(error) => Err(error).with_context(|| format!("{} cannot be read", source.display())),
    }
}

/// Parses a record as the scan did, and holds its text against the hash taken then.
fn decode(corpus: &Corpus, source: &Source, place: &Place, raw: Vec<u8>) -> Result<Fetched> {
    let is_json = source.shape == Shape::Records;
    let text = if is_json {
        let record = records::parse(&raw, &corpus.options.fields);
        record.map(|record| record.text.into_owned()).map_err(|_: RecordError| changed(source, place))?
    } else {
        text::decode(&raw).text.into_owned()
    };
    if content_hash(&text) != place.hash {
        return Err(changed(source, place));
    }
    Ok(Fetched { text, raw, is_json })
}

/// Reads forward through a compressed source.
struct Forward {
    reader: Reader,
    at: u64,
}

impl Forward {
    fn read(&mut self, source: &Source, place: &Place, cancel: &CancelFlag) -> Result<Vec<u8>> {
        while self.at < place.offset {
            cancel.check()?;
            let step = (place.offset - self.at).min(1 << 20);
            let skipped = io::copy(&mut self.reader.by_ref().take(step), &mut io::sink())
                .map_err(|error| self.reader.failure(source, &error))?;
            if skipped < step {
                return Err(changed(source, place));
            }
            self.at += skipped;
        }
        let mut raw = Vec::with_capacity(usize::try_from(place.length)?);
        let read = self.reader.by_ref().take(place.length).read_to_end(&mut raw);
        let read = read.map_err(|error| self.reader.failure(source, &error))? as u64;
        self.at += read;
        if self.at != place.offset + place.length {
            // Places of one source that overlap are from another corpus.
            return Err(changed(source, place));
        }
        Ok(raw)
    }
}

/// Finds places again, row after row. A source is known by its name and its turn: names may repeat.
#[derive(Debug)]
pub struct Locator<'a> {
    corpus: &'a Corpus,
    source: usize,
    offset: u64,
}

impl<'a> Locator<'a> {
    pub(crate) fn new(corpus: &'a Corpus) -> Self {
        Self { corpus, source: 0, offset: 0 }
    }

    /// Finds the next row's place by its columns in `documents.parquet`.
    ///
    /// # Errors
    /// A source that is not among the INPUTs from the last row's on.
    pub fn place(&mut self, source: &str, offset: u64, length: u64, hash: u128) -> Result<Place> {
        // Offsets grow within a source: a lower one belongs to a later source of the same name.
        let from = self.source + usize::from(offset < self.offset);
        let sources = self.corpus.sources.iter().enumerate().skip(from);
        let Some((number, _)) = { sources }.find(|(_, candidate)| &*candidate.name == source) else {
            bail!(
                "{source} is not among the inputs, or not in its place; name the inputs that were read before"
            );
        };
        self.offset = offset + length;
        self.source = number;
        Ok(Place { source: number as u32, offset, length, hash })
    }
}

/// How many files are kept open; reading a training order comes back to each of them often.
const OPEN_FILES: usize = 128;

/// Brings documents back in any order.
#[derive(Debug)]
pub struct RandomAccess<'a> {
    corpus: &'a Corpus,
    open: HashMap<u32, File>,
    /// Compressed sources, unpacked; these files have no name and vanish when closed.
    unpacked: HashMap<u32, File>,
}

impl<'a> RandomAccess<'a> {
    pub(crate) fn new(corpus: &'a Corpus) -> Self {
        Self { corpus, open: HashMap::new(), unpacked: HashMap::new() }
    }

    /// Brings one document back.
    ///
    /// # Errors
    /// Files that cannot be read or changed since they were scanned; no room to unpack a compressed one;
    /// [`Cancelled`](clusterclip_core::monitor::Cancelled).
    pub fn get(&mut self, place: &Place, monitor: &Monitor<'_>) -> Result<Fetched> {
        monitor.check()?;
        let source = source_of(self.corpus, place)?;
        let files = if source.compression.is_some() { &mut self.unpacked } else { &mut self.open };
        if !files.contains_key(&place.source) {
            let file = match source.compression {
                Some(_) => unpack(source, monitor.cancel_flag())?,
                None => {
                    if files.len() >= OPEN_FILES {
                        files.clear();
                    }
                    source.open_file()?
                }
            };
            files.insert(place.source, file);
        }
        let raw = read_at(source, &files[&place.source], place)?;
        decode(self.corpus, source, place, raw)
    }
}

/// Writes a compressed source, decompressed, to a temporary file.
fn unpack(source: &Source, cancel: &CancelFlag) -> Result<File> {
    let folder = std::env::temp_dir();
    let full = || {
        format!(
            "{} cannot be unpacked to {}; TMPDIR names another folder",
            source.display(),
            folder.display()
        )
    };
    let mut file = tempfile::tempfile_in(&folder).with_context(full)?;
    let mut reader = source.open()?;
    let mut chunk = vec![0; 1 << 20];
    loop {
        cancel.check()?;
        let read = reader.read(&mut chunk).map_err(|error| reader.failure(source, &error))?;
        if read == 0 {
            return Ok(file);
        }
        io::Write::write_all(&mut file, &chunk[..read]).with_context(full)?;
    }
}
