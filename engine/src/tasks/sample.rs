//! Clusters become an order.

use std::path::{Path, PathBuf};

use clusterclip_core::error::Param;
use clusterclip_core::format::labels::Rules;
use clusterclip_core::monitor::Monitor;
use clusterclip_core::sampler::{Members, WeightRule};

use super::{Place, place, tokens};
use crate::error::Result;
use crate::error::SettingsError;
use crate::input::labels::{self, LabelOptions, WeightsFile};
use crate::pipeline::Work;
use crate::pipeline::sample::{Origin, Sampled, sample as sample_stage};
use crate::pipeline::weights::{self, Clusters, Weighing};
use crate::settings::{Noise, SampleSettings, WeightsFrom};
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
    /// What becomes of noise among given labels; `None` is [`Noise::LeaveOut`].
    pub noise: Option<Noise>,
    /// The given labels that are noise, besides null, and no others; `None` is −1.
    pub noise_labels: Option<Vec<String>>,
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
    /// What a file of labels has, if one was read.
    pub labels: Option<GivenLabels>,
}

/// What a file of labels has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenLabels {
    /// What it calls its clusters.
    pub names: Vec<String>,
    /// Rows.
    pub rows: u64,
    /// Labels that are noise.
    pub noise: u64,
    /// Rows that it says nothing of.
    pub absent: u64,
}

/// Turns clusters into an order: `order.npy`.
///
/// # Errors
/// What cannot be read, sampled or written; the work was stopped.
pub fn sample(task: &SampleTask, monitor: &Monitor<'_>) -> Result<DoneSample> {
    task.sample.check()?;
    let place = place(&task.source, task.out.as_deref(), "the order goes")?;
    let of_labels = [
        (Param::ClusterField, task.cluster_field.clone()),
        (Param::TokenField, task.token_field.clone()),
        (Param::Noise, task.noise.map(|noise| noise.to_string())),
        (Param::NoiseLabel, task.noise_labels.as_ref().map(|labels| labels.join(","))),
    ];
    let folder = !matches!(place, Place::FromFile(_));
    if let Some((param, Some(value))) = of_labels.into_iter().find(|(_, value)| folder && value.is_some()) {
        return Err(SettingsError::OfLabels { param, value, path: task.source.clone() }.into());
    }
    let machine = Machine::cpu(None);
    let work = Work { monitor, machine: &machine };
    if let Place::FromFile(_) = place {
        refuse_comparing(task)?;
    }
    let listed = weights::listed(&task.sample.weighting, task.sample.options.strategy, monitor)?;
    match place {
        Place::Same => in_place(work, task, listed),
        Place::Other(out) => from_folder(work, task, out, listed),
        Place::FromFile(out) => from_file(work, task, out, listed),
    }
}

/// Refuses weights that compare centroids: a file of labels has none.
fn refuse_comparing(task: &SampleTask) -> Result<(), SettingsError> {
    match task.sample.weighting.from {
        Some(WeightsFrom::Rule(rule @ (WeightRule::Density | WeightRule::Groups))) => {
            Err(SettingsError::NoCentroids { rule, path: task.source.clone() })
        }
        _ => Ok(()),
    }
}

/// What the weights of a folder's clusters are made of; `listed` is not written over.
fn weighing(
    work: Work<'_>,
    task: &SampleTask,
    results: &Results,
    members: &Members,
    listed: Option<WeightsFile>,
) -> Result<Weighing> {
    let SampleSettings { weighting, options, .. } = &task.sample;
    let clusters = Clusters::of(results, weighting, work.monitor)?;
    Weighing::new(weighting, options.strategy, clusters, members, listed)
}

fn in_place(work: Work<'_>, task: &SampleTask, listed: Option<WeightsFile>) -> Result<DoneSample> {
    // Opened for reading first: a folder that is none of ours must not get a lock file.
    drop(InDir::open(&task.source)?);
    let mut out = OutDir::open(&task.source, task.force, work.monitor)?;
    let (key, members) = clusters(work, out.results())?;
    weights::refuse_listed(&mut out, listed.as_ref())?;
    let weighing = weighing(work, task, out.results(), &members, listed)?;
    let tokens = tokens(work, out.results(), &task.sample)?;
    let origin = Origin::Stage(key);
    let sampled = sample_stage(work, &mut out, &members, &task.sample, origin, weighing, tokens.as_deref())?;
    Ok(DoneSample { out, members, sampled, labels: None })
}

fn from_folder(
    work: Work<'_>,
    task: &SampleTask,
    out: &Path,
    listed: Option<WeightsFile>,
) -> Result<DoneSample> {
    let dir = InDir::open(&task.source)?;
    let (key, members) = clusters(work, dir.results())?;
    let mut out = OutDir::open(out, task.force, work.monitor)?;
    weights::refuse_listed(&mut out, listed.as_ref())?;
    let weighing = weighing(work, task, dir.results(), &members, listed)?;
    let tokens = tokens(work, dir.results(), &task.sample)?;
    let origin = Origin::Stage(key);
    let sampled = sample_stage(work, &mut out, &members, &task.sample, origin, weighing, tokens.as_deref())?;
    Ok(DoneSample { out, members, sampled, labels: None })
}

fn clusters(work: Work<'_>, results: &Results) -> Result<(StageKey, Members)> {
    let key = results.require(StageName::Cluster, work.monitor)?.key.clone();
    Ok((key, Members::from_labels(&results.labels()?)?))
}

fn from_file(
    work: Work<'_>,
    task: &SampleTask,
    out: &Path,
    listed: Option<WeightsFile>,
) -> Result<DoneSample> {
    let options = LabelOptions {
        cluster_field: task.cluster_field.clone(),
        token_field: task.token_field.clone(),
        tokens_needed: task.sample.needs_tokens(),
        rules: Rules { noise: task.noise_labels.clone(), one_cluster: task.noise == Some(Noise::OneCluster) },
    };
    let read = labels::read(&task.source, &options, work.monitor)?;
    let members = Members::from_labels(&read.labels)?;
    let parameters = Parameters::new()
        .with("cluster-field", task.cluster_field.clone())
        .with("token-field", task.token_field.clone())
        .with("noise", task.noise.unwrap_or_default().to_string())
        .with("noise-label", task.noise_labels.as_ref().map(|labels| labels.join(",")));
    let origin = Origin::File { hash: hex(read.hash), parameters, warnings: read.warnings };
    let mut out = OutDir::open(out, task.force, work.monitor)?;
    weights::refuse_listed(&mut out, listed.as_ref())?;
    out.refuse_inputs(None, [&*task.source])?;
    let of_labels = Clusters::Labels {
        path: task.source.clone(),
        n_clusters: read.names.len(),
        names: Some(read.names.clone()),
    };
    let SampleSettings { weighting, options, .. } = &task.sample;
    let weighing = Weighing::new(weighting, options.strategy, of_labels, &members, listed)?;
    let tokens = read.tokens.as_deref();
    let sampled = sample_stage(work, &mut out, &members, &task.sample, origin, weighing, tokens)?;
    let (names, noise, absent) = (read.names, read.noise, read.absent);
    let labels = GivenLabels { names, rows: read.labels.len() as u64, noise, absent };
    Ok(DoneSample { out, members, sampled, labels: Some(labels) })
}
