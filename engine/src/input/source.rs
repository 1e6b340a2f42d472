//! Sources: the files of a corpus, and what is taken of them.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use clusterclip_core::format::cut::{Cutter, Shape, Span};
use clusterclip_core::format::items::Layout;
use clusterclip_core::format::records::{Choice, Recipe};
use clusterclip_core::format::table::{Columns, TableOptions};
use tempfile::NamedTempFile;

use super::InputError;
use super::columnar::{self, ColumnFormat, Plan};
use super::packing::Compression;
use super::reader::{Reader, open};
use crate::error::{FileError, Result};

/// What a source is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Bytes, which are cut into records.
    Bytes(Shape),
    /// Columns, whose rows are records.
    Columns(ColumnFormat),
}

impl Kind {
    /// Whether documents are records, with fields.
    pub(crate) fn has_fields(self) -> bool {
        match self {
            Self::Bytes(shape) => shape.has_fields(),
            Self::Columns(_) => true,
        }
    }
}

/// A file or pipe that is read.
#[derive(Debug)]
pub(crate) struct Source {
    /// Where its bytes are.
    pub(crate) path: PathBuf,
    /// What results call it.
    pub(crate) name: Arc<str>,
    pub(crate) kind: Kind,
    pub(crate) compression: Option<Compression>,
    /// Bytes on disk when the corpus was opened.
    pub(crate) length: u64,
    /// Holds the bytes of a pipe as long as the source lives.
    pub(crate) spool: Option<NamedTempFile>,
    /// What is taken of records, once the first was read.
    pub(crate) choice: Choice,
    /// The columns of a table, once its first record was read.
    pub(crate) columns: OnceLock<Columns>,
}

/// Bytes read at a time to find a first record.
const FIRST_CHUNK: u64 = 64 << 10;

impl Source {
    /// What messages call it: the path, or the pipe's name.
    pub(crate) fn display(&self) -> String {
        match (&self.spool, &*self.name) {
            (Some(_), "-") => "standard input".to_owned(),
            (Some(_), name) => name.to_owned(),
            (None, _) => self.path.display().to_string(),
        }
    }

    /// The id of a document without one of its own, which stands at [`Shape::place`] or is a row: `source:7`, or
    /// `source` for a whole file.
    pub(crate) fn default_id(&self, place: u64) -> String {
        match self.kind {
            Kind::Bytes(shape) => shape.default_id(&self.name, place),
            Kind::Columns(_) => format!("{}:{place}", self.name),
        }
    }

    /// What is taken of its records, once that is settled.
    pub(crate) fn recipe(&self) -> Option<&Recipe> {
        self.columns.get().map(Columns::recipe).or_else(|| self.choice.recipe())
    }

