//! Why weights cannot be had as they are asked for.

use std::fmt;

use crate::error::{Explain, Kind, Names, Param};

/// What of weights does not go together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WeightingError {
    /// Something of weights is asked for, and the strategy does not look at clusters.
    OfRandom {
        /// What asks for it.
        param: Param,
        /// What it says.
        value: String,
    },
    /// Something is said of weights that only others have.
    OfRule {
        /// What says it.
        param: Param,
        /// What it says.
        value: String,
        /// The weights that have it.
        rules: &'static str,
    },
}

impl Explain for WeightingError {
    fn kind(&self) -> Kind {
        Kind::Usage
    }

    fn explain(&self, names: Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OfRandom { param, value } => write!(
                f,
                "{} {value}: does not go with {} random, which does not look at clusters",
                names(*param),
                names(Param::Strategy)
            ),
            Self::OfRule { param, value, rules } => write!(
                f,
                "{} {value}: is for {} {rules} only; name the weights",
                names(*param),
                names(Param::Weights)
            ),
        }
    }
}

crate::explained!(WeightingError);
