//! Clusters become an order.

use std::path::{Path, PathBuf};

use clusterclip_core::error::Param;
use clusterclip_core::format::labels::Rules;
use clusterclip_core::monitor::Monitor;
use clusterclip_core::sampler::Members;
use same_file::is_same_file;

use super::{Clusters, Place, is_folder, place};
use crate::error::Result;
use crate::error::SettingsError;
use crate::human::counted;
use crate::input::labels::{self, LabelOptions};
use crate::pipeline::Work;
use crate::pipeline::sample::{Origin, Sampled, Source, by_cluster, sample as sample_stage};
use crate::settings::{Noise, SampleSettings};
use crate::store::{DOCUMENTS, InDir, Machine, OutDir, Parameters, Results, StageKey, StageName, hex};

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

/// Turns clusters into an order: `order.npy`, `exposure.parquet`.
///
/// # Errors
/// What cannot be read, sampled or written; the work was stopped.
pub fn sample(task: &SampleTask, monitor: &Monitor<'_>) -> Result<DoneSample> {
    let machine = Machine::cpu(None);
    let work = Work { monitor, machine: &machine };
    if !task.joined.is_empty() {
        return from_folders(work, task);
    }
    let place = place(&task.source, task.out.as_deref(), "the order goes")?;
    if !matches!(place, Place::FromFile(_)) {
        refuse_of_labels(task)?;
    }
    match place {
        Place::Same => in_place(work, task),
        Place::Other(out) => from_folder(work, task, out),
        Place::FromFile(out) => from_file(work, task, out),
    }
}

/// Refuses what is said of given labels.
fn refuse_of_labels(task: &SampleTask) -> Result<(), SettingsError> {
    let of_labels = [
        (Param::ClusterField, task.cluster_field.clone()),
        (Param::TokenField, task.token_field.clone()),
        (Param::Noise, task.noise.map(|noise| noise.to_string())),
        (Param::NoiseLabel, task.noise_labels.as_ref().map(|labels| labels.join(","))),
    ];
    match of_labels.into_iter().find_map(|(param, value)| Some((param, value?))) {
        Some((param, value)) => Err(SettingsError::OfLabels { param, value, path: task.source.clone() }),
        None => Ok(()),
    }
}

fn in_place(work: Work<'_>, task: &SampleTask) -> Result<DoneSample> {
    // Opened for reading first: a folder that is none of ours must not get a lock file.
    drop(InDir::open(&task.source)?);
    let out = OutDir::open(&task.source, task.force, work.monitor)?;
    let (key, found) = clusters(work, out.results(), &task.sample)?;
    of_clusters(work, task, out, Origin::Stage(key), found)
}

fn from_folder(work: Work<'_>, task: &SampleTask, out: &Path) -> Result<DoneSample> {
    let dir = InDir::open(&task.source)?;
    let (key, found) = clusters(work, dir.results(), &task.sample)?;
    let out = OutDir::open(out, task.force, work.monitor)?;
    of_clusters(work, task, out, Origin::Stage(key), found)
}

fn clusters(work: Work<'_>, results: &Results, settings: &SampleSettings) -> Result<(StageKey, Clusters)> {
    let key = results.require(StageName::Cluster, work.monitor)?.key.clone();
    Ok((key, Clusters::open(work, results, settings)?))
}

/// One order over a folder and those whose documents joined its clusters.
fn from_folders(work: Work<'_>, task: &SampleTask) -> Result<DoneSample> {
    let paths: Vec<&PathBuf> = std::iter::once(&task.source).chain(&task.joined).collect();
    for path in &paths {
        if !is_folder(path)? {
            return Err(SettingsError::SeveralLabels { path: path.to_path_buf() }.into());
        }
    }
    refuse_of_labels(task)?;
    let out = task.out.as_deref().ok_or(SettingsError::NoOutOfSeveral)?;
    if paths.iter().any(|path| is_same_file(path, out).unwrap_or(false)) {
        return Err(SettingsError::IntoSource { path: out.to_owned() }.into());
    }
    let dirs = paths.iter().map(|path| InDir::open(path)).collect::<Result<Vec<_>, _>>()?;
    let (first, mut found) = clusters(work, dirs[0].results(), &task.sample)?;
    let mut joined = Vec::new();
    for (dir, path) in dirs.iter().zip(&paths).skip(1) {
        let (key, next) = clusters(work, dir.results(), &task.sample)?;
        if dir.results().clustering() != dirs[0].results().clustering() {
            let (path, other) = (task.source.clone(), path.to_path_buf());
            return Err(SettingsError::OtherClustering { path, other }.into());
        }
        joined.push(key);
        found.append(next);
    }
    let warnings = repeated(work, &dirs)?;
    let out = OutDir::open(out, task.force, work.monitor)?;
    of_clusters(work, task, out, Origin::Stages { first, joined, warnings }, found)
}

/// Says how many documents have the text of one in an earlier folder; nothing where a folder knows no texts.
fn repeated(work: Work<'_>, dirs: &[InDir]) -> Result<Vec<String>> {
    let (mut seen, mut count) = (Vec::<u128>::new(), 0);
    for results in dirs.iter().map(InDir::results) {
        if !results.manifest().stages.contains_key(&StageName::Embed) {
            return Ok(Vec::new());
        }
        results.require_files(StageName::Embed, &[DOCUMENTS], work.monitor)?;
        let mut hashes = results.documents()?.hashes(work.monitor)?;
        count += hashes.iter().filter(|hash| seen.binary_search(hash).is_ok()).count() as u64;
        seen.append(&mut hashes);
        seen.sort_unstable();
        seen.dedup();
    }
    let text = match count {
        0 => return Ok(Vec::new()),
        1 => "1 document has the text of one in an earlier folder: it is".to_owned(),
        _ => format!("{} have the text of one in an earlier folder: each is", counted(count, "document")),
    };
    Ok(vec![format!("{text} drawn as a document of its own")])
}

fn of_clusters(
    work: Work<'_>,
    task: &SampleTask,
    mut out: OutDir,
    origin: Origin,
    found: Clusters,
) -> Result<DoneSample> {
    let sampled = sample_stage(work, &mut out, found.source(origin), &task.sample)?;
    Ok(DoneSample { out, members: found.members, sampled, labels: None })
}

fn from_file(work: Work<'_>, task: &SampleTask, out: &Path) -> Result<DoneSample> {
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
    out.want(&[StageName::Sample])?;
    out.refuse_inputs(None, [&*task.source])?;
    let tokens = read.tokens.as_deref();
    let by_cluster = tokens.and_then(|tokens| by_cluster(&members, tokens));
    let source = Source { members: &members, origin, by_cluster, tokens };
    let sampled = sample_stage(work, &mut out, source, &task.sample)?;
    let (names, noise, absent) = (read.names, read.noise, read.absent);
    let labels = GivenLabels { names, rows: read.labels.len() as u64, noise, absent };
    Ok(DoneSample { out, members, sampled, labels: Some(labels) })
}
