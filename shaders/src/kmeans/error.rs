//! What may go wrong with K-Means on a device.

use std::fmt;

use clusterclip_core::error::{Explain, Kind, Names};

use super::plan::Plan;
use crate::gpu::GpuError;

/// Why a device did not do its step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// The device failed, or the work was stopped.
    Gpu(#[from] GpuError),
    /// The device lacks what a plan needs.
    PlanUnfit {
        /// The plan.
        plan: Plan,
    },
    /// The device takes none of the plans that fit it.
    NoPlan,
    /// A step was asked for before rows were given.
    NoRows,
    /// More rows were given than there was to be room for.
    TooManyRows {
        /// Rows that there is room for.
        n_rows: u64,
    },
    /// No row lies where one was to be picked.
    NoPick {
        /// The block of k-means++ weights.
        block: usize,
        /// What its weights were to exceed.
        remainder: u64,
    },
}

impl Explain for RunError {
    fn kind(&self) -> Kind {
        match self {
            Self::Gpu(error) => error.kind(),
            _ => Kind::Device,
        }
    }

    fn explain(&self, names: Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gpu(error) => error.explain(names, f),
            Self::PlanUnfit { plan } => write!(f, "{plan} is not for this device"),
            Self::NoPlan => f.write_str("no way to multiply fits it"),
            Self::NoRows => f.write_str("no rows were given"),
            Self::TooManyRows { n_rows } => write!(f, "more than {n_rows} rows were pushed"),
            Self::NoPick { block, remainder } => {
                write!(f, "block {block} of k-means++ weights has no row at {remainder}")
            }
        }
    }
}

clusterclip_core::explained!(RunError);
