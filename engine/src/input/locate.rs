//! Locating: from the columns of `documents.parquet` back to places in the input.

use clusterclip_core::format::cut::At;

use super::error::InputError;
use super::{Corpus, Place};

/// Finds places again, row after row. A source is known by its name and its turn: names may repeat.
///
/// Where they do, a row is put into the earliest source it may be in, which need not be the right one: the
/// next source of that name can begin with bytes that gave no document. Looking into the files would tell,
/// at the price of reading all of them; so that is left to fetching, which compares hashes anyway.
#[derive(Debug)]
pub struct Locator<'a> {
    corpus: &'a Corpus,
    source: usize,
    /// Where in it the last row's document ends.
    end: u64,
}

impl<'a> Locator<'a> {
    pub(crate) fn new(corpus: &'a Corpus) -> Self {
        Self { corpus, source: 0, end: 0 }
    }

    /// Finds the next row's place by its columns in `documents.parquet`. Its source is the right one or an
    /// earlier one of the same name, which [`Corpus::fetch`] and [`RandomAccess`](super::RandomAccess) allow for.
    ///
    /// # Errors
    /// A source that is not among the INPUTs from the last row's on.
    pub fn place(&mut self, source: &str, at: At, hash: u128) -> Result<Place, InputError> {
        // Rows are in reading order: a lower beginning belongs to a later source. As every row is put as early as
        // it can be, the right source of the next row is never before this one.
        let range = at.range();
        let from = self.source + usize::from(range.start < self.end);
        let sources = self.corpus.sources.iter().enumerate().skip(from);
        let Some((number, _)) = { sources }.find(|(_, candidate)| &*candidate.name == source) else {
            return Err(InputError::NotAmongInputs { name: source.to_owned() });
        };
        (self.source, self.end) = (number, range.end);
        Ok(Place { source: number as u32, at, hash })
    }
}
