//! What a scan found, in numbers and in sentences.

use std::collections::BTreeMap;

use clusterclip_core::documents::{self, Counts, Repeats, is_blank, sentence};
use clusterclip_core::error::{Names, Param};

use super::{Document, Walked};

/// What a scan found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// The documents handed out, and what was wrong with some.
    pub counts: Counts,
    /// Files and pipes that gave documents, or could have.
    pub sources: u64,
    /// Bytes of all files that were looked into, as they are on disk.
    pub source_bytes: u64,
    /// XXH3-128 over the names of all sources, what is read of their bytes, and the counts of what was left out.
    pub input_hash: u128,
    /// Files that were chosen and left out.
    pub walked: Walked,
    /// What the text of records was made of, and in how many sources.
    pub taken: BTreeMap<String, u64>,
}

impl Summary {
    /// Says in sentences what a person should know: what was left out, repaired or found twice.
    pub fn warnings(&self, names: Names) -> Vec<String> {
        let mut warnings = self.walked.left_out.warnings(names);
        let format = names(Param::Format);
        let as_text = &self.walked.records_as_text;
        let told = sentence(
            as_text.count,
            &format!(
                "record file lies among other files and was read as one document; {format} reads its records"
            ),
            &format!(
                "record files lie among other files and were read as one document each; {format} reads their records"
            ),
        );
        warnings.extend(told.map(|told| format!("{told}: {}", as_text.named())));
        warnings.extend(self.counts.warnings(names));
        warnings
    }
}

/// Counts repeats in the first pass. All passes see the same bytes, so that later ones know.
#[derive(Debug)]
pub(crate) enum Tally {
    Counting(documents::Tally),
    Known(Repeats),
}

impl Tally {
    pub(crate) fn new(known: Option<Repeats>) -> Self {
        known.map_or(Self::Counting(documents::Tally::default()), Self::Known)
    }

    pub(crate) fn document(&mut self, document: &Document) {
        if let Self::Counting(tally) = self
            && !document.skipped
        {
            tally.add((!is_blank(&document.text)).then_some(document.place.hash), &document.id);
        }
    }

    pub(crate) fn finish(self) -> Repeats {
        match self {
            Self::Counting(tally) => tally.finish(),
            Self::Known(repeats) => repeats,
        }
    }
}
