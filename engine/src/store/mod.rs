//! The output folder: files that appear whole or not at all, and the record of how they came about.
//!
//! [`OutDir`] is the one writer of a folder. A stage asks [`OutDir::decide`] whether its results are there
//! already; if not, it writes its files beside their places ([`OutDir::create`]) and hands them to
//! [`OutDir::commit`], which puts them in place together and lists them, with sizes and hashes, in
//! `manifest.json`. A stage counts as finished only while the manifest lists it and the files are as listed,
//! so a run killed at any point and started again ends with the same bytes. [`InDir`] reads a folder that is
//! not written.

mod assignments;
mod clusters;
mod columns;
mod decide;
mod dir;
mod documents;
mod error;
mod facts;
mod file;
mod json;
mod lock;
mod manifest;
mod names;
mod npy;
mod partial;
mod request;
mod results;
mod run;
#[cfg(test)]
mod tests;
mod values;

pub use assignments::{Documents, write_assignments};
pub use clusters::write_clusters;
pub use decide::Decision;
pub use dir::OutDir;
pub use documents::{DocumentRow, DocumentsReader, DocumentsWriter, StoredDocument};
pub use error::{Difference, Remedy, StoreError};
pub use facts::{DocumentCounts, Facts};
pub use file::{FileRecord, FileWriter, FinishedFile};
pub use manifest::{Manifest, StageRecord};
pub use names::StageName;
pub use npy::{NpyValue, NpyWriter, read_labels};
pub use partial::PartialRows;
pub use request::{FILE_OF_LABELS, FORMAT, Input, Request, StageKey, WHOLE_INPUT};
pub use results::{InDir, Results};
pub use run::{GpuUse, Machine, StageRun, StageTimer};
pub use values::{Exact, Parameter, Parameters, hex};

/// What every result is, and how it was made; the same bytes for the same input and options.
pub const MANIFEST: &str = "manifest.json";
/// How the run went: devices, timings, dates. The one file that differs from run to run.
pub const RUN: &str = "run.json";
/// One row a document, in reading order.
pub const DOCUMENTS: &str = "documents.parquet";
/// The rows that are clustered, (n_samples, n_features).
pub const EMBEDDINGS: &str = "embeddings.npy";
/// The fitted lexical model.
pub const EMBEDDER: &str = "embedder.safetensors";
/// One int32 a document, −1 without a cluster.
pub const LABELS: &str = "labels.npy";
/// The centroids in float32, (n_clusters, n_features).
pub const CENTROIDS: &str = "centroids.npy";
/// The quantised centroids and biases.
pub const CLUSTERS: &str = "clusters.safetensors";
/// Cluster and similarity of each document, for people and data frames.
pub const ASSIGNMENTS: &str = "assignments.parquet";
/// The training order: one document row a position.
pub const ORDER: &str = "order.npy";
/// The training order with texts, one JSON object a position.
pub const EXPORT: &str = "order.jsonl";
