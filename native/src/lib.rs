//! The shell around `clusterclip-core`: files, arguments, progress and reports.

pub mod store;
