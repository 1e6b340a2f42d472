//! Items: the documents and bad records of a piece of an input, whatever its format.

use std::borrow::Cow;

use super::lines::{Line, Lines};
use super::records::{self, Fields, Record, RecordError};
use super::table::{Columns, Rows};
use super::text;

/// How the bytes of a piece become documents.
#[derive(Debug, Clone, Copy)]
pub enum Layout<'a> {
    /// A JSON object a line.
    Jsonl(&'a Fields),
    /// A record of a table; the header is no part of the piece.
    Table(&'a Columns),
    /// A document a line.
    Lines,
}

/// A document or a bad record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item<'a> {
    /// The number of the line on which it begins.
    pub line: u64,
    /// The byte at which it begins.
    pub offset: u64,
    /// Its bytes, without the line end.
    pub length: u64,
    /// Whether bytes that were no UTF-8 became U+FFFD.
    pub replaced: bool,
    /// What it says, or why it cannot be used.
    pub record: Result<Record<'a>, RecordError>,
}

/// Walks the items of a piece that begins and ends where records do.
///
/// ```
/// use clusterclip_core::format::items::{Items, Layout};
/// let mut items = Items::new(Layout::Lines, b"one\n\ntwo", 1, 0);
/// let texts: Vec<_> = items.by_ref().map(|item| (item.line, item.record.unwrap().text.into_owned())).collect();
/// assert_eq!(texts, [(1, "one".to_owned()), (3, "two".to_owned())]);
/// assert_eq!(items.blank_lines(), 1);
/// ```
#[derive(Debug)]
pub struct Items<'a> {
    walk: Walk<'a>,
    blank_lines: u64,
}

#[derive(Debug)]
enum Walk<'a> {
    Lines(Lines<'a>, Option<&'a Fields>),
    Table(Box<Rows<'a>>),
}

impl<'a> Items<'a> {
    /// Starts at a piece whose first byte is byte `offset` of the input and begins line `line`.
    pub fn new(layout: Layout<'a>, bytes: &'a [u8], line: u64, offset: u64) -> Self {
        let lines = || Lines::new(bytes, line, offset);
        let walk = match layout {
            Layout::Jsonl(fields) => Walk::Lines(lines(), Some(fields)),
            Layout::Lines => Walk::Lines(lines(), None),
            Layout::Table(columns) => Walk::Table(Box::new(Rows::new(columns, bytes, line, offset))),
        };
        Self { walk, blank_lines: 0 }
    }

    /// How many blank lines were left out so far: in a table the empty ones, else those of ASCII white space alone.
    pub fn blank_lines(&self) -> u64 {
        match &self.walk {
            Walk::Lines(..) => self.blank_lines,
            Walk::Table(rows) => rows.blank_lines(),
        }
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = Item<'a>;

    fn next(&mut self) -> Option<Item<'a>> {
        let (lines, fields) = match &mut self.walk {
            Walk::Lines(lines, fields) => (lines, *fields),
            Walk::Table(rows) => {
                let row = rows.next()?;
                let (line, offset, length, record) = (row.line, row.offset, row.length, row.record);
                return Some(Item { line, offset, length, replaced: false, record });
            }
        };
        for line in lines {
            if line.is_blank() {
                self.blank_lines += 1;
                continue;
            }
            return Some(match fields {
                Some(fields) => item(line, false, records::parse(line.bytes, fields)),
                None => plain(line),
            });
        }
        None
    }
}

/// Takes bytes as the text of one document.
pub fn plain(line: Line<'_>) -> Item<'_> {
    let decoded = text::decode(line.bytes);
    let replaced = decoded.replaced > 0;
    item(line, replaced, Ok(Record { text: decoded.text, id: None, tokens: None }))
}

fn item<'a>(line: Line<'_>, replaced: bool, record: Result<Record<'a>, RecordError>) -> Item<'a> {
    let (number, offset, length) = (line.number, line.offset, line.bytes.len() as u64);
    Item { line: number, offset, length, replaced, record }
}

impl Item<'_> {
    /// Gives the id of a record without one of its own: `source:line`.
    pub fn default_id(&self, source: &str) -> String {
        format!("{source}:{}", self.line)
    }
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
