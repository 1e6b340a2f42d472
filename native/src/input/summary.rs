//! What a scan found, in numbers and in sentences.

use xxhash_rust::xxh3::xxh3_128;

use super::{Document, Skipped};

/// What a scan found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Documents handed out.
    pub documents: u64,
    /// Bytes of their texts.
    pub text_bytes: u64,
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
    /// Lines without anything on them.
    pub blank_lines: u64,
    /// Records left out by `--on-bad-record skip`.
    pub bad_records: u64,
    /// What the first of them said.
    pub first_bad_record: Option<String>,
    /// Documents of plain text that were no UTF-8.
    pub invalid_utf8: u64,
    /// Documents whose text an earlier document has too.
    pub duplicate_texts: u64,
    /// Documents whose id an earlier document has too.
    pub duplicate_ids: u64,
    /// Documents with a token count.
    pub with_tokens: u64,
    /// The sum of the token counts.
    pub tokens: u64,
}

impl Summary {
    /// Says in sentences what a person should know: what was left out, repaired or found twice.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        let mut warn = |count: u64, one: &str, many: &str| match count {
            0 => {}
            1 => warnings.push(format!("1 {one}")),
            count => warnings.push(format!("{count} {many}")),
        };
        let Skipped { binary, empty, symlinks, special, compressed, other_format } = self.skipped;
        warn(binary, "binary file was left out", "binary files were left out");
        warn(empty, "empty file was left out", "empty files were left out");
        warn(symlinks, "symbolic link was not followed", "symbolic links were not followed");
        warn(special, "special file was left out", "special files (sockets, pipes, devices) were left out");
        let compressed_one =
            "compressed file was left out of a folder read as one document a file; --format reads it";
        let compressed_many =
            "compressed files were left out of folders read as one document a file; --format reads them";
        warn(compressed, compressed_one, compressed_many);
        let other_many = "files of another format than the one asked for (--format) were left out";
        warn(
            other_format,
            "file of another format than the one asked for (--format) was left out",
            other_many,
        );
        let as_text_one = "record file (JSON lines, CSV, TSV) lies among other files and was read as one document; --format reads its records";
        let as_text_many = "record files (JSON lines, CSV, TSV) lie among other files and were read as one document each; --format reads their records";
        warn(self.records_as_text, as_text_one, as_text_many);
        warn(self.blank_lines, "blank line was left out", "blank lines were left out");
        let bad_one = "bad record was left out (--on-bad-record skip)";
        warn(self.bad_records, bad_one, "bad records were left out (--on-bad-record skip)");
        let utf8_one = "document was no UTF-8 and has U+FFFD where it could not be read";
        warn(
            self.invalid_utf8,
            utf8_one,
            "documents were no UTF-8 and have U+FFFD where they could not be read",
        );
        let text_one = "document has the same text as an earlier one";
        warn(self.duplicate_texts, text_one, "documents have the same text as an earlier one");
        let id_one = "document has the same id as an earlier one";
        warn(self.duplicate_ids, id_one, "documents have the same id as an earlier one");
        if let Some(first) = &self.first_bad_record {
            warnings.push(format!("the first bad record: {first}"));
        }
        warnings
    }

    /// The end of a sentence that says why there is no document.
    pub(crate) fn why_nothing(&self) -> String {
        let warnings = self.warnings();
        if warnings.is_empty() {
            return ": the input is empty".to_owned();
        }
        format!(": {}", warnings.join("; "))
    }
}

/// How many documents repeat earlier ones.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Repeats {
    pub(crate) texts: u64,
    pub(crate) ids: u64,
}

/// Counts repeats in the first pass: 32 bytes a document until all have been seen. All passes see the same
/// bytes, so that later ones know.
#[derive(Debug)]
pub(crate) enum Tally {
    Counting { texts: Vec<u128>, ids: Vec<u128> },
    Known(Repeats),
}

impl Tally {
    pub(crate) fn new(known: Option<Repeats>) -> Self {
        known.map_or(Self::Counting { texts: Vec::new(), ids: Vec::new() }, Self::Known)
    }

    pub(crate) fn document(&mut self, document: &Document) {
        if let Self::Counting { texts, ids } = self {
            texts.push(document.place.hash);
            ids.push(xxh3_128(document.id.as_bytes()));
        }
    }

    pub(crate) fn finish(self) -> Repeats {
        match self {
            Self::Counting { texts, ids } => Repeats { texts: repeats(texts), ids: repeats(ids) },
            Self::Known(repeats) => repeats,
        }
    }
}

/// How many hashes are equal to an earlier one.
fn repeats(mut hashes: Vec<u128>) -> u64 {
    hashes.sort_unstable();
    hashes.windows(2).filter(|pair| pair[0] == pair[1]).count() as u64
}
