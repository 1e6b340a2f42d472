//! The portable core of clusterclip.
//!
//! Bytes come in, records, rows, labels and orders come out: no files, no GPU, no clock, no global state.
//! Everything builds for `wasm32-unknown-unknown`. The exact arithmetic is written down in `SPEC.md` beside
//! this crate; what it promises is that the same embeddings give the same bytes everywhere.

pub mod documents;
pub mod embed;
pub mod error;
pub mod format;
pub mod keys;
pub mod keywords;
pub mod kmeans;
pub mod map;
pub mod monitor;
pub mod named;
pub mod nearest;
mod ordered;
pub mod par;
pub mod rows;
pub mod sampler;
pub mod topics;
pub mod weighing;
