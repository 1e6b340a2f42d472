//! Rows in blocks: where they lie, and what the stages bind of them.

use clusterclip_core::kmeans::Shape;
use wgpu::{BindGroup, Buffer};

use super::layout::Params;
use super::options::Options;
use super::pipelines::Pipelines;
use super::plan::PAD;
use super::portions::{Cut, UPLOAD, row_memory};
use super::shared::Shared;
use crate::gpu::{Advice, Gpu, GpuError, Limit, Pipeline};

/// Where the rows of a block are.
pub(super) enum RowStore {
    /// On the device, for good.
    Device,
    /// On the host; they are sent to one of two buffers each time they are needed.
    Host(Vec<i8>),
}

/// Consecutive rows with their labels and scores.
pub(super) struct Block {
    /// The first row.
    pub base: u32,
    pub n_rows: u32,
    pub rows: RowStore,
    /// The buffer that holds the rows, at least while they are worked on.
    pub buffer: Buffer,
    pub labels: Buffer,
    pub scores: Buffer,
    pub own_best: Buffer,
    /// Where the parameters for all rows of the block lie.
    pub whole: u64,
    pub chunks: Vec<Chunk>,
    pub bindings: Bindings,
}

/// Rows of a block that are assigned together.
pub(super) struct Chunk {
    pub rows: u32,
    /// Where the parameters of its dispatches lie, one for each part of the clusters.
    pub parts: Vec<u64>,
}

/// What the stages bind of a block.
pub(super) struct Bindings {
    pub assign: BindGroup,
    pub accumulate: BindGroup,
    pub seed_step: BindGroup,
    pub pick: BindGroup,
    pub relabel: BindGroup,
    pub worst: BindGroup,
    pub worst_collect: BindGroup,
}

impl Block {
    /// Makes all blocks of a run.
    pub async fn all(
        gpu: &mut Gpu,
        pipelines: &Pipelines,
        options: &Options,
        cut: &Cut,
        shape: Shape,
        shared: &Shared,
    ) -> Result<Vec<Self>, GpuError> {
        let Shape { n_rows, columns, n_clusters } = shape;
        // Labels, scores and own bests always stay on the device: they go first.
        let mut states = Vec::new();
        for base in (0..n_rows).step_by(cut.block_rows as usize) {
            let rows = (n_rows - base).min(cut.block_rows);
            let bytes = 4 * rows;
            states.push((
                base as u32,
                rows as u32,
                gpu.buffer("labels", bytes, Advice::CloseOthers).await?,
                gpu.buffer("scores", bytes, Advice::CloseOthers).await?,
                gpu.buffer("own bests", bytes, Advice::CloseOthers).await?,
            ));
        }
        let mut buffers = row_buffers(gpu, options, &states, columns as u64, cut.block_rows).await?;
        let mut blocks = Vec::new();
        let mut all_params = Vec::new();
        let mut params = |value: Params| {
            let place = all_params.len();
            all_params.extend_from_slice(bytemuck::bytes_of(&value));
            all_params.resize(place + shared.stride as usize, 0);
            place as u64
        };
        for (base, n_rows, labels, scores, own_best) in states {
            let (buffer, resident) = buffers.remove(0);
            let rows = if resident { RowStore::Device } else { on_host(n_rows as usize * columns)? };
            let value = Params {
                n_rows,
                end: n_rows,
                base,
                columns: columns as u32,
                vectors: columns as u32 / 16,
                n_clusters,
                end_cluster: n_clusters,
                ..Params::default()
            };
            let whole = params(value);
            let mut chunks = Vec::new();
            for first in (0..n_rows).step_by(cut.chunk_rows as usize) {
                let end = (u64::from(first) + cut.chunk_rows).min(n_rows.into()) as u32;
                let part = |first_cluster: u32| {
                    let end_cluster = first_cluster.saturating_add(cut.part).min(n_clusters);
                    params(Params { first, end, first_cluster, end_cluster, ..value })
                };
                let parts = (0..n_clusters).step_by(cut.part as usize).map(part).collect();
                chunks.push(Chunk { rows: end - first, parts });
            }
            let bind = |pipeline: &Pipeline, buffers: &[&Buffer]| {
                gpu.bind(pipeline, size_of::<Params>() as u64, buffers)
            };
            let bindings = Bindings {
                assign: bind(
                    &pipelines.assign,
                    &[
                        &shared.params,
                        &buffer,
                        &shared.centroids,
                        &shared.biases,
                        &labels,
                        &scores,
                        &shared.tally,
                        &shared.moves,
                        &shared.bests,
                    ],
                ),
                accumulate: bind(
                    &pipelines.accumulate,
                    &[
                        &shared.params,
                        &buffer,
                        &labels,
                        &shared.tally,
                        &shared.moves,
                        &shared.sums,
                        &shared.counts,
                        &shared.changed,
                    ],
                ),
                seed_step: bind(
                    &pipelines.seed_step,
                    &[
                        &shared.params,
                        &buffer,
                        &shared.centroids,
                        &shared.biases,
                        &own_best,
                        &scores,
                        &shared.weights,
                    ],
                ),
                pick: bind(&pipelines.pick, &[&shared.params, &own_best, &scores, &shared.wanted]),
                relabel: bind(&pipelines.relabel, &[&shared.params, &shared.relabels, &labels]),
                worst: bind(
                    &pipelines.worst,
                    &[&shared.params, &own_best, &scores, &shared.query, &shared.bins],
                ),
                worst_collect: bind(
                    &pipelines.worst_collect,
                    &[
                        &shared.params,
                        &own_best,
                        &scores,
                        &labels,
                        &shared.query,
                        &shared.found,
                        &shared.n_found,
                    ],
                ),
            };
            blocks.push(Self {
                base,
                n_rows,
                rows,
                buffer,
                labels,
                scores,
                own_best,
                whole,
                chunks,
                bindings,
            });
        }
        gpu.write(&shared.params, 0, &all_params);
        Ok(blocks)
    }
}

