//! Clusters become an order.

use std::path::{Path, PathBuf};

use clusterclip_core::error::Param;
use clusterclip_core::format::labels::Rules;
use clusterclip_core::monitor::Monitor;
use clusterclip_core::sampler::Members;
use same_file::is_same_file;

use super::{Clusters, Place, file_name, is_folder, place};
use crate::error::{Result, SettingsError};
use crate::human::counted;
use crate::input::labels::{self, LabelOptions};
use crate::input::{self, Corpus};
use crate::pipeline::Work;
use crate::pipeline::embed::reading;
use crate::pipeline::export::{Known, Order, export};
use crate::pipeline::sample::{Origin, Sampled, Source, by_cluster, sample as sample_stage};
use crate::settings::{ExportSettings, Noise, SampleSettings};
use crate::store::{
    DOCUMENTS, InDir, Machine, OutDir, Parameters, Results, StageKey, StageName, WHOLE_INPUT, hex,
};

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
    task.export.check(&task.sample)?;
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
    let (key, found, labels) = clusters(work, task, out.results())?;
    let corpus = corpus(work, task, out.results(), &task.source)?;
    let found = (Origin::Stage(key), found, labels);
    of_clusters(work, task, out, found, Known::Here, corpus.as_ref())
}

fn from_folder(work: Work<'_>, task: &SampleTask, out: &Path) -> Result<DoneSample> {
    let dir = InDir::open(&task.source)?;
    let (key, found, labels) = clusters(work, task, dir.results())?;
    let out = OutDir::open(out, task.force, work.monitor)?;
    let corpus = corpus(work, task, dir.results(), out.path())?;
    let known = Known::There(dir.results());
    of_clusters(work, task, out, (Origin::Stage(key), found, labels), known, corpus.as_ref())
}

/// What is sampled of a folder, and where exports are asked for, the label of each row.
fn clusters(work: Work<'_>, task: &SampleTask, results: &Results) -> Result<(StageKey, Clusters, Vec<i32>)> {
    let key = results.require(StageName::Cluster, work.monitor)?.key.clone();
    let labels = if task.export.kinds.is_empty() { Vec::new() } else { results.labels()? };
    Ok((key, Clusters::open(work, results, &task.sample)?, labels))
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
    if let Some(&kind) = task.export.kinds.first() {
        return Err(SettingsError::ExportOfSeveral { kind }.into());
    }
    let out = task.out.as_deref().ok_or(SettingsError::NoOutOfSeveral)?;
    if paths.iter().any(|path| is_same_file(path, out).unwrap_or(false)) {
        return Err(SettingsError::IntoSource { path: out.to_owned() }.into());
    }
    let dirs = paths.iter().map(|path| InDir::open(path)).collect::<Result<Vec<_>, _>>()?;
    let (first, mut found, _) = clusters(work, task, dirs[0].results())?;
    let mut joined = Vec::new();
    for (dir, path) in dirs.iter().zip(&paths).skip(1) {
        let (key, next, _) = clusters(work, task, dir.results())?;
        if dir.results().clustering() != dirs[0].results().clustering() {
            let (path, other) = (task.source.clone(), path.to_path_buf());
            return Err(SettingsError::OtherClustering { path, other }.into());
        }
        joined.push(key);
        found.append(next);
    }
    let warnings = repeated(work, &dirs)?;
    let out = OutDir::open(out, task.force, work.monitor)?;
    let found = (Origin::Stages { first, joined, warnings }, found, Vec::new());
    of_clusters(work, task, out, found, Known::Here, None)
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
    (origin, found, labels): (Origin, Clusters, Vec<i32>),
    known: Known<'_>,
    corpus: Option<&Corpus>,
) -> Result<DoneSample> {
    let (sampled, exported) = make(work, task, &mut out, found.source(origin), &labels, known, corpus)?;
    Ok(DoneSample { out, members: found.members, sampled, exported, labels: None })
}

