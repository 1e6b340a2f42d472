//! The lexical embedder: hashed words and word pairs, sublinear TF-IDF, latent semantic analysis.
//!
//! No model, no download, any language and code: scripts without spaces give character n-grams, identifiers
//! are cut into their words. It is fitted on a bounded sample of the input ([`FitSample`]) and then turns any
//! text into a row ([`Lexical`]). SPEC.md, section 2, fixes every step to the bit; rows do not depend on the
//! processor, the number of threads, or how texts are batched. Of a text longer than a MiB only the first MiB
//! counts.

mod chars;
mod dense;
mod fit;
mod jacobi;
mod sample;
mod save;
mod simd;
mod sparse;
mod tokens;
mod whole;

use std::fmt;
use std::ops::Range;

pub(crate) use chars::{CharTable, Class};
pub use sample::FitSample;
pub(crate) use tokens::{Sink, tokenize};
pub use whole::{Embedded, WholeError, embed};

use crate::error::Kind;
use crate::monitor::{CancelFlag, Cancelled};
use crate::par;

pub(crate) use jacobi::singular;
pub(crate) use simd::vectorised;

/// The version of the arithmetic and of the saved model.
pub const FORMAT: &str = "clusterclip-lexical/1";

/// Rows with a norm under this part of the document's weight lie outside of the fitted space: what is left
/// of them is rounding.
const OUTSIDE: f64 = 1e-6;

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

impl Params {
    fn check(&self) -> Result<(), LexicalError> {
        for (name, value, max) in
            [("the number of features", self.n_features, 1024), ("the sample size", self.sample, 65_536)]
        {
            if !(1..=max).contains(&value) {
                return Err(LexicalError::Parameter { name, value, max });
            }
        }
        Ok(())
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
    #[error("not a lexical model of format {FORMAT}: {0}; embed the documents again")]
    Model(String),
}

crate::nameless!(LexicalError, |error| match error {
    LexicalError::Parameter { .. } => Kind::Usage,
    LexicalError::Cancelled(_) => Kind::Cancelled,
    LexicalError::Model(_) => Kind::Input,
});

/// The fitted lexical embedder.
pub struct Lexical {
    chars: CharTable,
    /// Features, ascending.
    vocabulary: Vec<u32>,
    index: Index,
    /// `(n_vocabulary, n_features)`: inverse document frequency times right singular vector, rounded to f16
    /// as it is saved and scaled by a power of two, which the unit norm takes out again.
    projection: Vec<f32>,
    n_features: usize,
    /// Frequency weights of the counts 1.. that are common.
    frequency_weights: Vec<f32>,
}

impl fmt::Debug for Lexical {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lexical")
            .field("n_vocabulary", &self.vocabulary.len())
            .field("n_features", &self.n_features)
            .finish_non_exhaustive()
    }
}

impl Lexical {
    /// Joins the parts of a fit.
    fn assemble(
        chars: CharTable,
        vocabulary: Vec<u32>,
        weights: &[f64],
        mut projection: Vec<f32>,
        n_features: usize,
        cancel: &CancelFlag,
    ) -> Result<Self, Cancelled> {
        for (row, &weight) in projection.chunks_exact_mut(n_features).zip(weights) {
            for x in row {
                *x = (f64::from(*x) * weight) as f32;
            }
        }
        save::round_to_half(&mut projection, cancel)?;
        Ok(Self::new(chars, vocabulary, projection, n_features))
    }

    fn new(chars: CharTable, vocabulary: Vec<u32>, projection: Vec<f32>, n_features: usize) -> Self {
        let index = Index::new(&vocabulary);
        let frequency_weights = (1..=256).map(|count| fit::frequency_weight(count) as f32).collect();
        Self { chars, vocabulary, index, projection, n_features, frequency_weights }
    }

    fn frequency_weight(&self, count: u32) -> f32 {
        let common = self.frequency_weights.get(count as usize - 1).copied();
        common.unwrap_or_else(|| fit::frequency_weight(count) as f32)
    }

    /// Writes the row of one text and returns whether it is featureless.
    fn transform_one(&self, text: &str, hits: &mut Hits<'_>, row: &mut [f32]) -> bool {
        row.fill(0.0);
        let any = tokenize(&self.chars, text, hits);
        if any && self.vocabulary.first() == Some(&tokens::ANY_WORD) {
            hits.hit(0);
        }
        hits.found.sort_unstable();
        hits.values.clear();
        let mut squares = 0.0;
        for &i in &hits.found {
            let value = self.frequency_weight(std::mem::take(&mut hits.counts[i as usize]));
            squares += f64::from(value) * f64::from(value);
            hits.values.push(value);
        }
        sparse::add_rows(row, &hits.found, &hits.values, &self.projection);
        hits.found.clear();
        let norm = row.iter().fold(0.0, |sum, &x| sum + f64::from(x) * f64::from(x)).sqrt();
        if norm <= OUTSIDE * squares.sqrt() {
            row.fill(0.0);
            return true;
        }
        for x in row {
            *x = (f64::from(*x) / norm) as f32;
        }
        false
    }
}

