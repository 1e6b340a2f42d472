//! The corpus: what is settled once and shared by all passes.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use clusterclip_core::documents::Repeats;
use clusterclip_core::format::cut::Shape;
use clusterclip_core::format::table::Quote;
use clusterclip_core::monitor::{CancelFlag, Event, Monitor, Stage};
use xxhash_rust::xxh3::Xxh3;

use super::columnar::{ColumnFormat, KeptRows};
use super::fingerprint::{Fingerprint, check_unchanged, fingerprint_all};
use super::source::{Kind, Source};
use super::summary::Tally;
use super::{Document, Locator, Options, Origin, Place, Summary, Walked, fetch, scan, walk};
use crate::error::Result;

/// The documents of all INPUTs, in reading order.
#[derive(Debug)]
pub struct Corpus {
    pub(crate) options: Options,
    /// The INPUTs as they were typed, for messages about all of them.
    pub(crate) named: String,
    pub(crate) sources: Vec<Source>,
    /// What was chosen and left out; files without a byte of text may show themselves later.
    pub(crate) walked: Walked,
    /// The data sets of the hub among the INPUTs.
    origins: Vec<Origin>,
    /// What the sources were on disk when they were first read whole.
    fingerprints: Option<Vec<Fingerprint>>,
    /// How many documents repeat earlier ones, once a pass has seen all.
    repeats: Option<Repeats>,
}

impl Corpus {
    /// Settles which files are read, in which order and as what. Copies standard input to a temporary file.
    ///
    /// # Errors
    /// An INPUT that is missing, cannot be read or has a format that is not supported; options that
    /// contradict each other; [`Cancelled`](clusterclip_core::monitor::Cancelled).
    pub fn open(inputs: &[PathBuf], options: Options, monitor: &Monitor<'_>) -> Result<Self> {
        let walk::Sources { sources, walked, origins } = walk::find(inputs, &options, monitor)?;
        let named: Vec<_> = inputs.iter().map(|input| input.display().to_string()).collect();
        let named = named.join(", ");
        Ok(Self { options, named, sources, walked, origins, fingerprints: None, repeats: None })
    }

    /// The data sets of the hub among the INPUTs, each at its commit.
    pub fn origins(&self) -> &[Origin] {
        &self.origins
    }

