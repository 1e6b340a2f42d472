//! Which plan is fastest on a device: asked of the device itself, in well under a second on a fast one.

use super::backend::{Options, Pipelines};
use super::plan::Plan;
use crate::gpu::{Gpu, GpuError};

/// Times the plans that fit the device; gives the fastest, and the products it makes in a tenth of a second.
///
/// Without a clock (in browsers, so far) the first plan is taken unasked.
#[cfg(not(target_arch = "wasm32"))]
pub(super) async fn fastest(
    gpu: &mut Gpu,
    pipelines: &mut Pipelines,
    options: &Options,
) -> Result<(Plan, Option<u64>), GpuError> {
    use std::time::{Duration, Instant};

    use clusterclip_core::kmeans::{RowBlock, Shape};
    use clusterclip_core::monitor::CancelFlag;

    use super::run::Run;

    /// A typical row, some clusters, and rows enough to fill a large device: 2^28 products.
    const COLUMNS: usize = 256;
    const CLUSTERS: u32 = 256;
    const ROWS: usize = 4096;
    /// A timing this long is to be trusted.
    const ENOUGH: Duration = Duration::from_millis(8);
    const MOST_REPEATS: u32 = 1 << 10;

    let cancel = CancelFlag::default();
    let (mut best, mut best_time, mut repeats) = (None, f64::INFINITY, 1);
    let rows: Vec<i8> = (0..ROWS * COLUMNS).map(|i| (i * 37 % 127) as i8 - 63).collect();
    let limits = gpu.limits();
    for plan in Plan::ALL.into_iter().filter(|plan| plan.fits(&limits)) {
        pipelines.set_plan(gpu, plan, options.checks).await?;
        let shape = Shape { n_rows: ROWS as u64, columns: COLUMNS, n_clusters: CLUSTERS };
        let mut run = Run::new(gpu, pipelines, &Options::default(), u64::MAX, shape).await?;
        run.push(gpu, RowBlock { rows: &rows, own_best: &[0; ROWS] }, &cancel).await?;
        // The first time the device may still compile.
        let mut warm = false;
        let time = loop {
            let begun = Instant::now();
            let count = if warm { repeats } else { 1 };
            let mut encoder = gpu.encoder();
            for _ in 0..count {
                encoder.clear_buffer(&run.shared.tally, 0, None);
                let block = &run.blocks[0];
                let groups = ROWS as u32 / plan.rows();
                let params = block.chunks[0].parts.first().copied();
                gpu.dispatch(&mut encoder, &pipelines.assign, &block.bindings.assign, params, groups);
            }
            let submitted = gpu.submit(Some(encoder));
            gpu.wait(&submitted, &cancel).await?;
            let time = begun.elapsed();
            if warm && (time >= ENOUGH || best.is_some() || repeats >= MOST_REPEATS) {
                break time.as_secs_f64() / f64::from(count);
            }
            if warm {
                repeats *= 2;
            }
            warm = true;
        };
        if time < best_time {
            (best, best_time) = (Some(plan), time);
        }
    }
    let rate = (ROWS * COLUMNS) as f64 * f64::from(CLUSTERS) / best_time;
    Ok((best.unwrap_or(Plan::ALL[0]), Some((rate / 10.0) as u64)))
}

/// See the other one.
#[cfg(target_arch = "wasm32")]
pub(super) async fn fastest(
    _: &mut Gpu,
    _: &mut Pipelines,
    _: &Options,
) -> Result<(Plan, Option<u64>), GpuError> {
    Ok((Plan::ALL[0], None))
}
