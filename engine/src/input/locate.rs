//! Locating: from the columns of `documents.parquet` back to places in the input.

use anyhow::{Result, bail};

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
    offset: u64,
}

impl<'a> Locator<'a> {
    pub(crate) fn new(corpus: &'a Corpus) -> Self {
        Self { corpus, source: 0, offset: 0 }
    }

    /// Finds the next row's place by its columns in `documents.parquet`. Its source is the right one or an
    /// earlier one of the same name, which [`Corpus::fetch`] and [`RandomAccess`](super::RandomAccess) allow for.
    ///
    /// # Errors
    /// A source that is not among the INPUTs from the last row's on.
    pub fn place(&mut self, source: &str, offset: u64, length: u64, hash: u128) -> Result<Place> {
        // Rows are in reading order: a lower offset belongs to a later source. As every row is put as early as
        // it can be, the right source of the next row is never before this one.
        let from = self.source + usize::from(offset < self.offset);
        let sources = self.corpus.sources.iter().enumerate().skip(from);
        let Some((number, _)) = { sources }.find(|(_, candidate)| &*candidate.name == source) else {
            bail!(
                "{source} is not among the inputs, or not in its place; name the inputs that were read before"
            );
        };
        self.offset = offset + length;
        self.source = number;
        Ok(Place { source: number as u32, offset, length, hash })
    }
}
