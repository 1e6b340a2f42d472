//! Documents held in memory: what a browser, and a program that embeds this crate, reads and looks at.
//!
//! The command line streams instead, and reads texts again when their turn comes; both read the same documents from
//! the same bytes, in the same order.
//!
//! ```
//! use clusterclip_core::documents::Documents;
//! let documents = Documents::from_texts(["one", "two", "one"].map(str::to_owned));
//! assert_eq!((documents.text(1), &*documents.id(1)), ("two", "1"));
//! assert_eq!((documents.counts().documents, documents.counts().duplicate_texts), (3, 1));
//! ```

mod counts;
mod error;
mod gather;
mod search;

use std::borrow::Cow;

use crate::format::content_hash;
use crate::format::cut::{Shape, Span};

pub use counts::{BadRecord, Counts, Repeats, Spot, Tally, featureless, is_blank, sentence, zero_rows};
pub use error::{DocumentsError, why_nothing};
pub use gather::{Gather, Policy};

/// Documents in reading order.
#[derive(Debug, Clone, Default)]
pub struct Documents {
    source: String,
    origin: Origin,
    documents: Vec<Document>,
    counts: Counts,
    fields: Vec<String>,
    taken: Option<String>,
}

/// A document. Texts lie each by itself: they never move while others come.
#[derive(Debug, Clone)]
struct Document {
    text: Box<str>,
    id: Option<Box<str>>,
    /// What tells it from others, as [`Shape::place`] says.
    place: u64,
    tokens: Option<u32>,
    score: Option<f64>,
    /// A bad record that was skipped: it has a number and no text.
    skipped: bool,
}

/// What documents were read from.
#[derive(Debug, Clone, Copy)]
enum Origin {
    Bytes(Shape),
    /// The rows of a columnar file.
    Rows,
}

impl Default for Origin {
    fn default() -> Self {
        Self::Bytes(Shape::default())
    }
}

impl Origin {
    fn has_fields(self) -> bool {
        match self {
            Self::Bytes(shape) => shape.has_fields(),
            Self::Rows => true,
        }
    }

    /// What tells a record from the others.
    fn place(self, span: Span) -> u64 {
        match self {
            Self::Bytes(shape) => shape.place(span),
            Self::Rows => span.number,
        }
    }

    /// Where a record stands, for messages.
    fn spot(self, span: Span) -> Spot {
        match self {
            Self::Bytes(_) => Spot::Line(span.line),
            Self::Rows => Spot::Row(span.number),
        }
    }

    /// The id of a document without one of its own.
    fn default_id(self, source: &str, place: u64) -> String {
        match self {
            Self::Bytes(shape) => shape.default_id(source, place),
            Self::Rows => format!("{source}:{place}"),
        }
    }
}

impl Documents {
    /// Takes texts that were read elsewhere; their ids are their numbers.
    pub fn from_texts(texts: impl IntoIterator<Item = String>) -> Self {
        let mut found = Self::default();
        let mut tally = Tally::default();
        for (row, text) in (0u64..).zip(texts) {
            let id = row.to_string();
            found.counts.add(&text, None);
            tally.add((!is_blank(&text)).then(|| content_hash(&text)), &id);
            found.documents.push(Document {
                text: text.into(),
                id: Some(id.into()),
                place: row,
                tokens: None,
                score: None,
                skipped: false,
            });
        }
        found.counts.repeated(tally.finish());
        found
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.documents.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.documents.is_empty()
    }

    /// The name of what they were read from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The text of a row.
    ///
    /// # Panics
    /// If there is no such row; as all of these.
    pub fn text(&self, row: usize) -> &str {
        &self.documents[row].text
    }

    /// The id of a row: its own, else [that of its place](Shape::default_id).
    ///
    /// # Panics
    /// If there is no such row.
    pub fn id(&self, row: usize) -> Cow<'_, str> {
        let document = &self.documents[row];
        match &document.id {
            Some(id) => Cow::Borrowed(id),
            None => Cow::Owned(self.origin.default_id(&self.source, document.place)),
        }
    }

    /// The token count of a row, where it is known.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn tokens(&self, row: usize) -> Option<u32> {
        self.documents[row].tokens
    }

    /// The score of a row, where it has one.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn score(&self, row: usize) -> Option<f64> {
        self.documents[row].score
    }

    /// Whether a row is a record that was skipped: its text is empty, and it is never drawn.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn is_skipped(&self, row: usize) -> bool {
        self.documents[row].skipped
    }

    /// Whether a row is never drawn, whatever its embedding: it was skipped, or its text is [blank](is_blank).
    ///
    /// # Panics
    /// If there is no such row.
    pub fn says_nothing(&self, row: usize) -> bool {
        let document = &self.documents[row];
        document.skipped || is_blank(&document.text)
    }

    /// All texts, in order.
    pub fn texts(&self) -> impl ExactSizeIterator<Item = &str> {
        self.documents.iter().map(|document| &*document.text)
    }

    /// What reading found.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// The fields there are, as [`Reader::field_names`](crate::format::reader::Reader::field_names) tells them.
    pub fn fields(&self) -> &[String] {
        &self.fields
    }

    /// What the text of records is made of, as [`Recipe::described`](crate::format::records::Recipe::described) says it.
    pub fn taken(&self) -> Option<&str> {
        self.taken.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_from_memory_are_counted_as_those_of_a_file() {
        let texts = ["a", "b", "a", "", "a", ""];
        let from_memory = Documents::from_texts(texts.map(str::to_owned));
        let lines = texts.map(|text| format!("{{\"text\": \"{text}\"}}\n")).concat();
        let mut gather = Gather::new(Shape::Jsonl, "in", Policy::default());
        gather.push(lines.as_bytes()).unwrap();
        assert_eq!(from_memory.counts(), gather.finish().unwrap().counts());
        // An empty text says nothing that could be said again.
        assert_eq!(from_memory.counts().duplicate_texts, 2);
    }
}
