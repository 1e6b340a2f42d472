//! `documents.parquet`: one row a document, in reading order.

use std::path::Path;

use clusterclip_core::format::cut::At;
use clusterclip_core::monitor::Monitor;
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DoubleType, FixedLenByteArray, FixedLenByteArrayType, Int32Type,
    Int64Type,
};
use parquet::schema::types::TypePtr;

use super::columns::{Column, GROUP, TableReader, TableWriter, schema, text};
use super::error::StoreError;
use super::file::{FileWriter, FinishedFile};

/// The columns. `offset` and `length` are null where the source has no bytes of its own: in a columnar file, whose
/// documents are its rows. `hash` is the 128 bits in the order in which hashes are printed, highest byte first.
fn documents_schema() -> TypePtr {
    schema(
        "message documents {
            required int64 document (INTEGER(64,false));
            required binary id (STRING);
            required binary source (STRING);
            optional int64 offset (INTEGER(64,false));
            optional int64 length (INTEGER(64,false));
            required fixed_len_byte_array(16) hash;
            optional int32 tokens (INTEGER(32,false));
            optional int64 line (INTEGER(64,false));
            required boolean featureless;
            required boolean skipped;
            optional double score;
        }",
    )
}

/// A document, without its text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DocumentRow<'a> {
    /// Its id.
    pub id: &'a str,
    /// The file it is in: its name, or its path relative to the INPUT folder, with `/`.
    pub source: &'a str,
    /// Where its record is in the file.
    pub at: At,
    /// XXH3 of its text, 128 bits.
    pub hash: u128,
    /// How many tokens it has, where that is known.
    pub tokens: Option<u32>,
    /// The line on which its record begins, from 1; files that are one document, and rows, have none.
    pub line: Option<u64>,
    /// Whether the embedder found nothing in it: its row is zero and it has no cluster.
    pub featureless: bool,
    /// Whether it is a bad record that was skipped: it keeps its number, its row is zero and it has no cluster.
    pub skipped: bool,
    /// Its score, where there is one.
    pub score: Option<f64>,
}

/// A document as it is read back.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredDocument {
    /// Its row in reading order.
    pub document: u64,
    /// Its id.
    pub id: String,
    /// The file it is in.
    pub source: String,
    /// Where its record is in the file. Rows are counted from the first one of the source; of two columnar sources of
    /// one name that follow each other, from the first row of the first.
    pub at: At,
    /// XXH3 of its text, 128 bits.
    pub hash: u128,
    /// How many tokens it has, where that is known.
    pub tokens: Option<u32>,
    /// The line on which its record begins.
    pub line: Option<u64>,
    /// Whether the embedder found nothing in it.
    pub featureless: bool,
    /// Whether it is a bad record that was skipped.
    pub skipped: bool,
    /// Its score, where there is one.
    pub score: Option<f64>,
}

impl StoredDocument {
    /// Whether it has no cluster and is never drawn.
    pub fn is_left_out(&self) -> bool {
        self.featureless || self.skipped
    }
}

/// Streams documents.parquet.
pub struct DocumentsWriter {
    table: TableWriter,
    rows: u64,
    document: Column<i64>,
    id: Column<ByteArray>,
    source: Column<ByteArray>,
    offset: Column<i64>,
    length: Column<i64>,
    hash: Column<FixedLenByteArray>,
    tokens: Column<i32>,
    line: Column<i64>,
    featureless: Column<bool>,
    skipped: Column<bool>,
    score: Column<f64>,
}

impl DocumentsWriter {
    /// Begins the table.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn new(file: FileWriter) -> Result<Self, StoreError> {
        let distinct = ["document", "id", "offset", "length", "hash", "line"];
        Ok(Self {
            table: TableWriter::new(file, &documents_schema(), &distinct)?,
            rows: 0,
            document: Column::default(),
            id: Column::default(),
            source: Column::default(),
            offset: Column::default(),
            length: Column::default(),
            hash: Column::default(),
            tokens: Column::default(),
            line: Column::default(),
            featureless: Column::default(),
            skipped: Column::default(),
            score: Column::default(),
        })
    }

    /// Adds the next document: row 0, 1, 2, …
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn push(&mut self, row: &DocumentRow) -> Result<(), StoreError> {
        let place = match row.at {
            At::Bytes { offset, length } => Some((offset, length)),
            // Rows are told by the numbers of the documents: all rows of a file have one.
            At::Row(_) => None,
        };
        // Parquet keeps unsigned integers in signed words of the same bits.
        self.document.push(self.rows.cast_signed());
        self.id.push(text(row.id));
        self.source.push(text(row.source));
        self.offset.push_optional(place.map(|(offset, _)| offset.cast_signed()));
        self.length.push_optional(place.map(|(_, length)| length.cast_signed()));
        self.hash.push(ByteArray::from(row.hash.to_be_bytes().to_vec()).into());
        self.tokens.push_optional(row.tokens.map(u32::cast_signed));
        self.line.push_optional(row.line.map(u64::cast_signed));
        self.featureless.push(row.featureless);
        self.skipped.push(row.skipped);
        self.score.push_optional(row.score);
        self.rows += 1;
        if self.rows.is_multiple_of(GROUP as u64) { self.group() } else { Ok(()) }
    }

    /// Ends the table.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn finish(mut self) -> Result<FinishedFile, StoreError> {
        if !self.rows.is_multiple_of(GROUP as u64) {
            self.group()?;
        }
        self.table.finish()
    }

    fn group(&mut self) -> Result<(), StoreError> {
        self.table.group(|group| {
            group.column::<Int64Type>(&mut self.document)?;
            group.column::<ByteArrayType>(&mut self.id)?;
            group.column::<ByteArrayType>(&mut self.source)?;
            group.column::<Int64Type>(&mut self.offset)?;
            group.column::<Int64Type>(&mut self.length)?;
            group.column::<FixedLenByteArrayType>(&mut self.hash)?;
            group.column::<Int32Type>(&mut self.tokens)?;
            group.column::<Int64Type>(&mut self.line)?;
            group.column::<BoolType>(&mut self.featureless)?;
            group.column::<BoolType>(&mut self.skipped)?;
            group.column::<DoubleType>(&mut self.score)
        })
    }
}

