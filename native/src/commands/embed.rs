//! `clusterclip embed`.

use anyhow::{Result, bail};
use clusterclip_core::monitor::CancelFlag;
use clusterclip_engine::settings::Device;
use clusterclip_engine::store::StageName;
use clusterclip_engine::tasks::{self, EmbedTask, Output};

use super::{start_threads, with_progress};
use crate::args::EmbedArgs;
use crate::summary::Summary;

/// Turns documents into rows.
pub fn run(args: &EmbedArgs, cancel: &CancelFlag) -> Result<()> {
    args.input.reading.check()?;
    args.embedder.check()?;
    // What was asked for never becomes the CPU in silence.
    if args.compute.device == Device::Gpu || args.compute.adapter.is_some() {
        bail!(
            "--device gpu: the embedder `{}` runs on the CPU; K-Means runs on GPUs: clusterclip cluster, or \
             clusterclip run",
            args.embedder.embedder
        );
    }
    let task = EmbedTask {
        inputs: args.input.named.inputs.clone(),
        input: args.input.reading.options(),
        embed: args.embedder.settings(),
        output: Output { dir: args.out.out.clone(), force: args.output.force },
    };
    start_threads(args.compute.threads)?;
    with_progress(args.output.quiet, cancel, |progress, monitor| {
        let done = tasks::embed(&task, monitor)?;
        let mut summary = Summary::new(progress, done.out.results());
        summary.embedded(done.out.results());
        summary.stage(StageName::Embed, done.embedded.reused);
        summary.print(&args.output)
    })
}
