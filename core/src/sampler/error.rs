//! What can be wrong with what is asked of a sampler.

use super::options::{MAX_CLIP, Strategy};
use super::{MAX_BUDGET, MAX_CLUSTERS, MAX_DOCUMENTS};
use crate::monitor::Cancelled;

/// Why there is no such order, or no such position in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SamplerError {
    /// A name that no variant has.
    #[error("{option} {value}: unknown; use {}", join(names))]
    UnknownName {
        /// The option.
        option: &'static str,
        /// What was given.
        value: String,
        /// What may be given.
        names: &'static [&'static str],
    },
    /// The clip is 0 or too large.
    #[error("--clip {value}: must be from 1 to {MAX_CLIP}")]
    ClipOutOfRange {
        /// What was given.
        value: u64,
    },
    /// A clip for a strategy that has none to choose.
    #[error("--clip {value}: does not go with --strategy {strategy}; only cluster-clip takes a clip")]
    ClipNotApplicable {
        /// What was given.
        value: u64,
        /// The strategy.
        strategy: Strategy,
    },
    /// Independent choice for a strategy that only knows rounds or no clusters.
    #[error(
        "--choice independent: does not go with --strategy {strategy}; only cluster-clip and uniform take it"
    )]
    IndependentNotApplicable {
        /// The strategy.
        strategy: Strategy,
    },
    /// `raise-clip` for a strategy whose clip cannot be raised.
    #[error(
        "--when-exhausted raise-clip: does not go with --strategy {strategy}; only cluster-clip and g2s take it"
    )]
    RaiseClipNotApplicable {
        /// The strategy.
        strategy: Strategy,
    },
    /// Not a number of the kind that the option takes.
    #[error("{option} {value:?}: {reason}")]
    InvalidNumber {
        /// The option.
        option: &'static str,
        /// What was given.
        value: String,
        /// What is wrong with it, and what may be given.
        reason: &'static str,
    },
    /// The budget holds no draw at all.
    #[error("{budget}: an order of no draws from {documents} documents; ask for at least one")]
    EmptyBudget {
        /// The option and its value.
        budget: String,
        /// Clustered documents.
        documents: u64,
    },
    /// The budget is beyond what positions are checked for.
    #[error("{budget}: over the limit of {MAX_BUDGET} (2^48) draws")]
    BudgetOverLimit {
        /// The option and its value.
        budget: String,
    },
    /// The budget is beyond what the clip allows.
    #[error(
        "{budget}: the order ends after {limit} draws, because each of the {documents} clustered documents \
         is drawn at most {clip} {} ({strategy}); ask for at most --documents {limit} or --epochs {clip}{}",
        if *clip == 1 { "time" } else { "times" },
        remedy(*strategy)
    )]
    BudgetOverClip {
        /// The option and its value.
        budget: String,
        /// The longest order, in draws.
        limit: u64,
        /// Clustered documents.
        documents: u64,
        /// The clip.
        clip: u64,
        /// The strategy.
        strategy: Strategy,
    },
    /// More documents than positions are checked for.
    #[error("{documents} clustered documents: over the limit of {MAX_DOCUMENTS} (2^40)")]
    TooManyDocuments {
        /// Clustered documents.
        documents: u128,
    },
    /// More clusters than an index can name.
    #[error("{clusters} clusters: over the limit of {MAX_CLUSTERS} (2^32 - 1)")]
    TooManyClusters {
        /// Clusters, empty ones included.
        clusters: u64,
    },
    /// There is nothing to draw.
    #[error("no document has a cluster: there is nothing to draw")]
    NoDocuments,
    /// A position at or after the end.
    #[error("position {position}: the order holds {len} draws, from position 0")]
    PositionOutOfRange {
        /// What was asked for.
        position: u64,
        /// Length of the order.
        len: u64,
    },
    /// Random access to an order that has none.
    #[error(
        "--choice independent: position {position} depends on all before it; walk the order from its start \
         or resume it from a saved state"
    )]
    NoRandomAccess {
        /// What was asked for.
        position: u64,
    },
    /// A stride that stays in place.
    #[error("stride 0: must be at least 1")]
    ZeroStride,
    /// A rank that does not exist.
    #[error("--rank {rank} of --world-size {world_size}: {}",
        if *world_size == 0 { "the world size must be at least 1" }
        else { "ranks are numbered from 0 and stay under the world size" })]
    RankOutOfRange {
        /// The rank.
        rank: u64,
        /// How many ranks there are.
        world_size: u64,
    },
    /// A state of another version of the order.
    #[error("saved state: it is of order version {found:?}, this sampler makes {:?}", super::ORDER_VERSION)]
    StateVersion {
        /// The version in the state.
        found: String,
    },
    /// A state of another sampler.
    #[error(
        "saved state: it belongs to sampler {found:?}, this one is {expected:?}; sizes of the \
         clusters, strategy, choice, clip and seed (with s2g the budget too) must be the same"
    )]
    StateSampler {
        /// The fingerprint in the state.
        found: String,
        /// The fingerprint of this sampler.
        expected: String,
    },
    /// A state whose counters cannot be those of its position.
    #[error("saved state: its counters are damaged: {reason}")]
    StateCounters {
        /// What does not fit.
        reason: String,
    },
    /// A label that is neither a cluster nor −1.
    #[error("row {row}: label {label}; labels are clusters from 0, or -1 for a document without one")]
    InvalidLabel {
        /// The row, from 0.
        row: u64,
        /// The label.
        label: i32,
    },
    /// A label that would ask for very many empty clusters.
    #[error(
        "row {row}: label {label}; with so few rows labels must stay under {limit}; number the clusters from 0 \
         without gaps"
    )]
    LabelTooLarge {
        /// The row, from 0.
        row: u64,
        /// The label.
        label: i32,
        /// What labels must stay under.
        limit: u64,
    },
    /// A token budget where a document has no count.
    #[error(
        "--tokens: row {row} has no token count; give counts with --token-field, or use --epochs or --documents"
    )]
    TokensMissing {
        /// The row, from 0.
        row: u64,
    },
    /// A token budget where all counts are zero.
    #[error("--tokens: the token counts of all {documents} clustered documents are zero")]
    TokensAllZero {
        /// Clustered documents.
        documents: u64,
    },
    /// A token budget of nothing.
    #[error("--tokens 0: ask for at least one token")]
    TokensEmpty,
    /// A token budget beyond what the clip allows.
    #[error(
        "--tokens {tokens}: the order ends after {limit} tokens, because each of the {documents} clustered \
         documents is drawn at most {clip} {} ({strategy}); ask for at most --tokens {limit}{}",
        if *clip == 1 { "time" } else { "times" },
        remedy(*strategy)
    )]
    TokensOverClip {
        /// What was asked for.
        tokens: u64,
        /// Tokens of the longest order.
        limit: u128,
        /// Clustered documents.
        documents: u64,
        /// The clip.
        clip: u64,
        /// The strategy.
        strategy: Strategy,
    },
    /// A token budget that is not reached within the largest number of draws.
    #[error("--tokens {tokens}: not reached within the limit of {MAX_BUDGET} (2^48) draws")]
    TokensOverLimit {
        /// What was asked for.
        tokens: u64,
    },
    /// The walk for a token budget was stopped.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl SamplerError {
    /// Whether the options are wrong whatever the data (exit code 2), not the data or a state (exit code 1).
    pub fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::UnknownName { .. }
                | Self::ClipOutOfRange { .. }
                | Self::ClipNotApplicable { .. }
                | Self::IndependentNotApplicable { .. }
                | Self::RaiseClipNotApplicable { .. }
                | Self::InvalidNumber { .. }
                | Self::TokensEmpty
                | Self::RankOutOfRange { .. }
                | Self::ZeroStride
        )
    }
}

/// "a, b or c".
fn join(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [some @ .., last] => format!("{} or {last}", some.join(", ")),
    }
}

/// What lengthens an order that its clip ends.
fn remedy(strategy: Strategy) -> &'static str {
    match strategy {
        Strategy::ClusterClip => ", raise --clip, or use --when-exhausted raise-clip",
        Strategy::GeneralToSpecific => ", or use --when-exhausted raise-clip",
        _ => "",
    }
}