impl Lexical {
    /// Width of every row.
    pub fn n_features(&self) -> usize {
        self.n_features
    }

    /// Writes the rows of `texts`, shape `(texts.len(), n_features)`, row-major, to `out`, and returns for each
    /// text whether it is featureless: its row is then zero, otherwise the row has unit norm.
    ///
    /// The row of a text does not depend on the other texts of the batch nor on the number of threads. `cancel`
    /// is looked at at least every 100 ms; after an error `out` holds nothing of use.
    ///
    /// # Errors
    /// [`Cancelled`].
    ///
    /// # Panics
    /// If `out` does not hold exactly `texts.len() * n_features` values.
    pub fn transform(
        &self,
        texts: &[&str],
        out: &mut [f32],
        cancel: &CancelFlag,
    ) -> Result<Vec<bool>, Cancelled> {
        assert_eq!(out.len(), texts.len() * self.n_features, "{} rows of {}", texts.len(), self.n_features);
        // One set of counters a task; enough tasks that one long document does not hold up the rest.
        let task_len = texts.len().div_ceil(par::threads() * 8).clamp(1, 256);
        let flags = par::map_chunks_mut(out, task_len * self.n_features, |task, rows| {
            let mut hits = Hits::new(self);
            rows.chunks_exact_mut(self.n_features)
                .zip(&texts[task * task_len..])
                .map(|(row, text)| {
                    // A text costs at most 2^20 bytes of reading: some ten milliseconds.
                    cancel.check()?;
                    Ok(self.transform_one(text, &mut hits, row))
                })
                .collect::<Result<Vec<_>, Cancelled>>()
        });
        Ok(flags.into_iter().collect::<Result<Vec<_>, _>>()?.concat())
    }
}

/// Counts of the features of one document that are in the vocabulary.
struct Hits<'a> {
    lexical: &'a Lexical,
    counts: Vec<u32>,
    /// Places in the vocabulary with a count.
    found: Vec<u32>,
    /// Their weights.
    values: Vec<f32>,
}

impl<'a> Hits<'a> {
    fn new(lexical: &'a Lexical) -> Self {
        Self { lexical, counts: vec![0; lexical.vocabulary.len()], found: Vec::new(), values: Vec::new() }
    }

    #[inline]
    fn hit(&mut self, place: usize) {
        let count = &mut self.counts[place];
        if *count == 0 {
            self.found.push(place as u32);
        }
        *count = (*count + 1).min(sample::MAX_COUNT);
    }

    #[inline]
    fn look_up(&mut self, feature: u32) {
        if let Some(place) = self.lexical.index.find(&self.lexical.vocabulary, feature) {
            self.hit(place);
        }
    }
}

impl Sink for Hits<'_> {
    #[inline]
    fn word(&mut self, feature: u32, _: Range<usize>) {
        self.look_up(feature);
    }
    #[inline]
    fn pair(&mut self, feature: u32) {
        self.look_up(feature);
    }
}

/// Finds a feature in the vocabulary. Features are hashes, evenly spread: those with the same upper 16 bits
/// are few, and a bit for the upper 19 tells most of the others apart before they are looked for.
struct Index {
    present: Vec<u64>,
    /// Features with upper bits b are `starts[b]..starts[b + 1]`.
    starts: Vec<u32>,
}

impl Index {
    fn new(vocabulary: &[u32]) -> Self {
        let mut present = vec![0u64; 1 << 13];
        let mut starts = vec![0u32; (1 << 16) + 1];
        for &feature in vocabulary {
            present[(feature >> 19) as usize] |= 1 << (feature >> 13 & 63);
            starts[(feature >> 16) as usize + 1] += 1;
        }
        for b in 0..1 << 16 {
            starts[b + 1] += starts[b];
        }
        Self { present, starts }
    }

    #[inline]
    fn find(&self, vocabulary: &[u32], feature: u32) -> Option<usize> {
        if self.present[(feature >> 19) as usize] >> (feature >> 13 & 63) & 1 == 0 {
            return None;
        }
        let b = (feature >> 16) as usize;
        (self.starts[b] as usize..self.starts[b + 1] as usize).find(|&place| vocabulary[place] == feature)
    }
}
