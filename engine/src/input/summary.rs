//! What a scan found, in numbers and in sentences.

use std::collections::BTreeMap;

use clusterclip_core::documents::{self, Counts, Repeats, sentence};
use clusterclip_core::error::{Names, Param};

use super::{Document, Skipped};

/// What a scan found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// The documents handed out, and what was wrong with others.
    pub counts: Counts,
    /// Files and pipes that gave documents, or could have.
    pub sources: u64,
    /// Bytes of all files that were looked into, as they are on disk.
    pub source_bytes: u64,
    /// XXH3-128 over the names and bytes of all sources, and the counts of what was left out.
    pub input_hash: u128,
    /// Files that were left out.
    pub skipped: Skipped,
    /// Record files that were read as one document each, because other files lie among them.
    pub records_as_text: u64,
    /// What the text of records was made of, and in how many sources.
    pub taken: BTreeMap<String, u64>,
}

impl Summary {
    /// Says in sentences what a person should know: what was left out, repaired or found twice.
    pub fn warnings(&self, names: Names) -> Vec<String> {
        let format = names(Param::Format);
        let Skipped { binary, empty, symlinks, special, compressed, other_format } = self.skipped;
        let as_text = self.records_as_text;
        let files = [
            (binary, "binary file was left out", "binary files were left out"),
            (empty, "empty file was left out", "empty files were left out"),
            (symlinks, "symbolic link was not followed", "symbolic links were not followed"),
            (special, "special file was left out", "special files (sockets, pipes, devices) were left out"),
            (
                compressed,
                &format!(
                    "compressed file was left out of a folder read as one document a file; {format} reads it"
                ),
                &format!(
                    "compressed files were left out of folders read as one document a file; {format} reads them"
                ),
            ),
            (
                other_format,
                &format!("file of another format than the one asked for ({format}) was left out"),
                &format!("files of another format than the one asked for ({format}) were left out"),
            ),
            (
                as_text,
                &format!(
                    "record file (JSON lines, CSV, TSV) lies among other files and was read as one document; {format} reads its records"
                ),
                &format!(
                    "record files (JSON lines, CSV, TSV) lie among other files and were read as one document each; {format} reads their records"
                ),
            ),
        ];
        let of_files = files.into_iter().filter_map(|(count, one, many)| sentence(count, one, many));
        of_files.chain(self.counts.warnings(names)).collect()
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
        if let Self::Counting(tally) = self {
            tally.add(document.place.hash, &document.id);
        }
    }

    pub(crate) fn finish(self) -> Repeats {
        match self {
            Self::Counting(tally) => tally.finish(),
            Self::Known(repeats) => repeats,
        }
    }
}
