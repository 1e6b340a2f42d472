//! The stages, as the build put them together from wgsl/ and checked them.
//!
//! Each has a module of its name, with its constants:
//!
//! ```
//! use clusterclip_shaders::kmeans::stages;
//!
//! assert!(stages::ALL.iter().all(|stage| stage.source.contains("fn main(")));
//! assert_eq!(stages::pick::STAGE.bindings[0].name, "params");
//! // Weights of k-means++ come in blocks of so many rows.
//! assert_eq!(stages::seed_step::SEED_ROWS, 256);
//! ```

pub use crate::gpu::{Access, Binding, Stage};

include!(concat!(env!("OUT_DIR"), "/stages.rs"));
