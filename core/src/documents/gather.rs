//! Gathering documents from bytes that come piece after piece.

use super::counts::{Counts, Tally};
use super::{Document, Documents};
use crate::format::content_hash;
use crate::format::items::Item;
use crate::format::reader::{Format, ReadError, Reader};
use crate::format::records::{Fields, RecordError};

/// What to take and what to refuse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The fields to take.
    pub fields: Fields,
    /// Whether bad records are left out and counted; otherwise the first one is an error.
    pub skips_bad_records: bool,
    /// The most documents that are held.
    pub max_documents: u64,
    /// The most bytes of texts that are held.
    pub max_bytes: u64,
}

impl Default for Policy {
    /// The default fields, no bad record, and no limit but the memory's.
    fn default() -> Self {
        Self {
            fields: Fields::default(),
            skips_bad_records: false,
            max_documents: u64::MAX,
            max_bytes: u64::MAX,
        }
    }
}

/// Why documents could not be gathered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentsError {
    /// The input cannot be read at all.
    #[error("{name}: {error}")]
    Read {
        /// The input.
        name: String,
        /// Why.
        error: ReadError,
    },
    /// A bad record.
    #[error("{name}:{line}: {error}")]
    Record {
        /// The input.
        name: String,
        /// The line on which the record begins.
        line: u64,
        /// What is wrong with it.
        error: RecordError,
    },
    /// More than may be held.
    #[error("{name} holds more than the {limit} {unit} that can be held in memory here")]
    Limit {
        /// The input.
        name: String,
        /// The limit.
        limit: u64,
        /// Of what.
        unit: &'static str,
    },
    /// There is no document.
    #[error("no document to read in {name}: {why}")]
    Nothing {
        /// The input.
        name: String,
        /// What was there instead.
        why: String,
    },
}

/// Gathers documents from bytes that come piece after piece.
///
/// ```
/// use clusterclip_core::documents::{Gather, Policy};
/// use clusterclip_core::format::reader::Format;
/// let mut gather = Gather::new(Format::Jsonl, "a.jsonl", Policy::default());
/// gather.push(b"{\"id\": 7, \"text\": \"one\"}\n{\"te")?;
/// gather.push(b"xt\": \"two\"}\n")?;
/// let documents = gather.finish()?;
/// assert_eq!(documents.texts().collect::<Vec<_>>(), ["one", "two"]);
/// assert_eq!((documents.id(0).as_ref(), documents.id(1).as_ref()), ("7", "a.jsonl:2"));
/// # Ok::<(), clusterclip_core::documents::DocumentsError>(())
/// ```
#[derive(Debug)]
pub struct Gather {
    reader: Reader,
    taken: Taken,
}

/// What has been taken so far.
#[derive(Debug)]
struct Taken {
    source: String,
    policy: Policy,
    documents: Vec<Document>,
    counts: Counts,
    tally: Tally,
    /// Whether a record, good or bad, was met.
    begun: bool,
    /// The first thing that ends the reading.
    failed: Option<DocumentsError>,
}

impl Gather {
    /// Starts at the beginning of the input that is called `source`.
    pub fn new(format: Format, source: &str, policy: Policy) -> Self {
        let reader = Reader::new(format, policy.fields.clone());
        let taken = Taken {
            source: source.to_owned(),
            policy,
            documents: Vec::new(),
            counts: Counts::default(),
            tally: Tally::default(),
            begun: false,
            failed: None,
        };
        Self { reader, taken }
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// [`DocumentsError`]; nothing more can be read then.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), DocumentsError> {
        let Self { reader, taken } = self;
        let pushed = reader.push(bytes, &mut |item| taken.take(item));
        taken.check(pushed)
    }

    /// Gives the documents at the end of the input.
    ///
    /// # Errors
    /// [`DocumentsError`]; an input without documents is one too.
    pub fn finish(mut self) -> Result<Documents, DocumentsError> {
        let Self { reader, taken } = &mut self;
        let finished = reader.finish(&mut |item| taken.take(item));
        taken.check(finished)?;
        let Self { reader, taken } = self;
        let Taken { source, documents, mut counts, tally, .. } = taken;
        counts.blank_lines = reader.blank_lines();
        if documents.is_empty() {
            let warnings = counts.warnings();
            let why = if warnings.is_empty() { "the input is empty".to_owned() } else { warnings.join("; ") };
            return Err(DocumentsError::Nothing { name: source, why });
        }
        counts.repeated(tally.finish());
        Ok(Documents { source, documents, counts, fields: reader.field_names().to_vec() })
    }
}

