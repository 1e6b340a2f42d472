//! Token budgets, which are turned into a number of documents by walking the order.

use super::{Members, Options, SamplerError};
use crate::monitor::Monitor;

/// Walks the order and returns how many draws it takes until their token counts reach `tokens`; put that in
/// [`super::Budget::Documents`]. `options.budget` is ignored. With s2g the g2s order is walked; its reverse has
/// that length. `counts` gives the tokens of a document row, `None` where they are not known.
///
/// # Errors
/// No tokens asked for; a clustered row without a count (named, the first); all counts zero; more tokens than
/// the clip allows (named); more than 2^48 draws; options that do not go together; cancelled.
pub fn documents_for_tokens(
    members: &Members,
    options: &Options,
    tokens: u64,
    counts: impl Fn(u64) -> Option<u32>,
    monitor: &Monitor<'_>,
) -> Result<u64, SamplerError> {
    let _ = (members, options, tokens, counts, monitor);
    unimplemented!()
}
