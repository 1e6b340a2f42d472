//! The lexical embedder.

use crate::embed::Embedder;
use crate::monitor::{Cancelled, Monitor};

/// The version of the arithmetic and of the saved model.
pub const FORMAT: &str = "clusterclip-lexical/1";

/// What decides the rows of the lexical embedder, besides the texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Params {
    /// The most features a row has; fewer when the sample has a lower rank. 1 to 1024, by default 256.
    pub n_features: usize,
    /// How many documents the fit looks at, at most. 1 to 65 536, by default 16 384.
    pub sample: usize,
}

impl Default for Params {
    fn default() -> Self {
        Self { n_features: 256, sample: 16_384 }
    }
}

/// Why the lexical embedder cannot be fitted or loaded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LexicalError {
    /// A parameter is outside its limits.
    #[error("{name} is {value}; it must be from 1 to {max}")]
    Parameter {
        /// Which parameter.
        name: &'static str,
        /// What was given.
        value: usize,
        /// The largest value allowed.
        max: usize,
    },
    /// The fit was interrupted.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The bytes are not a lexical model that this version can read.
    #[error("not a lexical model of format {FORMAT}: {0}; embed the documents again with --force")]
    Model(String),
}

/// Gathers the sample that [`Lexical`] is fitted on, in bounded memory.
#[derive(Debug)]
pub struct FitSample;

impl FitSample {
    /// Starts an empty sample.
    ///
    /// # Errors
    /// [`LexicalError::Parameter`] for a parameter outside its limits.
    pub fn new(_params: Params) -> Result<Self, LexicalError> {
        unimplemented!()
    }

    /// Offers the document `row` (its number in reading order) to the sample.
    pub fn offer(&mut self, _row: u64, _text: &str) {
        unimplemented!()
    }

    /// Offers the documents `first_row..`, on all cores; the same as offering each in turn.
    pub fn offer_batch(&mut self, _first_row: u64, _texts: &[&str]) {
        unimplemented!()
    }

    /// Fits the embedder.
    ///
    /// # Errors
    /// [`LexicalError::Cancelled`] when the monitor asks to stop.
    pub fn fit(self, _monitor: &Monitor<'_>) -> Result<Lexical, LexicalError> {
        unimplemented!()
    }
}

/// The fitted lexical embedder.
#[derive(Debug)]
pub struct Lexical;

impl Lexical {
    /// The model as safetensors bytes, the same bytes on every machine.
    pub fn to_bytes(&self) -> Vec<u8> {
        unimplemented!()
    }

    /// Loads what [`Lexical::to_bytes`] gave.
    ///
    /// # Errors
    /// [`LexicalError::Model`] when the bytes are cut short, damaged or of another format.
    pub fn from_bytes(_bytes: &[u8]) -> Result<Self, LexicalError> {
        unimplemented!()
    }
}

impl Embedder for Lexical {
    fn n_features(&self) -> usize {
        unimplemented!()
    }

    fn transform(&self, _texts: &[&str], _out: &mut [f32]) -> Vec<bool> {
        unimplemented!()
    }
}
