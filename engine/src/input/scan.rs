//! Scanning: blocks parsed on all cores into batches of documents, in reading order.

use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Result, anyhow, bail};
use clusterclip_core::format::content_hash;
use clusterclip_core::format::items::{self, Item, Items, Layout};
use clusterclip_core::format::lines::Line;
use clusterclip_core::format::records::RecordError;
use clusterclip_core::monitor::{CancelFlag, Event, Monitor, Stage};
use clusterclip_core::par;

use super::blocks::{Block, Fingerprint, Piece, produce};
use super::source::{Shape, Source};
use super::summary::{Summary, Tally};
use super::{Corpus, Document, OnBadRecord, Place, Skipped};

/// How long the wait for a block lasts before the cancel flag is looked at again.
const PATIENCE: Duration = Duration::from_millis(50);

/// A piece, parsed.
#[derive(Default)]
struct Parsed {
    /// Documents whose rows are still to be numbered.
    documents: Vec<Document>,
    /// Bad records: how many documents of the piece come before, the line, the reason.
    bad: Vec<(usize, u64, RecordError)>,
    blank_lines: u64,
    invalid_utf8: u64,
}

/// One pass over `corpus`: see [`Corpus::scan`].
pub(crate) fn scan(
    corpus: &Corpus,
    earlier: Option<&[Fingerprint]>,
    tally: Tally,
    stage: Stage,
    monitor: &Monitor<'_>,
    take: &mut dyn FnMut(Vec<Document>) -> Result<()>,
) -> Result<(Summary, Vec<Fingerprint>)> {
    let total = corpus.sources.iter().map(|source| source.length).sum();
    monitor.emit(Event::Started { stage, total: Some(total), unit: "bytes" });
    let mut scan = Scan { corpus, tally, summary: Summary::default(), begun: None };
    let (sender, receiver) = mpsc::sync_channel::<Block>(1);
    let (fingerprints, skipped) = std::thread::scope(|scope| {
        // The receiver lives in this scope's closure, so that the producer ends when this side fails.
        let receiver = receiver;
        let cancel = monitor.cancel_flag();
        let producer = scope.spawn(move || {
            produce(&corpus.sources, &corpus.options.fields, earlier, cancel, &mut |block| {
                sender.send(block).is_ok()
            })
        });
        loop {
            monitor.check()?;
            match receiver.recv_timeout(PATIENCE) {
                Ok(block) => {
                    let done = block.done;
                    let documents = scan.block(block, monitor)?;
                    if !documents.is_empty() {
                        take(documents)?;
                    }
                    monitor.emit(Event::Progress { stage, done });
                }
                Err(mpsc::RecvTimeoutError::Timeout) => {}
                Err(mpsc::RecvTimeoutError::Disconnected) => {
                    return producer.join().map_err(|_| anyhow!("the reading thread panicked"))?;
                }
            }
        }
    })?;
    let mut summary = scan.summary;
    summary.sources = corpus.sources.len() as u64 - skipped.binary - skipped.empty;
    summary.source_bytes = fingerprints.iter().map(|fingerprint| fingerprint.length).sum();
    summary.skipped = corpus.skipped + skipped;
    summary.records_as_text = corpus.records_as_text;
    summary.input_hash = corpus.hash_of(&fingerprints);
    let repeats = scan.tally.finish();
    (summary.counts.duplicate_texts, summary.counts.duplicate_ids) = (repeats.texts, repeats.ids);
    if summary.counts.documents == 0 {
        bail!("no document to read in {}{}", corpus.named, summary.why_nothing());
    }
    monitor.emit(Event::Finished { stage });
    Ok((summary, fingerprints))
}

struct Scan<'a> {
    corpus: &'a Corpus,
    tally: Tally,
    summary: Summary,
    /// The last source that gave a record, good or bad.
    begun: Option<u32>,
}

