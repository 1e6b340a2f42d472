//! Scanning: blocks parsed on all cores into batches of documents, in reading order.

use std::borrow::Cow;
use std::sync::mpsc;
use std::time::Duration;

use clusterclip_core::documents::{BadRecord, Spot};
use clusterclip_core::format::content_hash;
use clusterclip_core::format::cut::{At, Shape};
use clusterclip_core::format::items::{Decoded, Item, items};
use clusterclip_core::format::records::{Record, RecordError};
use clusterclip_core::monitor::{CancelFlag, Event, Monitor, Stage};
use clusterclip_core::par;

use super::blocks::{Block, Piece, Records, produce};
use super::fingerprint::Fingerprint;
use super::source::{Kind, Source};
use super::summary::{Summary, Tally};
use super::{Corpus, Document, InputError, OnBadRecord, Place, Reason};
use crate::error::Result;

/// How long the wait for a block lasts before the cancel flag is looked at again.
const PATIENCE: Duration = Duration::from_millis(50);

/// A piece, parsed.
#[derive(Default)]
struct Parsed {
    /// Documents whose rows are still to be numbered; bad records are among them, as skipped ones.
    documents: Vec<Document>,
    /// Bad records: how many documents of the piece come before, where they stand, the reason.
    bad: Vec<(usize, Spot, RecordError)>,
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
    let mut scan = Scan { corpus, tally, summary: Summary::default(), rows: 0, begun: None };
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
    if summary.counts.is_nothing() {
        return Err(InputError::Nothing { named: corpus.named.clone(), summary: Box::new(summary) }.into());
    }
    monitor.emit(Event::Finished { stage });
    Ok((summary, fingerprints))
}

struct Scan<'a> {
    corpus: &'a Corpus,
    tally: Tally,
    summary: Summary,
    /// Documents numbered so far.
    rows: u64,
    /// The last source that gave a record, good or bad.
    begun: Option<u32>,
}

impl Scan<'_> {
    /// Parses a block and numbers its documents.
    fn block(&mut self, block: Block, monitor: &Monitor<'_>) -> Result<Vec<Document>> {
        let cancel = monitor.cancel_flag();
        let parsed = par::map(block.pieces.len(), |index| {
            let piece = &block.pieces[index];
            parse(piece, &block.bytes, self.corpus, cancel)
        });
        monitor.check()?;
        let parsed = parsed.into_iter().collect::<Result<Vec<Parsed>>>()?;
        self.summary.counts.blank_lines += block.blank_lines;
        let mut documents = Vec::with_capacity(parsed.iter().map(|parsed| parsed.documents.len()).sum());
        for (piece, parsed) in block.pieces.iter().zip(parsed) {
            let is_record = self.corpus.sources[piece.source as usize].kind.has_fields();
            (0..parsed.replaced).for_each(|_| self.summary.counts.replaced(is_record));
            for (before, spot, error) in parsed.bad {
                let first = before == 0 && self.begun != Some(piece.source);
                self.begun = Some(piece.source);
                self.bad_record(&self.corpus.sources[piece.source as usize], spot, error, first)?;
            }
            if !parsed.documents.is_empty() {
                self.begun = Some(piece.source);
            }
            for mut document in parsed.documents {
                document.row = self.rows;
                self.rows += 1;
                if !document.skipped {
                    self.summary.counts.add(&document.text, document.tokens);
                }
                self.tally.document(&document);
                documents.push(document);
            }
        }
        Ok(documents)
    }

    /// Fails for a bad record, or counts it as skipped.
    fn bad_record(&mut self, source: &Source, spot: Spot, error: RecordError, first: bool) -> Result<()> {
        if error == RecordError::HeaderAgain {
            self.summary.counts.header_again();
            return Ok(());
        }
        if error.stops(first) || self.corpus.options.on_bad_record == OnBadRecord::Fail {
            return Err(InputError::Record(BadRecord { name: source.display(), spot, error }).into());
        }
        // Messages name the source as results do: the same wherever the folder lies.
        self.summary.counts.bad(|| BadRecord { name: source.name.to_string(), spot, error });
        Ok(())
    }
}

/// Parses a piece.
fn parse(piece: &Piece, bytes: &[u8], corpus: &Corpus, cancel: &CancelFlag) -> Result<Parsed> {
    let source = &corpus.sources[piece.source as usize];
    let mut parsed = Parsed::default();
    each(piece, bytes, source, cancel, &mut |decoded, stand| {
        parsed.replaced += u64::from(decoded.replaced);
        parsed.record(piece.source, source, decoded.record, stand);
    })?;
    Ok(parsed)
}

/// Where a record stands in its source.
struct Stand {
    at: At,
    /// For messages.
    spot: Spot,
    /// For documents.parquet.
    line: Option<u64>,
    /// For its default id.
    place: u64,
}

/// Decodes the records of a piece one by one.
fn each(
    piece: &Piece,
    bytes: &[u8],
    source: &Source,
    cancel: &CancelFlag,
    take: &mut dyn FnMut(Decoded<'_>, Stand),
) -> Result<()> {
    match &piece.records {
        Records::Bytes { range, offset, spans } => {
            let layout = source.layout_as_settled();
            for Item { span, decoded } in items(layout, spans, &bytes[range.clone()], *offset) {
                cancel.check()?;
                let Kind::Bytes(shape) = source.kind else { continue };
                let line = (shape != Shape::Whole).then_some(span.line);
                let spot = Spot::Line(span.line);
                take(decoded, Stand { at: span.at(), spot, line, place: shape.place(span) });
            }
        }
        Records::Rows(rows) => {
            for (row, record) in rows.records() {
                cancel.check()?;
                let stand = Stand { at: At::Row(row), spot: Spot::Row(row), line: None, place: row };
                take(Decoded { replaced: false, record }, stand);
            }
        }
    }
    Ok(())
}

/// See [`Corpus::texts`].
pub(crate) fn texts(
    corpus: &Corpus,
    monitor: &Monitor<'_>,
    take: &mut dyn FnMut(String) -> Result<()>,
) -> Result<()> {
    let mut ended = Ok(());
    let cancel = monitor.cancel_flag();
    let produced = produce(&corpus.sources, None, cancel, &mut |block| {
        let mut one = |decoded: Decoded<'_>, _| match decoded.record {
            Ok(record) if ended.is_ok() => ended = take(record.text.into_owned()),
            _ => {}
        };
        let parsed = block.pieces.iter().try_for_each(|piece| {
            each(piece, &block.bytes, &corpus.sources[piece.source as usize], cancel, &mut one)
        });
        ended = std::mem::replace(&mut ended, Ok(())).and(parsed);
        ended.is_ok()
    });
    ended.and(produced.map(drop))
}

impl Parsed {
    /// Takes a document or a bad record.
    fn record(
        &mut self,
        number: u32,
        source: &Source,
        record: Result<Record<'_>, RecordError>,
        stand: Stand,
    ) {
        let (record, skipped) = match record {
            Ok(record) => (record, false),
            Err(error) => {
                self.bad.push((self.documents.len(), stand.spot, error));
                (Record { text: Cow::Borrowed(""), id: None, tokens: None, score: None }, true)
            }
        };
        self.documents.push(Document {
            row: 0,
            id: record.id.map_or_else(|| source.default_id(stand.place), Cow::into_owned),
            source: source.name.clone(),
            place: Place { source: number, at: stand.at, hash: content_hash(&record.text) },
            line: stand.line,
            tokens: record.tokens,
            score: record.score,
            text: record.text.into_owned(),
            skipped,
        });
    }
}
