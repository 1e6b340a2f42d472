//! Clusters become an order.

use std::path::{Path, PathBuf};

use clusterclip_core::error::Param;
use clusterclip_core::monitor::Monitor;
use clusterclip_core::sampler::Members;

use super::{Place, place, tokens};
use crate::error::Result;
use crate::error::SettingsError;
use crate::input::labels::{self, LabelOptions};
use crate::pipeline::Work;
use crate::pipeline::sample::{Origin, Sampled, sample as sample_stage};
use crate::settings::SampleSettings;
use crate::store::{InDir, Machine, OutDir, Parameters, Results, StageKey, StageName, hex};

/// What to sample, and how.
#[derive(Debug, Clone, Default)]
pub struct SampleTask {
    /// A folder that was clustered into, or a file of labels.
    pub source: PathBuf,
    /// The column of clusters in a table of labels; `None` is `cluster`.
    pub cluster_field: Option<String>,
    /// The column of token counts in a table of labels; `None` is `tokens`, if there is one.
    pub token_field: Option<String>,
    /// What order is made.
    pub sample: SampleSettings,
    /// The folder for results; `None` is the folder that is read.
    pub out: Option<PathBuf>,
    /// Whether results that were made with other settings are replaced.
    pub force: bool,
}

/// The finished task.
pub struct DoneSample {
    /// The folder.
    pub out: OutDir,
    /// The documents of each cluster.
    pub members: Members,
    /// The order.
    pub sampled: Sampled,
    /// What a file of labels calls its clusters.
    pub names: Option<Vec<String>>,
}

/// Turns clusters into an order: `order.npy`.
///
/// # Errors
/// What cannot be read, sampled or written; the work was stopped.
pub fn sample(task: &SampleTask, monitor: &Monitor<'_>) -> Result<DoneSample> {
    let place = place(&task.source, task.out.as_deref(), "the order goes")?;
    let fields = [(Param::ClusterField, &task.cluster_field), (Param::TokenField, &task.token_field)];
    let folder = !matches!(place, Place::FromFile(_));
    if let Some((param, Some(field))) = fields.into_iter().find(|(_, field)| folder && field.is_some()) {
        let (field, path) = (field.clone(), task.source.clone());
        return Err(SettingsError::FieldOfFolder { param, field, path }.into());
    }
    let machine = Machine::cpu(None);
    let work = Work { monitor, machine: &machine };
    match place {
        Place::Same => in_place(work, task),
        Place::Other(out) => from_folder(work, task, out),
        Place::FromFile(out) => from_file(work, task, out),
    }
}

fn in_place(work: Work<'_>, task: &SampleTask) -> Result<DoneSample> {
    // Opened for reading first: a folder that is none of ours must not get a lock file.
    drop(InDir::open(&task.source)?);
    let mut out = OutDir::open(&task.source, task.force, work.monitor)?;
    let (key, members) = clusters(work, out.results())?;
    let tokens = tokens(work, out.results(), &task.sample)?;
    let origin = Origin::Stage(key);
    let sampled = sample_stage(work, &mut out, &members, &task.sample, origin, tokens.as_deref())?;
    Ok(DoneSample { out, members, sampled, names: None })
}

fn from_folder(work: Work<'_>, task: &SampleTask, out: &Path) -> Result<DoneSample> {
    let dir = InDir::open(&task.source)?;
    let (key, members) = clusters(work, dir.results())?;
    let mut out = OutDir::open(out, task.force, work.monitor)?;
    let tokens = tokens(work, dir.results(), &task.sample)?;
    let origin = Origin::Stage(key);
    let sampled = sample_stage(work, &mut out, &members, &task.sample, origin, tokens.as_deref())?;
    Ok(DoneSample { out, members, sampled, names: None })
}

fn clusters(work: Work<'_>, results: &Results) -> Result<(StageKey, Members)> {
    let key = results.require(StageName::Cluster, work.monitor)?.key.clone();
    Ok((key, Members::from_labels(&results.labels()?)?))
}

fn from_file(work: Work<'_>, task: &SampleTask, out: &Path) -> Result<DoneSample> {
    let options = LabelOptions {
        cluster_field: task.cluster_field.clone(),
        token_field: task.token_field.clone(),
        tokens_needed: task.sample.needs_tokens(),
    };
    let read = labels::read(&task.source, &options, work.monitor)?;
    let members = Members::from_labels(&read.labels)?;
    let parameters = Parameters::new()
        .with("cluster-field", task.cluster_field.clone())
        .with("token-field", task.token_field.clone());
    let origin = Origin::File { hash: hex(read.hash), parameters, warnings: read.warnings };
    let mut out = OutDir::open(out, task.force, work.monitor)?;
    let sampled = sample_stage(work, &mut out, &members, &task.sample, origin, read.tokens.as_deref())?;
    Ok(DoneSample { out, members, sampled, names: Some(read.names) })
}
