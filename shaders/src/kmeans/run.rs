//! The rows of one K-Means on the device, in blocks, and the buffers its stages share.

use clusterclip_core::kmeans::{Centroids, RowBlock, Shape};
use clusterclip_core::monitor::CancelFlag;
use wgpu::{BindGroup, Buffer};

use super::backend::{Options, Pipelines};
use super::layout::{Found, Params, Query, Tally, Wanted};
use super::plan::{PAD, Plan};
use super::stages;
use crate::gpu::{Gpu, GpuError, Pipeline, Submitted};

/// The label of a row that has none yet.
const NONE: u32 = stages::assign_packed::NONE;

/// Blocks and chunks hold whole blocks of k-means++ weights, and whole tiles.
pub(super) const ALIGN: u64 = stages::seed_step::SEED_ROWS as u64;
const _: () = assert!(ALIGN.is_multiple_of(PAD as u64), "blocks are whole tiles");

/// The most bytes of rows in a block: small enough to be streamed twice over, large enough to fill a device.
const BLOCK_BYTES: u64 = 256 << 20;

/// The most workgroups of a dispatch: WebGPU's own limit, so that every device takes it.
const MAX_GROUPS: u64 = 65535;

/// Turns of loops that an invocation makes at most, beyond those at its start and end: Mesa's software adapter ends
/// every shader after 65,535, without a word. Real devices do not, and lose nothing by it.
const MAX_TURNS: u64 = 60_000;

/// Words of a record before its sums.
pub(super) const RECORD_HEAD: usize = stages::gather::RECORD_HEAD as usize;

const FEWER_CLUSTERS: &str = "give fewer --clusters";
const FEWER_ROWS: &str = "close other programs that use it, or choose --device cpu";

