//! Which plan is fastest on a device: asked of the device itself, in a second or two on a slow one.

use clusterclip_core::monitor::CancelFlag;

use super::error::RunError;
use super::options::Options;
use super::pipelines::Pipelines;
use super::plan::Plan;
use crate::gpu::Gpu;
#[cfg(not(target_arch = "wasm32"))]
use crate::gpu::GpuError;

/// Times the plans that fit the device; gives them, the fastest first, with the products each makes in a tenth of a
/// second. A plan that the driver refuses is left out.
#[cfg(not(target_arch = "wasm32"))]
pub(super) async fn fastest(
    gpu: &mut Gpu,
    pipelines: &mut Pipelines,
    options: &Options,
    cancel: &CancelFlag,
) -> Result<Vec<(Plan, u64)>, RunError> {
    // A small device is told from a large one by the first plan: all tiles of a large one must have work.
    let mut n_rows = native::FEW_ROWS;
    let mut timed = Vec::new();
    let mut refused = None;
    for plan in fitting(gpu) {
        match pipelines.set_plan(gpu, plan, native::COLUMNS, options.checks).await {
            Err(error @ GpuError::Stage { .. }) => {
                refused.get_or_insert(error);
                continue;
            }
            made => made?,
        }
        while timed.is_empty()
            && n_rows < native::MANY_ROWS
            && native::time(gpu, pipelines, n_rows, f64::INFINITY, cancel).await? < native::ENOUGH
        {
            n_rows *= 4;
        }
        let best = timed.iter().map(|&(_, time)| time).fold(f64::INFINITY, f64::min);
        timed.push((plan, native::time(gpu, pipelines, n_rows, 2.0 * best, cancel).await?));
    }
    timed.sort_by(|a, b| a.1.total_cmp(&b.1));
    let products = |time: f64| (n_rows as f64 * native::PRODUCTS as f64 / time / 10.0) as u64;
    match refused {
        Some(error) if timed.is_empty() => Err(error.into()),
        _ => Ok(timed.into_iter().map(|(plan, time)| (plan, products(time))).collect()),
    }
}

/// Without a clock, as in browsers so far, takes the plans as they are listed.
#[cfg(target_arch = "wasm32")]
pub(super) async fn fastest(
    gpu: &mut Gpu,
    _: &mut Pipelines,
    _: &Options,
    _: &CancelFlag,
) -> Result<Vec<(Plan, u64)>, RunError> {
    Ok(fitting(gpu).map(|plan| (plan, super::portions::PRODUCTS)).collect())
}

fn fitting(gpu: &Gpu) -> impl Iterator<Item = Plan> + use<> {
    let adapter = gpu.adapter().clone();
    Plan::ALL.into_iter().filter(move |plan| plan.fits(&adapter))
}

#[cfg(not(target_arch = "wasm32"))]
mod native {
    use std::time::Instant;

    use super::{CancelFlag, Gpu, Options, Pipelines, RunError};
    use crate::kmeans::run::Run;
    use clusterclip_core::kmeans::{RowBlock, Shape};

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

    /// Gives the seconds of one assign of so many rows; it is timed once only where that takes longer than `slow`.
    pub async fn time(
        gpu: &mut Gpu,
        pipelines: &Pipelines,
        n_rows: usize,
        slow: f64,
        cancel: &CancelFlag,
    ) -> Result<f64, RunError> {
        let shape = Shape { n_rows: n_rows as u64, columns: COLUMNS, n_clusters: CLUSTERS };
        let mut run = Run::new(gpu, pipelines, &Options::default(), u64::MAX, shape).await?;
        let rows: Vec<i8> = (0..n_rows * COLUMNS).map(|i| (i * 37 % 127) as i8 - 63).collect();
        run.push(gpu, RowBlock { rows: &rows, own_best: &vec![0; n_rows] }, cancel).await?;
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
            gpu.wait(&submitted, cancel).await?;
            if turn > 0 {
                shortest = shortest.min(begun.elapsed().as_secs_f64());
                if shortest > slow {
                    break;
                }
            }
        }
        Ok(shortest)
    }
}