    /// The files that are read; pipes are none.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.sources.iter().filter(|source| source.spool.is_none()).map(|source| &*source.path)
    }

    /// Whether standard input is among the INPUTs.
    pub fn reads_standard_input(&self) -> bool {
        self.sources.iter().any(|source| source.spool.is_some() && &*source.name == "-")
    }

    /// What results call a source.
    pub(crate) fn name_of(&self, number: u32) -> String {
        self.sources.get(number as usize).map_or_else(String::new, Source::display)
    }

    /// The numbers of columnar sources.
    pub(crate) fn columnar(&self) -> impl Iterator<Item = u32> {
        let all = (0..).zip(&self.sources);
        all.filter(|(_, source)| matches!(source.kind, Kind::Columns(_))).map(|(number, _)| number)
    }

    /// The first source that is text, and so has no records.
    pub(crate) fn first_text(&self) -> Option<&Source> {
        self.sources.iter().find(|source| !source.kind.has_fields())
    }

    /// Whether the field `text` of a source is the text of its documents, by a recipe that was settled.
    pub(crate) fn takes_text(&self, number: u32) -> bool {
        let recipe = self.sources.get(number as usize).and_then(Source::recipe);
        let fields = &self.options.fields;
        fields.template.is_none()
            && (fields.text.is_empty() || fields.text == ["text"])
            && recipe
                .and_then(|recipe| recipe.wanted())
                .is_some_and(|wanted| wanted.iter().any(|name| name == "text"))
    }

    /// Whether records say how many tokens they have.
    pub fn has_token_field(&self) -> bool {
        self.options.fields.tokens.is_some()
    }

    /// Streams all documents to `take`, in batches of about 8 MiB of input, in reading order. Can be run again.
    /// Progress is told under `stage`, in bytes of files.
    ///
    /// # Errors
    /// Files that cannot be read, bad records, no document at all, a file that changed since the last pass,
    /// what `take` returns, and [`Cancelled`](clusterclip_core::monitor::Cancelled).
    pub fn scan(
        &mut self,
        stage: Stage,
        monitor: &Monitor<'_>,
        take: &mut dyn FnMut(Vec<Document>) -> Result<()>,
    ) -> Result<Summary> {
        let tally = Tally::new(self.repeats);
        let (summary, fingerprints) =
            scan::scan(self, self.fingerprints.as_deref(), tally, stage, monitor, take)?;
        self.fingerprints = Some(fingerprints);
        self.repeats =
            Some(Repeats { texts: summary.counts.duplicate_texts, ids: summary.counts.duplicate_ids });
        Ok(summary)
    }

    /// Streams all texts to `take` on the calling thread alone: what reading them costs, without numbering and hashing.
    /// Bad records are passed over.
    ///
    /// # Errors
    /// Files that cannot be read, what `take` returns, and [`Cancelled`](clusterclip_core::monitor::Cancelled).
    pub fn texts(&self, monitor: &Monitor<'_>, take: &mut dyn FnMut(String) -> Result<()>) -> Result<()> {
        scan::texts(self, monitor, take)
    }

    /// Hashes the names of all sources and what is read of their bytes, without parsing: the same as [`Summary::input_hash`].
    ///
    /// # Errors
    /// Files that cannot be read or changed since the last pass, and
    /// [`Cancelled`](clusterclip_core::monitor::Cancelled).
    pub fn hash_inputs(&mut self, monitor: &Monitor<'_>) -> Result<u128> {
        let stage = Stage::Read;
        let total = self.sources.iter().map(|source| source.length).sum();
        monitor.emit(Event::Started { stage, total: Some(total), unit: "bytes" });
        let now = fingerprint_all(&self.sources, monitor.cancel_flag(), &mut |done| {
            monitor.emit(Event::Progress { stage, done });
        })?;
        if let Some(earlier) = &self.fingerprints {
            for ((source, &then), &now) in self.sources.iter().zip(earlier).zip(&now) {
                check_unchanged(source, then, now)?;
            }
        }
        monitor.emit(Event::Finished { stage });
        let hash = self.hash_of(&now);
        self.fingerprints = Some(now);
        Ok(hash)
    }

    /// Hashes what the sources are: names, shapes, bytes, and what the walk left out as it is told of, so that equal
    /// hashes mean equal documents and equal warnings.
    pub(crate) fn hash_of(&self, fingerprints: &[Fingerprint]) -> u128 {
        let mut hash = Xxh3::new();
        for (source, fingerprint) in self.sources.iter().zip(fingerprints) {
            hash.update(&(source.name.len() as u64).to_le_bytes());
            hash.update(source.name.as_bytes());
            hash.update(&match source.kind {
                Kind::Bytes(Shape::Jsonl) => [0; 4],
                Kind::Bytes(Shape::Lines) => [1, 0, 0, 0],
                Kind::Bytes(Shape::Whole) => [2, 0, 0, 0],
                Kind::Bytes(Shape::Json) => [3, 0, 0, 0],
                Kind::Bytes(Shape::Table(options)) => {
                    let quote = match options.quote() {
                        Quote::Nothing => 0,
                        Quote::WholeCells => 1,
                        Quote::Byte(byte) => byte,
                    };
                    [4 + u8::from(options.has_header()), options.delimiter(), quote, 0]
                }
                Kind::Columns(ColumnFormat::Parquet) => [6, 0, 0, 0],
                Kind::Columns(ColumnFormat::Arrow) => [7, 0, 0, 0],
            });
            hash.update(&fingerprint.length.to_le_bytes());
            hash.update(&fingerprint.hash.to_le_bytes());
        }
        for (reason, files) in self.walked.left_out.iter() {
            hash.update(reason.name().as_bytes());
            hash.update(&files.count.to_le_bytes());
            for name in &files.first {
                hash.update(&(name.len() as u64).to_le_bytes());
                hash.update(name.as_bytes());
            }
        }
        for (read, there) in &self.walked.splits {
            hash.update(walk::split_read(read, there).as_bytes());
        }
        hash.digest128()
    }

    /// Brings the texts of documents back, source after source, each from its beginning; `take` gets the index
    /// in `places` with each.
    /// Compressed sources are read once from their beginning to the last document wanted.
    ///
    /// # Errors
    /// Files that cannot be read or changed since they were scanned, what `take` returns, and
    /// [`Cancelled`](clusterclip_core::monitor::Cancelled).
    pub fn fetch(
        &self,
        places: &[Place],
        monitor: &Monitor<'_>,
        take: &mut dyn FnMut(usize, &str) -> Result<()>,
    ) -> Result<()> {
        fetch::fetch(self, places, monitor, take)
    }

    /// Finds places again from the columns of `documents.parquet`, row after row.
    pub fn locator(&self) -> Locator<'_> {
        Locator::new(self)
    }

    /// The rows of all columnar sources, by the numbers of these, with all of their columns: they are brought into a form
    /// for that first.
    pub(crate) fn kept_rows(&self, cancel: &CancelFlag) -> Result<HashMap<u32, KeptRows>> {
        let all = self.columnar().map(|number| {
            let source = fetch::source_of(self, number)?;
            Ok((number, KeptRows::of(source, cancel)?))
        });
        all.collect()
    }

    /// The record of bytes at a place as JSON on one line.
    pub(crate) fn json(&self, place: &Place, raw: &[u8]) -> Result<Vec<u8>> {
        fetch::source_of(self, place.source)?.json(raw.to_vec())
    }

    /// How many bytes all documents come to, in round numbers.
    pub(crate) fn bytes(&self) -> u64 {
        let is_packed =
            |source: &Source| source.compression.is_some() || matches!(source.kind, Kind::Columns(_));
        self.sources.iter().map(|source| source.length * if is_packed(source) { 4 } else { 1 }).sum()
    }
}
