//! Labels that cannot be ranked.

use std::fmt;

use crate::error::{Explain, Kind, Names, Param};

/// Why labels cannot be ranked. The caller adds the file, and says what a place is.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LabelError {
    /// More distinct labels than an i32 can number.
    TooMany,
    /// A negative integer other than −1, and nobody says whether it is noise.
    Negative {
        /// The label.
        label: i128,
        /// Where it came first.
        place: u64,
    },
    /// A number that is not whole.
    Fraction {
        /// The number.
        value: f64,
        /// Where it is.
        place: u64,
    },
}

impl LabelError {
    /// Where the label is, if one is to blame: what was pushed with it.
    pub fn place(&self) -> Option<u64> {
        match *self {
            Self::TooMany => None,
            Self::Negative { place, .. } | Self::Fraction { place, .. } => Some(place),
        }
    }
}

impl Explain for LabelError {
    fn kind(&self) -> Kind {
        Kind::Input
    }

    fn explain(&self, names: Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooMany => write!(
                f,
                "more than {} distinct labels; is the column of clusters the right one ({})?",
                i32::MAX,
                names(Param::ClusterField)
            ),
            Self::Negative { label, .. } => {
                let noise = names(Param::NoiseLabel);
                write!(
                    f,
                    "the label {label} is negative, and of such only -1 is known to be noise: say which labels are \
                     noise with {noise} -1,{label} (the list is all that is), or with {noise} -1 that the others are \
                     clusters"
                )
            }
            Self::Fraction { value, .. } => write!(
                f,
                "the label {value} is no integer; integers or strings are wanted: is the column of clusters the right \
                 one ({})?",
                names(Param::ClusterField)
            ),
        }
    }
}

crate::explained!(LabelError);
