//! Embedders: documents become rows of unit norm.
//!
//! An embedder is fitted or loaded in its own way and then writes rows through one trait, so that lexical,
//! static and transformer embedders live side by side.

use crate::monitor::{CancelFlag, Cancelled};

pub mod lexical;

/// Why texts could not be turned into rows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EmbedError {
    /// The work was stopped.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The device that the model runs on failed.
    #[error("{device}: {reason}")]
    Device {
        /// Its name.
        device: String,
        /// What happened and what to do.
        reason: String,
    },
}

/// Turns texts into rows.
///
/// Models may run on a device that is waited for: so the work is async. Futures need not be `Send`: browsers have
/// one thread.
#[allow(async_fn_in_trait)]
pub trait Embedder {
    /// Width of every row.
    fn n_features(&self) -> usize;

    /// Writes the rows of `texts`, shape `(texts.len(), n_features)`, row-major, to `out`, and returns for each
    /// text whether it is featureless: its row is then zero, otherwise the row has unit norm.
    ///
    /// The row of a text does not depend on the other texts of the batch nor on the number of threads. `cancel`
    /// is looked at at least every 100 ms; after an error `out` holds nothing of use.
    ///
    /// # Errors
    /// When the device fails or the work is stopped.
    ///
    /// # Panics
    /// If `out` does not hold exactly `texts.len() * n_features` values.
    async fn transform(
        &self,
        texts: &[&str],
        out: &mut [f32],
        cancel: &CancelFlag,
    ) -> Result<Vec<bool>, EmbedError>;
}
