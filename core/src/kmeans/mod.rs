//! Spherical K-Means in exact integers: SPEC.md, section 1.
//!
//! Rows become bytes by a fixed rotation ([`Quantizer`]), centroids are bytes with a bias ([`Centroids`]), and
//! every score is an integer; so labels, iterations and objective are the same on every device and for every
//! number of threads. Devices differ only behind [`Backend`]; loop, init, centroids, refill and stopping rules
//! are here, once.

pub mod backend;
mod centroid;
pub mod cpu;
mod finish;
mod fit;
mod init;
mod join;
mod params;
mod quantize;
mod refill;
mod room;
mod source;

pub use backend::{Backend, BackendError, Candidate, MAX_CANDIDATES, RowBlock, SelfTestError, Shape, Step};
pub use centroid::{Centroids, CentroidsError};
pub use cpu::{CpuBackend, CpuError, Kernel, KernelError};
pub use fit::{Clustering, Iteration, cluster};
pub use join::join;
pub use params::{Init, KMeansError, Params, default_clusters};
pub use quantize::{MAX_FEATURES, Quantizer, RowError};

/// The version of the arithmetic: other results need another version.
pub const VERSION: &str = "clusterclip-kmeans/1";
