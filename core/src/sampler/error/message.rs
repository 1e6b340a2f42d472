//! What is said of an order that there is not, or of a position in it.

use std::fmt;

use super::super::limits::{MAX_BUDGET, MAX_CLIP, MAX_CLUSTERS, MAX_DOCUMENTS, ORDER_VERSION};
use super::super::strategy::Strategy;
use super::SamplerError;
use crate::error::{Explain as _, Names, Param};

impl SamplerError {
    /// Writes the message.
    pub(super) fn message(&self, names: Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of_strategy = |strategy: &Strategy| format!("{} {strategy}", names(Param::Strategy));
        match self {
            Self::ClipOutOfRange { value } => {
                write!(f, "{} {value}: must be from 1 to {MAX_CLIP}", names(Param::Clip))
            }
            Self::ClipNotApplicable { value, strategy } => write!(
                f,
                "{} {value}: does not go with {}; only cluster-clip and unimax take a clip",
                names(Param::Clip),
                of_strategy(strategy)
            ),
            Self::IndependentNotApplicable { strategy } => write!(
                f,
                "{} independent: does not go with {}; only cluster-clip and uniform take it",
                names(Param::Choice),
                of_strategy(strategy)
            ),
            Self::RaiseClipNotApplicable { strategy } => write!(
                f,
                "{} raise-clip: does not go with {}; only cluster-clip and g2s take it",
                names(Param::WhenExhausted),
                of_strategy(strategy)
            ),
            Self::WeightsNotApplicable { strategy } => write!(
                f,
                "{}: do not go with {}, which does not look at clusters",
                names(Param::Weights),
                of_strategy(strategy)
            ),
            Self::ClipsNotApplicable { strategy } => write!(
                f,
                "{}: clips by cluster do not go with {}; only cluster-clip and unimax take a clip",
                names(Param::Weights),
                of_strategy(strategy)
            ),
            Self::ScoresNotApplicable { strategy } => write!(
                f,
                "{} score: does not go with {}, which does not look at clusters",
                names(Param::Within),
                of_strategy(strategy)
            ),
            Self::WeightsShape { weights, clusters } => write!(
                f,
                "{}: there are {weights} for {clusters} clusters; give one for each cluster",
                names(Param::Weights)
            ),
            Self::WeightsAllZero { documents } => write!(
                f,
                "{}: every cluster that has documents has weight 0, so all {documents} are left out; at least one \
                 weight must be over 0",
                names(Param::Weights)
            ),
            Self::Weights(error) => error.explain(names, f),
            Self::ScoresShape { scores, rows } => {
                write!(f, "{}: there are {scores} scores for {rows} rows", names(Param::ScoreField))
            }
            Self::ScoreNotANumber { row } => write!(
                f,
                "{}: the score of row {row} is NaN; give a number, or null for a document without one",
                names(Param::ScoreField)
            ),
            Self::EmptyBudget { budget, documents } => write!(
                f,
                "{} {budget}: an order of no draws from {documents} documents; ask for at least one",
                names(budget.param())
            ),
            Self::BudgetOverLimit { budget } => {
                write!(f, "{} {budget}: over the limit of {MAX_BUDGET} (2^48) draws", names(budget.param()))
            }
            Self::BudgetOverClip { budget, limit, documents, clip, strategy } => write!(
                f,
                "{} {budget}: the order ends after {limit} draws, because {}; ask for at most {} {limit}{}{}",
                names(budget.param()),
                clipped(*documents, *clip, *strategy),
                names(Param::Documents),
                clip.map(|clip| format!(" or {} {clip}", names(Param::Epochs))).unwrap_or_default(),
                remedy(*strategy, names)
            ),
            Self::TooManyDocuments { documents } => {
                write!(f, "{documents} clustered documents: over the limit of {MAX_DOCUMENTS} (2^40)")
            }
            Self::TooManyClusters { clusters } => {
                write!(f, "{clusters} clusters: over the limit of {MAX_CLUSTERS} (2^32 - 1)")
            }
            Self::NoDocuments => f.write_str("no document has a cluster: there is nothing to draw"),
            Self::PositionOutOfRange { position, len } => {
                write!(f, "position {position}: the order holds {len} draws, from position 0")
            }
            Self::NoRandomAccess { position } => write!(
                f,
                "{} independent: position {position} depends on all before it; walk the order from its start or \
                 resume it from a saved state",
                names(Param::Choice)
            ),
            Self::ZeroStride => f.write_str("stride 0: must be at least 1"),
            Self::RankOutOfRange { rank, world_size } => {
                let reason = match world_size {
                    0 => "the world size must be at least 1",
                    _ => "ranks are numbered from 0 and stay under the world size",
                };
                let (of_rank, of_world) = (names(Param::Rank), names(Param::WorldSize));
                write!(f, "{of_rank} {rank} of {of_world} {world_size}: {reason}")
            }
            Self::StateVersion { found } => write!(
                f,
                "saved state: it is of order version {found:?}, this sampler makes {ORDER_VERSION:?}"
            ),
            Self::StateSampler { found, expected } => write!(
                f,
                "saved state: it belongs to sampler {found:?}, this one is {expected:?}; sizes and weights of the \
                 clusters, scores, strategy, choice, clip and seed (with s2g and unimax the budget too) must be \
                 the same"
            ),
            Self::StateCounters { reason } => write!(f, "saved state: its counters are damaged: {reason}"),
            Self::InvalidLabel { row, label } => write!(
                f,
                "row {row}: label {label}; labels are clusters from 0, or -1 for a document without one"
            ),
            Self::LabelTooLarge { row, label, limit } => write!(
                f,
                "row {row}: label {label}; with so few rows labels must stay under {limit}; number the clusters \
                 from 0 without gaps"
            ),
            Self::TokensMissing { row } => write!(
                f,
                "{}: row {row} has no token count; give counts with {}, or use {} or {}",
                names(Param::Tokens),
                names(Param::TokenField),
                names(Param::Epochs),
                names(Param::Documents)
            ),
            Self::TokensAllZero { documents } => write!(
                f,
                "{}: the token counts of all {documents} clustered documents are zero",
                names(Param::Tokens)
            ),
            Self::TokensEmpty => write!(f, "{} 0: ask for at least one token", names(Param::Tokens)),
            Self::TokensOverClip { tokens, limit, documents, clip, strategy } => write!(
                f,
                "{0} {tokens}: the order ends after {limit} tokens, because {1}; ask for at most {0} {limit}{2}",
                names(Param::Tokens),
                clipped(*documents, *clip, *strategy),
                remedy(*strategy, names)
            ),
            Self::TokensOverLimit { tokens } => write!(
                f,
                "{} {tokens}: not reached within the limit of {MAX_BUDGET} (2^48) draws",
                names(Param::Tokens)
            ),
            Self::Cancelled(error) => error.explain(names, f),
        }
    }
}

/// What the clip does to an order.
fn clipped(documents: u64, clip: Option<u64>, strategy: Strategy) -> String {
    let Some(clip) = clip else {
        return format!(
            "each of the {documents} clustered documents is drawn at most as often as its cluster's clip says \
             ({strategy})"
        );
    };
    let times = if clip == 1 { "time" } else { "times" };
    format!("each of the {documents} clustered documents is drawn at most {clip} {times} ({strategy})")
}

/// What lengthens an order that its clip ends.
fn remedy(strategy: Strategy, names: Names) -> String {
    let raise = format!("or use {} raise-clip", names(Param::WhenExhausted));
    match strategy {
        Strategy::ClusterClip => format!(", raise {}, {raise}", names(Param::Clip)),
        Strategy::GeneralToSpecific => format!(", {raise}"),
        Strategy::Unimax => format!(", or raise {}", names(Param::Clip)),
        _ => String::new(),
    }
}
