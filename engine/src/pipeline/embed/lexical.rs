//! Rows of the lexical embedder, fitted on the first pass, or on documents that these come after.

use clusterclip_core::embed::lexical::{FitSample, Lexical, Params};
use clusterclip_core::monitor::Stage;
use clusterclip_models::TextTokenizer;

use super::{Made, Total, row, texts, tokens};
use crate::error::Result;
use crate::input::{Corpus, Summary};
use crate::pipeline::Work;
use crate::store::{DOCUMENTS, DocumentsWriter, EMBEDDER, EMBEDDINGS, NpyWriter, OutDir};

/// Fits the embedder and embeds.
pub(super) fn make(
    work: Work<'_>,
    out: &OutDir,
    corpus: &mut Corpus,
    params: Params,
    counter: Option<&TextTokenizer>,
) -> Result<Made> {
    let mut sample = FitSample::new(params)?;
    let summary = corpus.scan(Stage::Read, work.monitor, &mut |batch| {
        if let Some(first) = batch.first() {
            sample.offer_batch(first.row, &texts(&batch));
        }
        Ok(())
    })?;
    let embedder: Lexical = sample.fit(work.monitor)?;

    let mut model = out.create(EMBEDDER)?;
    model.put(&embedder.to_bytes())?;
    let mut made = rows(work, out, corpus, &embedder, summary, counter)?;
    made.files.push(model.finish()?);
    Ok(made)
}

/// Embeds with what was fitted on other documents.
pub(super) fn fitted(
    work: Work<'_>,
    out: &OutDir,
    corpus: &mut Corpus,
    embedder: &Lexical,
    counter: Option<&TextTokenizer>,
) -> Result<Made> {
    let summary = corpus.scan(Stage::Read, work.monitor, &mut |_| Ok(()))?;
    rows(work, out, corpus, embedder, summary, counter)
}

/// Embeds the documents that `summary` counted.
fn rows(
    work: Work<'_>,
    out: &OutDir,
    corpus: &mut Corpus,
    embedder: &Lexical,
    summary: Summary,
    counter: Option<&TextTokenizer>,
) -> Result<Made> {
    let n_features = embedder.n_features();
    let mut embeddings =
        NpyWriter::<f32>::new(out.create(EMBEDDINGS)?, &[summary.counts.documents, n_features as u64])?;
    let mut documents = DocumentsWriter::new(out.create(DOCUMENTS)?)?;
    let mut rows = Vec::new();
    let (mut featureless, mut total) = (0, Total::default());
    corpus.scan(Stage::Embed, work.monitor, &mut |batch| {
        let cancel = work.monitor.cancel_flag();
        rows.resize(batch.len() * n_features, 0.0);
        let flags = embedder.transform(&texts(&batch), &mut rows, cancel)?;
        embeddings.write(&rows)?;
        let counts = tokens::of(&batch, counter, cancel)?;
        for ((document, &flag), count) in batch.iter().zip(&flags).zip(counts) {
            let row = row(document, count, flag);
            featureless += u64::from(row.featureless);
            total.add(document, count);
            documents.push(&row)?;
        }
        Ok(())
    })?;
    let files = vec![documents.finish()?, embeddings.finish()?];
    Ok(Made { files, summary, featureless, tokens: total, truncated: None })
}
