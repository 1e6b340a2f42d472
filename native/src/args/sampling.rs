//! How clusters become an order.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::Args;
use clusterclip_core::sampler::{Budget, Choice, Epochs, Options, Strategy, WhenExhausted, parse_count};

use crate::error::UsageError;

/// How clusters become an order.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Sampling")]
pub struct SamplingArgs {
    /// In which order documents are drawn
    #[arg(long, value_name = "STRATEGY", default_value = "cluster-clip", value_parser = strategy())]
    pub strategy: Strategy,
    /// The most times a document is drawn; with cluster-clip only (default: 5)
    #[arg(long, value_name = "R", value_parser = clip, allow_negative_numbers = true)]
    pub clip: Option<u32>,
    /// How a position chooses its cluster; with cluster-clip and uniform only
    #[arg(long, value_name = "CHOICE", default_value = "stratified", value_parser = choice())]
    pub choice: Choice,
    /// Length of the order, in passes over the clustered documents: a decimal number such as 0.5 (default: 1)
    #[arg(long, value_name = "E", group = "budget", allow_negative_numbers = true)]
    pub epochs: Option<Epochs>,
    /// Length of the order, in documents (suffixes K, M, B, T)
    #[arg(long, value_name = "N", group = "budget", value_parser = documents, allow_negative_numbers = true)]
    pub documents: Option<u64>,
    /// Length of the order, in tokens (suffixes K, M, B, T); needs token counts
    #[arg(long, value_name = "N", group = "budget", value_parser = tokens, allow_negative_numbers = true)]
    pub tokens: Option<u64>,
    /// What to do when the budget is longer than the clip allows
    #[arg(long, value_name = "WHAT", default_value = "error", value_parser = when_exhausted())]
    pub when_exhausted: WhenExhausted,
    /// Write the positions of this trainer only: R, R + W, R + 2W, … of the order
    #[arg(long, value_name = "R", requires = "world_size", allow_negative_numbers = true)]
    pub rank: Option<u64>,
    /// How many trainers share the order
    #[arg(long, value_name = "W", requires = "rank", value_parser = world_size, allow_negative_numbers = true)]
    pub world_size: Option<u64>,
    /// Cut the order to a multiple of the world size, so that all trainers get the same number
    #[arg(long, requires = "world_size")]
    pub drop_last: bool,
}
