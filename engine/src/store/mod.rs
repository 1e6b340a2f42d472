//! The output folder: files that appear whole or not at all, and the record of how they came about.
//!
//! [`OutDir`] is the one writer of a folder. A stage asks [`OutDir::decide`] whether its results are there
//! already; if not, it writes its files beside their places ([`OutDir::create`]) and hands them to
//! [`OutDir::commit`], which puts them in place together and lists them, with sizes and hashes, in
//! `manifest.json`. A stage counts as finished only while the manifest lists it and the files are as listed,
//! so a run killed at any point and started again ends with the same bytes. [`InDir`] reads a folder that is
//! not written.
//!
//! ```
//! use clusterclip_engine::store::{InDir, StageName, StoreError};
//!
//! assert_eq!(StageName::Sample.files(), ["exposure.parquet", "order.npy"]);
//! let folder = tempfile::tempdir()?;
//! assert!(matches!(InDir::open(folder.path()), Err(StoreError::NoManifest { .. })));
//! # Ok::<(), std::io::Error>(())
//! ```

mod assignments;
mod cluster_table;
mod clusters;
mod columns;
mod dir;
mod documents;
mod error;
mod exported;
mod exposure;
mod facts;
mod file;
mod json;
mod lock;
mod manifest;
mod members;
mod names;
mod npy;
mod packed;
mod partial;
mod positions;
mod request;
mod results;
mod reuse;
mod run;
mod seal;
#[cfg(test)]
mod tests;
mod values;

pub use assignments::{Documents, each_name, write_assignments};
pub use cluster_table::{ClusterRow, write_cluster_table};
pub use clusters::write_clusters;
pub use dir::OutDir;
pub use documents::{DocumentRow, DocumentsReader, DocumentsWriter, StoredDocument};
pub use error::{Difference, Remedy, StoreError};
pub use exported::MAX_SHARDS;
pub(crate) use exported::{of_cluster, rank as rank_name, shard};
pub use exposure::write_exposure;
pub use facts::{BAD_RECORDS, DocumentCounts, Drift, Facts, FileCounts, REPEATED_HEADERS, RowsOf, Splits};
pub use file::{FileRecord, FileWriter, FinishedFile};
pub use manifest::{Manifest, StageRecord};
pub use members::write_members;
pub use names::{
    ASSIGNMENTS, CENTROIDS, CLUSTER_TABLE, CLUSTERS, DOCUMENTS, EMBEDDER, EMBEDDINGS, EXPOSURE, IDS, LABELS,
    MANIFEST, MEMBERS, ORDER, POSITIONS, RUN, StageName, exports, is_results,
};
pub use npy::{NpyValue, NpyWriter, read_labels};
pub use packed::{PackedWriter, Packing};
pub use partial::PartialRows;
pub use positions::{Position, PositionsWriter};
pub use request::{FILE_OF_LABELS, FORMAT, Input, Request, StageKey, WHOLE_INPUT};
pub use results::{InDir, Results};
pub use reuse::Decision;
pub use run::{GpuUse, Machine, StageRun, StageTimer};
pub use values::{Exact, Parameter, Parameters, hex};
