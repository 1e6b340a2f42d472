//! Gathering documents from bytes that come piece after piece.

use std::borrow::Cow;
use std::fmt;

use super::counts::{BadRecord, Counts, Tally};
use super::{Document, Documents};
use crate::error::{Explain, Kind, Names, said};
use crate::format::content_hash;
use crate::format::cut::Shape;
use crate::format::items::Item;
use crate::format::reader::{ReadError, Reader};
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
    Read {
        /// The input.
        name: String,
        /// Why.
        error: ReadError,
    },
    /// A bad record.
    Record(BadRecord),
    /// More than may be held.
    Limit {
        /// The input.
        name: String,
        /// The limit.
        limit: u64,
        /// Of what.
        unit: &'static str,
    },
    /// There is no document.
    Nothing {
        /// The input.
        name: String,
        /// What was there instead.
        counts: Box<Counts>,
    },
}

impl Explain for DocumentsError {
    fn kind(&self) -> Kind {
        match self {
            Self::Read { error, .. } => error.kind(),
            Self::Record(record) => record.kind(),
            Self::Limit { .. } => Kind::Memory,
            Self::Nothing { .. } => Kind::Input,
        }
    }

    fn explain(&self, names: Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read { name, error } => write!(f, "{name}: {}", said(error, names)),
            Self::Record(record) => record.explain(names, f),
            Self::Limit { name, limit, unit } => {
                write!(f, "{name} holds more than the {limit} {unit} that can be held in memory here")
            }
            Self::Nothing { name, counts } => {
                write!(f, "no document to read in {name}: {}", why_nothing(&counts.warnings(names)))
            }
        }
    }
}

crate::explained!(DocumentsError);

/// The end of a sentence that says why there is no document: what was left out, if anything was there.
pub fn why_nothing(warnings: &[String]) -> String {
    if warnings.is_empty() { "the input is empty".to_owned() } else { warnings.join("; ") }
}

/// Gathers documents from bytes that come piece after piece.
///
/// ```
/// use clusterclip_core::documents::{Gather, Policy};
/// use clusterclip_core::format::cut::Shape;
/// let mut gather = Gather::new(Shape::Jsonl, "a.jsonl", Policy::default());
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
    shape: Shape,
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
    pub fn new(shape: Shape, source: &str, policy: Policy) -> Self {
        let reader = Reader::new(shape, policy.fields.clone());
        let taken = Taken {
            source: source.to_owned(),
            shape,
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
        let Taken { source, shape, documents, mut counts, tally, .. } = taken;
        counts.blank_lines = reader.blank_lines();
        if documents.is_empty() {
            return Err(DocumentsError::Nothing { name: source, counts: Box::new(counts) });
        }
        counts.repeated(tally.finish());
        Ok(Documents { source, shape, documents, counts, fields: reader.field_names().to_vec() })
    }
}

impl Taken {
    /// Takes a document or a bad record, unless something has ended the reading.
    fn take(&mut self, item: Item<'_>) {
        if self.failed.is_some() {
            return;
        }
        let first = !std::mem::replace(&mut self.begun, true);
        let line = item.span.line;
        let record = match item.decoded.record {
            Ok(record) => record,
            Err(error) => return self.bad(line, error, first),
        };
        self.counts.invalid_utf8 += u64::from(item.decoded.replaced);
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
        let id = own.map_or_else(|| self.shape.default_id(&self.source, line).into(), Cow::Borrowed);
        self.tally.add(content_hash(&record.text), &id);
        self.documents.push(Document {
            text: (*record.text).into(),
            id: own.map(Into::into),
            line,
            tokens: record.tokens,
        });
    }

    /// Counts a bad record or ends the reading.
    fn bad(&mut self, line: u64, error: RecordError, first: bool) {
        let stops = error.stops(first) || !self.policy.skips_bad_records;
        let record = || BadRecord { name: self.source.clone(), line, error };
        if stops {
            self.failed = Some(DocumentsError::Record(record()));
        } else {
            self.counts.bad(record);
        }
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
    use crate::error::dashed;

    fn gather(shape: Shape, policy: Policy, bytes: &[u8]) -> Result<Documents, DocumentsError> {
        let mut gather = Gather::new(shape, "in", policy);
        gather.push(bytes)?;
        gather.finish()
    }

    #[test]
    fn the_first_bad_record_is_an_error_or_is_counted() {
        let lines = b"{\"text\": \"a\"}\n\n{\"text\": 1}\n{}\n{\"text\": \"a\"}\n";
        let error = gather(Shape::Jsonl, Policy::default(), lines).unwrap_err();
        assert_eq!(error.kind(), Kind::Input);
        let error = error.to_string();
        assert!(error.starts_with("in:3: the field `text` holds a number"), "{error}");
        let policy = Policy { skips_bad_records: true, ..Policy::default() };
        let documents = gather(Shape::Jsonl, policy, lines).unwrap();
        let counts = documents.counts();
        assert_eq!((counts.documents, counts.blank_lines, counts.bad_records), (2, 1, 2));
        assert_eq!((counts.duplicate_texts, counts.duplicate_ids, counts.text_bytes), (1, 0, 2));
        assert_eq!(counts.first_bad_record.as_ref().unwrap().to_string(), error);
        let warnings = counts.warnings(dashed);
        assert_eq!(warnings[1], "2 bad records were left out (--on-bad-record skip)");
        assert!(warnings[3].starts_with("the first bad record: in:3: the field `text` holds a number"));
        assert!(warnings[3].ends_with("name the field of the text with --text-field"), "{}", warnings[3]);
        assert_eq!(documents.fields(), ["text"]);
    }

    #[test]
    fn a_whole_file_is_a_document_that_is_called_as_the_file_is() {
        let documents = gather(Shape::Whole, Policy::default(), b"\xEF\xBB\xBFone\n\ntwo\n").unwrap();
        assert_eq!((documents.len(), documents.text(0), &*documents.id(0)), (1, "one\n\ntwo\n", "in"));
    }

    #[test]
    fn limits_and_empty_inputs_are_named() {
        let limited = |max_documents, max_bytes| {
            let policy = Policy { max_documents, max_bytes, ..Policy::default() };
            gather(Shape::Lines, policy, b"one\ntwo\nthree").map(|documents| documents.len())
        };
        assert_eq!(limited(3, 11), Ok(3));
        assert!(limited(2, 99).unwrap_err().to_string().contains("more than the 2 documents"));
        assert!(limited(9, 10).unwrap_err().to_string().contains("more than the 10 bytes of text"));
        let limit = Policy { max_documents: 0, ..Policy::default() };
        assert_eq!(gather(Shape::Lines, limit, b"one").unwrap_err().kind(), Kind::Memory);
        let nothing = |bytes| gather(Shape::Lines, Policy::default(), bytes).unwrap_err().to_string();
        assert_eq!(nothing(b""), "no document to read in in: the input is empty");
        assert_eq!(nothing(b"\n \n"), "no document to read in in: 2 blank lines were left out");
        let skips = Policy { skips_bad_records: true, ..Policy::default() };
        let error = gather(Shape::Jsonl, skips, b"{}").unwrap_err();
        let nothing = said(&error, dashed).to_string();
        assert!(
            nothing.contains("in in: 1 bad record was left out (--on-bad-record skip); the first"),
            "{nothing}"
        );
    }
}
