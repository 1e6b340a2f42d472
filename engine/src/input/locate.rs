//! Locating: from the columns of `documents.parquet` back to places in the input.

use clusterclip_core::format::cut::At;

use super::error::InputError;
use super::fetch::next_of_name;
use super::source::Kind;
use super::{Corpus, Place};
use crate::error::Result;

/// Finds places again, row after row. A source is known by its name and its turn: names may repeat.
///
/// Where they do, a row is put into the earliest source it may be in, which need not be the right one: the
/// next source of that name can begin with bytes that gave no document. Looking into the files would tell,
/// at the price of reading all of them; so that is left to fetching, which compares hashes anyway. Columnar files
/// tell how many rows they have, so that a row of one is put where it is.
#[derive(Debug)]
pub struct Locator<'a> {
    corpus: &'a Corpus,
    source: usize,
    /// Where in it the last row's document ends.
    end: u64,
    /// Rows of columnar sources of the same name that come right before it.
    before: u64,
    /// Rows of it, where another one of its name follows.
    rows: Option<u64>,
}

impl<'a> Locator<'a> {
    pub(crate) fn new(corpus: &'a Corpus) -> Self {
        Self { corpus, source: 0, end: 0, before: 0, rows: None }
    }

    /// Finds the next row's place by its columns in `documents.parquet`. Its source is the right one or an
    /// earlier one of the same name, which [`Corpus::fetch`] allows for.
    ///
    /// # Errors
    /// A source that is not among the INPUTs from the last row's on; a columnar one that cannot be read.
    pub fn place(&mut self, source: &str, at: At, hash: u128) -> Result<Place> {
        // Rows are in reading order: a lower beginning belongs to a later source. As every row is put as early as
        // it can be, the right source of the next row is never before this one.
        let range = at.range();
        let from = self.source + usize::from(range.start < self.end);
        let sources = self.corpus.sources.iter().enumerate().skip(from);
        let Some((number, _)) = { sources }.find(|(_, candidate)| &*candidate.name == source) else {
            return Err(InputError::NotAmongInputs { name: source.to_owned() }.into());
        };
        if number != self.source || range.start < self.end {
            self.turn_to(number)?;
            self.before = 0;
        } else if self.end == 0 {
            self.turn_to(number)?;
        }
        self.end = range.end;
        let At::Row(row) = at else { return Ok(Place { source: number as u32, at, hash }) };
        while let Some(rows) = self.rows.filter(|rows| row - self.before >= *rows) {
            let Some(next) = next_of_name(self.corpus, self.source as u32) else { break };
            self.before += rows;
            self.turn_to(next as usize)?;
        }
        Ok(Place { source: self.source as u32, at: At::Row(row - self.before), hash })
    }

    /// Goes on with another source.
    fn turn_to(&mut self, number: usize) -> Result<()> {
        self.source = number;
        let source = &self.corpus.sources[number];
        self.rows = match source.kind {
            Kind::Columns(format) if next_of_name(self.corpus, number as u32).is_some() => {
                Some(source.rows(format)?)
            }
            _ => None,
        };
        Ok(())
    }
}
