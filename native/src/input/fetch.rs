//! Fetching: chosen documents brought back.
use std::marker::PhantomData;

use anyhow::Result;

use super::Place;

/// A document brought back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// Its text.
    pub text: String,
    /// The bytes of its record: the JSON line, or the plain text.
    pub raw: Vec<u8>,
    /// Whether `raw` is a JSON object.
    pub is_json: bool,
}

/// Finds places again, row after row.
#[derive(Debug)]
pub struct Locator<'a>(PhantomData<&'a ()>);

impl Locator<'_> {
    /// Finds the next row's place by its columns in `documents.parquet`.
    ///
    /// # Errors
    /// A source that is not among the INPUTs at this point.
    pub fn place(&mut self, _source: &str, _offset: u64, _length: u64, _hash: u128) -> Result<Place> {
        unimplemented!()
    }
}

/// Brings documents back in any order.
#[derive(Debug)]
pub struct RandomAccess<'a>(PhantomData<&'a ()>);

impl RandomAccess<'_> {
    /// Brings one document back.
    ///
    /// # Errors
    /// Files that cannot be read or changed since they were scanned.
    pub fn get(&mut self, _place: &Place) -> Result<Fetched> {
        unimplemented!()
    }
}
