//! A fence around libraries that may panic on files that are damaged or unusual.

pub(crate) use clusterclip_models::fenced;