impl Taken {
    /// Takes a document or a bad record, unless something has ended the reading.
    fn take(&mut self, item: Item<'_>) {
        if self.failed.is_some() {
            return;
        }
        let first = !std::mem::replace(&mut self.begun, true);
        let record = match item.record {
            Ok(ref record) => record,
            Err(error) => return self.bad(item.line, error, first),
        };
        self.counts.invalid_utf8 += u64::from(item.replaced);
        self.counts.add(&record.text, record.tokens);
        for (found, limit, unit) in [
            (self.counts.documents, self.policy.max_documents, "documents"),
            (self.counts.text_bytes, self.policy.max_bytes, "bytes of text"),
        ] {
            if found > limit {
                self.failed = Some(DocumentsError::Limit { name: self.source.clone(), limit, unit });
                return;
            }
        }
        let own = record.id.as_deref();
        let id = own.map_or_else(|| item.default_id(&self.source).into(), std::borrow::Cow::Borrowed);
        self.tally.add(content_hash(&record.text), &id);
        self.documents.push(Document {
            text: (*record.text).into(),
            id: own.map(Into::into),
            line: item.line,
            tokens: record.tokens,
        });
    }

    /// Counts a bad record or ends the reading.
    fn bad(&mut self, line: u64, error: RecordError, first: bool) {
        let error = DocumentsError::Record { name: self.source.clone(), line, error };
        let stops = matches!(&error, DocumentsError::Record { error, .. } if error.stops(first));
        if stops || !self.policy.skips_bad_records {
            self.failed = Some(error);
            return;
        }
        self.counts.bad_records += 1;
        self.counts.first_bad_record.get_or_insert_with(|| error.to_string());
    }

    /// What a reader said, after what was found in what it read.
    fn check(&mut self, read: Result<(), ReadError>) -> Result<(), DocumentsError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        read.map_err(|error| DocumentsError::Read { name: self.source.clone(), error })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gather(format: Format, policy: Policy, bytes: &[u8]) -> Result<Documents, DocumentsError> {
        let mut gather = Gather::new(format, "in", policy);
        gather.push(bytes)?;
        gather.finish()
    }

    #[test]
    fn the_first_bad_record_is_an_error_or_is_counted() {
        let lines = b"{\"text\": \"a\"}\n\n{\"text\": 1}\n{}\n{\"text\": \"a\"}\n";
        let error = gather(Format::Jsonl, Policy::default(), lines).unwrap_err().to_string();
        assert!(error.starts_with("in:3: the field `text` holds a number"), "{error}");
        let policy = Policy { skips_bad_records: true, ..Policy::default() };
        let documents = gather(Format::Jsonl, policy, lines).unwrap();
        let counts = documents.counts();
        assert_eq!((counts.documents, counts.blank_lines, counts.bad_records), (2, 1, 2));
        assert_eq!((counts.duplicate_texts, counts.duplicate_ids, counts.text_bytes), (1, 0, 2));
        assert_eq!(counts.first_bad_record.as_deref(), Some(&*error));
        assert_eq!(documents.fields(), ["text"]);
    }

    #[test]
    fn limits_and_empty_inputs_are_named() {
        let limited = |max_documents, max_bytes| {
            let policy = Policy { max_documents, max_bytes, ..Policy::default() };
            gather(Format::Lines, policy, b"one\ntwo\nthree").map(|documents| documents.len())
        };
        assert_eq!(limited(3, 11), Ok(3));
        assert!(limited(2, 99).unwrap_err().to_string().contains("more than the 2 documents"));
        assert!(limited(9, 10).unwrap_err().to_string().contains("more than the 10 bytes of text"));
        let nothing = |bytes| gather(Format::Lines, Policy::default(), bytes).unwrap_err().to_string();
        assert_eq!(nothing(b""), "no document to read in in: the input is empty");
        assert_eq!(nothing(b"\n \n"), "no document to read in in: 2 blank lines were left out");
    }
}
