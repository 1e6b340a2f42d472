//! Scanning: documents in batches.
use super::Skipped;

/// What a scan found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Documents handed out.
    pub documents: u64,
    /// Bytes of their texts.
    pub text_bytes: u64,
    /// Files and pipes that were read.
    pub sources: u64,
    /// Bytes of these, as they are on disk.
    pub source_bytes: u64,
    /// XXH3-128 over the names and bytes of all sources.
    pub input_hash: u128,
    /// Files that were left out.
    pub skipped: Skipped,
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
        unimplemented!()
    }
}
