//! LABELS: clusters that were made elsewhere, from .npy, Parquet or CSV.
use std::path::Path;

use anyhow::Result;

/// The columns to take; `None` means the defaults.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LabelOptions {
    /// The column of clusters (`--cluster-field`), by default `cluster`.
    pub cluster_field: Option<String>,
    /// The column of token counts (`--token-field`), by default `tokens` where there is one.
    pub token_field: Option<String>,
}

/// Labels by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labels {
    /// The cluster of each document, ranked from 0; −1 without one.
    pub labels: Vec<i32>,
    /// What each cluster was called in the file.
    pub names: Vec<String>,
    /// Labels that were null or −1.
    pub noise: u64,
    /// Rows that a `document` column leaves out; they have no cluster either.
    pub absent: u64,
    /// The token count of each document, where the file has them.
    pub tokens: Option<Vec<Option<u32>>>,
    /// XXH3-128 of the bytes of the file.
    pub hash: u128,
    /// What a person should know.
    pub warnings: Vec<String>,
}

/// Reads LABELS.
///
/// # Errors
/// A file that cannot be read, or without a usable column of clusters.
pub fn read(_path: &Path, _options: &LabelOptions) -> Result<Labels> {
    unimplemented!()
}
