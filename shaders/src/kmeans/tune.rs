//! Which plan is fastest on a device: asked of the device itself, in about a second on a slow one.

use super::backend::{Options, Pipelines};
use super::plan::Plan;
use crate::gpu::{Gpu, GpuError};

/// Times the plans that fit the device; gives the fastest, and the products it makes in a tenth of a second.
#[cfg(not(target_arch = "wasm32"))]
pub(super) async fn fastest(
    gpu: &mut Gpu,
    pipelines: &mut Pipelines,
    options: &Options,
) -> Result<(Plan, Option<u64>), GpuError> {
    let adapter = gpu.adapter().clone();
    let (mut best, mut best_time) = (Plan::ALL[0], f64::INFINITY);
    // A small device is told from a large one by the first plan: all tiles of a large one must have work.
    let mut n_rows = native::FEW_ROWS;
    pipelines.set_plan(gpu, best, native::COLUMNS, options.checks).await?;
    while n_rows < native::MANY_ROWS && native::time(gpu, pipelines, n_rows).await? < native::ENOUGH {
        n_rows *= 4;
    }
    for plan in Plan::ALL.into_iter().filter(|plan| plan.fits(&adapter)) {
        pipelines.set_plan(gpu, plan, native::COLUMNS, options.checks).await?;
        let time = native::time(gpu, pipelines, n_rows).await?;
        if time < best_time {
            (best, best_time) = (plan, time);
        }
    }
    let rate = n_rows as f64 * native::PRODUCTS as f64 / best_time;
    Ok((best, Some((rate / 10.0) as u64)))
}

/// Without a clock, as in browsers so far, takes the first plan unasked.
#[cfg(target_arch = "wasm32")]
pub(super) async fn fastest(
    _: &mut Gpu,
    _: &mut Pipelines,
    _: &Options,
) -> Result<(Plan, Option<u64>), GpuError> {
    Ok((Plan::ALL[0], None))
}

#[cfg(not(target_arch = "wasm32"))]
mod native {
    use std::time::Instant;

    use clusterclip_core::kmeans::{RowBlock, Shape};
    use clusterclip_core::monitor::CancelFlag;

    use super::{Gpu, GpuError, Options, Pipelines};
    use crate::kmeans::run::Run;

    /// Columns and clusters of the timing: a few steps and panels of the largest tile.
    pub const COLUMNS: usize = 256;
    const CLUSTERS: u32 = 256;
    /// Products of a row.
    pub const PRODUCTS: u64 = COLUMNS as u64 * CLUSTERS as u64;
    /// Rows for a small device, and for one with hundreds of cores: 256 KiB and 64 MiB.
    pub const FEW_ROWS: usize = 1 << 10;
    pub const MANY_ROWS: usize = 1 << 18;
    /// Seconds after which a timing is to be trusted.
    pub const ENOUGH: f64 = 0.004;
    /// The first time the device may still compile; of the others the shortest counts.
    const TIMES: usize = 4;

    /// Gives the seconds of one assign of so many rows.
    pub async fn time(gpu: &mut Gpu, pipelines: &Pipelines, n_rows: usize) -> Result<f64, GpuError> {
        let cancel = CancelFlag::default();
        let shape = Shape { n_rows: n_rows as u64, columns: COLUMNS, n_clusters: CLUSTERS };
        let mut run = Run::new(gpu, pipelines, &Options::default(), u64::MAX, shape).await?;
        let rows: Vec<i8> = (0..n_rows * COLUMNS).map(|i| (i * 37 % 127) as i8 - 63).collect();
        run.push(gpu, RowBlock { rows: &rows, own_best: &vec![0; n_rows] }, &cancel).await?;
        let mut shortest = f64::INFINITY;
        for turn in 0..TIMES {
            let mut encoder = gpu.encoder();
            encoder.clear_buffer(&run.shared.tally, 0, None);
            for block in &run.blocks {
                for chunk in &block.chunks {
                    let groups = chunk.rows.div_ceil(pipelines.plan.rows());
                    for &params in &chunk.parts {
                        let bindings = &block.bindings.assign;
                        gpu.dispatch(&mut encoder, &pipelines.assign, bindings, Some(params), groups);
                    }
                }
            }
            let begun = Instant::now();
            let submitted = gpu.submit(Some(encoder));
            gpu.wait(&submitted, &cancel).await?;
            if turn > 0 {
                shortest = shortest.min(begun.elapsed().as_secs_f64());
            }
        }
        Ok(shortest)
    }
}