/// Reads documents.parquet, a row group at a time.
#[derive(Debug)]
pub struct DocumentsReader {
    table: TableReader,
}

/// Documents of one columnar source, one after another: what tells the row of the next one.
#[derive(Debug, Default)]
struct Run {
    source: String,
    /// The next row; `None` in a source of bytes.
    next: Option<u64>,
}

impl Run {
    /// Where a document of `source` is.
    fn at(&mut self, source: &str, place: Option<(u64, u64)>) -> At {
        if let Some((offset, length)) = place {
            self.next = None;
            return At::Bytes { offset, length };
        }
        if self.source != source {
            source.clone_into(&mut self.source);
            self.next = None;
        }
        let row = self.next.unwrap_or(0);
        self.next = Some(row + 1);
        At::Row(row)
    }
}

impl DocumentsReader {
    /// Opens the table.
    ///
    /// # Errors
    /// [`StoreError::Io`], [`StoreError::Damaged`].
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Ok(Self { table: TableReader::open(path, &documents_schema())? })
    }

    /// How many documents there are.
    pub fn n(&self) -> u64 {
        self.table.n()
    }

    /// Reads the documents, some at a time, in order.
    ///
    /// # Errors
    /// Each item: [`StoreError::Damaged`].
    pub fn batches(&self) -> impl Iterator<Item = Result<Vec<StoredDocument>, StoreError>> {
        let mut run = Run::default();
        (0..self.table.groups()).map(move |group| self.batch(group, &mut run))
    }

    fn batch(&self, group: usize, run: &mut Run) -> Result<Vec<StoredDocument>, StoreError> {
        let table = &self.table;
        let ids = table.strings(group, 1)?;
        let mut sources = table.strings(group, 2)?.into_iter();
        let mut documents = table.required::<Int64Type>(group, 0)?.into_iter();
        let mut offsets = table.column::<Int64Type>(group, 3)?.into_iter();
        let mut lengths = table.column::<Int64Type>(group, 4)?.into_iter();
        let mut hashes = table.required::<FixedLenByteArrayType>(group, 5)?.into_iter();
        let mut tokens = table.column::<Int32Type>(group, 6)?.into_iter();
        let mut lines = table.column::<Int64Type>(group, 7)?.into_iter();
        let mut featureless = table.required::<BoolType>(group, 8)?.into_iter();
        let mut skipped = table.required::<BoolType>(group, 9)?.into_iter();
        let mut scores = table.column::<DoubleType>(group, 10)?.into_iter();
        // Every column was checked to have as many rows as the group.
        let all = ids.into_iter().map_while(|id| {
            let source = sources.next()?;
            let place = offsets.next()?.zip(lengths.next()?);
            let place = place.map(|(offset, length)| (offset.cast_unsigned(), length.cast_unsigned()));
            Some(StoredDocument {
                document: documents.next()?.cast_unsigned(),
                id,
                at: run.at(&source, place),
                source,
                hash: u128::from_be_bytes(hashes.next()?.data().try_into().ok()?),
                tokens: tokens.next()?.map(i32::cast_unsigned),
                line: lines.next()?.map(i64::cast_unsigned),
                featureless: featureless.next()?,
                skipped: skipped.next()?,
                score: scores.next()?,
            })
        });
        Ok(all.collect())
    }

    /// Reads the hashes of the texts of all documents that have one: not of those without features, or skipped.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Cancelled`].
    pub fn hashes(&self, monitor: &Monitor) -> Result<Vec<u128>, StoreError> {
        let left_out = self.left_out(monitor)?;
        let hashes = self.table.whole_column::<FixedLenByteArrayType>(5, monitor)?.into_iter().flatten();
        let of = |hash: FixedLenByteArray| hash.data().try_into().map_or(0, u128::from_be_bytes);
        Ok(hashes.zip(left_out).filter(|(_, left_out)| !left_out).map(|(hash, _)| of(hash)).collect())
    }

    /// The score of each document.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Cancelled`].
    pub fn scores(&self, monitor: &Monitor) -> Result<Vec<Option<f64>>, StoreError> {
        self.table.whole_column::<DoubleType>(10, monitor)
    }

    /// Which documents have no cluster, because they are featureless or were skipped: one flag a document.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Cancelled`].
    pub fn left_out(&self, monitor: &Monitor) -> Result<Vec<bool>, StoreError> {
        let flags = |column| -> Result<Vec<bool>, StoreError> {
            Ok(self.table.whole_column::<BoolType>(column, monitor)?.into_iter().flatten().collect())
        };
        let mut left_out = flags(8)?;
        left_out.iter_mut().zip(flags(9)?).for_each(|(flag, skipped)| *flag |= skipped);
        Ok(left_out)
    }
}
