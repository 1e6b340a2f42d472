//! What is asked of a sampler: strategy, choice, clip, seed, budget.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::budget::Budget;
use super::error::SamplerError;

/// The clip threshold of the paper, and the default.
pub const DEFAULT_CLIP: u64 = 5;

/// The largest clip, 2^16: with 2^40 documents an order then holds at most 2^56 draws, which fits u64.
pub const MAX_CLIP: u64 = 1 << 16;

/// In which order clusters and documents are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strategy {
    /// Visits every cluster evenly and lets a cluster go once each of its documents was drawn `clip` times.
    #[default]
    ClusterClip,
    /// Visits every cluster evenly, without a clip and without an end.
    Uniform,
    /// Draws all clustered documents in keyed random epochs, whatever their cluster.
    Random,
    /// General to specific: each document once, small clusters run out first.
    #[serde(rename = "g2s")]
    GeneralToSpecific,
    /// Specific to general: the exact reverse of [`Strategy::GeneralToSpecific`] of the same budget.
    #[serde(rename = "s2g")]
    SpecificToGeneral,
}

/// How the cluster of a draw is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Choice {
    /// Every active cluster once a round, in a fresh random order.
    #[default]
    Stratified,
    /// A uniform choice among the active clusters at every position (the paper's wording).
    Independent,
}

/// What happens when every document has been drawn `clip` times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WhenExhausted {
    /// A budget beyond that is an error.
    #[default]
    Error,
    /// One further pass over all documents for each clip more.
    RaiseClip,
}

/// Everything that decides an order besides the sizes of the clusters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Options {
    /// The strategy; [`Strategy::ClusterClip`] by default.
    pub strategy: Strategy,
    /// How clusters are chosen; [`Choice::Stratified`] by default.
    pub choice: Choice,
    /// Most repetitions of a document, 1 to [`MAX_CLIP`]; [`DEFAULT_CLIP`] where `None`. Only with
    /// [`Strategy::ClusterClip`].
    pub clip: Option<u64>,
    /// What happens at the end of the data; [`WhenExhausted::Error`] by default.
    pub when_exhausted: WhenExhausted,
    /// The seed of every key; 0 by default.
    pub seed: u64,
    /// How long the order is; one epoch by default.
    pub budget: Budget,
}

impl Options {
    /// Checks that the options go together and returns the clip in force: `None` where there is no end.
    ///
    /// # Errors
    /// A clip outside of its range or with a strategy that has none; a choice or an end of data that the
    /// strategy does not have.
    pub fn effective_clip(&self) -> Result<Option<u64>, SamplerError> {
        let strategy = self.strategy;
        if let Some(value) = self.clip {
            if strategy != Strategy::ClusterClip {
                return Err(SamplerError::ClipNotApplicable { value, strategy });
            }
            if !(1..=MAX_CLIP).contains(&value) {
                return Err(SamplerError::ClipOutOfRange { value });
            }
        }
        if self.choice == Choice::Independent
            && !matches!(strategy, Strategy::ClusterClip | Strategy::Uniform)
        {
            return Err(SamplerError::IndependentNotApplicable { strategy });
        }
        if self.when_exhausted == WhenExhausted::RaiseClip
            && !matches!(strategy, Strategy::ClusterClip | Strategy::GeneralToSpecific)
        {
            return Err(SamplerError::RaiseClipNotApplicable { strategy });
        }
        Ok(match strategy {
            Strategy::ClusterClip => Some(self.clip.unwrap_or(DEFAULT_CLIP)),
            Strategy::GeneralToSpecific | Strategy::SpecificToGeneral => Some(1),
            Strategy::Uniform | Strategy::Random => None,
        })
    }
}

/// Gives an enum its command-line names.
macro_rules! names {
    ($type:ident, $option:literal, $($variant:ident = $name:literal),+) => {
        impl $type {
            /// The names on the command line, in the order of the variants.
            pub const NAMES: &[&str] = &[$($name),+];

            /// The name on the command line.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.name())
            }
        }

        impl FromStr for $type {
            type Err = SamplerError;

            fn from_str(value: &str) -> Result<Self, SamplerError> {
                match value {
                    $($name => Ok(Self::$variant),)+
                    _ => Err(SamplerError::UnknownName {
                        option: $option,
                        value: value.to_owned(),
                        names: Self::NAMES,
                    }),
                }
            }
        }
    };
}

names!(
    Strategy,
    "--strategy",
    ClusterClip = "cluster-clip",
    Uniform = "uniform",
    Random = "random",
    GeneralToSpecific = "g2s",
    SpecificToGeneral = "s2g"
);
names!(Choice, "--choice", Stratified = "stratified", Independent = "independent");
names!(WhenExhausted, "--when-exhausted", Error = "error", RaiseClip = "raise-clip");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back_as_their_variants() {
        for name in Strategy::NAMES {
            assert_eq!(name.parse::<Strategy>().unwrap().to_string(), *name);
            let json = format!("\"{name}\"");
            assert_eq!(serde_json::from_str::<Strategy>(&json).unwrap().name(), *name);
        }
        for name in Choice::NAMES {
            assert_eq!(name.parse::<Choice>().unwrap().to_string(), *name);
        }
        for name in WhenExhausted::NAMES {
            assert_eq!(name.parse::<WhenExhausted>().unwrap().to_string(), *name);
        }
    }

    #[test]
    fn an_unknown_name_is_told_with_the_known_ones() {
        let message = "Random".parse::<Strategy>().unwrap_err().to_string();
        assert_eq!(message, "--strategy Random: unknown; use cluster-clip, uniform, random, g2s or s2g");
    }

    #[test]
    fn the_clip_in_force_follows_the_strategy() {
        let clip = |strategy, clip| Options { strategy, clip, ..Options::default() }.effective_clip();
        assert_eq!(clip(Strategy::ClusterClip, None), Ok(Some(5)));
        assert_eq!(clip(Strategy::ClusterClip, Some(MAX_CLIP)), Ok(Some(MAX_CLIP)));
        assert_eq!(clip(Strategy::GeneralToSpecific, None), Ok(Some(1)));
        assert_eq!(clip(Strategy::SpecificToGeneral, None), Ok(Some(1)));
        assert_eq!(clip(Strategy::Uniform, None), Ok(None));
        assert_eq!(clip(Strategy::Random, None), Ok(None));
        for value in [0, MAX_CLIP + 1, u64::MAX] {
            assert_eq!(clip(Strategy::ClusterClip, Some(value)), Err(SamplerError::ClipOutOfRange { value }));
        }
        for name in &Strategy::NAMES[1..] {
            let strategy = name.parse().unwrap();
            assert_eq!(clip(strategy, Some(2)), Err(SamplerError::ClipNotApplicable { value: 2, strategy }));
        }
    }

    #[test]
    fn options_that_do_not_go_together_are_refused() {
        for name in Strategy::NAMES {
            let strategy: Strategy = name.parse().unwrap();
            let independent = Options { strategy, choice: Choice::Independent, ..Options::default() };
            assert_eq!(
                independent.effective_clip().is_ok(),
                ["cluster-clip", "uniform"].contains(name),
                "{name}"
            );
            let raised = Options { strategy, when_exhausted: WhenExhausted::RaiseClip, ..Options::default() };
            assert_eq!(raised.effective_clip().is_ok(), ["cluster-clip", "g2s"].contains(name), "{name}");
        }
    }
}
