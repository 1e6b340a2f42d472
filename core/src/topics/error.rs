//! Why clusters cannot be compared.

use std::fmt;

use crate::error::{Explain, Kind, Names, Param};
use crate::monitor::Cancelled;
use crate::sampler::WeightRule;

/// Why there are no such weights or groups.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TopicsError {
    /// More clusters than are compared with each other.
    TooManyClusters {
        /// What was asked for.
        rule: WeightRule,
        /// Clusters that are not empty.
        clusters: u64,
        /// The most there may be.
        limit: u64,
    },
    /// A number of groups that clusters cannot be joined to.
    Groups {
        /// What was asked for.
        groups: u64,
        /// Clusters that are not empty.
        clusters: u64,
    },
    /// Values that do not belong to these clusters or documents.
    Shape {
        /// What they are.
        what: &'static str,
        /// How many there are.
        found: u64,
        /// What they are for.
        of: &'static str,
        /// How many of these there are.
        expected: u64,
    },
    /// A label that no cluster has.
    UnknownLabel {
        /// The row, from 0.
        row: u64,
        /// The label.
        label: i32,
    },
    /// Memory does not hold the distances between clusters.
    Memory {
        /// Clusters that are not empty.
        clusters: u64,
    },
    /// It was asked to stop.
    Cancelled(#[from] Cancelled),
}

impl Explain for TopicsError {
    fn kind(&self) -> Kind {
        match self {
            Self::Groups { .. } => Kind::Usage,
            Self::Memory { .. } => Kind::Memory,
            Self::Cancelled(error) => error.kind(),
            _ => Kind::Input,
        }
    }

    fn explain(&self, names: Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooManyClusters { rule, clusters, limit } => write!(
                f,
                "{0} {rule}: {clusters} clusters are over its limit of {limit}; use {0} equal, or fewer {1}",
                names(Param::Weights),
                names(Param::Clusters)
            ),
            Self::Groups { groups, clusters } => write!(
                f,
                "{} {groups}: must be from 1 to {clusters}, the clusters that have documents",
                names(Param::Groups)
            ),
            Self::Shape { what, found, of, expected } => {
                write!(f, "there are {found} {what} for {expected} {of}")
            }
            Self::UnknownLabel { row, label } => write!(f, "row {row}: no cluster has the label {label}"),
            Self::Memory { clusters } => {
                write!(f, "there is not enough memory for the distances between {clusters} clusters")
            }
            Self::Cancelled(error) => error.explain(names, f),
        }
    }
}

crate::explained!(TopicsError);
