//! k-means++: SPEC.md, 1.6.

use clusterclip_core::kmeans::Centroids;
use clusterclip_core::monitor::CancelFlag;

use super::blocks::RowStore;
use super::error::RunError;
use super::layout::Wanted;
use super::pipelines::Pipelines;
use super::portions::{ALIGN, Portions};
use super::run::Run;
use super::stages::pick::NONE;
use crate::gpu::{Gpu, GpuError};

/// See [`Backend::seed_step`](clusterclip_core::kmeans::Backend::seed_step); blocks of weights are of 256 rows.
pub(super) async fn seed_step(
    gpu: &mut Gpu,
    pipelines: &Pipelines,
    run: &mut Run,
    portions: &Portions,
    centroid: &Centroids,
    cancel: &CancelFlag,
) -> Result<Vec<u64>, GpuError> {
    // It takes the place of cluster 0, so the next assign must send that again.
    run.sent = None;
    gpu.write(&run.shared.centroids, 0, bytemuck::cast_slice(centroid.values()));
    gpu.write(&run.shared.biases, 0, bytemuck::cast_slice(centroid.biases()));
    let mut encoder = gpu.encoder();
    let mut work = 0;
    for at in 0..run.blocks.len() {
        let streamed = matches!(run.blocks[at].rows, RowStore::Host(_));
        if streamed || work >= portions.products / 4 {
            encoder = run.send(gpu, encoder, cancel).await?;
            work = 0;
        }
        if streamed {
            run.send_rows(gpu, at, cancel).await?;
        }
        let block = &run.blocks[at];
        let groups = block.n_rows.div_ceil(ALIGN as u32);
        let params = Some(block.whole);
        gpu.dispatch(&mut encoder, &pipelines.seed_step, &block.bindings.seed_step, params, groups);
        work += u64::from(block.n_rows) * run.shape.columns as u64;
    }
    let bytes = run.shape.n_rows.div_ceil(ALIGN) * 8;
    let read = gpu.read(encoder, &[(&run.shared.weights, 0, bytes)], cancel).await?;
    // Two words, the lower one first.
    Ok(read.as_chunks().0.iter().map(|&weight| u64::from_le_bytes(weight)).collect())
}

/// See [`Backend::pick`](clusterclip_core::kmeans::Backend::pick).
pub(super) async fn pick(
    gpu: &mut Gpu,
    pipelines: &Pipelines,
    run: &Run,
    weights: usize,
    remainder: u64,
    cancel: &CancelFlag,
) -> Result<u64, RunError> {
    let no_row = RunError::NoPick { block: weights, remainder };
    let first = weights as u64 * ALIGN;
    if first >= run.shape.n_rows {
        return Err(no_row);
    }
    let (block, first) = run.place(first);
    let wanted =
        Wanted { first: first as u32, low: remainder as u32, high: (remainder >> 32) as u32, row: NONE };
    gpu.write(&run.shared.wanted, 0, bytemuck::bytes_of(&wanted));
    let mut encoder = gpu.encoder();
    gpu.dispatch(&mut encoder, &pipelines.pick, &block.bindings.pick, Some(block.whole), 1);
    let parts = [(&run.shared.wanted, 0, size_of::<Wanted>() as u64)];
    let read = gpu.read(encoder, &parts, cancel).await?;
    match bytemuck::pod_read_unaligned::<Wanted>(&read).row {
        NONE => Err(no_row),
        row => Ok(u64::from(block.base) + u64::from(row)),
    }
}
