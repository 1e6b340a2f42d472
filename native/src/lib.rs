//! The command line of clusterclip, as a library that `main` calls: arguments, files, progress, report.
//!
//! Nothing here adds to the method: what the stages do is in `clusterclip-core`.

mod args;
mod check;
mod commands;
mod device;
mod error;
mod human;
pub mod input;
mod models;
mod names;
mod pipeline;
mod progress;
mod report;
mod signal;
pub mod store;

pub use commands::main;
