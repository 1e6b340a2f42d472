//! Items: the documents and bad records that bytes hold, whatever their format.
//!
//! [`cut`](super::cut) says where a record lies, a [`Decoder`] says what it holds: the same of the same bytes, whether
//! they are read in order or again for a chosen document.

use std::borrow::Cow;

use super::cut::Span;
use super::records::{self, Fields, Record, RecordError};
use super::table::{Cells, Columns};
use super::text;

/// How the bytes of a record become a document.
#[derive(Debug, Clone, Copy)]
pub enum Layout<'a> {
    /// A JSON object.
    Jsonl(&'a Fields),
    /// A record of a table with these columns.
    Table(&'a Columns),
    /// Text.
    Plain,
}

/// A document or a bad record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item<'a> {
    /// Where it is.
    pub span: Span,
    /// What its bytes hold.
    pub decoded: Decoded<'a>,
}

/// What the bytes of a record hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded<'a> {
    /// Whether bytes that were no UTF-8 became U+FFFD.
    pub replaced: bool,
    /// What it says, or why it cannot be used.
    pub record: Result<Record<'a>, RecordError>,
}

/// Makes documents of the bytes of records.
///
/// ```
/// use clusterclip_core::format::items::{Decoder, Layout};
/// use clusterclip_core::format::records::Fields;
/// let fields = Fields::default();
/// let mut decoder = Decoder::new(Layout::Jsonl(&fields));
/// assert_eq!(decoder.decode(br#"{"text": "one"}"#).record?.text, "one");
/// assert!(decoder.decode(b"[]").record.is_err());
/// let plain = Decoder::new(Layout::Plain).decode(b"caf\xE9");
/// assert_eq!((plain.replaced, plain.record?.text.as_ref()), (true, "caf\u{FFFD}"));
/// # Ok::<(), clusterclip_core::format::records::RecordError>(())
/// ```
#[derive(Debug)]
pub struct Decoder<'a>(How<'a>);

/// What decoding takes.
#[derive(Debug)]
enum How<'a> {
    Jsonl(&'a Fields),
    Table(&'a Columns, Box<Cells>),
    Plain,
}

impl<'a> Decoder<'a> {
    /// Starts with nothing decoded.
    pub fn new(layout: Layout<'a>) -> Self {
        Self(match layout {
            Layout::Jsonl(fields) => How::Jsonl(fields),
            Layout::Table(columns) => How::Table(columns, Box::new(columns.cells())),
            Layout::Plain => How::Plain,
        })
    }

    /// Decodes the bytes of one record, as a [`Span`] tells them.
    pub fn decode<'b>(&mut self, bytes: &'b [u8]) -> Decoded<'b> {
        let record = match &mut self.0 {
            How::Jsonl(fields) => records::parse(bytes, fields),
            How::Table(columns, cells) => columns.parse(cells, bytes),
            How::Plain => {
                let text::Decoded { text, replaced } = text::decode(bytes);
                return Decoded {
                    replaced: replaced > 0,
                    record: Ok(Record { text, id: None, tokens: None }),
                };
            }
        };
        Decoded { replaced: false, record }
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
/// assert_eq!(texts, [(1, "one".into()), (3, "two".into())]);
/// ```
pub fn items<'b>(
    layout: Layout<'_>,
    spans: &[Span],
    bytes: &'b [u8],
    from: u64,
) -> impl Iterator<Item = Item<'b>> {
    let mut decoder = Decoder::new(layout);
    spans.iter().map(move |&span| Item { span, decoded: decoder.decode(span.of(bytes, from)) })
}

impl<'a> Record<'a> {
    /// Owns what it says.
    pub fn into_owned(self) -> Record<'static> {
        Record {
            text: Cow::Owned(self.text.into_owned()),
            id: self.id.map(|id| Cow::Owned(id.into_owned())),
            tokens: self.tokens,
        }
    }
}
