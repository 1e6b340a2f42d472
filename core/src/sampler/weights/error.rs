//! What can be wrong with weights.

use std::fmt;

use super::super::limits::MAX_CLIP;
use crate::error::{Explain, Kind, Names, Param};

/// Why there are no such weights. A row is that of the list, from 0; a shell may name it as a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WeightsError {
    /// A number that is no weight.
    NoWeight {
        /// The row, where the weights were listed.
        row: Option<u64>,
        /// The cluster.
        cluster: u64,
        /// The number.
        weight: String,
    },
    /// A cluster that has documents is not listed.
    Missing {
        /// The cluster.
        cluster: u64,
        /// Documents in it.
        size: u64,
    },
    /// A cluster that does not exist.
    UnknownCluster {
        /// The row.
        row: u64,
        /// The cluster.
        cluster: u64,
        /// How many clusters there are.
        clusters: u64,
    },
    /// A cluster that is listed twice.
    Twice {
        /// The row.
        row: u64,
        /// The row that named it first.
        first: u64,
        /// The cluster.
        cluster: u64,
    },
    /// A cluster's own clip is 0 or too large.
    ClipOutOfRange {
        /// The row.
        row: u64,
        /// The cluster.
        cluster: u64,
        /// The clip.
        clip: u64,
    },
    /// A temperature that is not finite and over 0.
    Temperature {
        /// The number.
        value: String,
    },
    /// Weights even in tokens where a document has no count.
    TokensMissing {
        /// The document's row, from 0.
        row: u64,
    },
}

impl Explain for WeightsError {
    fn kind(&self) -> Kind {
        match self {
            Self::Temperature { .. } => Kind::Usage,
            _ => Kind::Input,
        }
    }

    fn explain(&self, names: Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let weights = names(Param::Weights);
        match self {
            Self::NoWeight { row, cluster, weight } => {
                let place = row.map(|row| format!("row {row}: ")).unwrap_or_default();
                write!(
                    f,
                    "{weights}: {place}cluster {cluster} has {weight}; a weight is a finite number, at least 0"
                )
            }
            Self::Missing { cluster, size } => {
                let documents = if *size == 1 { "document" } else { "documents" };
                write!(
                    f,
                    "{weights}: cluster {cluster} has {size} {documents} and no weight; a weight of 0 leaves it out"
                )
            }
            Self::UnknownCluster { row, cluster, clusters } => {
                write!(
                    f,
                    "{weights}: row {row} names cluster {cluster}; there are {clusters} clusters, from 0"
                )
            }
            Self::Twice { row, first, cluster } => write!(
                f,
                "{weights}: row {row} names cluster {cluster}, as row {first} does; list each cluster once"
            ),
            Self::ClipOutOfRange { row, cluster, clip } => write!(
                f,
                "{weights}: row {row}: cluster {cluster} has clip {clip}; must be from 1 to {MAX_CLIP}"
            ),
            Self::Temperature { value } => {
                write!(f, "{} {value}: must be a finite number over 0", names(Param::Temperature))
            }
            Self::TokensMissing { row } => write!(
                f,
                "{0} tokens: row {row} has no token count; give counts with {1}, or use {0} documents",
                names(Param::EvenIn),
                names(Param::TokenField)
            ),
        }
    }
}

crate::explained!(WeightsError);
