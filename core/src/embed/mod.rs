//! Embedders: documents become rows of unit norm.
//!
//! An embedder is fitted or loaded in its own way and then writes rows through one trait, so that lexical,
//! static and transformer embedders live side by side.

pub mod lexical;

/// Turns texts into rows.
pub trait Embedder {
    /// Width of every row.
    fn n_features(&self) -> usize;

    /// Writes the rows of `texts`, shape `(texts.len(), n_features)`, row-major, to `out`, and returns for each
    /// text whether it is featureless: its row is then zero, otherwise the row has unit norm.
    ///
    /// The row of a text does not depend on the other texts of the batch nor on the number of threads. A call
    /// cannot be interrupted: batches of a few MiB of text keep a program quick to stop.
    ///
    /// # Panics
    /// If `out` does not hold exactly `texts.len() * n_features` values.
    fn transform(&self, texts: &[&str], out: &mut [f32]) -> Vec<bool>;
}
