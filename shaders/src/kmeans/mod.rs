//! K-Means on a GPU: the [`Backend`](clusterclip_core::kmeans::Backend) of one device.

mod assign;
mod backend;
mod blocks;
mod cut;
pub(crate) mod layout;
mod pipelines;
mod plan;
mod run;
mod seed;
mod shared;
mod tune;
mod worst;

pub use backend::{GpuBackend, Options};
pub use plan::{Inner, Plan, Tile};

/// The stages, as the build put them together from wgsl/ and checked them.
pub mod stages {
    pub use crate::gpu::{Binding, Kind, Stage};
    include!(concat!(env!("OUT_DIR"), "/stages.rs"));
}