/// Where the rows of a block are.
pub(super) enum Rows {
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
    pub rows: Rows,
    /// The buffer that holds the rows, at least while they are worked on.
    pub buffer: Buffer,
    pub labels: Buffer,
    scores: Buffer,
    own_best: Buffer,
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

/// What all blocks share.
pub(super) struct Shared {
    pub centroids: Buffer,
    pub biases: Buffer,
    pub tally: Buffer,
    moves: Buffer,
    bests: Buffer,
    sums: Buffer,
    counts: Buffer,
    changed: Buffer,
    clusters: Buffer,
    pub records: Buffer,
    pub weights: Buffer,
    pub wanted: Buffer,
    pub query: Buffer,
    pub bins: Buffer,
    pub found: Buffer,
    pub n_found: Buffer,
    pub relabels: Buffer,
    params: Buffer,
}

/// One K-Means on the device.
pub(super) struct Run {
    pub shape: Shape,
    pub block_rows: u64,
    pub blocks: Vec<Block>,
    pub shared: Shared,
    pub changed: BindGroup,
    pub gather: BindGroup,
    pub worst_settle: BindGroup,
    /// Rows that have come in.
    pushed: u64,
    /// What the device has as centroids; `None` when it is not known.
    pub sent: Option<Centroids>,
    /// Records that are read together with the tally: as many as changed last time, and some more.
    pub expected: u32,
    pub in_flight: InFlight,
}

/// Batches that the device has not done yet: at most two, so that a person who stops waits for no more.
#[derive(Default)]
pub(super) struct InFlight(Vec<Submitted>);

impl InFlight {
    pub async fn add(
        &mut self,
        gpu: &Gpu,
        submitted: Submitted,
        cancel: &CancelFlag,
    ) -> Result<(), GpuError> {
        self.0.push(submitted);
        while self.0.len() > 2 {
            gpu.wait(&self.0[0], cancel).await?;
            self.0.remove(0);
        }
        Ok(())
    }
}

impl Run {
    /// Makes room for `shape`. `products` bounds the work of one dispatch.
    pub async fn new(
        gpu: &mut Gpu,
        pipelines: &Pipelines,
        options: &Options,
        products: u64,
        shape: Shape,
    ) -> Result<Self, GpuError> {
        let (columns, n_clusters) = (shape.columns as u64, u64::from(shape.n_clusters));
        // Rows are counted in u32 on the device, with room for padding.
        if shape.n_rows > u64::from(u32::MAX) - ALIGN {
            let (bytes, limit) = (shape.n_rows * columns, format!("{} rows", u64::from(u32::MAX) - ALIGN));
            return Err(GpuError::Memory { what: "rows", bytes, limit, advice: "choose --device cpu" });
        }
        let clusters_padded = n_clusters.next_multiple_of(PAD.into());
        let block_rows = block_rows(gpu, options, shape);
        let chunk_rows = (products / (clusters_padded * columns) / ALIGN * ALIGN)
            .clamp(ALIGN, (MAX_GROUPS * u64::from(pipelines.plan.rows()) / ALIGN * ALIGN).min(block_rows));

        let cut = Cut { chunk_rows, part: part_clusters(pipelines.plan, products, shape) };
        let n_blocks = shape.n_rows.div_ceil(block_rows);
        let parts = u64::from(shape.n_clusters).div_ceil(cut.part.into());
        let chunks_of = |rows: u64| rows.div_ceil(chunk_rows) * parts;
        let n_params: u64 = (0..n_blocks)
            .map(|block| 1 + chunks_of((shape.n_rows - block * block_rows).min(block_rows)))
            .sum();
        let (params, stride) = gpu.uniforms(n_params.max(1), size_of::<Params>() as u64).await?;
        let record = columns + RECORD_HEAD as u64;
        let shared = Shared {
            centroids: gpu.buffer("centroids", clusters_padded * columns, FEWER_CLUSTERS).await?,
            biases: gpu.buffer("biases", clusters_padded * 4, FEWER_CLUSTERS).await?,
            tally: gpu.buffer("counters", size_of::<Tally>() as u64, FEWER_ROWS).await?,
            moves: gpu.buffer("moved rows", chunk_rows * 8, FEWER_ROWS).await?,
            bests: gpu.buffer("best scores", chunk_rows * 8, FEWER_ROWS).await?,
            sums: gpu.buffer("sums", n_clusters * columns * 4, FEWER_CLUSTERS).await?,
            counts: gpu.buffer("counts", n_clusters * 4, FEWER_CLUSTERS).await?,
            changed: gpu.buffer("flags of clusters", n_clusters * 4, FEWER_CLUSTERS).await?,
            clusters: gpu.buffer("changed clusters", n_clusters * 4, FEWER_CLUSTERS).await?,
            records: gpu.buffer("sums of changed clusters", n_clusters * record * 4, FEWER_CLUSTERS).await?,
            weights: gpu.buffer("weights", shape.n_rows.div_ceil(ALIGN) * 8, FEWER_ROWS).await?,
            wanted: gpu.buffer("a row to be found", size_of::<Wanted>() as u64, FEWER_ROWS).await?,
            query: gpu.buffer("a query", size_of::<Query>() as u64, FEWER_ROWS).await?,
            bins: gpu.buffer("bins", u64::from(stages::worst::BINS) * 4, FEWER_ROWS).await?,
            found: gpu
                .buffer(
                    "rows found",
                    (clusterclip_core::kmeans::MAX_CANDIDATES * size_of::<Found>()) as u64,
                    FEWER_ROWS,
                )
                .await?,
            n_found: gpu.buffer("a counter", 4, FEWER_ROWS).await?,
            relabels: gpu.buffer("new labels", (n_clusters + 1) * 8, FEWER_CLUSTERS).await?,
            params,
        };
        // Clusters that only pad can never win: no score is under theirs.
        let no_bias = vec![i32::MIN; clusters_padded as usize];
        gpu.write(&shared.biases, 0, bytemuck::cast_slice(&no_bias));

        let uniform = size_of::<Params>() as u64;
        let changed = gpu.bind(
            &pipelines.changed,
            uniform,
            &[&shared.params, &shared.tally, &shared.changed, &shared.clusters],
        );
        let gather = gpu.bind(
            &pipelines.gather,
            uniform,
            &[&shared.params, &shared.tally, &shared.clusters, &shared.counts, &shared.sums, &shared.records],
        );
        let worst_settle = gpu.bind(&pipelines.worst_settle, uniform, &[&shared.query, &shared.bins]);

        let mut run = Self {
            shape,
            block_rows,
            blocks: Vec::new(),
            shared,
            changed,
            gather,
            worst_settle,
            pushed: 0,
            sent: None,
            expected: shape.n_clusters,
            in_flight: InFlight::default(),
        };
        run.make_blocks(gpu, pipelines, options, &cut, stride).await?;
        Ok(run)
    }

