//! Scanning: blocks parsed on all cores into batches of documents, in reading order.

use std::sync::mpsc;
use std::time::Duration;

use clusterclip_core::documents::BadRecord;
use clusterclip_core::format::content_hash;
use clusterclip_core::format::items::{Item, items};
use clusterclip_core::format::records::RecordError;
use clusterclip_core::monitor::{CancelFlag, Event, Monitor, Stage};
use clusterclip_core::par;

use super::blocks::{Block, Fingerprint, Piece, produce};
use super::source::Source;
use super::summary::{Summary, Tally};
use super::{Corpus, Document, InputError, OnBadRecord, Place, Reason};
use crate::error::Result;

/// How long the wait for a block lasts before the cancel flag is looked at again.
const PATIENCE: Duration = Duration::from_millis(50);

/// A piece, parsed.
#[derive(Default)]
struct Parsed {
    /// Documents whose rows are still to be numbered.
    documents: Vec<Document>,
    /// Bad records: how many documents of the piece come before, the line, the reason.
    bad: Vec<(usize, u64, RecordError)>,
    /// Documents in which something became U+FFFD.
    replaced: u64,
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
    let (fingerprints, left_out) = std::thread::scope(|scope| {
        // The receiver lives in this scope's closure, so that the producer ends when this side fails.
        let receiver = receiver;
        let cancel = monitor.cancel_flag();
        let producer = scope.spawn(move || {
            produce(&corpus.sources, earlier, cancel, &mut |block| sender.send(block).is_ok())
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
                    return producer.join().map_err(|_| InputError::Panicked)?;
                }
            }
        }
    })?;
    let mut summary = scan.summary;
    summary.sources = corpus.sources.len() as u64 - left_out.count(Reason::Empty);
    summary.source_bytes = fingerprints.iter().map(|fingerprint| fingerprint.length).sum();
    summary.walked = corpus.walked.clone();
    summary.walked.left_out.append(&left_out);
    for recipe in corpus.sources.iter().filter_map(Source::recipe) {
        *summary.taken.entry(recipe.described()).or_default() += 1;
    }
    summary.input_hash = corpus.hash_of(&fingerprints);
    let repeats = scan.tally.finish();
    (summary.counts.duplicate_texts, summary.counts.duplicate_ids) = (repeats.texts, repeats.ids);
    if summary.counts.documents == 0 {
        return Err(InputError::Nothing { named: corpus.named.clone(), summary: Box::new(summary) }.into());
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
        let parsed = parsed.into_iter().collect::<Result<Vec<Parsed>>>()?;
        self.summary.counts.blank_lines += block.blank_lines;
        let mut documents = Vec::with_capacity(parsed.iter().map(|parsed| parsed.documents.len()).sum());
        for (piece, parsed) in block.pieces.iter().zip(parsed) {
            let is_record = self.corpus.sources[piece.source as usize].shape.has_fields();
            (0..parsed.replaced).for_each(|_| self.summary.counts.replaced(is_record));
            for (before, line, error) in parsed.bad {
                let first = before == 0 && self.begun != Some(piece.source);
                self.begun = Some(piece.source);
                self.bad_record(&self.corpus.sources[piece.source as usize], line, error, first)?;
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
    fn bad_record(&mut self, source: &Source, line: u64, error: RecordError, first: bool) -> Result<()> {
        if error == RecordError::HeaderAgain {
            self.summary.counts.repeated_headers += 1;
            return Ok(());
        }
        if error.stops(first) || self.corpus.options.on_bad_record == OnBadRecord::Fail {
            return Err(InputError::Record(BadRecord { name: source.display(), line, error }).into());
        }
        // Messages name the source as results do: the same wherever the folder lies.
        self.summary.counts.bad(|| BadRecord { name: source.name.to_string(), line, error });
        Ok(())
    }
}

/// Parses a piece.
fn parse(piece: &Piece, bytes: &[u8], corpus: &Corpus, cancel: &CancelFlag) -> Result<Parsed> {
    let source = &corpus.sources[piece.source as usize];
    let mut parsed = Parsed::default();
    for item in items(source.layout_as_settled(), &piece.spans, bytes, piece.offset) {
        cancel.check()?;
        parsed.item(piece.source, source, item);
    }
    Ok(parsed)
}

impl Parsed {
    /// Takes a document or a bad record.
    fn item(&mut self, number: u32, source: &Source, Item { span, decoded }: Item<'_>) {
        self.replaced += u64::from(decoded.replaced);
        let record = match decoded.record {
            Ok(record) => record,
            Err(error) => return self.bad.push((self.documents.len(), span.line, error)),
        };
        let id = record.id.map(|id| id.into_owned());
        self.documents.push(Document {
            row: 0,
            id: id.unwrap_or_else(|| source.shape.default_id(&source.name, source.shape.place(span))),
            source: source.name.clone(),
            place: Place { source: number, at: span.at(), hash: content_hash(&record.text) },
            tokens: record.tokens,
            text: record.text.into_owned(),
        });
    }
}
