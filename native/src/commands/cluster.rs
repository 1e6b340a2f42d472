//! `clusterclip cluster`.

use std::path::Path;

use anyhow::{Result, bail};
use clusterclip_core::monitor::CancelFlag;

use super::{file_name, is_folder, machine, other, with_work};
use crate::args::ClusterArgs;
use crate::device::Chosen;
use crate::error::UsageError;
use crate::input::embeddings::NpyRows;
use crate::pipeline::Work;
use crate::pipeline::cluster::{Clustered, How, Source, cluster};
use crate::report::Report;
use crate::store::{DOCUMENTS, Documents, EMBEDDINGS, InDir, OutDir, Results, StageName};

/// Groups rows by K-Means.
pub fn run(args: &ClusterArgs, cancel: &CancelFlag) -> Result<()> {
    let device = Chosen::new(&args.compute)?;
    let folder = is_folder(&args.source)?;
    let out = match folder {
        true => other(args.out.out.as_deref(), &args.source),
        false => args.out.out.as_deref(),
    };
    if !folder && out.is_none() {
        let text = format!("{} is a file: say with --out DIR where the results go", args.source.display());
        return Err(UsageError::new(text).into());
    }
    let how = How::open(&args.clustering, args.seed.seed, device)?;
    let machine = machine(args.compute.threads)?;
    with_work(args.output.quiet, &machine, cancel, |work| {
        let (out, done) = match (folder, out) {
            (_, None) => in_place(work, args, &how)?,
            (true, Some(out)) => from_folder(work, args, out, &how)?,
            (false, Some(out)) => from_file(work, args, out, &how)?,
        };
        let mut report = Report::new(work, out.results());
        report.clustered(out.results());
        report.stage(StageName::Cluster, done.reused());
        report.ran_on(done.machine);
        report.print(&args.output)
    })
}

fn in_place(work: Work<'_>, args: &ClusterArgs, how: &How<'_>) -> Result<(OutDir, Clustered)> {
    // Opened for reading first: a folder that is none of ours must not get a lock file.
    drop(InDir::open(&args.source)?);
    let mut out = OutDir::open(&args.source, args.output.force, work.monitor)?;
    let rows = rows(work, out.results())?;
    let documents = out.results().file(DOCUMENTS);
    let source = source(work, out.results(), &rows, &documents)?;
    let done = cluster(work, &mut out, source, how)?;
    Ok((out, done))
}

fn from_folder(work: Work<'_>, args: &ClusterArgs, out: &Path, how: &How<'_>) -> Result<(OutDir, Clustered)> {
    let dir = InDir::open(&args.source)?;
    let rows = rows(work, dir.results())?;
    let documents = dir.results().file(DOCUMENTS);
    let source = source(work, dir.results(), &rows, &documents)?;
    let mut out = OutDir::open(out, args.output.force, work.monitor)?;
    let done = cluster(work, &mut out, source, how)?;
    Ok((out, done))
}

fn from_file(work: Work<'_>, args: &ClusterArgs, out: &Path, how: &How<'_>) -> Result<(OutDir, Clustered)> {
    let rows = NpyRows::open(&args.source)?;
    let name = file_name(&args.source);
    let source = Source {
        rows: &rows,
        featureless: None,
        documents: Documents::Rows { source: &name },
        from: None,
        given: Some(name.clone()),
    };
    let mut out = OutDir::open(out, args.output.force, work.monitor)?;
    let done = cluster(work, &mut out, source, how)?;
    Ok((out, done))
}

/// Opens the rows of a folder.
fn rows(work: Work<'_>, results: &Results) -> Result<NpyRows> {
    let record = results.require(StageName::Embed, work.monitor)?;
    if !record.files.contains_key(EMBEDDINGS) {
        bail!(
            "{} holds documents but no {EMBEDDINGS}: its rows were given with --embeddings; cluster that file \
             itself: clusterclip cluster FILE.npy --out DIR",
            results.path().display()
        );
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
    let featureless = Some(results.documents()?.featureless(work.monitor)?);
    Ok(Source { rows, featureless, documents: Documents::Table(documents), from: key, given: None })
}
