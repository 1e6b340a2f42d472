//! Times K-Means on an .npy file of f32 rows and prints one JSON line, for comparison with other programs.
//!
//! ```text
//! cargo run --release -p clusterclip-core --example kmeans_bench -- FILE.npy --k 256
//!     [--init ROWS.npy] [--iters 25] [--kernel NAME] [--threads 2] [--score-all]
//! ```
//!
//! `--score-all` turns the bounds off that spare scores.
//!
//! There is no switch against stopping early: the tolerance is 0, so iterations end before `--iters` only when no
//! label moves any more or the centroids cycle. `iters` in the output is the number that was done; compare only
//! runs in which every program did the same number. `per_iter` is the time from the end of the first iteration
//! to the end of the last, over the iterations between; `seconds` is everything, from f32 rows to labels,
//! centroids and similarities.

use std::cell::RefCell;
use std::time::Instant;

use clusterclip_core::kmeans::{CpuBackend, Init, Kernel, Params, cluster};
use clusterclip_core::monitor::{CancelFlag, Event, Monitor, Stage};
use clusterclip_core::rows::SliceSource;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

struct Options {
    file: String,
    n_clusters: u64,
    init: Option<String>,
    iterations: u32,
    kernel: Kernel,
    threads: usize,
    score_all: bool,
}

fn options() -> Result<Options> {
    let mut options = Options {
        file: String::new(),
        n_clusters: 0,
        init: None,
        iterations: 25,
        kernel: Kernel::best(),
        threads: 2,
        score_all: false,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("{argument} needs a value"));
        match argument.as_str() {
            "--k" => options.n_clusters = value()?.parse()?,
            "--init" => options.init = Some(value()?),
            "--iters" => options.iterations = value()?.parse()?,
            "--kernel" => options.kernel = value()?.parse()?,
            "--threads" => options.threads = value()?.parse()?,
            "--score-all" => options.score_all = true,
            _ if argument.starts_with('-') => return Err(format!("unknown option {argument}").into()),
            _ => options.file = argument,
        }
    }
    if options.file.is_empty() || options.n_clusters == 0 || options.iterations < 2 {
        return Err("give FILE.npy and --k; --iters is at least 2".into());
    }
    Ok(options)
}

/// Rows and number of features of a version 1 .npy file of little-endian f32 in C order.
fn read_npy(path: &str) -> Result<(Vec<f32>, usize)> {
    let bytes = std::fs::read(path).map_err(|error| format!("{path}: {error}"))?;
    let parts = || {
        let start = 10 + usize::from(u16::from_le_bytes([*bytes.get(8)?, *bytes.get(9)?]));
        let header = std::str::from_utf8(bytes.get(10..start)?).ok()?;
        let plain =
            bytes.starts_with(b"\x93NUMPY\x01\x00") && header.contains("'<f4'") && header.contains("False");
        let shape = header.split('(').nth(1)?.split(')').next()?;
        Some((start, shape.split(',').nth(1)?.trim_ascii().parse().ok()?)).filter(|_| plain)
    };
    let (start, n_features) =
        parts().ok_or_else(|| format!("{path}: not a version 1 .npy of f32 rows in C order"))?;
    Ok((
        bytes[start..].chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect(),
        n_features,
    ))
}

fn main() -> Result<()> {
    let options = options()?;
    rayon::ThreadPoolBuilder::new().num_threads(options.threads).build_global()?;
    let (rows, n_features) = read_npy(&options.file)?;
    let init = match &options.init {
        Some(path) => Init::Rows(read_npy(path)?.0),
        None => Init::Random,
    };
    let params = Params {
        n_clusters: Some(options.n_clusters),
        max_iterations: options.iterations,
        init,
        ..Params::default()
    };

    // When each stage began and ended, and when the last iteration ended; the final assign is no iteration.
    let times = RefCell::new(Vec::new());
    let sink = |event: Event| match event {
        Event::Started { stage, .. } => times.borrow_mut().push((Some(stage), Instant::now())),
        Event::Iteration { .. } | Event::Finished { .. } => times.borrow_mut().push((None, Instant::now())),
        _ => {}
    };
    let source = SliceSource::new(&rows, n_features);
    let mut backend = CpuBackend::with_kernel(options.kernel)?.with_bounds(!options.score_all);
    let monitor = Monitor::new(&sink, CancelFlag::default());
    let found = pollster::block_on(cluster(&source, None, &params, &mut backend, &monitor))?;

    let times = times.into_inner();
    let started = |wanted| times.iter().position(|&(stage, _)| stage == Some(wanted)).expect("a stage");
    let seconds = |from: usize, to: usize| (times[to].1 - times[from].1).as_secs_f64();
    let (quantize, cluster, finish) =
        (started(Stage::Quantize), started(Stage::Cluster), started(Stage::Finish));
    let iterations = found.iterations as usize;
    println!(
        "{}",
        serde_json::json!({
            "peer": "clusterclip",
            "kernel": options.kernel.name(),
            "n": rows.len() / n_features,
            "d": n_features,
            "k": options.n_clusters,
            "threads": options.threads,
            "iters": iterations,
            "seconds": seconds(0, times.len() - 1),
            "per_iter": seconds(cluster + 1, cluster + iterations) / (iterations - 1) as f64,
            "quantize_seconds": seconds(quantize, quantize + 1),
            "iterate_seconds": seconds(cluster, cluster + iterations),
            "finish_seconds": seconds(finish, finish + 1),
            "inertia": found.inertia,
        })
    );
    Ok(())
}