/// Makes the order, and the forms of it that are asked for.
fn make(
    work: Work<'_>,
    task: &SampleTask,
    out: &mut OutDir,
    source: Source<'_>,
    labels: &[i32],
    known: Known<'_>,
    corpus: Option<&Corpus>,
) -> Result<(Sampled, Option<bool>)> {
    let exports = !task.export.kinds.is_empty();
    if exports {
        out.want(&[StageName::Sample, StageName::Export])?;
    }
    if let Some(corpus) = corpus {
        task.export.check_corpus(corpus)?;
        out.refuse_inputs(Some(Param::Input), corpus.files())?;
    }
    let members = source.members;
    let sampled = sample_stage(work, out, source, &task.sample)?;
    let order = Order { members, labels, settings: &task.sample, sampled: &sampled, known, corpus };
    let exported = exports.then(|| export(work, out, order, &task.export)).transpose()?;
    Ok((sampled, exported))
}

/// Opens what was embedded into a folder again, where a form holds documents; it is read as it was then, and is held
/// against what it was then.
fn corpus(work: Work<'_>, task: &SampleTask, results: &Results, out: &Path) -> Result<Option<Corpus>> {
    let Some(kind) = task.export.of_texts() else { return Ok(None) };
    if task.inputs.is_empty() {
        return Err(SettingsError::NoTexts { kind }.into());
    }
    let path = || task.source.clone();
    let manifest = results.manifest();
    let options = manifest.parameters.get(&StageName::Embed).and_then(reading);
    let options = options.ok_or_else(|| SettingsError::NoDocuments { path: path() })?;
    results.require(StageName::Embed, work.monitor)?;
    let options = input::Options { out: Some(out.to_owned()), ..options };
    let mut corpus = Corpus::open(&task.inputs, options, work.monitor)?;
    let hash = hex(corpus.hash_inputs(work.monitor)?);
    let whole = manifest.inputs.get(&StageName::Embed).into_iter().flatten();
    match { whole }.find(|input| input.name == WHOLE_INPUT) {
        Some(whole) if whole.hash == hash => Ok(Some(corpus)),
        _ => Err(SettingsError::OtherInput { path: path() }.into()),
    }
}

fn from_file(work: Work<'_>, task: &SampleTask, out: &Path) -> Result<DoneSample> {
    let options = LabelOptions {
        cluster_field: task.cluster_field.clone(),
        token_field: task.token_field.clone(),
        tokens_needed: task.sample.needs_tokens(),
        rules: Rules { noise: task.noise_labels.clone(), one_cluster: task.noise == Some(Noise::OneCluster) },
    };
    let read = labels::read(&task.source, &options, work.monitor)?;
    if let Some(kind) = task.export.of_texts() {
        return Err(SettingsError::LabelsHaveNone { kind, path: task.source.clone() }.into());
    }
    let parameters = Parameters::new()
        .with("cluster-field", task.cluster_field.clone())
        .with("token-field", task.token_field.clone())
        .with("noise", task.noise.unwrap_or_default().to_string())
        .with("noise-label", task.noise_labels.as_ref().map(|labels| labels.join(",")));
    let origin = Origin::File { hash: hex(read.hash), parameters, warnings: read.warnings };
    let mut out = OutDir::open(out, task.force, work.monitor)?;
    out.want(&[StageName::Sample])?;
    out.refuse_inputs(None, [&*task.source])?;
    let members = Members::from_labels(&read.labels)?;
    let tokens = read.tokens.as_deref();
    let by_cluster = tokens.and_then(|tokens| by_cluster(&members, tokens));
    let source = Source { members: &members, origin, by_cluster, tokens };
    let name = file_name(&task.source);
    let known = Known::Labels(&name);
    let (sampled, exported) = make(work, task, &mut out, source, &read.labels, known, None)?;
    let (names, noise, absent) = (read.names, read.noise, read.absent);
    let labels = GivenLabels { names, rows: read.labels.len() as u64, noise, absent };
    Ok(DoneSample { out, members, sampled, exported, labels: Some(labels) })
}
