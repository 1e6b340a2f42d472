//! `clusterclip sample`.

use anyhow::{Context as _, Result};
use clusterclip_core::monitor::CancelFlag;
use clusterclip_engine::store::StageName;
use clusterclip_engine::tasks::{self, SampleTask};

use super::{start_threads, with_progress};
use crate::args::SampleArgs;
use crate::summary::{Labels, Summary};

/// Turns clusters into a training order.
pub fn run(args: &SampleArgs, cancel: &CancelFlag) -> Result<()> {
    // At least one is required.
    let (source, joined) = args.sources.split_first().context("no DIR and no LABELS")?;
    let task = SampleTask {
        source: source.clone(),
        joined: joined.to_vec(),
        cluster_field: args.cluster_field.clone(),
        token_field: args.token_field.clone(),
        score_field: args.score_field.clone(),
        noise: args.noise,
        noise_labels: args.noise_label.clone(),
        sample: args.sampling.settings(args.seed.seed)?,
        export: args.export.settings(&args.sampling)?,
        inputs: args.input.clone(),
        out: args.out.out.clone(),
        force: args.output.force,
    };
    start_threads(args.threads)?;
    with_progress(args.output.quiet, cancel, |progress, monitor| {
        let done = tasks::sample(&task, monitor)?;
        let mut summary = Summary::new(progress, done.out.results());
        let names = done.labels.as_ref().map(|labels| &*labels.names);
        summary.sampled(&done.members, &task.sample, &done.sampled, names);
        summary.labels = done.labels.as_ref().map(|labels| Labels::of(labels, task.noise));
        summary.stage(StageName::Sample, done.sampled.reused);
        if let Some(reused) = done.exported {
            summary.stage(StageName::Export, reused);
        }
        summary.print(&args.output)
    })
}
