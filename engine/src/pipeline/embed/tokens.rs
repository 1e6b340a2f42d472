//! How many tokens documents have.

use clusterclip_core::error::Param;
use clusterclip_core::monitor::CancelFlag;
use clusterclip_core::par;
use clusterclip_models::{ModelError, TextTokenizer};

use crate::error::{Result, Within as _};
use crate::input::Document;

/// The count of each document: with `counter` where there is one, else what the record says.
pub(super) fn of(
    documents: &[Document],
    counter: Option<&TextTokenizer>,
    cancel: &CancelFlag,
) -> Result<Vec<Option<u32>>> {
    let Some(counter) = counter else {
        return Ok(documents.iter().map(|document| document.tokens).collect());
    };
    let counts = par::map(documents.len(), |place| counter.count(&documents[place].text, cancel));
    let counts: Result<_, ModelError> = counts.into_iter().map(|count| count.map(known)).collect();
    counts.within(|| Param::Tokenizer)
}

/// A count as the tables hold it; a document is at most 1 GiB, so it fits.
pub(super) fn known(count: u64) -> Option<u32> {
    u32::try_from(count).ok()
}
