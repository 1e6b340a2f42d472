//! Spherical K-Means in exact integers: SPEC.md, section 1.
//!
//! Rows become bytes by a fixed rotation ([`Quantizer`]), centroids are bytes with a bias ([`Centroids`]), and
//! every score is an integer; so labels, iterations and objective are the same on every device and for every
//! number of threads. Devices differ only behind [`Backend`]; loop, init, centroids, refill and stopping rules
//! are here, once.

pub mod backend;
mod blocks;
mod centroid;
mod cluster;
pub mod cpu;
mod error;
mod finish;
mod fit;
mod init;
mod iterate;
mod join;
mod load;
mod mask;
mod params;
mod parts;
mod quantize;
mod refill;
mod room;
mod scale;
mod together;
mod totals;

pub use backend::{
    Backend, BackendError, Candidate, MAX_CANDIDATES, Need, Reason, RowBlock, SelfTestError, Shape, Step,
};
pub use centroid::{Centroids, CentroidsError};
pub use cluster::{Clustering, cluster};
pub use cpu::{CpuBackend, CpuError, Kernel, KernelError};
pub use error::KMeansError;
pub use finish::{Similarities, UnitSums};
pub use fit::fit;
pub use iterate::{Fitted, Iteration, Iterations};
pub use join::join;
pub use load::{Loaded, load};
pub use params::{Init, Params, default_clusters};
pub use parts::Parts;
pub use quantize::{Quantizer, RowError};
pub use scale::MAX_FEATURES;

/// The version of the arithmetic: other results need another version. What differs from version 1 is what is saved in
/// f32 and what a tolerance means, so clusters that version 1 made are still joined.
pub const VERSION: &str = "clusterclip-kmeans/2";
