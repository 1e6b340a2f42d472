//! `clusterclip cluster`.

use anyhow::Result;
use clusterclip_core::monitor::CancelFlag;
use clusterclip_engine::store::StageName;
use clusterclip_engine::tasks::{self, ClusterTask};

use super::{start_threads, with_progress};
use crate::args::ClusterArgs;
use crate::summary::Summary;

/// Groups rows by K-Means.
pub fn run(args: &ClusterArgs, cancel: &CancelFlag) -> Result<()> {
    let task = ClusterTask {
        source: args.source.clone(),
        cluster: args.clustering.settings(args.seed.seed),
        device: args.compute.settings(),
        out: args.out.out.clone(),
        force: args.output.force,
    };
    start_threads(args.compute.threads)?;
    with_progress(args.output.quiet, cancel, |progress, monitor| {
        let done = tasks::cluster(&task, monitor)?;
        let mut summary = Summary::new(progress, done.out.results());
        summary.clustered(done.out.results());
        summary.stage(StageName::Cluster, done.clustered.reused());
        summary.ran_on(done.clustered.machine);
        summary.print(&args.output)
    })
}
