//! What reading documents found, in numbers and in sentences.

use std::fmt;

use xxhash_rust::xxh3::xxh3_128;

use crate::error::{Explain, Kind, Names, Param, said};
use crate::format::records::RecordError;

/// What reading documents found, whatever they were read from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Documents, each with a number: skipped records, repeated headers, and texts without a word, are among them.
    pub documents: u64,
    /// Bytes of their texts.
    pub text_bytes: u64,
    /// Lines without anything on them.
    pub blank_lines: u64,
    /// Bad records that were skipped: documents that keep their numbers and have no text.
    pub bad_records: u64,
    /// The first of them.
    pub first_bad_record: Option<BadRecord>,
    /// Rows of tables that name the columns again: documents that keep their numbers and have no text, so that numbers
    /// are those of whoever takes such a row for a record.
    pub repeated_headers: u64,
    /// Documents of plain text that were no UTF-8.
    pub invalid_utf8: u64,
    /// Documents of JSON with half a surrogate.
    pub half_surrogates: u64,
    /// Documents whose text an earlier document has too; [blank](is_blank) texts repeat nothing.
    pub duplicate_texts: u64,
    /// Documents whose id an earlier document has too.
    pub duplicate_ids: u64,
    /// Documents with a token count.
    pub with_tokens: u64,
    /// The sum of the token counts.
    pub tokens: u64,
}

impl Counts {
    /// Takes in one document.
    pub fn add(&mut self, text: &str, tokens: Option<u32>) {
        self.documents += 1;
        self.text_bytes += text.len() as u64;
        self.with_tokens += u64::from(tokens.is_some());
        self.tokens += u64::from(tokens.unwrap_or(0));
    }

    /// Takes in that something in a document became U+FFFD: in a record, or in plain text.
    pub fn replaced(&mut self, record: bool) {
        *(if record { &mut self.half_surrogates } else { &mut self.invalid_utf8 }) += 1;
    }

    /// Takes in how many documents repeat earlier ones.
    pub(super) fn repeated(&mut self, repeats: Repeats) {
        (self.duplicate_texts, self.duplicate_ids) = (repeats.texts, repeats.ids);
    }

    /// Counts a bad record that is skipped: a document that says nothing.
    pub fn bad(&mut self, record: impl FnOnce() -> BadRecord) {
        self.documents += 1;
        self.bad_records += 1;
        self.first_bad_record.get_or_insert_with(record);
    }

    /// Counts a row that names the columns again: a document that says nothing.
    pub fn header_again(&mut self) {
        self.documents += 1;
        self.repeated_headers += 1;
    }

    /// Documents that only keep a number: bad records, and rows that name the columns again.
    pub fn skipped(&self) -> u64 {
        self.bad_records + self.repeated_headers
    }

    /// Whether there is no document, but for those that were skipped.
    pub fn is_nothing(&self) -> bool {
        self.documents == self.skipped()
    }

    /// Says in sentences what a person should know: what was left out, repaired or found twice.
    pub fn warnings(&self, names: Names) -> Vec<String> {
        let skip = names(Param::OnBadRecord);
        let counted = [
            (self.blank_lines, "blank line was left out", "blank lines were left out"),
            (
                self.bad_records,
                &format!("bad record was skipped ({skip} skip): it keeps its number and is never drawn"),
                &format!(
                    "bad records were skipped ({skip} skip): they keep their numbers and are never drawn"
                ),
            ),
            (
                self.repeated_headers,
                "row names the columns again: it keeps its number and is never drawn",
                "rows name the columns again: they keep their numbers and are never drawn",
            ),
            (
                self.invalid_utf8,
                "document was no UTF-8 and has U+FFFD where it could not be read",
                "documents were no UTF-8 and have U+FFFD where they could not be read",
            ),
            (
                self.half_surrogates,
                "document holds half a surrogate (\\ud800 to \\udfff), which is read as U+FFFD",
                "documents hold half a surrogate (\\ud800 to \\udfff), which is read as U+FFFD",
            ),
            (
                self.duplicate_texts,
                "document has the same text as an earlier one",
                "documents have the same text as an earlier one",
            ),
            (
                self.duplicate_ids,
                "document has the same id as an earlier one",
                "documents have the same id as an earlier one",
            ),
        ];
        let mut warnings: Vec<String> =
            counted.into_iter().filter_map(|(count, one, many)| sentence(count, one, many)).collect();
        if let Some(first) = &self.first_bad_record {
            warnings.push(format!("the first bad record: {}", said(first, names)));
        }
        warnings
    }
}

/// Where a record stands, for messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spot {
    /// The line on which it begins, from 1.
    Line(u64),
    /// The row of a columnar file that it is, from 0.
    Row(u64),
}

/// What follows the name of the input: `:7`, or `: row 7`.
impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, ":{line}"),
            Self::Row(row) => write!(f, ": row {row}"),
        }
    }
}

/// A record that cannot be used, and where it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct BadRecord {
    /// The input.
    pub name: String,
    /// Where in it.
    pub spot: Spot,
    /// What is wrong with it.
    pub error: RecordError,
}

impl Explain for BadRecord {
    fn kind(&self) -> Kind {
        self.error.kind()
    }

    fn explain(&self, names: Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}: {}", self.name, self.spot, said(&self.error, names))
    }
}

crate::explained!(BadRecord);

/// Whether a text holds nothing but ASCII white space: such a document is empty, has a zero row whatever the embedder,
/// and is never drawn.
pub fn is_blank(text: &str) -> bool {
    text.trim_ascii().is_empty()
}

/// Says how many of something there are, if there are any.
pub fn sentence(count: u64, one: &str, many: &str) -> Option<String> {
    match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        count => Some(format!("{count} {many}")),
    }
}

/// Says that documents have no features, if any have none.
pub fn featureless(featureless: u64, documents: u64) -> Option<String> {
    (featureless > 0).then(|| {
        format!(
            "{featureless} of {documents} documents have no features (no words known to the embedder): they have no \
             cluster and are never drawn"
        )
    })
}

/// Says that rows which were made elsewhere are zero, if any are.
pub fn zero_rows(zero: u64, rows: u64) -> Option<String> {
    (zero > 0).then(|| {
        format!(
            "{zero} of {rows} rows hold nothing but zeros: documents without features, which have no cluster and are \
             never drawn"
        )
    })
}

/// How many documents repeat earlier ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repeats {
    /// By their texts.
    pub texts: u64,
    /// By their ids.
    pub ids: u64,
}

/// Counts repeats: 32 bytes a document until all have been seen.
#[derive(Debug, Default)]
pub struct Tally {
    texts: Vec<u128>,
    ids: Vec<u128>,
}

impl Tally {
    /// Takes in a document, by the [content hash](crate::format::content_hash) of its text, where that is not
    /// [blank](is_blank), and by its id. Skipped records are none.
    pub fn add(&mut self, hash: Option<u128>, id: &str) {
        self.texts.extend(hash);
        self.ids.push(xxh3_128(id.as_bytes()));
    }

    /// How many were there before.
    pub fn finish(self) -> Repeats {
        Repeats { texts: repeats(self.texts), ids: repeats(self.ids) }
    }
}

/// How many hashes are equal to an earlier one.
fn repeats(mut hashes: Vec<u128>) -> u64 {
    hashes.sort_unstable();
    hashes.windows(2).filter(|pair| pair[0] == pair[1]).count() as u64
}
