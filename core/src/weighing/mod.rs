//! Which weights an order has: what is asked for, else what suits the rows; computed from sizes and centroids.
//!
//! [`Weighting`] is what a person asks for, [`Weighed`] what comes of it with the defaults resolved (SPEC.md, section
//! 4), [`Compared`] the clusters that some of it is computed from. Shells add what only they know: files that list
//! weights, and token counts ([`crate::sampler::Weights::even_in_tokens`]).
//!
//! ```
//! use clusterclip_core::sampler::{Strategy, WeightRule};
//! use clusterclip_core::weighing::{Geometry, Weighed, Weighting, WeightsFrom};
//!
//! let weighed = Weighed::new(&Weighting::default(), Strategy::ClusterClip, Geometry::Meaning, 100).unwrap();
//! assert_eq!((weighed.from, weighed.why.name()), (WeightsFrom::Rule(WeightRule::Density), "meaning"));
//! let weighed = Weighed::new(&Weighting::default(), Strategy::ClusterClip, Geometry::Lexical, 100).unwrap();
//! assert_eq!((weighed.from, weighed.why.name()), (WeightsFrom::Rule(WeightRule::Equal), "lexical"));
//! ```

mod compared;
mod error;
mod topics;
mod weighed;

pub use compared::Compared;
pub use error::WeightingError;
pub use topics::Topics;
pub use weighed::{Geometry, Weighed, Why};

use std::fmt;
use std::path::PathBuf;

use crate::error::Param;
use crate::sampler::{EvenIn, Strategy, Temperature, WeightRule};

/// Which share of the draws each cluster gets, as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Weighting {
    /// Where weights come from. `None`: by density where rows carry meaning and the strategy is cluster-clip or unimax,
    /// else equal.
    pub from: Option<WeightsFrom>,
    /// What their logarithms are divided by; with sizes and density only.
    pub temperature: Option<Temperature>,
    /// How many groups share evenly; with groups only.
    pub groups: Option<u64>,
    /// What the weights share out.
    pub even_in: EvenIn,
}

/// Where weights come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WeightsFrom {
    /// They are computed.
    Rule(WeightRule),
    /// A file, or a list of that name, holds them.
    File(PathBuf),
}

impl WeightsFrom {
    /// The rule, if they are computed.
    pub fn rule(&self) -> Option<WeightRule> {
        match self {
            Self::Rule(rule) => Some(*rule),
            Self::File(_) => None,
        }
    }

    /// Whether they are computed from how alike clusters are.
    pub fn compares(&self) -> bool {
        matches!(self, Self::Rule(WeightRule::Density | WeightRule::Groups))
    }
}

impl fmt::Display for WeightsFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rule(rule) => rule.fmt(f),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

impl Weighting {
    /// Checks that they go together, and with a strategy.
    ///
    /// # Errors
    /// Anything for random, a temperature or groups for weights that have none.
    pub fn check(&self, strategy: Strategy) -> Result<(), WeightingError> {
        let even_in = (self.even_in != EvenIn::Documents).then(|| self.even_in.to_string());
        let temperature = self.temperature.map(|temperature| temperature.to_string());
        let groups = self.groups.map(|groups| groups.to_string());
        if strategy == Strategy::Random {
            let asked = [
                (Param::Weights, self.from.as_ref().map(WeightsFrom::to_string)),
                (Param::EvenIn, even_in),
                (Param::Temperature, temperature),
                (Param::Groups, groups),
            ];
            return match asked.into_iter().find_map(|(param, value)| Some((param, value?))) {
                Some((param, value)) => Err(WeightingError::OfRandom { param, value }),
                None => Ok(()),
            };
        }
        let rule = self.from.as_ref().and_then(WeightsFrom::rule);
        match (temperature, groups) {
            (Some(value), _) if !matches!(rule, Some(WeightRule::Size | WeightRule::Density)) => {
                Err(WeightingError::OfRule { param: Param::Temperature, value, rules: "size and density" })
            }
            (_, Some(value)) if rule != Some(WeightRule::Groups) => {
                Err(WeightingError::OfRule { param: Param::Groups, value, rules: "groups" })
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_go_together_is_refused() {
        let said = |weighting: &Weighting, strategy| weighting.check(strategy).unwrap_err().to_string();
        let of = |rule| Some(WeightsFrom::Rule(rule));
        let tokens = Weighting { even_in: EvenIn::Tokens, ..Weighting::default() };
        assert_eq!(
            said(&tokens, Strategy::Random),
            "even_in tokens: does not go with strategy random, which does not look at clusters"
        );
        assert_eq!(tokens.check(Strategy::Uniform), Ok(()));
        let file = Weighting { from: Some(WeightsFrom::File("w.csv".into())), ..Weighting::default() };
        assert!(said(&file, Strategy::Random).starts_with("weights w.csv: does not go with"));
        let warm = Weighting { temperature: Some(Temperature::new(2.0).unwrap()), ..Weighting::default() };
        assert_eq!(
            said(&warm, Strategy::ClusterClip),
            "temperature 2: is for weights size and density only; name the weights"
        );
        assert_eq!(
            Weighting { from: of(WeightRule::Size), ..warm.clone() }.check(Strategy::ClusterClip),
            Ok(())
        );
        let grouped = Weighting { groups: Some(3), from: of(WeightRule::Density), ..Weighting::default() };
        assert_eq!(
            said(&grouped, Strategy::Unimax),
            "groups 3: is for weights groups only; name the weights"
        );
    }
}
