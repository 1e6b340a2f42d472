//! The documents of an order in ascending rows: what they are called, and where they are.

use clusterclip_core::format::cut::At;
use clusterclip_core::monitor::Monitor;

use super::{Known, Order};
use crate::error::Result;
use crate::input::{Corpus, Place};
use crate::pipeline::texts;
use crate::store::{ASSIGNMENTS, Results, each_name};

/// Documents between two looks at the cancel flag.
const CHECKED: u64 = 1 << 16;

/// What is known of a document.
#[derive(Debug, Clone, Copy)]
pub struct Named<'a> {
    /// Its row.
    pub document: u64,
    /// Its id.
    pub id: &'a str,
    /// What it was read from.
    pub source: &'a str,
    /// Where it is; of no meaning where no input is read.
    pub place: Place,
}

/// Calls `take` with every document, with its place where a `corpus` is read; `here` is the folder that is written.
pub fn each(
    order: Order<'_>,
    corpus: Option<&Corpus>,
    here: &Results,
    monitor: &Monitor<'_>,
    mut take: impl FnMut(Named<'_>) -> Result<()>,
) -> Result<()> {
    let nowhere = |document| Place { source: 0, at: At::Row(document), hash: 0 };
    let results = match order.known {
        Known::Here => here,
        Known::There(results) => results,
        Known::Labels(source) => {
            return (0..order.labels.len() as u64).try_for_each(|document| {
                if document.is_multiple_of(CHECKED) {
                    monitor.check()?;
                }
                take(Named { document, id: &document.to_string(), source, place: nowhere(document) })
            });
        }
    };
    match corpus {
        Some(corpus) => texts::walk(results, corpus, monitor, |found, place| {
            take(Named { document: found.document, id: &found.id, source: &found.source, place })
        }),
        None => {
            let mut document = 0;
            each_name(&results.file(ASSIGNMENTS), monitor, |id, source| {
                take(Named { document, id, source, place: nowhere(document) })?;
                document += 1;
                Ok(())
            })
        }
    }
}
