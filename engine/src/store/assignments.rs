//! `assignments.parquet`: cluster and similarity of each document, for people and data frames.

use std::path::Path;

use clusterclip_core::monitor::{Event, Monitor, Stage};
use clusterclip_core::topics::Spread;
use parquet::data_type::{ByteArray, ByteArrayType, FloatType, Int32Type, Int64Type};
use parquet::schema::types::TypePtr;

use super::cluster_table::{ClusterRow, Total};
use super::columns::{Column, GROUP, TableReader, TableWriter, schema, text};
use super::documents::DocumentsReader;
use super::error::StoreError;
use super::file::{FileWriter, FinishedFile};
use crate::error::Error;

/// The columns. `cluster` and `similarity` are null for a document without a cluster.
fn assignments_schema() -> TypePtr {
    schema(
        "message assignments {
            required int64 document (INTEGER(64,false));
            required binary id (STRING);
            required binary source (STRING);
            optional int32 tokens (INTEGER(32,false));
            optional int32 cluster (INTEGER(32,false));
            optional float similarity;
        }",
    )
}

/// What the rows that were clustered are.
#[derive(Debug, Clone, Copy)]
pub enum Documents<'a> {
    /// The documents of a documents.parquet, by its path.
    Table(&'a Path),
    /// Rows of a bare .npy: their ids are their numbers, they have no token counts.
    Rows {
        /// The file's name without its folder.
        source: &'a str,
    },
}

/// Writes the table, a row group at a time, and tells what it comes to in each of `n_clusters`.
///
/// `labels` and `similarity` hold one value a document; a label of −1 is no cluster.
///
/// # Errors
/// [`StoreError::Count`] when there are not as many documents as labels, [`StoreError::Damaged`],
/// [`StoreError::Io`], [`StoreError::Cancelled`].
///
/// # Panics
/// If there are not as many similarities as labels, or a label is not under `n_clusters`.
pub fn write_assignments(
    file: FileWriter,
    documents: Documents,
    labels: &[i32],
    similarity: &[f32],
    n_clusters: usize,
    monitor: &Monitor,
) -> Result<(FinishedFile, Vec<ClusterRow>), StoreError> {
    assert_eq!(labels.len(), similarity.len(), "similarities of {} labels", labels.len());
    let total = labels.len() as u64;
    monitor.emit(Event::Started { stage: Stage::Write, total: Some(total), unit: "documents" });
    monitor.check()?;
    let mut writer = Writer::new(file, labels, similarity, n_clusters)?;
    match documents {
        Documents::Table(path) => {
            let reader = DocumentsReader::open(path)?;
            if reader.n() != total {
                let path = path.to_path_buf();
                return Err(StoreError::Count { path, expected: total, got: reader.n(), unit: "documents" });
            }
            for batch in reader.batches() {
                for document in batch? {
                    writer.push(&document.id, &document.source, document.tokens, monitor)?;
                }
            }
        }
        Documents::Rows { source } => {
            for row in 0..total {
                writer.push(&row.to_string(), source, None, monitor)?;
            }
        }
    }
    let finished = writer.finish()?;
    monitor.emit(Event::Finished { stage: Stage::Write });
    Ok(finished)
}

struct Writer<'a> {
    table: TableWriter,
    labels: &'a [i32],
    similarities: &'a [f32],
    totals: Vec<Total>,
    rows: usize,
    document: Column<i64>,
    id: Column<ByteArray>,
    source: Column<ByteArray>,
    tokens: Column<i32>,
    cluster: Column<i32>,
    similarity: Column<f32>,
}

