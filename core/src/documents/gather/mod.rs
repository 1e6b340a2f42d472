//! Gathering documents from bytes that come piece after piece.

use super::counts::{BadRecord, Counts, Tally, is_blank};
use super::error::DocumentsError;
use super::{Document, Documents, Origin};
use crate::format::content_hash;
use crate::format::cut::{Shape, Span};
use crate::format::items::Item;
use crate::format::reader::{ReadError, Reader};
use crate::format::records::{Fields, Recipe, RecordError};
use std::borrow::Cow;

/// What to take and what to refuse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The fields to take.
    pub fields: Fields,
    /// Whether bad records are skipped and counted, and keep their numbers; otherwise the first one is an error.
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
    origin: Origin,
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
        Self::of(Reader::new(shape, policy.fields.clone()), Origin::Bytes(shape), source, policy)
    }

    /// Starts at the first row of the columnar file that is called `source`. The rows come as JSON lines, of which only
    /// the columns that are [wanted](Self::wanted) need be there; `example` is a JSON object with a value of the kind
    /// of every column.
    ///
    /// ```
    /// use clusterclip_core::documents::{Gather, Policy};
    /// let mut gather = Gather::rows(br#"{"text": "", "labels": [0]}"#, "a.parquet", Policy::default())?;
    /// assert_eq!(gather.wanted(), ["text", "id"]);
    /// gather.push(b"{\"text\": \"one\"}\n{\"text\": \"two\"}\n")?;
    /// let documents = gather.finish()?;
    /// assert_eq!((documents.text(1), &*documents.id(1)), ("two", "a.parquet:1"));
    /// assert_eq!(documents.fields(), ["text", "labels"]);
    /// # Ok::<(), clusterclip_core::documents::DocumentsError>(())
    /// ```
    ///
    /// # Errors
    /// [`DocumentsError::Columns`] if no records can be made of them.
    pub fn rows(example: &[u8], source: &str, policy: Policy) -> Result<Self, DocumentsError> {
        let reader = Reader::rows(example, policy.fields.clone());
        let reader = reader.map_err(|error| DocumentsError::Columns { name: source.to_owned(), error })?;
        Ok(Self::of(reader, Origin::Rows, source, policy))
    }

    fn of(reader: Reader, origin: Origin, source: &str, policy: Policy) -> Self {
        let taken = Taken {
            source: source.to_owned(),
            origin,
            policy,
            documents: Vec::new(),
            counts: Counts::default(),
            tally: Tally::default(),
            begun: false,
            failed: None,
        };
        Self { reader, taken }
    }

    /// The fields that are taken of records, once that is settled.
    pub fn wanted(&self) -> &[String] {
        self.reader.recipe().and_then(Recipe::wanted).unwrap_or_default()
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
        let Taken { source, origin, documents, mut counts, tally, .. } = taken;
        counts.blank_lines = reader.blank_lines();
        if counts.is_nothing() {
            return Err(DocumentsError::Nothing { name: source, counts: Box::new(counts) });
        }
        counts.repeated(tally.finish());
        let taken = reader.recipe().map(Recipe::described);
        Ok(Documents { source, origin, documents, counts, fields: reader.field_names().to_vec(), taken })
    }
}

impl Taken {
    /// Takes a document or a bad record, unless something has ended the reading.
    fn take(&mut self, item: Item<'_>) {
        if self.failed.is_some() {
            return;
        }
        let first = !std::mem::replace(&mut self.begun, true);
        let place = self.origin.place(item.span);
        let record = match item.decoded.record {
            Ok(record) => record,
            Err(error) => return self.bad(item.span, error, first),
        };
        if item.decoded.replaced {
            self.counts.replaced(self.origin.has_fields());
        }
        self.counts.add(&record.text, record.tokens);
        if self.is_full() {
            return;
        }
        let own = record.id.as_deref();
        let id = own.map_or_else(|| self.origin.default_id(&self.source, place).into(), Cow::Borrowed);
        self.tally.add((!is_blank(&record.text)).then(|| content_hash(&record.text)), &id);
        self.documents.push(Document {
            text: (*record.text).into(),
            id: own.map(Into::into),
            place,
            tokens: record.tokens,
            score: record.score,
            skipped: false,
        });
    }

    /// Skips and counts a bad record, or ends the reading.
    fn bad(&mut self, span: Span, error: RecordError, first: bool) {
        if error == RecordError::HeaderAgain {
            self.counts.header_again();
        } else {
            let stops = error.stops(first) || !self.policy.skips_bad_records;
            let record = || BadRecord { name: self.source.clone(), spot: self.origin.spot(span), error };
            if stops {
                self.failed = Some(DocumentsError::Record(record()));
                return;
            }
            self.counts.bad(record);
        }
        if !self.is_full() {
            let place = self.origin.place(span);
            let (text, id) = ("".into(), None);
            self.documents.push(Document { text, id, place, tokens: None, score: None, skipped: true });
        }
    }

    /// Ends the reading where more was found than may be held.
    fn is_full(&mut self) -> bool {
        for (found, limit, unit) in [
            (self.counts.documents, self.policy.max_documents, "documents"),
            (self.counts.text_bytes, self.policy.max_bytes, "bytes of text"),
        ] {
            if found > limit {
                self.failed = Some(DocumentsError::Limit { name: self.source.clone(), limit, unit });
                return true;
            }
        }
        false
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
mod tests;
