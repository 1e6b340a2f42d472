//! `clusters.parquet`: a row a cluster.

use std::path::Path;

use clusterclip_core::monitor::Monitor;
use parquet::data_type::{FloatType, Int32Type, Int64Type};
use parquet::schema::types::TypePtr;

use super::columns::{Column, GROUP, TableReader, TableWriter, schema};
use super::error::StoreError;
use super::file::{FileWriter, FinishedFile};

/// The columns. `tokens` is null where a document of the cluster has no count, `similarity` of an empty cluster.
fn clusters_schema() -> TypePtr {
    schema(
        "message clusters {
            required int32 cluster (INTEGER(32,false));
            required int64 size (INTEGER(64,false));
            optional int64 tokens (INTEGER(64,false));
            optional float similarity;
        }",
    )
}

/// What is kept of a cluster.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClusterRow {
    /// Documents in it.
    pub size: u64,
    /// Tokens of its documents, where each has a count.
    pub tokens: Option<u64>,
    /// Mean similarity of its documents to its centroid; an empty cluster has none.
    pub similarity: Option<f32>,
}

/// What adds up to a [`ClusterRow`], a document after the other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Total {
    size: u64,
    tokens: Option<u64>,
    /// In row order, so that it is always the same.
    similarity: f64,
}

impl Default for Total {
    fn default() -> Self {
        Self { size: 0, tokens: Some(0), similarity: 0.0 }
    }
}

impl Total {
    /// Adds the next document.
    pub(super) fn add(&mut self, tokens: Option<u32>, similarity: f32) {
        self.size += 1;
        self.tokens = self.tokens.zip(tokens).map(|(sum, tokens)| sum + u64::from(tokens));
        self.similarity += f64::from(similarity);
    }

    /// What is kept of it.
    pub(super) fn row(&self) -> ClusterRow {
        let similarity = (self.size > 0).then(|| (self.similarity / self.size as f64) as f32);
        ClusterRow { size: self.size, tokens: self.tokens, similarity }
    }
}

/// Writes the table: clusters from 0.
///
/// # Errors
/// [`StoreError::Io`], [`StoreError::Cancelled`].
pub fn write_cluster_table(
    file: FileWriter,
    clusters: &[ClusterRow],
    monitor: &Monitor,
) -> Result<FinishedFile, StoreError> {
    let mut table = TableWriter::new(file, &clusters_schema(), &["cluster", "similarity"])?;
    let (mut cluster, mut size) = (Column::default(), Column::default());
    let (mut tokens, mut similarity) = (Column::default(), Column::default());
    for (rows, start) in clusters.chunks(GROUP).zip((0..).step_by(GROUP)) {
        monitor.check()?;
        for (row, number) in rows.iter().zip(start..) {
            // Parquet keeps unsigned integers in signed words of the same bits.
            cluster.push(number);
            size.push(row.size.cast_signed());
            tokens.push_optional(row.tokens.map(u64::cast_signed));
            similarity.push_optional(row.similarity);
        }
        table.group(|group| {
            group.column::<Int32Type>(&mut cluster)?;
            group.column::<Int64Type>(&mut size)?;
            group.column::<Int64Type>(&mut tokens)?;
            group.column::<FloatType>(&mut similarity)
        })?;
    }
    table.finish()
}

/// Reads the table.
///
/// # Errors
/// [`StoreError::Io`], [`StoreError::Damaged`], [`StoreError::Cancelled`].
pub(super) fn read_cluster_table(path: &Path, monitor: &Monitor) -> Result<Vec<ClusterRow>, StoreError> {
    let table = TableReader::open(path, &clusters_schema())?;
    let sizes = table.whole_column::<Int64Type>(1, monitor)?.into_iter().flatten();
    let tokens = table.whole_column::<Int64Type>(2, monitor)?;
    let similarities = table.whole_column::<FloatType>(3, monitor)?;
    let rows = sizes.zip(tokens).zip(similarities).map(|((size, tokens), similarity)| ClusterRow {
        size: size.cast_unsigned(),
        tokens: tokens.map(i64::cast_unsigned),
        similarity,
    });
    Ok(rows.collect())
}
