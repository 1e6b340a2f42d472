//! What clusters are about: words of some of their documents, against some of all documents.

use std::collections::BTreeMap;

use clusterclip_core::keywords::{Chosen, beginning};
use clusterclip_core::monitor::Monitor;
use clusterclip_core::sampler::Members;

use super::texts;
use crate::error::Result;
use crate::input::{Corpus, Place};
use crate::store::Results;

/// What a cluster is about.
pub struct About {
    /// Words that mark it, the strongest first.
    pub keywords: Vec<String>,
    /// The id of a document from its middle.
    pub example: String,
}

/// Finds up to `top` words and an example for each of `clusters`.
pub fn of_clusters(
    monitor: &Monitor<'_>,
    results: &Results,
    corpus: &Corpus,
    members: &Members,
    clusters: &[u32],
    top: usize,
) -> Result<Vec<About>> {
    let chosen = Chosen::of(members, clusters);
    let wanted = chosen.clusters.iter().flatten().chain(&chosen.background);
    // By row: id and text.
    let mut found: BTreeMap<u64, (String, String)> = wanted.map(|&row| (row, Default::default())).collect();
    let mut places: Vec<(u64, Place)> = Vec::with_capacity(found.len());
    texts::walk(results, corpus, monitor, |document, place| {
        if let Some((id, _)) = found.get_mut(&document.document) {
            *id = document.id;
            places.push((document.document, place));
        }
        Ok(())
    })?;
    let only: Vec<Place> = places.iter().map(|(_, place)| *place).collect();
    corpus.fetch(&only, monitor, &mut |index, text| {
        if let Some((_, found)) = found.get_mut(&places[index].0) {
            beginning(text).clone_into(found);
        }
        Ok(())
    })?;

    let text = |row| found[&row].1.as_str();
    let words = chosen.keywords(text, top, monitor.cancel_flag())?.into_iter();
    let about = words.zip(&chosen.clusters).map(|(keywords, rows)| {
        let example = rows.get(rows.len() / 2).map_or(String::new(), |row| found[row].0.clone());
        About { keywords, example }
    });
    Ok(about.collect())
}
