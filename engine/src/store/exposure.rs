//! `exposure.parquet`: how often an order draws each cluster.

use clusterclip_core::monitor::Monitor;
use clusterclip_core::sampler::Exposure;
use parquet::data_type::{DoubleType, Int32Type, Int64Type};
use parquet::schema::types::TypePtr;

use super::columns::{Column, GROUP, TableWriter, schema};
use super::error::StoreError;
use super::file::{FileWriter, FinishedFile};

/// The columns. `group` is null unless weights are by groups, `weight` is 0 where the order leaves a cluster out, or it
/// is empty. `clip` is null where the strategy has none, `clipped_at` where the clip never acts on the cluster.
fn exposure_schema() -> TypePtr {
    schema(
        "message exposure {
            required int32 cluster (INTEGER(32,false));
            optional int32 group (INTEGER(32,false));
            required double weight;
            optional int32 clip (INTEGER(32,false));
            required double draws;
            required double epochs;
            optional int64 clipped_at (INTEGER(64,false));
        }",
    )
}

/// Writes a row for each of `n_clusters`, empty ones too, which are never drawn. `exposure` is of the whole order: draws,
/// expected where chance decides, draws a document, and the position from which the cluster is out. `group_of` tells the
/// group of a cluster.
///
/// # Errors
/// [`StoreError::Io`], [`StoreError::Cancelled`].
pub fn write_exposure(
    file: FileWriter,
    exposure: &Exposure,
    n_clusters: u32,
    group_of: impl Fn(u32) -> Option<u32>,
    monitor: &Monitor,
) -> Result<FinishedFile, StoreError> {
    let mut table =
        TableWriter::new(file, &exposure_schema(), &["cluster", "draws", "epochs", "clipped_at"])?;
    let (mut cluster, mut group) = (Column::default(), Column::default());
    let (mut weight, mut clip) = (Column::default(), Column::default());
    let (mut draws, mut epochs, mut clipped_at) = (Column::default(), Column::default(), Column::default());
    let mut found = exposure.clusters.iter().peekable();
    for start in (0..n_clusters).step_by(GROUP) {
        monitor.check()?;
        for number in start..n_clusters.min(start.saturating_add(GROUP as u32)) {
            let of = found.next_if(|found| found.cluster == number);
            // Parquet keeps unsigned integers in signed words of the same bits.
            cluster.push(number.cast_signed());
            group.push_optional(group_of(number).map(u32::cast_signed));
            weight.push(of.map_or(0.0, |of| of.weight));
            // At most 2^16.
            clip.push_optional(of.map_or(exposure.clip, |of| of.clip).map(|clip| clip as i32));
            draws.push(of.map_or(0.0, |of| of.draws));
            epochs.push(of.map_or(0.0, |of| of.epochs));
            clipped_at.push_optional(of.and_then(|of| of.clip_position).map(u64::cast_signed));
        }
        table.group(|columns| {
            columns.column::<Int32Type>(&mut cluster)?;
            columns.column::<Int32Type>(&mut group)?;
            columns.column::<DoubleType>(&mut weight)?;
            columns.column::<Int32Type>(&mut clip)?;
            columns.column::<DoubleType>(&mut draws)?;
            columns.column::<DoubleType>(&mut epochs)?;
            columns.column::<Int64Type>(&mut clipped_at)
        })?;
    }
    table.finish()
}
