//! Clusters a folder of texts and samples a training order from it.
//!
//! `cargo run --release -p clusterclip-engine --example balance_folder -- FOLDER OUT`

use clusterclip_core::monitor::Monitor;
use clusterclip_engine::error::Error;
use clusterclip_engine::tasks::{Output, RunTask, run};

fn main() -> Result<(), Error> {
    let mut words = std::env::args().skip(1);
    let (Some(folder), Some(out)) = (words.next(), words.next()) else {
        println!("give a folder of texts, and a folder for the results");
        return Ok(());
    };
    let task = RunTask {
        inputs: vec![folder.into()],
        output: Output { dir: out.into(), force: false },
        ..RunTask::default()
    };
    let done = run(&task, &Monitor::silent())?;
    let exposure = done.sampled.sampler.exposure();
    println!("{} draws, {:.1} clusters in effect", exposure.draws, exposure.effective_clusters);
    Ok(())
}
