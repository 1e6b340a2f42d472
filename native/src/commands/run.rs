//! `clusterclip run`: all stages in one go.

use anyhow::{Context, Result};
use clusterclip_core::monitor::{CancelFlag, Cancelled};
use clusterclip_core::sampler::{Members, Sampler, SamplerError};

use super::{machine, models, plan, tokens, with_work};
use crate::args::RunArgs;
use crate::device::Chosen;
use crate::error::UsageError;
use crate::input::Corpus;
use crate::input::embeddings::NpyRows;
use crate::pipeline::Work;
use crate::pipeline::cluster::{Clustered, How, Source, cluster};
use crate::pipeline::embed::{Rows, embed};
use crate::pipeline::export::export;
use crate::pipeline::keywords;
use crate::pipeline::sample::{Origin, Plan, sample};
use crate::report::Report;
use crate::store::{DOCUMENTS, Documents, EMBEDDINGS, OutDir, Results, StageKey, StageName, StoredDocument};

/// Words shown for a cluster.
const KEYWORDS: usize = 6;

/// Embeds, clusters and samples.
pub fn run(args: &RunArgs, cancel: &CancelFlag) -> Result<()> {
    let plan = plan(&args.sampling, args.seed.seed)?;
    let choice = &args.embedder.choice;
    choice.check(args.input.token_field.as_deref())?;
    args.input.check()?;
    let counted = args.input.token_field.is_some() || choice.tokenizer.is_some() || choice.model().is_some();
    if let (Some(tokens), false) = (args.sampling.tokens, counted) {
        return Err(UsageError::new(format!(
            "--tokens {tokens}: the documents need token counts; name the field that holds them with --token-field, \
             or a tokenizer to count with with --tokenizer (a model that is named with --embedder counts too), or use \
             --epochs or --documents"
        ))
        .into());
    }
    let device = Chosen::new(&args.compute)?;
    let machine = machine(args.compute.threads)?;
    with_work(args.output.quiet, &machine, cancel, |work| all(work, args, &plan, device))
}

fn all(work: Work<'_>, args: &RunArgs, plan: &Plan, device: Chosen) -> Result<()> {
    let how = How::open(&args.clustering, args.seed.seed, device)?;
    let options = args.input.options(&args.out.out);
    let given = args.embedder.embeddings.as_deref().map(NpyRows::open).transpose().context("--embeddings")?;
    let (model, tokenizer) = models(work, &args.embedder.choice)?;
    let mut corpus = Corpus::open(&args.input.inputs, options.clone(), work.monitor)?;
    let mut out = OutDir::open(&args.out.out, args.output.force, work.monitor)?;
    let wanted = if args.export.is_some() { &StageName::FLOW[..] } else { &StageName::FLOW[..3] };
    out.want(wanted)?;
    if let Some(path) = &args.embedder.embeddings {
        out.refuse_input("--embeddings", path)?;
    }

    let rows = Rows::new(model.as_ref(), &args.embedder.choice);
    let rows = given.as_ref().map_or(rows, Rows::Given);
    let embedded = embed(work, &mut out, &mut corpus, &options, &rows, tokenizer.as_ref())?;
    fits(work, out.results(), plan)?;
    let clustered = clusters(work, &mut out, given.as_ref(), embedded.key.clone(), &how)?;
    let members = Members::from_labels(&clustered.labels)?;
    let tokens = tokens(work, out.results(), plan)?;
    let origin = Origin::Stage(clustered.key.clone());
    let sampled = sample(work, &mut out, &members, plan, origin, tokens.as_deref())?;
    let exported = match args.export {
        Some(_) => Some(export(work, &mut out, &corpus, &members, &clustered.labels, plan, &sampled)?),
        None => None,
    };

    if args.output.quiet && !args.output.json {
        return Ok(());
    }
    let mut report = Report::new(work, out.results());
    report.embedded(out.results());
    report.clustered(out.results());
    report.sampled(&members, plan, &sampled, None);
    let shown = report.shown_clusters();
    let about = keywords::of_clusters(work, out.results(), &corpus, &members, &shown, KEYWORDS);
    match about {
        Ok(about) => report.about(&shown, about),
        Err(error) => report.warnings.extend(work.warn(vec![without_keywords(work, error)?])),
    }
    report.stage(StageName::Embed, embedded.reused);
    report.stage(StageName::Cluster, clustered.reused());
    report.ran_on(clustered.machine);
    report.stage(StageName::Sample, sampled.reused);
    if let Some(reused) = exported {
        report.stage(StageName::Export, reused);
    }
    report.print(&args.output)
}

/// Checks that the documents hold an order of the length that is asked for, before they are clustered.
fn fits(work: Work<'_>, results: &Results, plan: &Plan) -> Result<()> {
    let Some(counts) = &results.manifest().documents else { return Ok(()) };
    let documents = counts.read.0 - counts.featureless.0;
    // Where nothing can be clustered, clustering says so.
    if documents == 0 {
        return Ok(());
    }
    if !plan.needs_tokens() {
        // The longest order is the same however the documents are grouped.
        Sampler::new(&[documents], plan.options.clone())?;
        return Ok(());
    }
    for batch in results.documents()?.batches() {
        work.monitor.check()?;
        let missing = |document: &StoredDocument| document.tokens.is_none() && !document.featureless;
        if let Some(document) = batch?.iter().find(|&document| missing(document)) {
            return Err(SamplerError::TokensMissing { row: document.document }.into());
        }
    }
    Ok(())
}

/// What is said where the words that mark clusters could not be found: the results are complete without them.
///
/// # Errors
/// Where the work was interrupted.
fn without_keywords(work: Work<'_>, error: anyhow::Error) -> Result<String> {
    work.monitor.check()?;
    if error.chain().any(|cause| cause.is::<Cancelled>()) {
        return Err(error);
    }
    Ok(format!("no keywords are shown: {error:#}; the results are complete"))
}

fn clusters(
    work: Work<'_>,
    out: &mut OutDir,
    given: Option<&NpyRows>,
    from: StageKey,
    how: &How<'_>,
) -> Result<Clustered> {
    let own;
    let (rows, featureless) = match given {
        Some(rows) => (rows, None),
        None => {
            own = NpyRows::open(&out.results().file(EMBEDDINGS))?;
            (&own, Some(out.results().documents()?.featureless(work.monitor)?))
        }
    };
    let documents = out.results().file(DOCUMENTS);
    let source = Source {
        rows,
        featureless,
        documents: Documents::Table(&documents),
        from: Some(from),
        given: given.map(|_| "--embeddings".to_owned()),
    };
    cluster(work, out, source, how)
}
