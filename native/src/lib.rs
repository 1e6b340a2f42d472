//! The command line of clusterclip, as a library: the shells around the pure core.

pub mod input;
pub mod store;
