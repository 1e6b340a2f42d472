//! `clusterclip join`.

use anyhow::Result;
use clusterclip_core::monitor::CancelFlag;
use clusterclip_engine::store::StageName;
use clusterclip_engine::tasks::{self, JoinTask, Output};

use super::{start_threads, with_progress};
use crate::args::JoinArgs;
use crate::summary::Summary;

/// Gives later documents the clusters of earlier ones.
pub fn run(args: &JoinArgs, cancel: &CancelFlag) -> Result<()> {
    args.reading.check()?;
    let task = JoinTask {
        dir: args.dir.clone(),
        inputs: args.inputs.clone(),
        input: args.reading.options(),
        model: args.embedder.embedder.clone(),
        batch_tokens: args.embedder.batch_tokens,
        embeddings: args.embedder.embeddings.clone(),
        tokenizer: args.embedder.tokenizer.clone(),
        device: args.compute.settings(),
        output: Output { dir: args.out.out.clone(), force: args.output.force },
    };
    start_threads(args.compute.threads)?;
    with_progress(args.output.quiet, cancel, |progress, monitor| {
        let done = tasks::join(&task, monitor)?;
        let results = done.out.results();
        let mut summary = Summary::new(progress, results);
        if let Some(embedded) = &done.embedded {
            summary.embedded(results);
            summary.stage(StageName::Embed, embedded.reused);
        }
        summary.joined(results);
        summary.stage(StageName::Cluster, done.joined.reused());
        summary.ran_on(done.joined.machine);
        summary.print(&args.output)
    })
}
