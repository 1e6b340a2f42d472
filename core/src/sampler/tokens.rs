//! Token budgets, which are turned into a number of documents by walking the order.

use super::{Budget, Draw, MAX_BUDGET, Members, Options, Sampler, SamplerError, Strategy, WhenExhausted};
use crate::monitor::Monitor;

/// Draws between two looks at the cancel flag: a millisecond's work.
const BLOCK: usize = 1 << 14;

/// Walks the order and returns how many draws it takes until their token counts reach `tokens`; put that in
/// [`super::Budget::Documents`]. `options.budget` is ignored. With s2g the g2s order is walked; its reverse has
/// that length. `counts` gives the tokens of a document row, `None` where they are not known.
///
/// ```
/// use clusterclip_core::monitor::Monitor;
/// use clusterclip_core::sampler::{Members, Options, documents_for_tokens};
/// let members = Members::from_labels(&[0, 1, 1, 1, 2, 2, 2, 2, 2])?;
/// let options = Options { clip: Some(2), ..Options::default() };
/// // The order begins with rows 0 1 5: 10 + 11 + 15 tokens.
/// let draws = documents_for_tokens(&members, &options, 22, |row| Some(10 + row as u32), &Monitor::silent())?;
/// assert_eq!(draws, 3);
/// # Ok::<(), clusterclip_core::sampler::SamplerError>(())
/// ```
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
    let clip = options.effective_clip()?;
    if tokens == 0 {
        return Err(SamplerError::TokensEmpty);
    }
    let documents = members.n_documents();
    // At most 2^40 counts of 2^32.
    let mut total = 0u128;
    for (i, row) in members.clustered_rows().enumerate() {
        total += u128::from(counts(row).ok_or(SamplerError::TokensMissing { row })?);
        if i % BLOCK == 0 {
            monitor.check()?;
        }
    }
    if documents > 0 && total == 0 {
        return Err(SamplerError::TokensAllZero { documents });
    }
    let ends = clip.filter(|_| options.when_exhausted == WhenExhausted::Error);
    if let Some(clip) = ends {
        let limit = u128::from(clip) * total;
        if documents > 0 && u128::from(tokens) > limit {
            let strategy = options.strategy;
            return Err(SamplerError::TokensOverClip { tokens, limit, documents, clip, strategy });
        }
    }
    let mut walked = options.clone();
    if options.strategy == Strategy::SpecificToGeneral {
        walked.strategy = Strategy::GeneralToSpecific;
    }
    // Where there is nothing to draw, the sampler says so.
    let longest = ends.map_or(MAX_BUDGET, |clip| clip.saturating_mul(documents.max(1)).min(MAX_BUDGET));
    walked.budget = Budget::Documents(longest);
    let sampler = Sampler::new(members.sizes(), walked)?;
    walk(&sampler, members, tokens, counts, monitor)
}

fn walk(
    sampler: &Sampler,
    members: &Members,
    tokens: u64,
    counts: impl Fn(u64) -> Option<u32>,
    monitor: &Monitor<'_>,
) -> Result<u64, SamplerError> {
    let (mut draws, mut rows) = (vec![Draw::default(); BLOCK], vec![0; BLOCK]);
    let mut order = sampler.iter();
    let (mut reached, mut walked) = (0u128, 0);
    loop {
        monitor.check()?;
        let count = order.fill(&mut draws);
        if count == 0 {
            return Err(SamplerError::TokensOverLimit { tokens });
        }
        members.rows(&draws[..count], &mut rows[..count]);
        for &row in &rows[..count] {
            reached += u128::from(counts(row).ok_or(SamplerError::TokensMissing { row })?);
            walked += 1;
            if reached >= u128::from(tokens) {
                return Ok(walked);
            }
        }
    }
}
