//! Reads a file as the program does and tells how long that took; `cargo xtask bench read` runs it.
//!
//! `cargo run --release -p clusterclip-engine --example read_bench -- FILE`
//!
//! Parsing takes as many threads as `RAYON_NUM_THREADS` says.

use std::time::Instant;

use clusterclip_core::monitor::{Monitor, Stage};
use clusterclip_engine::error::Error;
use clusterclip_engine::input::{Corpus, Options};

fn main() -> Result<(), Error> {
    let Some(file) = std::env::args_os().nth(1) else {
        println!("give a file with a field or column `text`");
        return Ok(());
    };
    let start = Instant::now();
    let mut corpus = Corpus::open(&[file.into()], Options::default(), &Monitor::silent())?;
    let (mut rows, mut bytes) = (0_u64, 0_u64);
    corpus.scan(Stage::Read, &Monitor::silent(), &mut |batch| {
        rows += batch.len() as u64;
        bytes += batch.iter().map(|document| document.text.len() as u64).sum::<u64>();
        Ok(())
    })?;
    let seconds = start.elapsed().as_secs_f64();
    println!(r#"{{"rows": {rows}, "bytes": {bytes}, "seconds": {seconds}, "peak_mib": {}}}"#, peak());
    Ok(())
}

/// The most memory that the system saw in use, where it tells.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kib = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next());
    kib.and_then(|kib| kib.parse::<f64>().ok()).map_or("null".into(), |kib| (kib / 1024.0).to_string())
}
