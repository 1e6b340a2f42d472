//! `clusterclip embed`.

use anyhow::{Result, bail};
use clusterclip_core::monitor::CancelFlag;

use super::{machine, models, with_work};
use crate::args::{Device, EmbedArgs};
use crate::input::Corpus;
use crate::pipeline::embed::{Rows, embed};
use crate::report::Report;
use crate::store::{OutDir, StageName};

/// Turns documents into rows.
pub fn run(args: &EmbedArgs, cancel: &CancelFlag) -> Result<()> {
    args.input.check()?;
    args.embedder.check(args.input.token_field.as_deref())?;
    // What was asked for never becomes the CPU in silence.
    if args.compute.device == Device::Gpu || args.compute.adapter.is_some() {
        bail!(
            "--device gpu: the embedder `{}` runs on the CPU; K-Means runs on GPUs: clusterclip cluster, or \
             clusterclip run",
            args.embedder.embedder
        );
    }
    let machine = machine(args.compute.threads)?;
    with_work(args.output.quiet, &machine, cancel, |work| {
        let options = args.input.options(&args.out.out);
        let (model, tokenizer) = models(work, &args.embedder)?;
        let mut corpus = Corpus::open(&args.input.inputs, options.clone(), work.monitor)?;
        let mut out = OutDir::open(&args.out.out, args.output.force, work.monitor)?;
        let rows = Rows::new(model.as_ref(), &args.embedder);
        let done = embed(work, &mut out, &mut corpus, &options, &rows, tokenizer.as_ref())?;
        let mut report = Report::new(work, out.results());
        report.embedded(out.results());
        report.stage(StageName::Embed, done.reused);
        report.print(&args.output)
    })
}
