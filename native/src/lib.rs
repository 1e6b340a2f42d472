//! The command line of clusterclip, as a library that `main` calls: arguments, progress, summary, exit codes.
//!
//! Nothing here adds to the method: what the stages do is in `clusterclip-core`, and how files become results in
//! `clusterclip-engine`.

mod args;
mod commands;
mod error;
mod names;
mod progress;
mod signal;
mod summary;
mod terminal;

pub use commands::main;
