//! Why a device could not do its step.

use std::fmt;
use std::sync::Arc;

use crate::error::{Explain, Kind, Names, Param, plain, said};
use crate::monitor::Cancelled;

/// Why a device could not do its step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BackendError {
    /// The work was stopped.
    Cancelled(Cancelled),
    /// The device failed.
    Device {
        /// Its name.
        device: String,
        /// What happened and what to do.
        reason: Reason,
    },
    /// The sums that the device reported do not give the scores that it reported.
    Mismatch {
        /// Its name.
        device: String,
    },
    /// The program's own memory does not suffice.
    Memory {
        /// The device's name.
        device: String,
        /// What there is no room for.
        need: Need,
    },
}

/// What a device's memory in this program is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Need {
    /// The quantised rows.
    Rows {
        /// How many.
        n_rows: u64,
        /// Bytes of each.
        columns: usize,
    },
    /// The sums of an assign.
    Sums {
        /// Clusters.
        n_clusters: usize,
        /// Columns of each.
        columns: usize,
    },
}

/// What happened to a device: an error of its own, or words. Two are equal when they say the same.
#[derive(Debug, Clone)]
pub struct Reason(Arc<dyn Explain + Send + Sync>);

/// A reason that is nothing but words.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Words(String);

crate::nameless!(Words, Kind::Device);

impl Reason {
    /// Takes the device's own error, so that its message too takes the names of parameters from the shell.
    pub fn new(error: impl Explain + Send + Sync + 'static) -> Self {
        Self(Arc::new(error))
    }
}

impl From<&str> for Reason {
    fn from(words: &str) -> Self {
        words.to_owned().into()
    }
}

impl From<String> for Reason {
    fn from(words: String) -> Self {
        Self::new(Words(words))
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", said(&*self.0, plain))
    }
}

impl PartialEq for Reason {
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}

impl Eq for Reason {}

impl From<Cancelled> for BackendError {
    fn from(cancelled: Cancelled) -> Self {
        Self::Cancelled(cancelled)
    }
}

impl Explain for BackendError {
    fn kind(&self) -> Kind {
        match self {
            Self::Cancelled(_) => Kind::Cancelled,
            Self::Device { .. } | Self::Mismatch { .. } => Kind::Device,
            Self::Memory { .. } => Kind::Memory,
        }
    }

    fn explain(&self, names: Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cancelled(cancelled) => write!(f, "{cancelled}"),
            Self::Device { device, reason } => write!(f, "{device}: {}", said(&*reason.0, names)),
            Self::Mismatch { device } => write!(
                f,
                "{device}: its sums do not give its scores, so its results would not be exact; run again, or choose \
                 another {}",
                names(Param::Device)
            ),
            Self::Memory { device, need: Need::Rows { n_rows, columns } } => {
                write!(f, "{device}: no memory for {n_rows} rows of {columns} bytes; give fewer rows")
            }
            Self::Memory { device, need: Need::Sums { n_clusters, columns } } => write!(
                f,
                "{device}: no memory for the sums of {n_clusters} clusters of {columns} columns; give fewer {}",
                names(Param::Clusters)
            ),
        }
    }
}

crate::explained!(BackendError);