    async fn make_blocks(
        &mut self,
        gpu: &mut Gpu,
        pipelines: &Pipelines,
        options: &Options,
        cut: &Cut,
        stride: u64,
    ) -> Result<(), GpuError> {
        let Shape { n_rows, columns, n_clusters } = self.shape;
        // Labels, scores and own bests always stay on the device: they go first.
        let mut states = Vec::new();
        for base in (0..n_rows).step_by(self.block_rows as usize) {
            let rows = (n_rows - base).min(self.block_rows);
            let bytes = 4 * rows;
            states.push((
                base as u32,
                rows as u32,
                gpu.buffer("labels", bytes, FEWER_ROWS).await?,
                gpu.buffer("scores", bytes, FEWER_ROWS).await?,
                gpu.buffer("own bests", bytes, FEWER_ROWS).await?,
            ));
        }
        let mut buffers = row_buffers(gpu, options, &states, columns as u64, self.block_rows).await?;
        let mut at = 0;
        let mut params = |gpu: &mut Gpu, value: Params| {
            let place = at;
            gpu.write(&self.shared.params, place, bytemuck::bytes_of(&value));
            at += stride;
            place
        };
        for (base, n_rows, labels, scores, own_best) in states {
            let (buffer, resident) = buffers.remove(0);
            let rows = if resident { Rows::Device } else { Rows::Host(Vec::new()) };
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
            let whole = params(gpu, value);
            let mut chunks = Vec::new();
            for first in (0..n_rows).step_by(cut.chunk_rows as usize) {
                let end = (u64::from(first) + cut.chunk_rows).min(n_rows.into()) as u32;
                let part = |first_cluster: u32| {
                    let end_cluster = first_cluster.saturating_add(cut.part).min(n_clusters);
                    params(gpu, Params { first, end, first_cluster, end_cluster, ..value })
                };
                let parts = (0..n_clusters).step_by(cut.part as usize).map(part).collect();
                chunks.push(Chunk { rows: end - first, parts });
            }
            let shared = &self.shared;
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
            self.blocks.push(Block {
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
        Ok(())
    }

    /// Takes the next rows.
    pub async fn push(
        &mut self,
        gpu: &mut Gpu,
        block: RowBlock<'_>,
        cancel: &CancelFlag,
    ) -> Result<(), GpuError> {
        let columns = self.shape.columns;
        let (mut rows, mut own_best) = (block.rows, block.own_best);
        while !own_best.is_empty() {
            let (at, to) = (self.pushed / self.block_rows, self.pushed % self.block_rows);
            let Some(block) = self.blocks.get_mut(at as usize) else {
                return Err(GpuError::Failed(format!("more than {} rows were pushed", self.shape.n_rows)));
            };
            let count = own_best.len().min(block.n_rows as usize - to as usize);
            if count == 0 {
                return Err(GpuError::Failed(format!("more than {} rows were pushed", self.shape.n_rows)));
            }
            let (head, rest) = rows.split_at(count * columns);
            match &mut block.rows {
                Rows::Device => {
                    gpu.write(&block.buffer, to * columns as u64, bytemuck::cast_slice(head));
                }
                Rows::Host(held) => held.extend_from_slice(head),
            }
            let (bests, rest_bests) = own_best.split_at(count);
            gpu.write(&block.own_best, to * 4, bytemuck::cast_slice(bests));
            gpu.write(&block.labels, to * 4, bytemuck::cast_slice(&vec![NONE; count]));
            gpu.write(&block.scores, to * 4, bytemuck::cast_slice(&vec![i32::MIN; count]));
            (rows, own_best) = (rest, rest_bests);
            self.pushed += count as u64;
        }
        // What was written is held by the host until it is submitted.
        let submitted = gpu.submit(None);
        self.in_flight.add(gpu, submitted, cancel).await
    }

    /// Sends the rows of a block that lies on the host; whatever used its buffer before must be submitted.
    pub fn send_rows(&self, gpu: &mut Gpu, block: usize) {
        let block = &self.blocks[block];
        if let Rows::Host(rows) = &block.rows {
            gpu.write(&block.buffer, 0, bytemuck::cast_slice(rows));
        }
    }

    /// Sends the centroids that the device does not have yet.
    pub fn send_centroids(&mut self, gpu: &mut Gpu, centroids: &Centroids) {
        /// Clusters between two that changed which are sent along rather than apart.
        const GAP: usize = 8;
        let columns = centroids.columns();
        let same = |cluster: usize| {
            self.sent.as_ref().is_some_and(|sent| {
                sent.value(cluster) == centroids.value(cluster)
                    && sent.biases()[cluster] == centroids.biases()[cluster]
            })
        };
        let mut changed = (0..centroids.n_clusters()).filter(|&cluster| !same(cluster)).peekable();
        while let Some(first) = changed.next() {
            let mut last = first;
            while let Some(next) = changed.next_if(|&next| next <= last + GAP) {
                last = next;
            }
            let values = &centroids.values()[first * columns..(last + 1) * columns];
            gpu.write(&self.shared.centroids, (first * columns) as u64, bytemuck::cast_slice(values));
            let biases = &centroids.biases()[first..=last];
            gpu.write(&self.shared.biases, first as u64 * 4, bytemuck::cast_slice(biases));
        }
        self.sent = Some(centroids.clone());
    }

    /// Reads the labels of all rows.
    pub async fn labels(&self, gpu: &mut Gpu, cancel: &CancelFlag) -> Result<Vec<u32>, GpuError> {
        let mut labels = Vec::with_capacity(self.pushed as usize);
        for block in &self.blocks {
            let parts = [(&block.labels, 0, 4 * u64::from(block.n_rows))];
            let read = gpu.read(gpu.encoder(), &parts, cancel).await?;
            labels.extend(read.as_chunks().0.iter().map(|&label| u32::from_le_bytes(label)));
        }
        Ok(labels)
    }

    /// Whether all rows lie on the device.
    pub fn is_resident(&self) -> bool {
        self.blocks.iter().all(|block| matches!(block.rows, Rows::Device))
    }

    /// Where a row is: its block, and the row there.
    pub fn place(&self, row: u64) -> (&Block, u64) {
        (&self.blocks[(row / self.block_rows) as usize], row % self.block_rows)
    }
}

/// How an assign is cut into dispatches.
struct Cut {
    chunk_rows: u64,
    /// Clusters of a dispatch.
    part: u32,
}

/// Clusters of a dispatch: a multiple of [`PAD`].
fn part_clusters(plan: Plan, products: u64, shape: Shape) -> u32 {
    let tiles = (MAX_TURNS / plan.turns(shape.columns)).max(1);
    // Chunks hold ALIGN rows at least, which may be too much work for all clusters at once.
    let by_work = products / (ALIGN * shape.columns as u64) / u64::from(PAD) * u64::from(PAD);
    let by_turns = tiles * u64::from(plan.centroids()) / u64::from(PAD) * u64::from(PAD);
    by_work.min(by_turns).clamp(PAD.into(), 1 << 31) as u32
}

/// Rows of a block: as many as the device binds at once, and a quarter of the memory given where that is less.
fn block_rows(gpu: &Gpu, options: &Options, shape: Shape) -> u64 {
    let limits = gpu.limits();
    let bindable = limits.max_buffer_size.min(limits.max_storage_buffer_binding_size);
    let mut bytes = bindable.min(options.block_bytes.unwrap_or(BLOCK_BYTES));
    if let Some(memory) = options.row_memory {
        bytes = bytes.min(memory / 4);
    }
    // k-means++ takes a block in one dispatch.
    (bytes / shape.columns as u64 / ALIGN * ALIGN)
        .clamp(ALIGN, MAX_GROUPS * ALIGN)
        .min(shape.n_rows.next_multiple_of(ALIGN).max(ALIGN))
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
    let memory = options.row_memory.unwrap_or(u64::MAX);
    let slots = 2 * block_rows * columns;
    let (mut buffers, mut held) = (Vec::new(), 0);
    for block in blocks {
        let bytes = block_bytes(block.1);
        if total > memory && held + bytes + slots > memory {
            break;
        }
        match gpu.buffer("rows", bytes, FEWER_ROWS).await {
            Ok(buffer) => buffers.push((buffer, true)),
            Err(GpuError::Memory { .. }) => {
                // Two make room for the two that the others share.
                buffers.truncate(buffers.len().saturating_sub(2));
                break;
            }
            Err(error) => return Err(error),
        }
        held += bytes;
    }
    if buffers.len() < blocks.len() {
        let mut turns = Vec::new();
        for _ in 0..2.min(blocks.len() - buffers.len()) {
            turns.push(gpu.buffer("rows on their way", block_rows * columns, FEWER_ROWS).await?);
        }
        for turn in 0..blocks.len() - buffers.len() {
            buffers.push((turns[turn % turns.len()].clone(), false));
        }
    }
    Ok(buffers)
}
