//! How clusters become an order.

use clap::Args;
use clap::builder::TypedValueParser;
use clusterclip_core::error::{dashed, said};
use clusterclip_core::sampler::{
    Budget, Choice, DEFAULT_CLIP, DENSITY_TEMPERATURE, Epochs, EvenIn, MAX_CLIP, Options, Rank,
    SIZE_TEMPERATURE, Strategy, Temperature, WhenExhausted, Within,
};
use clusterclip_core::topics::DEFAULT_GROUPS;
use clusterclip_core::weighing::{Weighting, WeightsFrom};
use clusterclip_engine::settings::{Length, SampleSettings};

use super::values;
use crate::error::UsageError;

/// How clusters become an order.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Sampling")]
pub struct SamplingArgs {
    /// In which order documents are drawn
    #[arg(long, value_name = "STRATEGY", default_value = Strategy::default().name(), value_parser = strategy())]
    pub strategy: Strategy,
    #[arg(long, value_name = "R", value_parser = clip, allow_negative_numbers = true, help = format!(
        "The most times a document is drawn, 1 to {MAX_CLIP}; with cluster-clip and unimax only (default: {DEFAULT_CLIP})"
    ))]
    /// `--clip`.
    pub clip: Option<u64>,
    /// How a position chooses its cluster; `independent` with cluster-clip and uniform only
    #[arg(long, value_name = "CHOICE", default_value = Choice::default().name(), value_parser = choice())]
    pub choice: Choice,
    /// Which share of the draws each cluster gets: `equal` (the paper's), `density` (clusters that are alike share theirs),
    /// `groups` (groups of clusters that are alike share evenly), `size` (the more documents, the more), or a CSV, TSV,
    /// JSON lines or Parquet file with the columns cluster, weight and, if wanted, clip (default: density with
    /// cluster-clip and unimax where rows carry meaning, those of a model or given ones; else equal)
    #[arg(long, value_name = "RULE | FILE", value_parser = values::weights)]
    pub weights: Option<WeightsFrom>,
    #[arg(long, value_name = "T", value_parser = values::temperature, allow_negative_numbers = true, help = format!(
        "How much weights by size ({SIZE_TEMPERATURE} unless given) or density ({DENSITY_TEMPERATURE}) are softened: the \
         larger, the nearer to equal"
    ))]
    /// `--temperature`.
    pub temperature: Option<Temperature>,
    #[arg(long, value_name = "N", value_parser = values::groups, allow_negative_numbers = true, help = format!(
        "How many groups share evenly, with `--weights groups` (default: {DEFAULT_GROUPS}, or as many as clusters)"
    ))]
    /// `--groups`.
    pub groups: Option<u64>,
    /// What the weights share out; `tokens` needs token counts
    #[arg(long, value_name = "WHAT", default_value = EvenIn::default().name(), value_parser = even_in())]
    pub even_in: EvenIn,
    /// In which order a cluster's documents are drawn; `score` needs scores, those of the highest come first; not with random
    #[arg(long, value_name = "ORDER", default_value = Within::default().name(), value_parser = within())]
    pub within: Within,
    /// Length of the order in passes over the clustered documents: a decimal number such as 0.5 (default: 1)
    #[arg(long, value_name = "E", group = "budget", value_parser = values::epochs, allow_negative_numbers = true)]
    pub epochs: Option<Epochs>,
    /// Length of the order in documents
    #[arg(long, value_name = "N", group = "budget", value_parser = values::documents, allow_negative_numbers = true)]
    pub documents: Option<u64>,
    /// Length of the order in tokens (suffixes K, M, B, T); needs token counts
    #[arg(long, value_name = "N", group = "budget", value_parser = values::tokens, allow_negative_numbers = true)]
    pub tokens: Option<u64>,
    /// What to do when the budget is longer than the clip allows; `raise-clip` with cluster-clip and g2s only
    #[arg(long, value_name = "WHAT", default_value = WhenExhausted::default().name(), value_parser = when_exhausted())]
    pub when_exhausted: WhenExhausted,
    /// Write the share of one trainer of several to order.npy: positions R, R + W, R + 2W, … of the order
    #[arg(long, value_name = "R", value_parser = values::rank, requires = "world_size", allow_negative_numbers = true)]
    pub rank: Option<u64>,
    /// How many trainers share the order; with --rank, or with --export ranks
    #[arg(long, value_name = "W", value_parser = values::world_size, allow_negative_numbers = true)]
    pub world_size: Option<u64>,
    /// Cut the order to a multiple of the world size, so that every trainer gets the same number
    #[arg(long, requires = "world_size")]
    pub drop_last: bool,
}

