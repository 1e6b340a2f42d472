//! Rows that were made elsewhere.

use clusterclip_core::monitor::Stage;
use clusterclip_core::rows::RowSource as _;
use clusterclip_models::TextTokenizer;

use super::{Made, Total, row, tokens};
use crate::error::{Result, SettingsError};
use crate::input::Corpus;
use crate::input::embeddings::NpyRows;
use crate::pipeline::Work;
use crate::store::{DOCUMENTS, DocumentsWriter, OutDir};

/// Lists the documents and checks that each has a row.
pub(super) fn make(
    work: Work<'_>,
    out: &OutDir,
    corpus: &mut Corpus,
    rows: &NpyRows,
    counter: Option<&TextTokenizer>,
) -> Result<Made> {
    let mut documents = DocumentsWriter::new(out.create(DOCUMENTS)?)?;
    let (mut featureless, mut total) = (0, Total::default());
    let summary = corpus.scan(Stage::Read, work.monitor, &mut |batch| {
        let counts = tokens::of(&batch, counter, work.monitor.cancel_flag())?;
        for (document, count) in batch.iter().zip(counts) {
            // Whatever its row: a text that says nothing is nothing to train on.
            let row = row(document, count, document.says_nothing());
            featureless += u64::from(row.featureless);
            total.add(document, count);
            documents.push(&row)?;
        }
        Ok(())
    })?;
    let (there, needed) = (rows.n_samples(), summary.counts.documents);
    if there != needed {
        let (file, rows, documents) = (rows.path().to_owned(), there, needed);
        return Err(SettingsError::GivenRows { file, rows, documents }.into());
    }
    let files = vec![documents.finish()?];
    Ok(Made { files, summary, featureless, tokens: total, truncated: None })
}
