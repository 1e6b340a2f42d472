//! Clusters become an order.

mod folders;
mod labels;

use std::path::PathBuf;

use clusterclip_core::error::Param;
use clusterclip_core::monitor::Monitor;
use clusterclip_core::sampler::Members;

use self::folders::{from_folder, from_folders, in_place};
use self::labels::from_file;
use super::{Clusters, Place, file_name, is_folder, place};
use crate::error::{Result, SettingsError};
use crate::input::Corpus;
use crate::input::labels::WeightsFile;
use crate::pipeline::Work;
use crate::pipeline::export::{Known, Order, export};
use crate::pipeline::sample::{Sampled, Source, sample as sample_stage};
use crate::pipeline::weights::{Basis, Weighing, listed};
use crate::settings::{ExportSettings, Noise, SampleSettings};
use crate::store::{Machine, OutDir, StageName};

/// What to sample, and how.
#[derive(Debug, Clone, Default)]
pub struct SampleTask {
    /// A folder that was clustered into, or a file of labels.
    pub source: PathBuf,
    /// Folders whose documents joined the clusters of the folder `source`. One order is drawn over all: their documents
    /// are numbered after its own, one folder after the other.
    pub joined: Vec<PathBuf>,
    /// The column of clusters in a table of labels; `None` is `cluster`.
    pub cluster_field: Option<String>,
    /// The column of token counts in a table of labels; `None` is `tokens`, if there is one.
    pub token_field: Option<String>,
    /// The column of scores in a table of labels, where clusters are drawn by score; `None` is `score`.
    pub score_field: Option<String>,
    /// What becomes of noise among given labels; `None` is [`Noise::LeaveOut`].
    pub noise: Option<Noise>,
    /// The given labels that are noise, besides null, and no others; `None` is −1.
    pub noise_labels: Option<Vec<String>>,
    /// What order is made.
    pub sample: SampleSettings,
    /// In which forms the order is written besides.
    pub export: ExportSettings,
    /// What was embedded into the folder, for forms that hold documents.
    pub inputs: Vec<PathBuf>,
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
    /// Whether what was asked for besides was there already; `None` where nothing was.
    pub exported: Option<bool>,
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

/// Turns clusters into an order: `order.npy`, `exposure.parquet`, and the forms of it that are asked for.
///
/// # Errors
/// What cannot be read, sampled or written; the work was stopped.
pub fn sample(task: &SampleTask, monitor: &Monitor<'_>) -> Result<DoneSample> {
    task.sample.check()?;
    task.export.check(&task.sample)?;
    let machine = Machine::cpu(None);
    let work = Work { monitor, machine: &machine };
    let listed = || listed(&task.sample.weighting, task.sample.options.strategy, monitor);
    if !task.joined.is_empty() {
        return from_folders(work, task, listed);
    }
    let place = place(&task.source, task.out.as_deref(), "the order goes")?;
    if !matches!(place, Place::FromFile(_)) {
        refuse_of_labels(task)?;
    }
    match place {
        Place::Same => in_place(work, task, listed()?),
        Place::Other(out) => from_folder(work, task, out, listed()?),
        Place::FromFile(out) => from_file(work, task, out, listed),
    }
}

/// Refuses what is said of given labels.
fn refuse_of_labels(task: &SampleTask) -> Result<(), SettingsError> {
    let of_labels = [
        (Param::ClusterField, task.cluster_field.clone()),
        (Param::TokenField, task.token_field.clone()),
        (Param::ScoreField, task.score_field.clone()),
        (Param::Noise, task.noise.map(|noise| noise.to_string())),
        (Param::NoiseLabel, task.noise_labels.as_ref().map(|labels| labels.join(","))),
    ];
    match of_labels.into_iter().find_map(|(param, value)| Some((param, value?))) {
        Some((param, value)) => Err(SettingsError::OfLabels { param, value, path: task.source.clone() }),
        None => Ok(()),
    }
}

/// What exports are made of besides the order.
struct Exports<'a> {
    /// The cluster of each document.
    labels: &'a [i32],
    /// Where the documents are known.
    known: Known<'a>,
    /// What they are read from, for forms with texts.
    corpus: Option<&'a Corpus>,
}

/// Makes the order, and the forms of it that are asked for. The weights are of `basis` and `listed`.
fn make(
    work: Work<'_>,
    task: &SampleTask,
    out: &mut OutDir,
    source: Source<'_>,
    (basis, listed): (Basis, Option<WeightsFile>),
    exports: &Exports<'_>,
) -> Result<(Sampled, Option<bool>)> {
    let &Exports { labels, known, corpus } = exports;
    let wanted: &[StageName] = match task.export.kinds.is_empty() {
        true => &[StageName::Sample],
        false => &[StageName::Sample, StageName::Export],
    };
    out.want(wanted)?;
    if let Some(corpus) = corpus {
        task.export.check_corpus(corpus)?;
        out.refuse_inputs(Some(Param::Input), corpus.files())?;
    }
    out.refuse_inputs(Some(Param::Weights), listed.as_ref().map(WeightsFile::path))?;
    let settings = &task.sample;
    let strategy = settings.options.strategy;
    let weighing = Weighing::new(&settings.weighting, strategy, basis, source.members, listed)?;
    let Source { members, origin, by_cluster, tokens, scores } = source;
    let source = Source { members: &mut *members, origin, by_cluster, tokens, scores };
    let sampled = sample_stage(work, out, source, settings, weighing)?;
    let order = Order { members, labels, settings, sampled: &sampled, known, corpus };
    let exported =
        wanted.contains(&StageName::Export).then(|| export(work, out, order, &task.export)).transpose()?;
    Ok((sampled, exported))
}
