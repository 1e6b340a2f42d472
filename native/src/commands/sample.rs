//! `clusterclip sample`.

use std::path::Path;

use anyhow::Result;
use clusterclip_core::monitor::CancelFlag;
use clusterclip_core::sampler::Members;

use super::{is_folder, machine, other, plan, tokens, with_work};
use crate::args::SampleArgs;
use crate::error::UsageError;
use crate::input::labels::{self, LabelOptions};
use crate::pipeline::Work;
use crate::pipeline::sample::{Origin, Plan, Sampled, sample};
use crate::report::Report;
use crate::store::{InDir, OutDir, Parameters, Results, StageKey, StageName, hex};

/// Turns clusters into a training order.
pub fn run(args: &SampleArgs, cancel: &CancelFlag) -> Result<()> {
    let plan = plan(&args.sampling, args.seed.seed)?;
    let folder = is_folder(&args.source)?;
    let out = match folder {
        true => other(args.out.out.as_deref(), &args.source),
        false => args.out.out.as_deref(),
    };
    if !folder && out.is_none() {
        let text = format!("{} is a file: say with --out DIR where the order goes", args.source.display());
        return Err(UsageError::new(text).into());
    }
    let fields = [("--cluster-field", &args.cluster_field), ("--token-field", &args.token_field)];
    if let Some((option, Some(field))) = fields.into_iter().find(|(_, field)| folder && field.is_some()) {
        let text = format!(
            "{option} {field}: {} is a folder of results, which has its clusters and token counts in places of its \
             own; {option} is for a Parquet or CSV file of labels: leave it out",
            args.source.display()
        );
        return Err(UsageError::new(text).into());
    }
    let machine = machine(args.threads)?;
    with_work(args.output.quiet, &machine, cancel, |work| {
        let (out, members, done, names) = match (folder, out) {
            (_, None) => in_place(work, args, &plan)?,
            (true, Some(out)) => from_folder(work, args, out, &plan)?,
            (false, Some(out)) => from_file(work, args, out, &plan)?,
        };
        let mut report = Report::new(work, out.results());
        report.sampled(&members, &plan, &done, names.as_deref());
        report.stage(StageName::Sample, done.reused);
        report.print(&args.output)
    })
}

/// The folder written, what was drawn from, the order, and what clusters are called.
type Done = (OutDir, Members, Sampled, Option<Vec<String>>);

fn in_place(work: Work<'_>, args: &SampleArgs, plan: &Plan) -> Result<Done> {
    // Opened for reading first: a folder that is none of ours must not get a lock file.
    drop(InDir::open(&args.source)?);
    let mut out = OutDir::open(&args.source, args.output.force, work.monitor)?;
    let (key, members) = clusters(work, out.results())?;
    let tokens = tokens(work, out.results(), plan)?;
    let done = sample(work, &mut out, &members, plan, Origin::Stage(key), tokens.as_deref())?;
    Ok((out, members, done, None))
}

fn from_folder(work: Work<'_>, args: &SampleArgs, out: &Path, plan: &Plan) -> Result<Done> {
    let dir = InDir::open(&args.source)?;
    let (key, members) = clusters(work, dir.results())?;
    let mut out = OutDir::open(out, args.output.force, work.monitor)?;
    let tokens = tokens(work, dir.results(), plan)?;
    let done = sample(work, &mut out, &members, plan, Origin::Stage(key), tokens.as_deref())?;
    Ok((out, members, done, None))
}

fn clusters(work: Work<'_>, results: &Results) -> Result<(StageKey, Members)> {
    let key = results.require(StageName::Cluster, work.monitor)?.key.clone();
    Ok((key, Members::from_labels(&results.labels()?)?))
}

fn from_file(work: Work<'_>, args: &SampleArgs, out: &Path, plan: &Plan) -> Result<Done> {
    let options = LabelOptions {
        cluster_field: args.cluster_field.clone(),
        token_field: args.token_field.clone(),
        tokens_needed: plan.needs_tokens(),
    };
    let read = labels::read(&args.source, &options, work.monitor)?;
    let members = Members::from_labels(&read.labels)?;
    let parameters = Parameters::new()
        .with("cluster-field", args.cluster_field.clone())
        .with("token-field", args.token_field.clone());
    let origin = Origin::File { hash: hex(read.hash), parameters, warnings: read.warnings };
    let mut out = OutDir::open(out, args.output.force, work.monitor)?;
    let done = sample(work, &mut out, &members, plan, origin, read.tokens.as_deref())?;
    Ok((out, members, done, Some(read.names)))
}
