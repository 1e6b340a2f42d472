//! `clusterclip embed`.

use anyhow::Result;
use clusterclip_core::embed::lexical::Params;
use clusterclip_core::monitor::CancelFlag;

use super::{machine, refuse_gpu, refuse_models, with_work};
use crate::args::EmbedArgs;
use crate::input::Corpus;
use crate::pipeline::embed::{Rows, embed};
use crate::report::Report;
use crate::store::{OutDir, StageName};

/// Turns documents into rows.
pub fn run(args: &EmbedArgs, cancel: &CancelFlag) -> Result<()> {
    args.input.check()?;
    refuse_models(&args.embedder)?;
    refuse_gpu(&args.compute)?;
    let machine = machine(args.compute.threads, None)?;
    with_work(args.output.quiet, &machine, cancel, |work| {
        let options = args.input.options(&args.out.out);
        let mut corpus = Corpus::open(&args.input.inputs, options.clone(), work.monitor)?;
        let mut out = OutDir::open(&args.out.out, args.output.force, work.monitor)?;
        let done = embed(work, &mut out, &mut corpus, &options, &Rows::Lexical(Params::default()))?;
        let mut report = Report::new(work, out.results());
        report.embedded(out.results());
        report.stage(StageName::Embed, done.reused);
        report.print(&args.output)
    })
}
