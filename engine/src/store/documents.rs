//! `documents.parquet`: one row a document, in reading order.

use std::path::Path;

use clusterclip_core::format::cut::At;
use clusterclip_core::monitor::Monitor;
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, FixedLenByteArray, FixedLenByteArrayType, Int32Type, Int64Type,
};
use parquet::schema::types::TypePtr;

use super::columns::{Column, GROUP, TableReader, TableWriter, schema, text};
use super::error::StoreError;
use super::file::{FileWriter, FinishedFile};

/// The columns. `hash` is the 128 bits in the order in which hashes are printed, highest byte first.
fn documents_schema() -> TypePtr {
    schema(
        "message documents {
            required int64 document (INTEGER(64,false));
            required binary id (STRING);
            required binary source (STRING);
            required int64 offset (INTEGER(64,false));
            required int64 length (INTEGER(64,false));
            required fixed_len_byte_array(16) hash;
            optional int32 tokens (INTEGER(32,false));
            required boolean featureless;
            required boolean skipped;
        }",
    )
}

/// A document, without its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// Whether the embedder found nothing in it: its row is zero and it has no cluster.
    pub featureless: bool,
    /// Whether it is a bad record that was skipped: it keeps its number, its row is zero and it has no cluster.
    pub skipped: bool,
}

/// A document as it is read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDocument {
    /// Its row in reading order.
    pub document: u64,
    /// Its id.
    pub id: String,
    /// The file it is in.
    pub source: String,
    /// Where its record is in the file.
    pub at: At,
    /// XXH3 of its text, 128 bits.
    pub hash: u128,
    /// How many tokens it has, where that is known.
    pub tokens: Option<u32>,
    /// Whether the embedder found nothing in it.
    pub featureless: bool,
    /// Whether it is a bad record that was skipped.
    pub skipped: bool,
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
    featureless: Column<bool>,
    skipped: Column<bool>,
}

impl DocumentsWriter {
    /// Begins the table.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn new(file: FileWriter) -> Result<Self, StoreError> {
        let distinct = ["document", "id", "offset", "length", "hash"];
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
            featureless: Column::default(),
            skipped: Column::default(),
        })
    }

    /// Adds the next document: row 0, 1, 2, …
    ///
    /// # Errors
    /// [`StoreError::Io`], [`StoreError::NotInBytes`].
    pub fn push(&mut self, row: &DocumentRow) -> Result<(), StoreError> {
        let At::Bytes { offset, length } = row.at else {
            let (document, source_name) = (self.rows, row.source.to_owned());
            return Err(StoreError::NotInBytes { document, source_name, at: row.at });
        };
        // Parquet keeps unsigned integers in signed words of the same bits.
        self.document.push(self.rows.cast_signed());
        self.id.push(text(row.id));
        self.source.push(text(row.source));
        self.offset.push(offset.cast_signed());
        self.length.push(length.cast_signed());
        self.hash.push(ByteArray::from(row.hash.to_be_bytes().to_vec()).into());
        self.tokens.push_optional(row.tokens.map(u32::cast_signed));
        self.featureless.push(row.featureless);
        self.skipped.push(row.skipped);
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
            group.column::<BoolType>(&mut self.featureless)?;
            group.column::<BoolType>(&mut self.skipped)
        })
    }
}

/// Reads documents.parquet, a row group at a time.
#[derive(Debug)]
pub struct DocumentsReader {
    table: TableReader,
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
        (0..self.table.groups()).map(|group| self.batch(group))
    }

    fn batch(&self, group: usize) -> Result<Vec<StoredDocument>, StoreError> {
        let table = &self.table;
        let ids = table.strings(group, 1)?;
        let mut sources = table.strings(group, 2)?.into_iter();
        let mut documents = table.required::<Int64Type>(group, 0)?.into_iter();
        let mut offsets = table.required::<Int64Type>(group, 3)?.into_iter();
        let mut lengths = table.required::<Int64Type>(group, 4)?.into_iter();
        let mut hashes = table.required::<FixedLenByteArrayType>(group, 5)?.into_iter();
        let mut tokens = table.column::<Int32Type>(group, 6)?.into_iter();
        let mut featureless = table.required::<BoolType>(group, 7)?.into_iter();
        let mut skipped = table.required::<BoolType>(group, 8)?.into_iter();
        // Every column was checked to have as many rows as the group.
        let all = ids.into_iter().map_while(|id| {
            Some(StoredDocument {
                document: documents.next()?.cast_unsigned(),
                id,
                source: sources.next()?,
                at: At::Bytes {
                    offset: offsets.next()?.cast_unsigned(),
                    length: lengths.next()?.cast_unsigned(),
                },
                hash: u128::from_be_bytes(hashes.next()?.data().try_into().ok()?),
                tokens: tokens.next()?.map(i32::cast_unsigned),
                featureless: featureless.next()?,
                skipped: skipped.next()?,
            })
        });
        Ok(all.collect())
    }

    /// Which documents have no cluster, because they are featureless or were skipped: one flag a document.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Cancelled`].
    pub fn left_out(&self, monitor: &Monitor) -> Result<Vec<bool>, StoreError> {
        let flags = |column| -> Result<Vec<bool>, StoreError> {
            Ok(self.table.whole_column::<BoolType>(column, monitor)?.into_iter().flatten().collect())
        };
        let mut left_out = flags(7)?;
        left_out.iter_mut().zip(flags(8)?).for_each(|(flag, skipped)| *flag |= skipped);
        Ok(left_out)
    }
}
