//! Gathering documents from bytes that come piece after piece.

use std::borrow::Cow;
use std::fmt;

use super::counts::{BadRecord, Counts, Tally, is_blank};
use super::{Document, Documents, Origin};
use crate::error::{Explain, Kind, Names, said};
use crate::format::content_hash;
use crate::format::cut::{Shape, Span};
use crate::format::items::Item;
use crate::format::reader::{ReadError, Reader};
use crate::format::records::{Fields, Recipe, RecordError};

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
    /// The columns of a columnar file make no records.
    Columns {
        /// The input.
        name: String,
        /// What they lack.
        error: RecordError,
    },
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
            Self::Columns { error, .. } => error.kind(),
            Self::Limit { .. } => Kind::Memory,
            Self::Nothing { .. } => Kind::Input,
        }
    }

    fn explain(&self, names: Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read { name, error } => write!(f, "{name}: {}", said(error, names)),
            Self::Record(record) => record.explain(names, f),
            Self::Columns { name, error } => write!(f, "{name}: {}", said(error, names)),
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
            self.documents.push(Document { text: "".into(), id: None, place, tokens: None, skipped: true });
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
mod tests {
    use super::*;
    use crate::error::dashed;
    use crate::format::table::TableOptions;

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
        assert_eq!((counts.documents, counts.blank_lines, counts.bad_records), (4, 1, 2));
        assert_eq!((counts.duplicate_texts, counts.duplicate_ids, counts.text_bytes), (1, 0, 2));
        assert_eq!(counts.first_bad_record.as_ref().unwrap().to_string(), error);
        let warnings = counts.warnings(dashed);
        assert_eq!(
            warnings[1],
            "2 bad records were skipped (--on-bad-record skip): they keep their numbers and are never drawn"
        );
        assert!(warnings[3].starts_with("the first bad record: in:3: the field `text` holds a number"));
        assert!(
            warnings[3].ends_with("or leave such records out with --on-bad-record skip"),
            "{}",
            warnings[3]
        );
        assert_eq!(documents.fields(), ["text"]);
        // What was skipped keeps its number and its line.
        let rows = |row| (documents.text(row), documents.id(row).into_owned(), documents.is_skipped(row));
        assert_eq!([rows(0), rows(1)], [("a", "in:1".to_owned(), false), ("", "in:3".to_owned(), true)]);
        assert_eq!([rows(2), rows(3)], [("", "in:4".to_owned(), true), ("a", "in:5".to_owned(), false)]);
        assert!([false, true, true, false].into_iter().eq((0..4).map(|row| documents.says_nothing(row))));
    }

    #[test]
    fn blank_texts_are_no_duplicates_of_each_other() {
        let lines = b"{\"text\": \"\"}\n{\"text\": \" \"}\n{\"text\": \"\"}\n{\"text\": \"a\"}\n";
        let documents = gather(Shape::Jsonl, Policy::default(), lines).unwrap();
        assert_eq!((documents.counts().documents, documents.counts().duplicate_texts), (4, 0));
        assert!((0..4).map(|row| documents.says_nothing(row)).eq([true, true, true, false]));
    }

    #[test]
    fn a_whole_file_is_a_document_that_is_called_as_the_file_is() {
        let documents = gather(Shape::Whole, Policy::default(), b"\xEF\xBB\xBFone\n\ntwo\n").unwrap();
        assert_eq!((documents.len(), documents.text(0), &*documents.id(0)), (1, "one\n\ntwo\n", "in"));
    }

    #[test]
    fn what_is_repaired_or_left_out_is_counted() {
        let halves =
            b"{\"text\": \"a\\ud800b\", \"other\": \"\\udfff\"}\n{\"text\": \"a\", \"other\": \"\\udfff\"}\n";
        let documents = gather(Shape::Jsonl, Policy::default(), halves).unwrap();
        assert_eq!((documents.text(0), documents.counts().half_surrogates), ("a\u{FFFD}b", 1));
        let table = b"id,text\n1,a\nid,text\n2,b\n\xEF\xBB\xBFid,text\n3,c\n";
        let documents = gather(Shape::Table(TableOptions::CSV), Policy::default(), table).unwrap();
        // Elsewhere such a row is a record: the numbers of those behind it are the same.
        let rows = |row| (documents.text(row), documents.is_skipped(row));
        assert_eq!(
            [0, 1, 2, 3, 4].map(rows),
            [("a", false), ("", true), ("b", false), ("", true), ("c", false)]
        );
        assert_eq!((documents.counts().documents, documents.counts().repeated_headers), (5, 2));
        let warnings = documents.counts().warnings(dashed);
        assert_eq!(warnings, ["2 rows name the columns again: they keep their numbers and are never drawn"]);
    }

    #[test]
    fn json_is_numbered_by_its_records() {
        let array = b"[{\"text\": \"a\"}, {\"text\": \"b\", \"id\": \"x\"},\n{\"text\": \"c\"}]";
        let documents = gather(Shape::Json, Policy::default(), array).unwrap();
        assert_eq!([0, 1, 2].map(|row| documents.id(row).into_owned()), ["in#0", "x", "in#2"]);
        let cut_off = gather(Shape::Json, Policy::default(), &array[..20]).unwrap_err().to_string();
        assert!(cut_off.starts_with("in: line 1: the JSON array of records has no end"), "{cut_off}");
    }

    #[test]
    fn rows_of_columns_are_numbered_and_judged_by_their_kinds() {
        let example = br#"{"tags": [""], "content": {"a": 0}, "body": "", "n": 0}"#;
        let rows = |policy: Policy| Gather::rows(example, "a.parquet", policy);
        let gather = rows(Policy::default()).unwrap();
        assert_eq!(gather.wanted(), ["body", "id"]);
        let asked = |text: &str| Policy {
            fields: Fields { text: vec![text.to_owned()], tokens: Some("n".to_owned()), ..Fields::default() },
            ..Policy::default()
        };
        let error = rows(asked("texts")).unwrap_err().to_string();
        assert!(
            error.starts_with("a.parquet: ")
                && error.contains("`tags` (an array), `content` (an object), `body`")
        );
        let mut gather = rows(asked("tags")).unwrap();
        let error = gather.push(b"{\"tags\":[\"x\"],\"n\":1}\n").unwrap_err().to_string();
        assert!(error.contains("`tags`"), "{error}");
        let mut gather = rows(Policy { skips_bad_records: true, ..asked("body") }).unwrap();
        gather
            .push(
                b"{\"body\":\"a\\u0000\",\"n\":12.0}\n{\"body\":null,\"n\":1}\n{\"body\":\"b\",\"n\":null}\n",
            )
            .unwrap();
        let documents = gather.finish().unwrap();
        assert_eq!((documents.text(0), documents.tokens(0), documents.tokens(2)), ("a\0", Some(12), None));
        assert_eq!(
            (documents.len(), &*documents.id(0), &*documents.id(2)),
            (3, "a.parquet:0", "a.parquet:2")
        );
        let first_bad = documents.counts().first_bad_record.as_ref().unwrap().to_string();
        assert!(first_bad.starts_with("a.parquet: row 1: "), "{first_bad}");
        assert_eq!((documents.fields().len(), documents.taken()), (4, Some("`body`")));
        let wrong = rows(asked("body"))
            .unwrap()
            .push(b"{\"n\":1,\"body\":\"\\u0000\\\"a\xFF\"}\n")
            .unwrap_err()
            .to_string();
        assert!(wrong.contains("invalid UTF-8 in byte 4 of the field `body`"), "{wrong}");
        let empty = rows(Policy::default()).unwrap().finish().unwrap_err().to_string();
        assert_eq!(empty, "no document to read in a.parquet: the input is empty");
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
        let nothing = |bytes| gather(Shape::Jsonl, Policy::default(), bytes).unwrap_err().to_string();
        assert_eq!(nothing(b""), "no document to read in in: the input is empty");
        assert_eq!(nothing(b"\n \n"), "no document to read in in: 2 blank lines were left out");
        let skips = Policy { skips_bad_records: true, ..Policy::default() };
        let error = gather(Shape::Jsonl, skips, b"{}").unwrap_err();
        let nothing = said(&error, dashed).to_string();
        assert!(
            nothing
                .contains("in in: 1 bad record was skipped (--on-bad-record skip): it keeps its number and"),
            "{nothing}"
        );
    }
}