impl SamplingArgs {
    /// Checks the options together and returns what the stage is asked for; a budget in tokens is left for the walk.
    ///
    /// # Errors
    /// [`UsageError`] for options that do not go together.
    pub fn settings(&self, seed: u64) -> Result<SampleSettings, UsageError> {
        let length = match (self.epochs, self.documents, self.tokens) {
            (_, _, Some(tokens)) => Length::Tokens(tokens),
            (_, Some(documents), _) => Length::Draws(Budget::Documents(documents)),
            (Some(epochs), ..) => Length::Draws(Budget::Epochs(epochs)),
            _ => Length::Draws(Budget::default()),
        };
        let options = Options {
            strategy: self.strategy,
            choice: self.choice,
            clip: self.clip,
            when_exhausted: self.when_exhausted,
            seed,
            ..Options::default()
        };
        let weighting = Weighting {
            from: self.weights.clone(),
            temperature: self.temperature,
            groups: self.groups,
            even_in: self.even_in,
        };
        let settings = SampleSettings { options, weighting, within: self.within, length, rank: self.rank()? };
        settings.check().map_err(|error| UsageError::new(error.said(dashed)))?;
        Ok(settings)
    }

    /// The trainer whose share is written, if only one's is.
    fn rank(&self) -> Result<Option<Rank>, UsageError> {
        let (Some(rank), Some(world_size)) = (self.rank, self.world_size) else { return Ok(None) };
        match Rank::new(rank, world_size, self.drop_last) {
            Ok(rank) => Ok(Some(rank)),
            Err(error) => Err(UsageError::new(said(&error, dashed).to_string())),
        }
    }
}

fn strategy() -> impl TypedValueParser<Value = Strategy> {
    values::named(&[
        ("cluster-clip", "Every cluster evenly, no document more often than the clip allows"),
        ("uniform", "Every cluster evenly, without a clip and without an end"),
        ("unimax", "What cluster-clip draws, in the same mix from the first position to the last"),
        ("random", "All documents in random passes, whatever their cluster"),
        ("g2s", "General to specific: each document once, small clusters run out first"),
        ("s2g", "Specific to general: the reverse of g2s"),
    ])
}

fn choice() -> impl TypedValueParser<Value = Choice> {
    values::named(&[
        ("stratified", "Rounds that visit every cluster once, in a fresh random order"),
        ("independent", "Any of the clusters that are left, at every position"),
    ])
}

fn even_in() -> impl TypedValueParser<Value = EvenIn> {
    values::named(&[
        ("documents", "Draws, however long their documents are"),
        ("tokens", "Tokens: clusters of long documents are drawn less often"),
    ])
}

fn within() -> impl TypedValueParser<Value = Within> {
    values::named(&[
        ("shuffled", "Each pass over a cluster in a random order of its own"),
        ("score", "Every pass from the highest score to the lowest, documents without one last"),
    ])
}

fn when_exhausted() -> impl TypedValueParser<Value = WhenExhausted> {
    values::named(&[
        ("error", "Stop and name the longest budget"),
        ("raise-clip", "Go on with one further pass over all documents for each clip more"),
    ])
}

fn clip(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(clip @ 1..=MAX_CLIP) => Ok(clip),
        _ => Err(format!("a clip is a whole number from 1 to {MAX_CLIP}")),
    }
}
