//! Fetching: chosen documents brought back from their sources.
//!
//! A place made from `documents.parquet` may name an earlier source of the same name than the right one (see
//! [`Locator`](super::Locator)), never a later one. Whether a document is the right one is told by its hash;
//! where it is not, the next source of that name is looked into.

use std::borrow::Cow;
use std::collections::BTreeMap;

use clusterclip_core::format::content_hash;
use clusterclip_core::format::items::decode;
use clusterclip_core::monitor::{CancelFlag, Monitor};

use super::forward::Forward;
use super::source::{Kind, Source};
use super::{Corpus, InputError, Place};
use crate::error::Result;

/// See [`Corpus::fetch`].
pub(crate) fn fetch(
    corpus: &Corpus,
    places: &[Place],
    monitor: &Monitor<'_>,
    take: &mut dyn FnMut(usize, &str) -> Result<()>,
) -> Result<()> {
    // What is to be looked for in each source; only later sources are added on the way.
    let mut wanted: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (index, place) in places.iter().enumerate() {
        wanted.entry(place.source).or_default().push(index);
    }
    let what = |index: usize| (places[index].at, places[index].hash);
    let (mut forward, mut raw) = (Forward::new(corpus), Vec::new());
    while let Some((number, mut of_source)) = wanted.pop_first() {
        of_source.sort_by_key(|&index| what(index));
        for same in of_source.chunk_by(|&a, &b| what(a) == what(b)) {
            monitor.check()?;
            let place = Place { source: number, ..places[same[0]] };
            raw.clear();
            let found = forward.read(&place, &mut raw, monitor.cancel_flag())?;
            if let Some(text) = if found { text_of(corpus, &place, &raw)? } else { None } {
                same.iter().try_for_each(|&index| take(index, &text))?;
            } else {
                let next = next_of_name(corpus, number).ok_or_else(|| changed(corpus, &places[same[0]]))?;
                wanted.entry(next).or_default().extend(same);
            }
        }
    }
    Ok(())
}

/// Looks for a document that is not at its place at that place of the next sources of its name; gives its text, where it
/// is, and puts what there is of it into `raw`.
pub(crate) fn fetch_later(
    forward: &mut Forward<'_>,
    corpus: &Corpus,
    place: &Place,
    raw: &mut Vec<u8>,
    cancel: &CancelFlag,
) -> Result<(Place, String)> {
    let mut number = place.source;
    loop {
        cancel.check()?;
        number = next_of_name(corpus, number).ok_or_else(|| changed(corpus, place))?;
        let there = Place { source: number, ..*place };
        raw.clear();
        if forward.read(&there, raw, cancel)?
            && let Some(text) = text_of(corpus, &there, raw)?
        {
            return Ok((there, text.into_owned()));
        }
    }
}

/// Finds a source by its number.
pub(crate) fn source_of(corpus: &Corpus, number: u32) -> Result<&Source, InputError> {
    let missing = || InputError::NoSource { number, sources: corpus.sources.len() };
    corpus.sources.get(number as usize).ok_or_else(missing)
}

/// Finds the next source that is called as this one is.
pub(crate) fn next_of_name(corpus: &Corpus, number: u32) -> Option<u32> {
    let name = &corpus.sources[number as usize].name;
    let later = (number + 1..).zip(corpus.sources.iter().skip(number as usize + 1));
    { later }.find(|(_, source)| source.name == *name).map(|(next, _)| next)
}

/// Says that a document is in no source of its name any more.
fn changed(corpus: &Corpus, place: &Place) -> InputError {
    let Place { source, at, .. } = *place;
    let first = &corpus.sources[source as usize];
    let several = next_of_name(corpus, source).is_some();
    let name = if several { first.name.to_string() } else { first.display().to_string() };
    InputError::Moved { name, at, several }
}

/// Takes the text out of what was read at a place, as the scan did; `None` when it is not the document that was read
/// there.
pub(crate) fn text_of<'r>(corpus: &Corpus, place: &Place, raw: &'r [u8]) -> Result<Option<Cow<'r, str>>> {
    let source = source_of(corpus, place.source)?;
    let text = match source.kind {
        Kind::Bytes(_) => decode(source.layout()?, raw).record.ok().map(|record| record.text),
        Kind::Columns(_) => simdutf8::basic::from_utf8(raw).ok().map(Cow::Borrowed),
    };
    Ok(text.filter(|text| content_hash(text) == place.hash))
}
