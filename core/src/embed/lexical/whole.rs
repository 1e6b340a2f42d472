//! Fit and rows of documents that are all in memory.

use std::fmt;

use super::{FitSample, Lexical, LexicalError, Params};
use crate::error::{Explain, Kind, Names};
use crate::monitor::{Cancelled, Event, Monitor, Stage};

/// Texts that are offered or embedded between two looks at the cancel flag: of a text at most a MiB is read.
const BATCH: usize = 64;

/// Bytes of texts in a batch, from which on it takes no more.
const BATCH_BYTES: usize = 1 << 20;

/// What the lexical embedder made of documents.
#[derive(Debug)]
pub struct Embedded {
    /// The fitted embedder.
    pub model: Lexical,
    /// Rows of shape `(n_samples, n_features)`, of unit norm or zero.
    pub rows: Vec<f32>,
    /// Which documents have no features.
    pub featureless: Vec<bool>,
}

/// Why there are no rows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WholeError {
    /// The embedder cannot be fitted.
    #[error(transparent)]
    Fit(#[from] LexicalError),
    /// The work was stopped.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The rows do not fit memory.
    #[error("no memory for the rows of {n_samples} documents, {n_features} features each")]
    Memory {
        /// Documents.
        n_samples: usize,
        /// Features of a row.
        n_features: usize,
    },
}

impl Explain for WholeError {
    fn kind(&self) -> Kind {
        match self {
            Self::Fit(error) => error.kind(),
            Self::Cancelled(_) => Kind::Cancelled,
            Self::Memory { .. } => Kind::Memory,
        }
    }

    fn explain(&self, names: Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fit(error) => error.explain(names, f),
            Self::Cancelled(_) | Self::Memory { .. } => write!(f, "{self}"),
        }
    }
}

/// Fits the embedder to `texts` and embeds them: the rows that the streaming command line gives.
///
/// ```
/// use clusterclip_core::embed::lexical::{Params, embed};
/// use clusterclip_core::monitor::Monitor;
/// let texts = ["red green red", "green blue", "one two three", "two three four", "..."];
/// let embedded = embed(&texts, Params::default(), &Monitor::silent())?;
/// assert_eq!(embedded.featureless, [false, false, false, false, true]);
/// # Ok::<(), clusterclip_core::embed::lexical::WholeError>(())
/// ```
///
/// # Errors
/// [`WholeError`]; when the work is stopped, within 100 ms.
pub fn embed(texts: &[&str], params: Params, monitor: &Monitor<'_>) -> Result<Embedded, WholeError> {
    let total = Some(texts.len() as u64);
    let started = |stage| monitor.emit(Event::Started { stage, total, unit: "documents" });
    let cancel = monitor.cancel_flag();
    started(Stage::Read);
    let mut sample = FitSample::new(params)?;
    for (done, batch) in batches(texts) {
        cancel.check()?;
        sample.offer_batch(done as u64, batch);
        monitor.emit(Event::Progress { stage: Stage::Read, done: (done + batch.len()) as u64 });
    }
    monitor.emit(Event::Finished { stage: Stage::Read });
    let model = sample.fit(monitor)?;

    started(Stage::Embed);
    let (n_samples, n_features) = (texts.len(), model.n_features());
    let no_room = || WholeError::Memory { n_samples, n_features };
    let mut rows: Vec<f32> = Vec::new();
    let values = n_samples.checked_mul(n_features).ok_or_else(no_room)?;
    rows.try_reserve_exact(values).map_err(|_| no_room())?;
    let mut featureless = Vec::with_capacity(n_samples);
    for (done, batch) in batches(texts) {
        rows.resize((done + batch.len()) * n_features, 0.0);
        let flags = model.transform(batch, &mut rows[done * n_features..], cancel)?;
        featureless.extend(flags);
        monitor.emit(Event::Progress { stage: Stage::Embed, done: (done + batch.len()) as u64 });
    }
    monitor.emit(Event::Finished { stage: Stage::Embed });
    Ok(Embedded { model, rows, featureless })
}

/// Cuts texts in batches; with each goes how many texts come before it.
fn batches<'t, 'a>(texts: &'t [&'a str]) -> impl Iterator<Item = (usize, &'t [&'a str])> {
    let mut done = 0;
    std::iter::from_fn(move || {
        let (start, mut bytes) = (done, 0);
        while done < texts.len() && done - start < BATCH && bytes < BATCH_BYTES {
            bytes += texts[done].len();
            done += 1;
        }
        (done > start).then(|| (start, &texts[start..done]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_hold_every_text_once_and_few_long_ones() {
        let long = "x".repeat(BATCH_BYTES);
        let texts: Vec<&str> = (0..300).map(|i| if i % 100 == 5 { long.as_str() } else { "short" }).collect();
        let mut next = 0;
        for (start, batch) in batches(&texts) {
            assert_eq!(start, next);
            assert!(batch.len() <= BATCH && batch.iter().filter(|text| text.len() > 5).count() <= 1);
            next += batch.len();
        }
        assert_eq!(next, texts.len());
        assert_eq!(batches(&[]).count(), 0);
    }
}
