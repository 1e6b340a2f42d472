//! What is asked of a sampler: strategy, choice, clip, seed, budget.

use super::budget::Budget;
use super::error::SamplerError;
use super::limits::{DEFAULT_CLIP, MAX_CLIP};
use super::members::ScoreOrder;
use super::strategy::{Choice, Strategy, WhenExhausted};
use super::weights::Weights;

/// Everything that decides an order besides the sizes of the clusters.
///
/// ```
/// use clusterclip_core::sampler::{Options, Strategy};
/// let uniform = Options { strategy: Strategy::Uniform, clip: Some(2), ..Options::default() };
/// let error = uniform.effective_clip().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "clip 2: does not go with strategy uniform; only cluster-clip and unimax take a clip"
/// );
/// assert_eq!(Options::default().effective_clip(), Ok(Some(5)));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Options {
    /// The strategy; [`Strategy::ClusterClip`] by default.
    pub strategy: Strategy,
    /// How clusters are chosen; [`Choice::Stratified`] by default.
    pub choice: Choice,
    /// Most repetitions of a document, 1 to [`MAX_CLIP`]; [`DEFAULT_CLIP`] where `None`. Only with
    /// [`Strategy::ClusterClip`] and [`Strategy::Unimax`].
    pub clip: Option<u64>,
    /// What happens at the end of the data; [`WhenExhausted::Error`] by default.
    pub when_exhausted: WhenExhausted,
    /// The seed of every key; 0 by default.
    pub seed: u64,
    /// How long the order is; one epoch by default.
    pub budget: Budget,
    /// The weights of the clusters, equal by default. Not with [`Strategy::Random`].
    pub weights: Weights,
    /// In which order an epoch takes a cluster's documents: shuffled where `None`, else that of [`super::Members`] sorted
    /// by score. Not with [`Strategy::Random`].
    pub scores: Option<ScoreOrder>,
}

impl Options {
    /// Checks that the options go together and returns the clip in force: `None` where there is no end.
    ///
    /// # Errors
    /// A clip outside of its range or with a strategy that has none; a choice, an end of data, weights or scores
    /// that the strategy does not have.
    pub fn effective_clip(&self) -> Result<Option<u64>, SamplerError> {
        let strategy = self.strategy;
        if let Some(value) = self.clip {
            if !matches!(strategy, Strategy::ClusterClip | Strategy::Unimax) {
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
        if strategy == Strategy::Random {
            if !self.weights.is_default() {
                return Err(SamplerError::WeightsNotApplicable { strategy });
            }
            if self.scores.is_some() {
                return Err(SamplerError::ScoresNotApplicable { strategy });
            }
        }
        if self.weights.has_clips() && !matches!(strategy, Strategy::ClusterClip | Strategy::Unimax) {
            return Err(SamplerError::ClipsNotApplicable { strategy });
        }
        Ok(match strategy {
            Strategy::ClusterClip | Strategy::Unimax => Some(self.clip.unwrap_or(DEFAULT_CLIP)),
            Strategy::GeneralToSpecific | Strategy::SpecificToGeneral => Some(1),
            Strategy::Uniform | Strategy::Random => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(clip(Strategy::Unimax, None), Ok(Some(5)));
        assert_eq!(clip(Strategy::Unimax, Some(2)), Ok(Some(2)));
        for name in Strategy::NAMES.iter().filter(|name| !["cluster-clip", "unimax"].contains(name)) {
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