impl<'a> Writer<'a> {
    fn new(
        file: FileWriter,
        labels: &'a [i32],
        similarities: &'a [f32],
        n_clusters: usize,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            table: TableWriter::new(file, &assignments_schema(), &["document", "id", "similarity"])?,
            labels,
            similarities,
            totals: vec![Total::default(); n_clusters],
            rows: 0,
            document: Column::default(),
            id: Column::default(),
            source: Column::default(),
            tokens: Column::default(),
            cluster: Column::default(),
            similarity: Column::default(),
        })
    }

    fn push(
        &mut self,
        id: &str,
        source: &str,
        tokens: Option<u32>,
        monitor: &Monitor,
    ) -> Result<(), StoreError> {
        // A label of −1 is null; others have the same bits signed and unsigned.
        let cluster = Some(self.labels[self.rows]).filter(|&label| label >= 0);
        self.document.push((self.rows as u64).cast_signed());
        self.id.push(text(id));
        self.source.push(text(source));
        self.tokens.push_optional(tokens.map(u32::cast_signed));
        self.cluster.push_optional(cluster);
        self.similarity.push_optional(cluster.map(|_| self.similarities[self.rows]));
        if let Some(cluster) = cluster {
            self.totals[cluster as usize].add(tokens, self.similarities[self.rows]);
        }
        self.rows += 1;
        if self.rows.is_multiple_of(GROUP) {
            monitor.check()?;
            self.group()?;
            monitor.emit(Event::Progress { stage: Stage::Write, done: self.rows as u64 });
        }
        Ok(())
    }

    fn group(&mut self) -> Result<(), StoreError> {
        self.table.group(|group| {
            group.column::<Int64Type>(&mut self.document)?;
            group.column::<ByteArrayType>(&mut self.id)?;
            group.column::<ByteArrayType>(&mut self.source)?;
            group.column::<Int32Type>(&mut self.tokens)?;
            group.column::<Int32Type>(&mut self.cluster)?;
            group.column::<FloatType>(&mut self.similarity)
        })
    }

    fn finish(mut self) -> Result<(FinishedFile, Vec<ClusterRow>), StoreError> {
        if !self.rows.is_multiple_of(GROUP) {
            self.group()?;
        }
        let clusters = self.totals.iter().map(Total::row).collect();
        Ok((self.table.finish()?, clusters))
    }
}

/// Reads the column `tokens`.
pub(super) fn read_tokens(path: &Path, monitor: &Monitor) -> Result<Vec<Option<u32>>, StoreError> {
    let table = TableReader::open(path, &assignments_schema())?;
    let tokens = table.whole_column::<Int32Type>(3, monitor)?;
    Ok(tokens.into_iter().map(|count| count.map(i32::cast_unsigned)).collect())
}

/// Calls `take` with the id and the source of each document of an assignments.parquet, in their order.
///
/// # Errors
/// [`StoreError::Io`], [`StoreError::Damaged`], [`StoreError::Cancelled`], and what `take` returns.
pub fn each_name<E: From<StoreError>>(
    path: &Path,
    monitor: &Monitor,
    mut take: impl FnMut(&str, &str) -> Result<(), E>,
) -> Result<(), E> {
    let table = TableReader::open(path, &assignments_schema())?;
    for group in 0..table.groups() {
        monitor.check().map_err(StoreError::from)?;
        let ids = table.strings(group, 1)?;
        let sources = table.strings(group, 2)?;
        ids.iter().zip(&sources).try_for_each(|(id, source)| take(id, source))?;
    }
    Ok(())
}

/// Adds the similarities of all documents that have a cluster to those of their clusters, some at a time.
///
/// # Errors
/// A file that is damaged or cannot be read; a cluster that there is not; the work was stopped.
pub(super) fn add_to_spread(path: &Path, spread: &mut Spread, monitor: &Monitor) -> Result<(), Error> {
    let table = TableReader::open(path, &assignments_schema())?;
    for group in 0..table.groups() {
        monitor.check()?;
        let clusters = table.column::<Int32Type>(group, 4)?.into_iter();
        let labels: Vec<i32> = clusters.map(|cluster| cluster.unwrap_or(-1)).collect();
        let similarities = table.column::<FloatType>(group, 5)?.into_iter();
        let similarities: Vec<f32> = similarities.map(|similarity| similarity.unwrap_or(0.0)).collect();
        spread.add(&labels, &similarities)?;
    }
    Ok(())
}

/// Reads the column `similarity` of the rows that have one.
pub(super) fn read_similarities(path: &Path, monitor: &Monitor) -> Result<Vec<f32>, StoreError> {
    let table = TableReader::open(path, &assignments_schema())?;
    Ok(table.whole_column::<FloatType>(5, monitor)?.into_iter().flatten().collect())
}
