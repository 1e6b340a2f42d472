//! K-Means on a GPU: the [`Backend`](clusterclip_core::kmeans::Backend) of one device.
//!
//! ```no_run
//! use clusterclip_core::kmeans::{Init, Params, cluster};
//! use clusterclip_core::rows::SliceSource;
//! use clusterclip_core::monitor::{CancelFlag, Monitor};
//! use clusterclip_shaders::gpu::{Wanted, adapters, choose};
//! use clusterclip_shaders::kmeans::{GpuBackend, Options};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let adapter = choose(adapters().await, &Wanted::Any)?;
//! let mut backend = GpuBackend::new(adapter, Options::default(), &CancelFlag::default()).await?;
//! // Four rows of two features, in two clusters.
//! let rows = [1.0, 0.0, 0.9, 0.1, 0.0, 1.0, 0.1, 0.9];
//! let params = Params { n_clusters: Some(2), init: Init::KMeansPlusPlus, ..Params::default() };
//! let source = SliceSource::new(&rows, 2);
//! let found = cluster(&source, None, &params, &mut backend, &Monitor::silent()).await?;
//! assert_eq!(found.labels[0], found.labels[1]);
//! # Ok(())
//! # }
//! ```

mod assign;
mod backend;
mod blocks;
mod error;
mod fetch;
pub(crate) mod layout;
mod options;
mod pipelines;
mod plan;
mod portions;
mod run;
mod seed;
mod shared;
pub mod stages;
mod tune;
mod worst;

pub use backend::GpuBackend;
pub use error::RunError;
pub use options::Options;
pub use plan::{Inner, Plan, Tile, UnknownPlan};
