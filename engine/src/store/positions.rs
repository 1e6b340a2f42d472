//! `positions.parquet`: one row a position of the order, without texts.

use parquet::data_type::{ByteArray, ByteArrayType, Int32Type, Int64Type};

use super::columns::{Column, GROUP, TableWriter, schema, text};
use super::error::StoreError;
use super::file::{FileWriter, FinishedFile};

/// What is drawn at a position.
#[derive(Debug, Clone, Copy)]
pub struct Position<'a> {
    /// The document's row.
    pub document: u64,
    /// Its id.
    pub id: &'a str,
    /// What it was read from.
    pub source: &'a str,
    /// Its cluster.
    pub cluster: i32,
    /// How often it has been drawn so far, this time included.
    pub repetition: u64,
}

/// Streams positions.parquet.
pub struct PositionsWriter {
    table: TableWriter,
    rows: u64,
    position: Column<i64>,
    document: Column<i64>,
    id: Column<ByteArray>,
    source: Column<ByteArray>,
    cluster: Column<i32>,
    repetition: Column<i64>,
}

impl PositionsWriter {
    /// Begins the table.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn new(file: FileWriter) -> Result<Self, StoreError> {
        let schema = schema(
            "message positions {
                required int64 position (INTEGER(64,false));
                required int64 document (INTEGER(64,false));
                required binary id (STRING);
                required binary source (STRING);
                required int32 cluster (INTEGER(32,false));
                required int64 repetition (INTEGER(64,false));
            }",
        );
        Ok(Self {
            table: TableWriter::new(file, &schema, &["position", "document", "id"])?,
            rows: 0,
            position: Column::default(),
            document: Column::default(),
            id: Column::default(),
            source: Column::default(),
            cluster: Column::default(),
            repetition: Column::default(),
        })
    }

    /// Adds the next position: 0, 1, 2, …
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn push(&mut self, position: &Position<'_>) -> Result<(), StoreError> {
        // Parquet keeps unsigned integers in signed words of the same bits.
        self.position.push(self.rows.cast_signed());
        self.document.push(position.document.cast_signed());
        self.id.push(text(position.id));
        self.source.push(text(position.source));
        self.cluster.push(position.cluster);
        self.repetition.push(position.repetition.cast_signed());
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
            group.column::<Int64Type>(&mut self.position)?;
            group.column::<Int64Type>(&mut self.document)?;
            group.column::<ByteArrayType>(&mut self.id)?;
            group.column::<ByteArrayType>(&mut self.source)?;
            group.column::<Int32Type>(&mut self.cluster)?;
            group.column::<Int64Type>(&mut self.repetition)
        })
    }
}
