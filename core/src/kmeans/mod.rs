//! Spherical K-Means in exact integers: SPEC.md, section 1.
//!
//! Rows become bytes by a fixed rotation ([`Quantizer`]), centroids are bytes with a bias ([`Centroids`]), and
//! every score is an integer; so labels, iterations and objective are the same on every device and for every
//! number of threads. Devices differ only behind [`Backend`]; loop, init, centroids, refill and stopping rules
//! are here, once.
//!
//! [`fit`] does everything in one call. [`cluster`] does it with any rows and any device, tells of progress and can be
//! stopped. It is made of three steps, of which a part of the rows can do the first and the last where its rows are:
//!
//! ```
//! use clusterclip_core::kmeans::{
//!     CpuBackend, Iterations, Params, Parts, Similarities, UnitSums, fit, load,
//! };
//! use clusterclip_core::monitor::Monitor;
//! use clusterclip_core::rows::SliceSource;
//!
//! # pollster::block_on(async {
//! let rows: Vec<f32> = (0..600).map(|i| (i as f32 * 1.7).sin()).collect();
//! let (left, right) = (SliceSource::new(&rows[..240], 6), SliceSource::new(&rows[240..], 6));
//! let params = Params { n_clusters: Some(4), ..Params::default() };
//! let monitor = Monitor::silent();
//!
//! // Load: 40 rows here, 60 there, as bytes.
//! let iterations = Iterations::new(&params, 100, 6)?;
//! let k = iterations.n_clusters();
//! let (mut here, mut there) = (CpuBackend::new()?, CpuBackend::new()?);
//! let loaded = [
//!     load(&left, None, k, &mut here, &monitor).await?,
//!     load(&right, None, k, &mut there, &monitor).await?,
//! ];
//!
//! // Iterate, over all rows.
//! let mut parts = Parts::holding(vec![(here, loaded[0].n_rows), (there, loaded[1].n_rows)], 64);
//! let fitted = iterations.run(loaded.into_iter().sum(), &mut parts, &monitor).await?;
//!
//! // Finish: sums add in any order, then each compares its rows with the centroids of all.
//! # use clusterclip_core::kmeans::Backend;
//! let labels: Vec<i32> = parts.labels().await?.into_iter().map(|label| label as i32).collect();
//! let mut sums = UnitSums::of(&right, &labels[40..], 4, &monitor)?;
//! sums.add(&UnitSums::of(&left, &labels[..40], 4, &monitor)?)?;
//! let centroids = sums.centroids()?;
//! let mut similarities = Similarities::of(&left, &labels[..40], &centroids, &monitor)?;
//! similarities.append(Similarities::of(&right, &labels[40..], &centroids, &monitor)?);
//!
//! let whole = fit(&rows, 6, &params)?;
//! assert_eq!((labels, fitted.log, centroids), (whole.labels, whole.log, whole.centroids));
//! assert_eq!((similarities.inertia(), similarities.values), (whole.inertia, whole.similarity));
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

pub mod backend;
mod blocks;
mod centroid;
mod cluster;
mod concurrent;
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
mod totals;
mod zero;

pub use backend::{
    Backend, BackendError, Candidate, MAX_CANDIDATES, Need, Reason, RowBlock, SelfTestError, Shape, Step,
};
pub use centroid::{Centroids, CentroidsError};
pub use cluster::{Clustering, cluster};
pub(crate) use cpu::dot;
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
pub use zero::{LeftOut, zero_rows};

/// The version of the arithmetic: other results need another version. What differs from version 1 is what is saved in
/// f32 and what a tolerance means, so clusters that version 1 made are still joined.
pub const VERSION: &str = "clusterclip-kmeans/2";
