//! What clusters are about: words of some of their documents, against some of all documents.

use std::collections::BTreeMap;

use anyhow::Result;
use clusterclip_core::keywords::keywords;
use clusterclip_core::sampler::{Draw, Members};

use super::{Work, texts};
use crate::input::{Corpus, Place};
use crate::store::Results;

/// Documents looked at of each cluster, and of all.
const OF_A_CLUSTER: u64 = 30;
const OF_ALL: u64 = 500;

/// Bytes looked at of each document: with the above, at most 13 MiB of texts for ten clusters.
const OF_A_TEXT: usize = 16 << 10;

/// Finds up to `top` words for each of `clusters`.
pub fn of_clusters(
    work: Work<'_>,
    results: &Results,
    corpus: &Corpus,
    members: &Members,
    clusters: &[u32],
    top: usize,
) -> Result<Vec<Vec<String>>> {
    let of = |cluster, size: u64, most: u64| -> Vec<u64> {
        let taken = size.min(most);
        // The middles of `taken` equal parts of the members.
        let member = |i: u64| ((2 * i + 1) as u128 * size as u128 / (2 * taken) as u128) as u64;
        (0..taken).map(|i| members.row(&Draw { cluster, member: member(i), repetition: 1 })).collect()
    };
    let rows: Vec<Vec<u64>> = clusters
        .iter()
        .map(|&cluster| of(Some(cluster), members.sizes()[cluster as usize], OF_A_CLUSTER))
        .collect();
    let background = of(None, members.n_documents(), OF_ALL);

    let wanted = rows.iter().flatten().chain(&background);
    let mut found: BTreeMap<u64, String> = wanted.map(|&row| (row, String::new())).collect();
    let mut places: Vec<(u64, Place)> = Vec::with_capacity(found.len());
    texts::walk(results, corpus, work.monitor, |document, place| {
        if found.contains_key(&document.document) {
            places.push((document.document, place));
        }
    })?;
    let only: Vec<Place> = places.iter().map(|(_, place)| *place).collect();
    corpus.fetch(&only, work.monitor, &mut |index, fetched| {
        let mut text = fetched.text;
        let end = (0..=OF_A_TEXT.min(text.len())).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
        text.truncate(end);
        found.insert(places[index].0, text);
        Ok(())
    })?;

    let texts = |rows: &[u64]| -> Vec<&str> { rows.iter().map(|row| found[row].as_str()).collect() };
    let of_clusters: Vec<Vec<&str>> = rows.iter().map(|rows| texts(rows)).collect();
    Ok(keywords(&of_clusters, &texts(&background), top))
}
