//! Items: the documents and bad records that bytes hold, whatever their format.
//!
//! [`cut`](super::cut) says where a record lies, [`decode`] says what it holds: the same of the same bytes, whether
//! they are read in order or again for a chosen document.

use std::borrow::Cow;

use super::cut::Span;
use super::json::Reason;
use super::records::{Choice, Record, RecordError};
use super::table::Columns;
use super::text;

/// How the bytes of a record become a document.
#[derive(Debug, Clone, Copy)]
pub enum Layout<'a> {
    /// A JSON object on a line.
    Jsonl(&'a Choice),
    /// A JSON object.
    Json(&'a Choice),
    /// A record of a table with these columns.
    Table(&'a Columns),
    /// Text.
    Plain,
}

/// A document or a bad record.
#[derive(Debug, Clone, PartialEq)]
pub struct Item<'a> {
    /// Where it is.
    pub span: Span,
    /// What its bytes hold.
    pub decoded: Decoded<'a>,
}

/// What the bytes of a record hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded<'a> {
    /// Whether bytes that were no UTF-8, or half a surrogate in JSON, became U+FFFD.
    pub replaced: bool,
    /// What it says, or why it cannot be used.
    pub record: Result<Record<'a>, RecordError>,
}

/// Decodes the bytes of one record, as a [`Span`] tells them.
///
/// ```
/// use clusterclip_core::format::items::{Layout, decode};
/// use clusterclip_core::format::records::Choice;
/// let choice = Choice::default();
/// assert_eq!(decode(Layout::Jsonl(&choice), br#"{"text": "one"}"#).record?.text, "one");
/// assert!(decode(Layout::Jsonl(&choice), b"[]").record.is_err());
/// let plain = decode(Layout::Plain, b"caf\xE9");
/// assert_eq!((plain.replaced, plain.record?.text.as_ref()), (true, "caf\u{FFFD}"));
/// # Ok::<(), clusterclip_core::format::records::RecordError>(())
/// ```
pub fn decode<'b>(layout: Layout<'_>, bytes: &'b [u8]) -> Decoded<'b> {
    match layout {
        Layout::Jsonl(choice) => choice.parse(bytes),
        Layout::Json(choice) => {
            let Decoded { replaced, record } = choice.parse(bytes);
            // Only a whole file of lines is taken for an array, and columns are of lines.
            let inner = |error| match error {
                RecordError::Array => RecordError::NotAnObject { found: "an array" },
                RecordError::Json { column, reason } => RecordError::Object { byte: column, reason },
                RecordError::Utf8 { column } => RecordError::Object { byte: column, reason: Reason::Utf8 },
                error => error,
            };
            Decoded { replaced, record: record.map_err(inner) }
        }
        Layout::Table(columns) => Decoded { replaced: false, record: columns.parse(bytes) },
        Layout::Plain => {
            let text::Decoded { text, replaced } = text::decode(bytes);
            Decoded {
                replaced: replaced > 0,
                record: Ok(Record { text, id: None, tokens: None, score: None }),
            }
        }
    }
}

/// Walks the items of `spans`, whose bytes lie in `bytes`; these begin at byte `from` of the input.
///
/// ```
/// use clusterclip_core::format::cut::{Cutter, Shape};
/// use clusterclip_core::format::items::{Layout, items};
/// let (bytes, mut spans) = (b"one\n\ntwo\n", Vec::new());
/// Cutter::new(Shape::Lines).push(bytes, &mut spans);
/// let items = items(Layout::Plain, &spans, bytes, 0);
/// let texts: Vec<_> = items.map(|item| (item.span.line, item.decoded.record.unwrap().text)).collect();
/// assert_eq!(texts, [(1, "one".into()), (2, "".into()), (3, "two".into())]);
/// ```
pub fn items<'b>(
    layout: Layout<'_>,
    spans: &[Span],
    bytes: &'b [u8],
    from: u64,
) -> impl Iterator<Item = Item<'b>> {
    spans.iter().map(move |&span| Item { span, decoded: decode(layout, span.of(bytes, from)) })
}

impl<'a> Record<'a> {
    /// Owns what it says.
    pub fn into_owned(self) -> Record<'static> {
        Record {
            text: Cow::Owned(self.text.into_owned()),
            id: self.id.map(|id| Cow::Owned(id.into_owned())),
            tokens: self.tokens,
            score: self.score,
        }
    }
}
