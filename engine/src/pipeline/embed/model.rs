//! Rows of a model.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use clusterclip_core::error::Param;
use clusterclip_core::monitor::{Event, Monitor, Stage};
use clusterclip_models::{Embedded, Model, TextTokenizer};
use serde_json::{Value, json};

use super::{Made, Total, row, texts, tokens};
use crate::error::{Result, Within as _};
use crate::human::counted;
use crate::input::{Corpus, Document};
use crate::pipeline::Work;
use crate::store::{DOCUMENTS, DocumentsWriter, EMBEDDINGS, OutDir, Request};

/// How long a block is to take: enough that its last sequences do not keep other threads waiting for long, little
/// enough to lose by a stop. How documents are cut into blocks changes no byte.
const PACE: Duration = Duration::from_secs(3);

/// Bytes of texts in the first block, in the shortest and in the longest.
const BLOCKS: (usize, usize, usize) = (1 << 18, 1 << 15, 1 << 23);

/// Counts the documents, then embeds them block after block. Rows that a stopped run left are used again: a row depends
/// on its text alone, so the bytes are the same. `request` gives the stage's request for the hash of the input.
pub(super) fn make(
    work: Work<'_>,
    out: &OutDir,
    corpus: &mut Corpus,
    model: &Model,
    request: impl Fn(u128) -> Request,
    counter: Option<&TextTokenizer>,
) -> Result<Made> {
    work.note("model", model.description());
    let summary = corpus.scan(Stage::Read, work.monitor, &mut |_| Ok(()))?;
    let n = summary.counts.documents;
    let own_counts = counter.is_none() && !corpus.has_token_field();
    let width = model.n_features();
    let key = request(summary.input_hash).key();
    let mut kept: VecDeque<Embedded> = VecDeque::new();
    let mut keep = |facts| kept.extend(remembered(&facts));
    let mut embeddings = out.partial_rows(key, (n, width), &mut keep, work.monitor)?;
    if !kept.is_empty() {
        let there = counted(kept.len() as u64, "document");
        work.note("embed", format!("goes on after {there}, embedded before it was stopped"));
    }
    let mut documents = DocumentsWriter::new(out.create(DOCUMENTS)?)?;
    let mut rows = Vec::new();
    let mut made =
        Made { files: Vec::new(), summary, featureless: 0, tokens: Total::default(), truncated: None };
    let (mut truncated, mut done, mut size) = (0, 0, BLOCKS.0);

    // A model takes its time: progress is told in documents, after each block.
    let stage = Stage::Embed;
    work.monitor.emit(Event::Started { stage, total: Some(n), unit: "documents" });
    let quiet = Monitor::stopping(work.monitor.cancel_flag().clone());
    corpus.scan(stage, &quiet, &mut |batch| {
        let cancel = quiet.cancel_flag();
        let mut left = &batch[..];
        while !left.is_empty() {
            let (block, rest) = cut(left, size);
            left = rest;
            let old = kept.len().min(block.len());
            let new = &block[old..];
            let begun = Instant::now();
            rows.resize(new.len() * width, 0.0);
            let made_now = model.embed(&texts(new), &mut rows, cancel).within(|| Param::Embedder)?;
            if !new.is_empty() {
                embeddings.push(&rows, facts(&made_now))?;
                let wanted = size as f64 * PACE.as_secs_f64() / begun.elapsed().as_secs_f64().max(1e-3);
                size = (wanted as usize).clamp(size / 2, size * 2).clamp(BLOCKS.1, BLOCKS.2);
            }
            let found: Vec<Embedded> = kept.drain(..old).chain(made_now).collect();
            let counts = match own_counts {
                true => found.iter().map(|found| tokens::known(found.tokens)).collect(),
                false => tokens::of(block, counter, cancel)?,
            };
            for ((document, found), count) in block.iter().zip(&found).zip(counts) {
                truncated += u64::from(found.truncated);
                let row = row(document, count, found.featureless);
                made.featureless += u64::from(row.featureless);
                made.tokens.add(document, count);
                documents.push(&row)?;
            }
            done += block.len() as u64;
            work.monitor.emit(Event::Progress { stage, done });
        }
        Ok(())
    })?;
    work.monitor.emit(Event::Finished { stage });
    made.files = vec![documents.finish()?, embeddings.finish(EMBEDDINGS)?];
    made.truncated = model.max_tokens().map(|most| (truncated, most));
    Ok(made)
}

/// What is to be known of a block's documents again.
fn facts(found: &[Embedded]) -> Value {
    let tell = |embedded: &Embedded| json!([embedded.tokens, embedded.truncated, embedded.featureless]);
    found.iter().map(tell).collect()
}

/// What [`facts`] noted.
fn remembered(facts: &Value) -> impl Iterator<Item = Embedded> {
    let remember = |fact: &Value| Embedded {
        tokens: fact[0].as_u64().unwrap_or(0),
        truncated: fact[1] == true,
        featureless: fact[2] == true,
    };
    facts.as_array().into_iter().flatten().map(remember)
}

/// Cuts a block of about `size` bytes of texts off a batch: at least one document, if there is any.
fn cut(batch: &[Document], size: usize) -> (&[Document], &[Document]) {
    let mut bytes = 0;
    let whole = batch.iter().take_while(|document| {
        let fits = bytes < size;
        bytes += document.text.len();
        fits
    });
    batch.split_at(whole.count())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use clusterclip_core::format::cut::At;

    use super::*;
    use crate::input::Place;

    #[test]
    fn a_block_holds_at_least_one_document_and_ends_after_its_size() {
        let document = |length| Document {
            row: 0,
            id: String::new(),
            source: Arc::from(""),
            place: Place { source: 0, at: At::Row(0), hash: 0 },
            line: None,
            tokens: None,
            score: None,
            text: "x".repeat(length),
            skipped: false,
        };
        let batch: Vec<Document> = [200, 0, 10, 90, 5].map(document).into();
        let lengths = |first: usize| {
            let (block, rest) = cut(&batch[first..], 100);
            (block.len(), rest.len())
        };
        assert_eq!([lengths(0), lengths(1), lengths(4), lengths(5)], [(1, 4), (3, 1), (1, 0), (0, 0)]);
    }

    #[test]
    fn what_is_noted_of_a_block_is_remembered() {
        let found = [Embedded { tokens: 5, truncated: true, featureless: false }, Embedded::default()];
        assert!(remembered(&facts(&found)).eq(found));
    }
}
