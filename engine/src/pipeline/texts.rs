//! Where the texts of chosen rows are: the bridge from `documents.parquet` back to the input.

use clusterclip_core::monitor::Monitor;

use crate::error::Result;
use crate::input::{Corpus, Place};
use crate::store::{Results, StoredDocument};

/// Walks all documents in reading order and calls `take` with each and its place in the input.
pub fn walk(
    results: &Results,
    corpus: &Corpus,
    monitor: &Monitor<'_>,
    mut take: impl FnMut(StoredDocument, Place) -> Result<()>,
) -> Result<()> {
    let mut locator = corpus.locator();
    for batch in results.documents()?.batches() {
        monitor.check()?;
        for document in batch? {
            let place = locator.place(&document.source, document.at, document.hash)?;
            take(document, place)?;
        }
    }
    Ok(())
}