    /// How the bytes of a record become a document. The first records are read for that where they were not read yet.
    pub(crate) fn layout(&self) -> Result<Layout<'_>> {
        if let Kind::Bytes(shape) = self.kind {
            let settled = match shape {
                Shape::Jsonl | Shape::Json => self.choice.recipe().is_some(),
                Shape::Table(_) => self.columns.get().is_some(),
                Shape::Lines | Shape::Whole => true,
            };
            if !settled {
                self.read_first(shape)?;
            }
        }
        Ok(self.layout_as_settled())
    }

    /// The same once the first records were read. Without any that can be used all of them are bad.
    pub(crate) fn layout_as_settled(&self) -> Layout<'_> {
        match (self.kind, self.columns.get()) {
            (Kind::Bytes(Shape::Jsonl), _) => Layout::Jsonl(&self.choice),
            (Kind::Bytes(Shape::Json), _) => Layout::Json(&self.choice),
            (Kind::Bytes(Shape::Table(_)), Some(columns)) => Layout::Table(columns),
            // A table without a first record has none at all; rows of columns are no bytes.
            (Kind::Bytes(Shape::Table(_) | Shape::Lines | Shape::Whole) | Kind::Columns(_), _) => {
                Layout::Plain
            }
        }
    }

    /// Settles what is taken by records in their order, the first of which are the first of the source; gives whether
    /// that is done. Of tables the header is taken out of `spans`. Their bytes begin at byte `from` of the source.
    pub(crate) fn settle(&self, spans: &mut Vec<Span>, bytes: &[u8], from: u64) -> Result<bool> {
        let Kind::Bytes(shape) = self.kind else { return Ok(true) };
        match (shape, spans.first()) {
            (Shape::Lines | Shape::Whole, _) => Ok(true),
            (_, None) => Ok(false),
            (Shape::Jsonl | Shape::Json, _) => Ok(self.choice.recipe().is_some() || {
                spans.iter().any(|span| {
                    // What is bad is told when records are read.
                    self.choice.parse(span.of(bytes, from)).record.ok();
                    self.choice.recipe().is_some()
                })
            }),
            (Shape::Table(options), Some(first)) => {
                self.settle_columns(options, first.of(bytes, from), first.line)?;
                if options.has_header() {
                    spans.remove(0);
                }
                Ok(true)
            }
        }
    }

    fn settle_columns(&self, options: TableOptions, first: &[u8], line: u64) -> Result<()> {
        let columns = Columns::of(first, options, self.choice.given(), self.choice.fields());
        let columns = columns.map_err(|error| InputError::Header { name: self.display(), line, error })?;
        self.columns.get_or_init(|| columns);
        Ok(())
    }

    /// Reads records from the beginning on until they settle what is taken.
    fn read_first(&self, shape: Shape) -> Result<()> {
        let mut reader = self.open()?;
        let (mut bytes, mut spans, mut cutter) = (Vec::new(), Vec::new(), Cutter::new(shape));
        let mut from = 0;
        loop {
            let before = bytes.len();
            let read = reader.by_ref().take(FIRST_CHUNK).read_to_end(&mut bytes);
            let ended = read.map_err(|error| reader.failure(self, error))? < FIRST_CHUNK as usize;
            cutter.push(&bytes[before..], &mut spans);
            if ended {
                cutter.finish(&mut spans);
            }
            if self.settle(&mut spans, &bytes, from)? || ended {
                return Ok(());
            }
            spans.clear();
            bytes.drain(..(cutter.pending() - from) as usize);
            from = cutter.pending();
        }
    }

    /// A record of bytes as JSON on one line; text has no records.
    pub(crate) fn json(&self, raw: Vec<u8>) -> Result<Vec<u8>> {
        Ok(match self.layout()? {
            // Between values line ends are blanks, and in strings JSON has none.
            Layout::Jsonl(_) | Layout::Json(_) => {
                let mut raw = raw;
                raw.iter_mut().filter(|byte| matches!(byte, b'\n' | b'\r')).for_each(|byte| *byte = b' ');
                raw.truncate(raw.trim_ascii_end().len());
                raw
            }
            Layout::Table(columns) => columns.json(&raw).unwrap_or_default().into_bytes(),
            Layout::Plain => return Err(InputError::NoRecords { name: self.display() }.into()),
        })
    }

    /// What a failed read comes to.
    pub(crate) fn cannot(&self) -> impl FnOnce(io::Error) -> FileError {
        |cause| FileError::Read { name: self.display().to_string(), cause }
    }

    pub(crate) fn open_file(&self) -> Result<File> {
        Ok(open(&self.path).map_err(self.cannot())?)
    }

    /// Opens a columnar file, of which the columns are read that records are made of; `None` for one without rows or
    /// bytes.
    pub(crate) fn open_columns(&self, format: ColumnFormat) -> Result<Option<(Arc<Plan>, columnar::Reader)>> {
        let name = self.display();
        if self.length == 0 {
            return Ok(None);
        }
        let table = columnar::Table::open(self.open_file()?, &name, format)?;
        if table.groups().iter().all(|&rows| rows == 0) {
            return Ok(None);
        }
        let plan = Plan::of(&table, &name, self.choice.given(), self.choice.fields())?;
        self.choice.settle(plan.recipe().clone());
        let reader = table.select(plan.wanted())?;
        Ok(Some((Arc::new(plan), reader)))
    }

    /// How many rows a columnar file has.
    pub(crate) fn rows(&self, format: ColumnFormat) -> Result<u64> {
        let table = columnar::Table::open(self.open_file()?, &self.display(), format)?;
        Ok(table.groups().iter().sum())
    }

    /// Opens the bytes as they are on disk.
    pub(crate) fn open_raw(&self) -> Result<Reader> {
        Reader::new(self.open_file()?, None, || self.display())
    }

    /// Opens the decompressed bytes.
    pub(crate) fn open(&self) -> Result<Reader> {
        Reader::new(self.open_file()?, self.compression, || self.display())
    }
}