/// Room for rows on the host.
fn on_host(bytes: usize) -> Result<RowStore, GpuError> {
    let mut rows = Vec::new();
    let room = rows.try_reserve_exact(bytes);
    let limit = |_| GpuError::Memory {
        what: "rows that do not fit the device",
        bytes: bytes as u64,
        limit: Limit::Host,
        advice: Advice::CloseOthers,
    };
    room.map(|()| RowStore::Host(rows)).map_err(limit)
}

/// A buffer for the rows of each block, and whether it is the block's own: once memory runs out, the blocks that are
/// left take turns in two buffers.
async fn row_buffers(
    gpu: &Gpu,
    options: &Options,
    blocks: &[(u32, u32, Buffer, Buffer, Buffer)],
    columns: u64,
    block_rows: u64,
) -> Result<Vec<(Buffer, bool)>, GpuError> {
    let block_bytes = |rows: u32| u64::from(rows).next_multiple_of(PAD.into()) * columns;
    let total: u64 = blocks.iter().map(|block| block_bytes(block.1)).sum();
    let memory = row_memory(gpu, options).unwrap_or(u64::MAX);
    let slots = 2 * block_rows * columns;
    // Memory for what is on its way, should the device be full before that.
    let on_the_way = (4 * UPLOAD as u64).div_ceil(block_rows * columns) as usize;
    let (mut buffers, mut held) = (Vec::new(), 0);
    for block in blocks {
        let bytes = block_bytes(block.1);
        if total > memory && held + bytes + slots > memory {
            break;
        }
        match gpu.buffer("rows", bytes, Advice::CloseOthers).await {
            Ok(buffer) => buffers.push((buffer, true)),
            Err(GpuError::Memory { .. }) => {
                // Two make room for the two that the others share.
                buffers.truncate(buffers.len().saturating_sub(2 + on_the_way));
                break;
            }
            Err(error) => return Err(error),
        }
        held += bytes;
    }
    if buffers.len() < blocks.len() {
        let mut turns = Vec::new();
        for _ in 0..2.min(blocks.len() - buffers.len()) {
            turns.push(gpu.buffer("rows on their way", block_rows * columns, Advice::CloseOthers).await?);
        }
        for turn in 0..blocks.len() - buffers.len() {
            buffers.push((turns[turn % turns.len()].clone(), false));
        }
    }
    Ok(buffers)
}
