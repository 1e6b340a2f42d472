//! `clusterclip run`: all stages in one go.

use anyhow::Result;
use clusterclip_core::error::{Kind, dashed};
use clusterclip_core::monitor::{CancelFlag, Event, Monitor};
use clusterclip_engine::error::Error;
use clusterclip_engine::store::StageName;
use clusterclip_engine::tasks::{self, DoneRun, Output, RunTask};

use super::{start_threads, with_progress};
use crate::args::RunArgs;
use crate::progress::Progress;
use crate::summary::Summary;

/// Words shown for a cluster.
const KEYWORDS: usize = 6;

/// Embeds, clusters and samples.
pub fn run(args: &RunArgs, cancel: &CancelFlag) -> Result<()> {
    args.embedder.choice.check()?;
    args.input.reading.check()?;
    let task = RunTask {
        inputs: args.input.named.inputs.clone(),
        input: args.input.reading.options(),
        embed: args.embedder.settings(),
        cluster: args.clustering.settings(args.seed.seed),
        device: args.compute.settings(),
        sample: args.sampling.settings(args.seed.seed)?,
        export: args.export.settings(&args.sampling)?,
        output: Output { dir: args.out.out.clone(), force: args.output.force },
    };
    start_threads(args.compute.threads)?;
    with_progress(args.output.quiet, cancel, |progress, monitor| {
        let done = tasks::run(&task, monitor)?;
        // Nobody would see it, and words cost a look at the texts.
        if args.output.quiet && !args.output.json {
            return Ok(());
        }
        summarise(&task, done, progress, monitor)?.print(&args.output)
    })
}

fn summarise(task: &RunTask, done: DoneRun, progress: &Progress, monitor: &Monitor<'_>) -> Result<Summary> {
    let results = done.out.results();
    let mut summary = Summary::new(progress, results);
    summary.embedded(results);
    summary.clustered(results);
    summary.sampled(&done.members, &task.sample, &done.sampled, None);
    let shown = summary.shown_clusters();
    match done.about(&shown, KEYWORDS, monitor) {
        Ok(about) => summary.about(&shown, about),
        Err(error) => {
            let warning = without_keywords(error, monitor)?;
            monitor.emit(Event::Warning(warning.clone()));
            summary.warnings.push(warning);
        }
    }
    summary.stage(StageName::Embed, done.embedded.reused);
    summary.stage(StageName::Cluster, done.clustered.reused());
    summary.ran_on(done.clustered.machine);
    summary.stage(StageName::Sample, done.sampled.reused);
    if let Some(reused) = done.exported {
        summary.stage(StageName::Export, reused);
    }
    Ok(summary)
}

/// What is said where the words that mark clusters could not be found: the results are complete without them.
///
/// # Errors
/// Where the work was interrupted.
fn without_keywords(error: Error, monitor: &Monitor<'_>) -> Result<String> {
    monitor.check()?;
    if error.kind() == Kind::Cancelled {
        return Err(error.into());
    }
    Ok(format!("no keywords are shown: {}; the results are complete", error.said(dashed)))
}
