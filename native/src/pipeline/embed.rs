//! Documents become rows: `documents.parquet`, `embeddings.npy`, `embedder.safetensors`.
//!
//! Two passes over the input: the first counts, hashes and gathers the sample that the embedder is fitted on,
//! the second embeds. Texts are streamed; what is held is one batch and the sample.

use std::collections::BTreeMap;
use std::io::Write as _;

use anyhow::{Result, ensure};
use clusterclip_core::documents::featureless as featureless_documents;
use clusterclip_core::embed::Embedder as _;
use clusterclip_core::embed::lexical::{FORMAT, FitSample, Lexical, Params};
use clusterclip_core::kmeans::RowSource as _;
use clusterclip_core::monitor::Stage;

use super::Work;
use crate::input::embeddings::NpyRows;
use crate::input::{Corpus, Document, Options, Summary};
use crate::store::{
    DOCUMENTS, Decision, DocumentCounts, DocumentRow, DocumentsWriter, EMBEDDER, EMBEDDINGS, Exact, Facts,
    FinishedFile, NpyWriter, OutDir, Parameters, Request, StageKey, StageName, StageTimer, WHOLE_INPUT, hex,
};

/// What names the specification of rows that were made elsewhere.
const GIVEN: &str = "clusterclip-given/1";

/// Where rows come from.
pub enum Rows<'a> {
    /// The lexical embedder.
    Lexical(Params),
    /// A file with one row a document.
    Given(&'a NpyRows),
}

/// The finished stage.
pub struct Embedded {
    /// The key under which the results are kept.
    pub key: StageKey,
    /// Whether the results were there already.
    pub reused: bool,
}

/// Embeds the documents of `corpus`, or finds their rows.
pub fn embed(
    work: Work<'_>,
    out: &mut OutDir,
    corpus: &mut Corpus,
    options: &Options,
    rows: &Rows<'_>,
) -> Result<Embedded> {
    // Hashing reads everything once: worth it only where there are results that it may spare.
    let known = match out.results().manifest().stages.contains_key(&StageName::Embed) {
        true => corpus.hash_inputs(work.monitor)?,
        false => 0,
    };
    let request = request(options, rows, known);
    if out.decide(&request, work.monitor)? == Decision::Reuse {
        work.reused(out, StageName::Embed);
        return Ok(Embedded { key: request.key(), reused: true });
    }
    let timer = StageTimer::start();
    let (files, summary, featureless) = match rows {
        Rows::Lexical(params) => lexical(work, out, corpus, *params)?,
        Rows::Given(rows) => given(work, out, corpus, rows)?,
    };
    let request = self::request(options, rows, summary.input_hash);
    let warnings = work.warn(warnings(&summary, featureless));
    let facts = Facts::Embedded { documents: counts(&summary, featureless) };
    work.commit(out, &request, files, facts, warnings, timer)?;
    Ok(Embedded { key: request.key(), reused: false })
}

fn request(options: &Options, rows: &Rows<'_>, hash: u128) -> Request {
    let (version, embedder) = match rows {
        Rows::Lexical(_) => (FORMAT, Some("lexical")),
        Rows::Given(_) => (GIVEN, None),
    };
    let parameters = Parameters::new()
        .with("embedder", embedder)
        .with("text-field", options.fields.text.clone())
        .with("id-field", options.fields.id.clone())
        .with("token-field", options.fields.tokens.clone())
        .with("format", options.format.map(|format| format.to_string()))
        .with("lines", options.lines)
        .with("on-bad-record", options.on_bad_record.to_string());
    Request::new(StageName::Embed, version).parameters(parameters).input(WHOLE_INPUT, &hex(hash))
}

type Made = (Vec<FinishedFile>, Summary, u64);

fn lexical(work: Work<'_>, out: &OutDir, corpus: &mut Corpus, params: Params) -> Result<Made> {
    let mut sample = FitSample::new(params)?;
    let summary = corpus.scan(Stage::Read, work.monitor, &mut |batch| {
        let texts: Vec<&str> = batch.iter().map(|document| document.text.as_str()).collect();
        if let Some(first) = batch.first() {
            sample.offer_batch(first.row, &texts);
        }
        Ok(())
    })?;
    let embedder: Lexical = sample.fit(work.monitor)?;

    let mut model = out.create(EMBEDDER)?;
    model.write_all(&embedder.to_bytes())?;
    let n_features = embedder.n_features();
    let mut embeddings =
        NpyWriter::<f32>::new(out.create(EMBEDDINGS)?, &[summary.counts.documents, n_features as u64])?;
    let mut documents = DocumentsWriter::new(out.create(DOCUMENTS)?)?;
    let mut rows = Vec::new();
    let mut featureless = 0;
    corpus.scan(Stage::Embed, work.monitor, &mut |batch| {
        let texts: Vec<&str> = batch.iter().map(|document| document.text.as_str()).collect();
        rows.resize(texts.len() * n_features, 0.0);
        let flags = pollster::block_on(embedder.transform(&texts, &mut rows, work.monitor.cancel_flag()))?;
        embeddings.write(&rows)?;
        for (document, &flag) in batch.iter().zip(&flags) {
            featureless += u64::from(flag);
            documents.push(&row(document, flag))?;
        }
        Ok(())
    })?;
    Ok((vec![documents.finish()?, model.finish()?, embeddings.finish()?], summary, featureless))
}

fn given(work: Work<'_>, out: &OutDir, corpus: &mut Corpus, rows: &NpyRows) -> Result<Made> {
    let mut documents = DocumentsWriter::new(out.create(DOCUMENTS)?)?;
    let summary = corpus.scan(Stage::Read, work.monitor, &mut |batch| {
        batch.iter().try_for_each(|document| Ok(documents.push(&row(document, false))?))
    })?;
    let (there, needed) = (rows.n_samples(), summary.counts.documents);
    ensure!(
        there == needed,
        "--embeddings {}: the file has {there} rows, but the input has {needed} documents; it must hold one row \
         for each document, in reading order",
        rows.path().display()
    );
    Ok((vec![documents.finish()?], summary, 0))
}

fn row<'a>(document: &'a Document, featureless: bool) -> DocumentRow<'a> {
    DocumentRow {
        id: &document.id,
        source: &document.source,
        offset: document.place.offset,
        length: document.place.length,
        hash: document.place.hash,
        tokens: document.tokens,
        featureless,
    }
}

fn counts(summary: &Summary, featureless: u64) -> DocumentCounts {
    let skipped = &summary.skipped;
    let left_out = [
        ("binary_files", skipped.binary),
        ("empty_files", skipped.empty),
        ("symlinks", skipped.symlinks),
        ("special_files", skipped.special),
        ("compressed_files", skipped.compressed),
        ("files_of_another_format", skipped.other_format),
        ("blank_lines", summary.counts.blank_lines),
        ("bad_records", summary.counts.bad_records),
    ];
    DocumentCounts {
        duplicates: Exact(summary.counts.duplicate_texts),
        featureless: Exact(featureless),
        read: Exact(summary.counts.documents),
        skipped: BTreeMap::from(left_out.map(|(what, count)| (what.to_owned(), Exact(count)))),
    }
}

fn warnings(summary: &Summary, featureless: u64) -> Vec<String> {
    let mut warnings = summary.warnings();
    warnings.extend(featureless_documents(featureless, summary.counts.documents));
    warnings
}
