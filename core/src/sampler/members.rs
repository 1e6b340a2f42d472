//! From draws to document rows.

use super::{Draw, SamplerError};

/// Which rows belong to which cluster, in ascending row.
#[derive(Debug, Clone)]
pub struct Members {
    sizes: Vec<u64>,
}

impl Members {
    /// Groups rows by label: (n_samples,), clusters from 0, −1 for a document without a cluster, which is never
    /// drawn. There are as many clusters as the largest label says, empty ones included.
    ///
    /// # Errors
    /// A label under −1, with its row.
    pub fn from_labels(labels: &[i32]) -> Result<Self, SamplerError> {
        let _ = labels;
        unimplemented!()
    }

    /// Documents of every cluster: (n_clusters,).
    pub fn sizes(&self) -> &[u64] {
        &self.sizes
    }

    /// Clustered documents.
    pub fn n_documents(&self) -> u64 {
        unimplemented!()
    }

    /// The document row of a draw of a sampler over [`Members::sizes`].
    ///
    /// # Panics
    /// If the draw is of another sampler and names a cluster or member that does not exist.
    pub fn row(&self, draw: &Draw) -> u64 {
        let _ = draw;
        unimplemented!()
    }

    /// Writes the rows of `draws` to `out`.
    ///
    /// # Panics
    /// If the lengths differ, or as [`Members::row`].
    pub fn rows(&self, draws: &[Draw], out: &mut [u64]) {
        let _ = (draws, out);
        unimplemented!()
    }
}
