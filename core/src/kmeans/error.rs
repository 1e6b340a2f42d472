//! Why rows were not clustered.

use std::fmt;

use super::backend::BackendError;
use super::cpu::CpuError;
use super::quantize::RowError;
use super::scale::MAX_FEATURES;
use crate::error::{Explain, Kind, Names, Param, said};
use crate::monitor::Cancelled;
use crate::rows::SourceError;

/// Why rows were not clustered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KMeansError {
    /// The work was stopped.
    Cancelled(Cancelled),
    /// No rows to cluster.
    NoRows {
        /// Rows in the source, those without features included.
        n_samples: u64,
    },
    /// `n_clusters` is 0.
    NoClusters {
        /// Clustered rows.
        n: u64,
    },
    /// More clusters than rows.
    TooManyClusters {
        /// What was asked for.
        n_clusters: u64,
        /// The largest number of clusters for these rows.
        limit: u64,
    },
    /// Centroids and sums of so many clusters do not fit memory.
    ClusterMemory {
        /// Clusters asked for, or taken by default.
        n_clusters: usize,
        /// Features of the rows.
        n_features: usize,
    },
    /// `tolerance` is negative or not a number.
    Tolerance(f64),
    /// Rows without columns, or too many of them for scores of 32 bits.
    Features(usize),
    /// The mask does not fit the rows.
    Mask {
        /// Flags given.
        flags: usize,
        /// Rows in the source.
        n_samples: u64,
    },
    /// The given first rows have another shape.
    InitShape {
        /// Values given.
        values: usize,
        /// Clusters asked for.
        n_clusters: u64,
        /// Features of the embeddings.
        n_features: usize,
    },
    /// A given first row cannot be quantised.
    InitRow {
        /// The row, from 0.
        row: u64,
        /// What is wrong with it.
        error: RowError,
    },
    /// A row cannot be quantised.
    Row {
        /// The row, from 0.
        row: u64,
        /// What is wrong with it.
        error: RowError,
    },
    /// The source failed.
    Source {
        /// The first row of the block that failed.
        row: u64,
        /// Why.
        error: SourceError,
    },
    /// The device failed.
    Backend(BackendError),
    /// The CPU cannot be used.
    Cpu(CpuError),
    /// Saved centroids were made for rows of another width.
    OtherFeatures {
        /// Features of the saved centroids.
        needed: usize,
        /// Features of the rows given.
        n_features: usize,
    },
}

impl From<Cancelled> for KMeansError {
    fn from(cancelled: Cancelled) -> Self {
        Self::Cancelled(cancelled)
    }
}

impl From<BackendError> for KMeansError {
    fn from(error: BackendError) -> Self {
        match error {
            BackendError::Cancelled(cancelled) => Self::Cancelled(cancelled),
            other => Self::Backend(other),
        }
    }
}

impl From<CpuError> for KMeansError {
    fn from(error: CpuError) -> Self {
        Self::Cpu(error)
    }
}

impl Explain for KMeansError {
    fn kind(&self) -> Kind {
        match self {
            Self::Cancelled(_) => Kind::Cancelled,
            Self::NoClusters { .. } | Self::Tolerance(_) => Kind::Usage,
            Self::ClusterMemory { .. } => Kind::Memory,
            Self::Source { error, .. } => error.kind(),
            Self::Backend(error) => error.kind(),
            Self::Cpu(error) => error.kind(),
            Self::NoRows { .. }
            | Self::TooManyClusters { .. }
            | Self::Features(_)
            | Self::Mask { .. }
            | Self::InitShape { .. }
            | Self::InitRow { .. }
            | Self::Row { .. }
            | Self::OtherFeatures { .. } => Kind::Input,
        }
    }

    fn explain(&self, names: Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cancelled(cancelled) => write!(f, "{cancelled}"),
            Self::NoRows { n_samples } => {
                write!(f, "there is nothing to cluster: 0 of {n_samples} rows have features")
            }
            Self::NoClusters { n } => write!(
                f,
                "{} 0: at least 1 cluster is needed (and at most {n}, the number of clustered rows)",
                names(Param::Clusters)
            ),
            Self::TooManyClusters { n_clusters, limit } => write!(
                f,
                "{} {n_clusters} is more than the {limit} rows that can be clustered: give at most {limit}",
                names(Param::Clusters)
            ),
            Self::ClusterMemory { n_clusters, n_features } => write!(
                f,
                "{} {n_clusters}: there is no memory for centroids and sums of {n_clusters} clusters of {n_features} \
                 features; give fewer clusters",
                names(Param::Clusters)
            ),
            Self::Tolerance(value) => write!(
                f,
                "{} {value} is no tolerance: give 0 (run until no label moves) or a positive number",
                names(Param::Tolerance)
            ),
            Self::Features(n_features) => {
                write!(f, "rows have {n_features} features: 1 to {MAX_FEATURES} can be clustered")
            }
            Self::Mask { flags, n_samples } => {
                write!(f, "{flags} featureless flags were given for {n_samples} rows: give one for each row")
            }
            Self::InitShape { values, n_clusters, n_features } => write!(
                f,
                "{} holds {values} values, but {n_clusters} clusters of {n_features} features need {n_clusters} rows, \
                 {n_features} values each",
                names(Param::Init)
            ),
            Self::InitRow { row, error } => write!(f, "{} row {row}: {error}", names(Param::Init)),
            Self::Row { row, error } => write!(f, "embeddings row {row}: {error}"),
            Self::Source { row, error } => {
                write!(f, "embeddings cannot be read from row {row} on: {}", said(&**error, names))
            }
            Self::Backend(error) => error.explain(names, f),
            Self::Cpu(error) => error.explain(names, f),
            Self::OtherFeatures { needed, n_features } => write!(
                f,
                "the clusters are for rows of {needed} features, but the rows given have {n_features}: embed with what \
                 the clusters were made with"
            ),
        }
    }
}

crate::explained!(KMeansError);
