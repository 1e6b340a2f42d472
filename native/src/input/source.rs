//! Sources: the files of a corpus, and how their bytes are read.
use std::path::PathBuf;

use anyhow::Result;
use clusterclip_core::monitor::{Monitor, Stage};

use super::{Document, Fetched, Locator, Options, Place, RandomAccess, Summary};

/// The documents of all INPUTs, in reading order.
#[derive(Debug)]
pub struct Corpus {}

impl Corpus {
    /// Settles which files are read, in which order and as what. Copies standard input to a temporary file.
    ///
    /// # Errors
    /// An INPUT that is missing, cannot be read or has a format that is not supported.
    pub fn open(_inputs: &[PathBuf], _options: Options, _monitor: &Monitor<'_>) -> Result<Self> {
        unimplemented!()
    }

    /// Streams all documents to `take`, in batches of about 8 MiB of input, in reading order. Can be run again.
    /// Progress is told under `stage`, in bytes of files.
    ///
    /// # Errors
    /// Files that cannot be read, bad records, no document at all, a file that changed since the last pass,
    /// what `take` returns, and [`Cancelled`](clusterclip_core::monitor::Cancelled).
    pub fn scan(
        &mut self,
        _stage: Stage,
        _monitor: &Monitor<'_>,
        _take: &mut dyn FnMut(Vec<Document>) -> Result<()>,
    ) -> Result<Summary> {
        unimplemented!()
    }

    /// Hashes names and bytes of all sources without parsing; the same as [`Summary::input_hash`].
    ///
    /// # Errors
    /// Files that cannot be read or changed since the last pass.
    pub fn hash_inputs(&mut self, _monitor: &Monitor<'_>) -> Result<u128> {
        unimplemented!()
    }

    /// Brings documents back, in reading order; `take` gets the index in `places` with each.
    ///
    /// # Errors
    /// Files that cannot be read or changed since, and what `take` returns.
    pub fn fetch(
        &self,
        _places: &[Place],
        _monitor: &Monitor<'_>,
        _take: &mut dyn FnMut(usize, Fetched) -> Result<()>,
    ) -> Result<()> {
        unimplemented!()
    }

    /// Finds places again from the columns of `documents.parquet`, row after row.
    pub fn locator(&self) -> Locator<'_> {
        unimplemented!()
    }

    /// Brings documents back in any order; compressed sources are unpacked to temporary files when first used.
    pub fn random_access(&self) -> RandomAccess<'_> {
        unimplemented!()
    }
}
