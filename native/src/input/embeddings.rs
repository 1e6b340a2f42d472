//! Embeddings from a .npy file, by positioned reads.
use std::path::Path;

use anyhow::Result;
use clusterclip_core::monitor::Monitor;

/// The rows of an `embeddings.npy`: float32 or float16, (n_samples, n_features).
#[derive(Debug)]
pub struct NpyRows {}

impl NpyRows {
    /// Opens the file and checks header and length. Rows are read when asked for, never all held.
    ///
    /// # Errors
    /// A file that cannot be read, or another type, shape or length.
    pub fn open(_path: &Path) -> Result<Self> {
        unimplemented!()
    }

    /// Hashes the bytes of the file: XXH3-128.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn hash(&self, _monitor: &Monitor<'_>) -> Result<u128> {
        unimplemented!()
    }
}