impl Scan<'_> {
    /// Parses a block and numbers its documents.
    fn block(&mut self, block: Block, monitor: &Monitor<'_>) -> Result<Vec<Document>> {
        let cancel = monitor.cancel_flag();
        let parsed = par::map(block.pieces.len(), |index| {
            let piece = &block.pieces[index];
            parse(piece, &block.bytes[piece.range.clone()], self.corpus, cancel)
        });
        monitor.check()?;
        let mut documents = Vec::with_capacity(parsed.iter().map(|parsed| parsed.documents.len()).sum());
        for (piece, parsed) in block.pieces.iter().zip(parsed) {
            self.summary.counts.blank_lines += parsed.blank_lines;
            self.summary.counts.invalid_utf8 += parsed.invalid_utf8;
            for (before, line, error) in parsed.bad {
                let first = before == 0 && self.begun != Some(piece.source);
                self.begun = Some(piece.source);
                self.bad_record(&self.corpus.sources[piece.source as usize], line, &error, first)?;
            }
            if !parsed.documents.is_empty() {
                self.begun = Some(piece.source);
            }
            for mut document in parsed.documents {
                document.row = self.summary.counts.documents;
                self.summary.counts.add(&document.text, document.tokens);
                self.tally.document(&document);
                documents.push(document);
            }
        }
        Ok(documents)
    }

    /// Fails for a bad record or counts it.
    fn bad_record(&mut self, source: &Source, line: u64, error: &RecordError, first: bool) -> Result<()> {
        let message = format!("{}:{line}: {error}", source.display());
        if error.stops(first) || self.corpus.options.on_bad_record == OnBadRecord::Fail {
            bail!(message);
        }
        self.summary.counts.bad_records += 1;
        // Messages name the source as results do: the same wherever the folder lies.
        self.summary
            .counts
            .first_bad_record
            .get_or_insert_with(|| format!("{}:{line}: {error}", source.name));
        Ok(())
    }
}

/// Parses a piece.
fn parse(piece: &Piece, bytes: &[u8], corpus: &Corpus, cancel: &CancelFlag) -> Parsed {
    let source = &corpus.sources[piece.source as usize];
    let mut parsed = Parsed::default();
    let layout = match source.shape {
        Shape::Whole => {
            let line = Line { number: piece.line, offset: piece.offset, bytes };
            parsed.item(piece.source, source, items::plain(line), |_| source.name.to_string());
            return parsed;
        }
        Shape::Lines => Layout::Lines,
        Shape::Records => Layout::Jsonl(&corpus.options.fields),
        Shape::Table(_) => {
            Layout::Table(source.columns.get().expect("the header is read before pieces are cut"))
        }
    };
    let mut items = Items::new(layout, bytes, piece.line, piece.offset);
    for item in items.by_ref() {
        if cancel.is_cancelled() {
            return parsed;
        }
        parsed.item(piece.source, source, item, |item| item.default_id(&source.name));
    }
    parsed.blank_lines = items.blank_lines();
    parsed
}

impl Parsed {
    /// Takes a document, called by its own id or else `id`, or a bad record.
    fn item(&mut self, number: u32, source: &Source, item: Item<'_>, id: impl FnOnce(&Item<'_>) -> String) {
        self.invalid_utf8 += u64::from(item.replaced);
        let default_id = match &item.record {
            Ok(record) if record.id.is_none() => id(&item),
            _ => String::new(),
        };
        let record = match item.record {
            Ok(record) => record,
            Err(error) => return self.bad.push((self.documents.len(), item.line, error)),
        };
        let place = Place {
            source: number,
            offset: item.offset,
            length: item.length,
            hash: content_hash(&record.text),
        };
        self.documents.push(Document {
            row: 0,
            id: record.id.map_or(default_id, |id| id.into_owned()),
            source: source.name.clone(),
            place,
            tokens: record.tokens,
            text: record.text.into_owned(),
        });
    }
}

impl std::ops::Add for Skipped {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            binary: self.binary + other.binary,
            empty: self.empty + other.empty,
            symlinks: self.symlinks + other.symlinks,
            special: self.special + other.special,
            compressed: self.compressed + other.compressed,
            other_format: self.other_format + other.other_format,
        }
    }
}
