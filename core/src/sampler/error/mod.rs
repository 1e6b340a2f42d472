//! What can be wrong with what is asked of a sampler.

mod message;

use std::fmt;

use super::budget::Budget;
use super::strategy::Strategy;
use super::weights::WeightsError;
use crate::error::{Explain, Kind, Names};
use crate::monitor::Cancelled;

/// Why there is no such order, or no such position in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SamplerError {
    /// The clip is 0 or too large.
    ClipOutOfRange {
        /// What was given.
        value: u64,
    },
    /// A clip for a strategy that has none to choose.
    ClipNotApplicable {
        /// What was given.
        value: u64,
        /// The strategy.
        strategy: Strategy,
    },
    /// Independent choice for a strategy that only knows rounds or no clusters.
    IndependentNotApplicable {
        /// The strategy.
        strategy: Strategy,
    },
    /// `raise-clip` for a strategy whose clip cannot be raised.
    RaiseClipNotApplicable {
        /// The strategy.
        strategy: Strategy,
    },
    /// Weights for a strategy that does not look at clusters.
    WeightsNotApplicable {
        /// The strategy.
        strategy: Strategy,
    },
    /// Clips by cluster for a strategy that has none to choose.
    ClipsNotApplicable {
        /// The strategy.
        strategy: Strategy,
    },
    /// Scores for a strategy that does not look at clusters.
    ScoresNotApplicable {
        /// The strategy.
        strategy: Strategy,
    },
    /// There are fewer weights than clusters.
    WeightsShape {
        /// How many weights there are.
        weights: u64,
        /// How many clusters there are.
        clusters: u64,
    },
    /// Every cluster that has documents has the weight 0.
    WeightsAllZero {
        /// Their documents.
        documents: u64,
    },
    /// Weights that are none.
    Weights(#[from] WeightsError),
    /// There are not as many scores as rows.
    ScoresShape {
        /// How many scores there are.
        scores: u64,
        /// How many rows there are.
        rows: u64,
    },
    /// A score that is no number.
    ScoreNotANumber {
        /// The row, from 0.
        row: u64,
    },
    /// The budget holds no draw at all.
    EmptyBudget {
        /// What was asked for.
        budget: Budget,
        /// Clustered documents.
        documents: u64,
    },
    /// The budget is beyond what positions are checked for.
    BudgetOverLimit {
        /// What was asked for.
        budget: Budget,
    },
    /// The budget is beyond what the clip allows.
    BudgetOverClip {
        /// What was asked for.
        budget: Budget,
        /// The longest order, in draws.
        limit: u64,
        /// Clustered documents.
        documents: u64,
        /// The clip; `None` where clusters have their own.
        clip: Option<u64>,
        /// The strategy.
        strategy: Strategy,
    },
    /// More documents than positions are checked for.
    TooManyDocuments {
        /// Clustered documents.
        documents: u128,
    },
    /// More clusters than an index can name.
    TooManyClusters {
        /// Clusters, empty ones included.
        clusters: u64,
    },
    /// There is nothing to draw.
    NoDocuments,
    /// A position at or after the end.
    PositionOutOfRange {
        /// What was asked for.
        position: u64,
        /// Length of the order.
        len: u64,
    },
    /// Random access to an order that has none.
    NoRandomAccess {
        /// What was asked for.
        position: u64,
    },
    /// A stride that stays in place.
    ZeroStride,
    /// A rank that does not exist.
    RankOutOfRange {
        /// The rank.
        rank: u64,
        /// How many ranks there are.
        world_size: u64,
    },
    /// A state of another version of the order.
    StateVersion {
        /// The version in the state.
        found: String,
    },
    /// A state of another sampler.
    StateSampler {
        /// The fingerprint in the state.
        found: String,
        /// The fingerprint of this sampler.
        expected: String,
    },
    /// A state whose counters cannot be those of its position.
    StateCounters {
        /// What does not fit.
        reason: String,
    },
    /// A label that is neither a cluster nor −1.
    InvalidLabel {
        /// The row, from 0.
        row: u64,
        /// The label.
        label: i32,
    },
    /// A label that would ask for very many empty clusters.
    LabelTooLarge {
        /// The row, from 0.
        row: u64,
        /// The label.
        label: i32,
        /// What labels must stay under.
        limit: u64,
    },
    /// A token budget where a document has no count.
    TokensMissing {
        /// The row, from 0.
        row: u64,
    },
    /// A token budget where all counts are zero.
    TokensAllZero {
        /// Clustered documents.
        documents: u64,
    },
    /// A token budget of nothing.
    TokensEmpty,
    /// A token budget beyond what the clip allows.
    TokensOverClip {
        /// What was asked for.
        tokens: u64,
        /// Tokens of the longest order.
        limit: u128,
        /// Clustered documents.
        documents: u64,
        /// The clip; `None` where clusters have their own.
        clip: Option<u64>,
        /// The strategy.
        strategy: Strategy,
    },
    /// A token budget that is not reached within the largest number of draws.
    TokensOverLimit {
        /// What was asked for.
        tokens: u64,
    },
    /// The walk for a token budget was stopped.
    Cancelled(#[from] Cancelled),
}

impl Explain for SamplerError {
    fn kind(&self) -> Kind {
        match self {
            Self::ClipOutOfRange { .. }
            | Self::ClipNotApplicable { .. }
            | Self::IndependentNotApplicable { .. }
            | Self::RaiseClipNotApplicable { .. }
            | Self::WeightsNotApplicable { .. }
            | Self::ClipsNotApplicable { .. }
            | Self::ScoresNotApplicable { .. }
            | Self::TokensEmpty
            | Self::RankOutOfRange { .. }
            | Self::ZeroStride => Kind::Usage,
            Self::Weights(error) => error.kind(),
            Self::Cancelled(error) => error.kind(),
            _ => Kind::Input,
        }
    }

    fn explain(&self, names: Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.message(names, f)
    }
}

crate::explained!(SamplerError);
