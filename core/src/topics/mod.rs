//! How alike the clusters are: weights by density, groups of clusters, and how many topics an order has (SPEC.md,
//! section 5).
//!
//! K-Means gives a topic as many clusters as it has mass, so draws that are even over clusters are not even over
//! topics. [`Likeness`] compares the quantised centroids in exact integers; [`Kernel`] weighs each cluster by the room
//! around it and counts effective topics, [`Groups`] joins clusters that are alike. This says something of rows that
//! carry meaning; rows fitted to the mass of the corpus itself, as lexical ones are, it does not mend.
//!
//! ```
//! use clusterclip_core::kmeans::Centroids;
//! use clusterclip_core::monitor::Monitor;
//! use clusterclip_core::sampler::DENSITY_TEMPERATURE;
//! use clusterclip_core::topics::{Groups, Kernel, Likeness, Spread};
//!
//! // Three clusters: two that point the same way, one apart from them.
//! let mut sums = [0i64; 3 * 64];
//! sums[..3].copy_from_slice(&[60, 20, 0]);
//! sums[64..67].copy_from_slice(&[60, 20, 5]);
//! sums[128..131].copy_from_slice(&[0, 0, 60]);
//! let centroids = Centroids::from_sums(3, &sums, &[1, 1, 1]);
//!
//! let monitor = Monitor::silent();
//! let likeness = Likeness::new(&centroids, &[4, 4, 4], &monitor)?;
//! let groups = Groups::new(&likeness, Some(2), &monitor)?;
//! assert_eq!([groups.of(0), groups.of(1), groups.of(2)], [Some(0), Some(0), Some(2)]);
//! assert_eq!([groups.weights().get(0), groups.weights().get(2)], [0.5, 1.0]);
//!
//! let kernel = Kernel::new(&likeness, &monitor)?;
//! let spread = Spread::of(&[0, 1, 2], &[0.5, 0.5, 0.5], 3)?;
//! let weights = kernel.weights(&spread, DENSITY_TEMPERATURE, &monitor)?;
//! assert!(weights.get(2) > 1.3 * weights.get(0));
//! // Two clusters that are alike are less than one and a half topics.
//! let topics = kernel.effective_topics(&[&[4.0, 4.0, 0.0], &[4.0, 4.0, 4.0]], &monitor)?;
//! assert!(topics[0] < 1.5 && topics[1] > 2.4);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod groups;
mod kernel;
mod likeness;
mod rows;
mod spread;

pub use error::TopicsError;
pub use groups::{DEFAULT_GROUPS, Groups, MAX_GROUPED_CLUSTERS};
pub use kernel::{Kernel, MAX_DENSITY_CLUSTERS};
pub use likeness::Likeness;
pub use spread::Spread;
