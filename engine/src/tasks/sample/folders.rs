//! Orders over the clusters of folders.

use std::path::{Path, PathBuf};

use same_file::is_same_file;

use super::{Basis, Clusters, DoneSample, Exports, SampleTask, is_folder, make, refuse_of_labels};
use crate::error::{Result, SettingsError};
use crate::human::counted;
use crate::input::labels::WeightsFile;
use crate::input::{self, Corpus};
use crate::pipeline::Work;
use crate::pipeline::embed::reading;
use crate::pipeline::export::Known;
use crate::pipeline::sample::Origin;
use crate::store::{DOCUMENTS, InDir, OutDir, Results, StageKey, StageName, WHOLE_INPUT, hex};

/// What there is in folders to be sampled.
struct Found {
    origin: Origin,
    clusters: Clusters,
    basis: Basis,
    /// The cluster of each document, where exports are asked for.
    labels: Vec<i32>,
}

pub(super) fn in_place(work: Work<'_>, task: &SampleTask, listed: Option<WeightsFile>) -> Result<DoneSample> {
    // Opened for reading first: a folder that is none of ours must not get a lock file.
    drop(InDir::open(&task.source)?);
    let out = OutDir::open(&task.source, task.force, work.monitor)?;
    let found = found(work, task, out.results())?;
    let corpus = corpus(work, task, out.results(), &task.source)?;
    of_clusters(work, task, out, found, listed, (Known::Here, corpus.as_ref()))
}

pub(super) fn from_folder(
    work: Work<'_>,
    task: &SampleTask,
    out: &Path,
    listed: Option<WeightsFile>,
) -> Result<DoneSample> {
    let dir = InDir::open(&task.source)?;
    let found = found(work, task, dir.results())?;
    let out = OutDir::open(out, task.force, work.monitor)?;
    let corpus = corpus(work, task, dir.results(), out.path())?;
    of_clusters(work, task, out, found, listed, (Known::There(dir.results()), corpus.as_ref()))
}

/// What is sampled of a folder.
fn found(work: Work<'_>, task: &SampleTask, results: &Results) -> Result<Found> {
    let (key, clusters) = clusters(work, task, results)?;
    let labels = if task.export.kinds.is_empty() { Vec::new() } else { results.labels()? };
    let basis = Basis::of(&[results], &task.sample.weighting, work.monitor)?;
    Ok(Found { origin: Origin::Stage(key), clusters, basis, labels })
}

fn clusters(work: Work<'_>, task: &SampleTask, results: &Results) -> Result<(StageKey, Clusters)> {
    let key = results.require(StageName::Cluster, work.monitor)?.key.clone();
    Ok((key, Clusters::open(work, results, &task.sample)?))
}

/// One order over a folder and those whose documents joined its clusters.
pub(super) fn from_folders(
    work: Work<'_>,
    task: &SampleTask,
    listed: impl FnOnce() -> Result<Option<WeightsFile>>,
) -> Result<DoneSample> {
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
    let listed = listed()?;
    let dirs = paths.iter().map(|path| InDir::open(path)).collect::<Result<Vec<_>, _>>()?;
    let (first, mut all) = clusters(work, task, dirs[0].results())?;
    let mut joined = Vec::new();
    for (dir, path) in dirs.iter().zip(&paths).skip(1) {
        let (key, next) = clusters(work, task, dir.results())?;
        if dir.results().clustering() != dirs[0].results().clustering() {
            let (path, other) = (task.source.clone(), path.to_path_buf());
            return Err(SettingsError::OtherClustering { path, other }.into());
        }
        joined.push(key);
        all.append(next);
    }
    let warnings = repeated(work, &dirs)?;
    let folders: Vec<&Results> = dirs.iter().map(InDir::results).collect();
    let basis = Basis::of(&folders, &task.sample.weighting, work.monitor)?;
    let out = OutDir::open(out, task.force, work.monitor)?;
    let origin = Origin::Stages { first, joined, warnings };
    let found = Found { origin, clusters: all, basis, labels: Vec::new() };
    of_clusters(work, task, out, found, listed, (Known::Here, None))
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
    found: Found,
    listed: Option<WeightsFile>,
    (known, corpus): (Known<'_>, Option<&Corpus>),
) -> Result<DoneSample> {
    let Found { origin, mut clusters, basis, labels } = found;
    let exports = Exports { labels: &labels, known, corpus };
    let (sampled, exported) = make(work, task, &mut out, clusters.source(origin), (basis, listed), &exports)?;
    Ok(DoneSample { out, members: clusters.members, sampled, exported, labels: None })
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
    results.require_files(StageName::Embed, &[DOCUMENTS], work.monitor)?;
    let options = input::Options { out: vec![task.source.clone(), out.to_owned()], ..options };
    let mut corpus = Corpus::open(&task.inputs, options, work.monitor)?;
    let hash = hex(corpus.hash_inputs(work.monitor)?);
    let whole = manifest.inputs.get(&StageName::Embed).into_iter().flatten();
    match { whole }.find(|input| input.name == WHOLE_INPUT) {
        Some(whole) if whole.hash == hash => Ok(Some(corpus)),
        _ => Err(SettingsError::OtherInput { path: path() }.into()),
    }
}
