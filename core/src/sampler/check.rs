//! What an order can be made of.

use super::SamplerError;
use super::limits::{MAX_BUDGET, MAX_CLUSTERS, MAX_DOCUMENTS};
use super::options::Options;
use super::strategy::WhenExhausted;

/// Checks the numbers of clusters and documents.
pub(super) fn check_sizes(sizes: &[u64]) -> Result<(), SamplerError> {
    let clusters = sizes.len() as u64;
    if clusters > MAX_CLUSTERS {
        return Err(SamplerError::TooManyClusters { clusters });
    }
    let documents: u128 = sizes.iter().map(|&size| u128::from(size)).sum();
    if documents == 0 {
        return Err(SamplerError::NoDocuments);
    }
    if documents > u128::from(MAX_DOCUMENTS) {
        return Err(SamplerError::TooManyDocuments { documents });
    }
    Ok(())
}

/// Returns the length of the order.
pub(super) fn check_budget(
    options: &Options,
    clip: Option<u64>,
    documents: u64,
    limit: Option<u64>,
) -> Result<u64, SamplerError> {
    let budget = options.budget;
    let draws = budget.draws(documents);
    if draws == 0 {
        return Err(SamplerError::EmptyBudget { budget, documents });
    }
    if let Some(limit) = limit
        && options.when_exhausted == WhenExhausted::Error
        && draws > u128::from(limit)
    {
        let (strategy, clip) = (options.strategy, clip.filter(|_| !options.weights.has_clips()));
        return Err(SamplerError::BudgetOverClip { budget, limit, documents, clip, strategy });
    }
    u64::try_from(draws)
        .ok()
        .filter(|&draws| draws <= MAX_BUDGET)
        .ok_or(SamplerError::BudgetOverLimit { budget })
}
