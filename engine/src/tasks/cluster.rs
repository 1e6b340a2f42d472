//! Rows become clusters.

use std::path::{Path, PathBuf};

use clusterclip_core::error::Param;
use clusterclip_core::monitor::Monitor;

use super::{Place, file_name, place};
use crate::device::Chosen;
use crate::error::{Result, SettingsError};
use crate::input::embeddings::NpyRows;
use crate::pipeline::Work;
use crate::pipeline::cluster::{Clustered, How, Source, cluster as cluster_stage};
use crate::pipeline::embed::MODEL;
use crate::settings::{ClusterSettings, DeviceSettings, Init};
use crate::store::{
    DOCUMENTS, Documents, EMBEDDINGS, InDir, Machine, OutDir, Parameter, Results, RowsOf, StageName,
};

/// What to cluster, and how.
#[derive(Debug, Clone, Default)]
pub struct ClusterTask {
    /// A folder that was embedded into, or a `.npy` of rows (n_samples, n_features).
    pub source: PathBuf,
    /// How rows are grouped.
    pub cluster: ClusterSettings,
    /// What it runs on.
    pub device: DeviceSettings,
    /// The folder for results; `None` is the folder that is read.
    pub out: Option<PathBuf>,
    /// Whether results that were made with other settings are replaced.
    pub force: bool,
}

/// The finished task.
pub struct DoneCluster {
    /// The folder.
    pub out: OutDir,
    /// How the stage ended.
    pub clustered: Clustered,
}

/// Clusters rows: `labels.npy`, `centroids.npy`, `clusters.safetensors`, `assignments.parquet`, `clusters.parquet`,
/// `members.npy`.
///
/// # Errors
/// What cannot be read, clustered or written; the work was stopped.
pub fn cluster(task: &ClusterTask, monitor: &Monitor<'_>) -> Result<DoneCluster> {
    let device = Chosen::new(&task.device)?;
    let place = place(&task.source, task.out.as_deref(), "the results go")?;
    let how = How::open(&task.cluster, device)?;
    let machine = Machine::cpu(None);
    let work = Work { monitor, machine: &machine };
    let (out, clustered) = match place {
        Place::Same => in_place(work, task, &how)?,
        Place::Other(out) => from_folder(work, task, out, &how)?,
        Place::FromFile(out) => from_file(work, task, out, &how)?,
    };
    Ok(DoneCluster { out, clustered })
}

fn in_place(work: Work<'_>, task: &ClusterTask, how: &How<'_>) -> Result<(OutDir, Clustered)> {
    // Opened for reading first: a folder that is none of ours must not get a lock file.
    drop(InDir::open(&task.source)?);
    let mut out = open(work, task, &task.source)?;
    let rows = rows(work, out.results())?;
    let documents = out.results().file(DOCUMENTS);
    let source = source(work, out.results(), &rows, &documents)?;
    let done = cluster_stage(work, &mut out, source, how)?;
    Ok((out, done))
}

fn from_folder(work: Work<'_>, task: &ClusterTask, out: &Path, how: &How<'_>) -> Result<(OutDir, Clustered)> {
    let dir = InDir::open(&task.source)?;
    let rows = rows(work, dir.results())?;
    let documents = dir.results().file(DOCUMENTS);
    let source = source(work, dir.results(), &rows, &documents)?;
    let mut out = open(work, task, out)?;
    let done = cluster_stage(work, &mut out, source, how)?;
    Ok((out, done))
}

fn from_file(work: Work<'_>, task: &ClusterTask, out: &Path, how: &How<'_>) -> Result<(OutDir, Clustered)> {
    let rows = NpyRows::open(&task.source)?;
    let name = file_name(&task.source);
    let source = Source {
        rows: &rows,
        left_out: None,
        documents: Documents::Rows { source: &name },
        from: None,
        given: Some(name.clone()),
        rows_of: RowsOf::Given,
    };
    let mut out = open(work, task, out)?;
    let done = cluster_stage(work, &mut out, source, how)?;
    Ok((out, done))
}

/// Opens the folder for results, which must not hold what the clusters start from.
fn open(work: Work<'_>, task: &ClusterTask, dir: &Path) -> Result<OutDir> {
    let mut out = OutDir::open(dir, task.force, work.monitor)?;
    out.want(&[StageName::Cluster])?;
    if let Init::File(file) = &task.cluster.init {
        out.refuse_inputs(Some(Param::Init), [&**file])?;
    }
    if dir != task.source {
        out.refuse_inputs(None, [&*task.source])?;
    }
    Ok(out)
}

/// Opens the rows of a folder.
fn rows(work: Work<'_>, results: &Results) -> Result<NpyRows> {
    let record = results.require(StageName::Embed, work.monitor)?;
    if !record.files.contains_key(EMBEDDINGS) {
        return Err(SettingsError::RowsElsewhere { path: results.path().to_owned() }.into());
    }
    NpyRows::open(&results.file(EMBEDDINGS))
}

/// What is to be clustered in a folder.
fn source<'a>(
    work: Work<'_>,
    results: &Results,
    rows: &'a NpyRows,
    documents: &'a Path,
) -> Result<Source<'a>> {
    let key = results.manifest().stages.get(&StageName::Embed).map(|record| record.key.clone());
    let left_out = Some(results.documents()?.left_out(work.monitor)?);
    let rows_of = embedded_by(results);
    Ok(Source { rows, left_out, documents: Documents::Table(documents), from: key, given: None, rows_of })
}

/// What made the rows of a folder that has some.
fn embedded_by(results: &Results) -> RowsOf {
    let parameters = results.manifest().parameters.get(&StageName::Embed);
    match parameters.and_then(|parameters| parameters.get("embedder")).and_then(Parameter::text) {
        Some(MODEL) => RowsOf::Model,
        _ => RowsOf::Lexical,
    }
}
