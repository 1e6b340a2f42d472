//! What clusters are about: words of some of their documents, against some of all documents.

use std::collections::BTreeMap;

use anyhow::Result;
use clusterclip_core::keywords::keywords;
use clusterclip_core::sampler::{Draw, Members};

use super::{Work, texts};
use crate::input::{Corpus, Place};
use crate::store::Results;

/// Documents looked at of each cluster, and of all.
const OF_A_CLUSTER: u64 = 50;
const OF_ALL: u64 = 1000;

/// Bytes looked at of each document: with the above, at most 24 MiB of texts for ten clusters.
const OF_A_TEXT: usize = 16 << 10;

/// What a cluster is about.
pub struct About {
    /// Words that mark it, the strongest first.
    pub keywords: Vec<String>,
    /// The id of a document from its middle.
    pub example: String,
}

/// Finds up to `top` words and an example for each of `clusters`.
pub fn of_clusters(
    work: Work<'_>,
    results: &Results,
    corpus: &Corpus,
    members: &Members,
    clusters: &[u32],
    top: usize,
) -> Result<Vec<About>> {
    let of = |cluster, size: u64, most: u64| -> Vec<u64> {
        let draw = |member| Draw { cluster, member, repetition: 1 };
        spread(size, most).map(|member| members.row(&draw(member))).collect()
    };
    let rows: Vec<Vec<u64>> = clusters
        .iter()
        .map(|&cluster| of(Some(cluster), members.sizes()[cluster as usize], OF_A_CLUSTER))
        .collect();
    let background = of(None, members.n_documents(), OF_ALL);

    let wanted = rows.iter().flatten().chain(&background);
    // By row: id and text.
    let mut found: BTreeMap<u64, (String, String)> = wanted.map(|&row| (row, Default::default())).collect();
    let mut places: Vec<(u64, Place)> = Vec::with_capacity(found.len());
    texts::walk(results, corpus, work.monitor, |document, place| {
        if let Some((id, _)) = found.get_mut(&document.document) {
            *id = document.id;
            places.push((document.document, place));
        }
    })?;
    let only: Vec<Place> = places.iter().map(|(_, place)| *place).collect();
    corpus.fetch(&only, work.monitor, &mut |index, text| {
        let end = (0..=OF_A_TEXT.min(text.len())).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
        if let Some((_, found)) = found.get_mut(&places[index].0) {
            text[..end].clone_into(found);
        }
        Ok(())
    })?;

    let texts = |rows: &[u64]| -> Vec<&str> { rows.iter().map(|row| found[row].1.as_str()).collect() };
    let of_clusters: Vec<Vec<&str>> = rows.iter().map(|rows| texts(rows)).collect();
    let words = keywords(&of_clusters, &texts(&background), top).into_iter();
    let about = words.zip(&rows).map(|(keywords, rows)| {
        let example = rows.get(rows.len() / 2).map_or(String::new(), |row| found[row].0.clone());
        About { keywords, example }
    });
    Ok(about.collect())
}

/// The middles of at most `most` equal parts of `0..size`.
fn spread(size: u64, most: u64) -> impl Iterator<Item = u64> {
    let parts = size.min(most);
    // Under 2^40 documents and 2^10 parts: the product stays under 2^51.
    (0..parts).map(move |part| (2 * part + 1) * size / (2 * parts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_taken_evenly_and_once() {
        assert_eq!(spread(3, 30).collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(spread(100, 4).collect::<Vec<_>>(), [12, 37, 62, 87]);
        assert_eq!(spread(0, 4).count(), 0);
        let many: Vec<u64> = spread(1 << 40, 500).collect();
        assert!(many.windows(2).all(|pair| pair[0] < pair[1]) && many[499] < 1 << 40);
    }
}
