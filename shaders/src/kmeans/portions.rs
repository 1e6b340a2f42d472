//! How rows and clusters are cut: into blocks that a device binds, and into dispatches that do not take long.

use clusterclip_core::kmeans::Shape;

use super::options::Options;
use super::plan::{PAD, Plan};
use super::stages;
use crate::gpu::Gpu;

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

/// Products of a submission on a device that nobody has timed: slow ones take a tenth of a second for them.
pub(super) const PRODUCTS: u64 = 1 << 29;

/// Bytes that are sent at a time: until a batch is done, the driver keeps them a second time.
pub(super) const UPLOAD: usize = 16 << 20;

/// Moved rows that are summed between two gathers: a row changes a sum by at most 63, and 63 times this is under
/// 2^31.
pub(super) const SUM_ROWS: u64 = 34_087_042;
const _: () = assert!(63 * SUM_ROWS <= i32::MAX as u64, "sums fit i32");

/// How much is done at a time.
pub(super) struct Portions {
    /// Products of one submission; stages that only read take at most as long for a byte.
    pub products: u64,
    /// Rows between two gathers, at most [`SUM_ROWS`].
    pub sum_rows: u64,
}

/// How an assign is cut into dispatches.
pub(super) struct Cut {
    pub block_rows: u64,
    pub chunk_rows: u64,
    /// Clusters of a dispatch.
    pub part: u32,
}

impl Cut {
    /// Cuts so that no dispatch has more than `products` of work, as far as that can be.
    pub fn new(gpu: &Gpu, plan: Plan, options: &Options, products: u64, shape: Shape) -> Self {
        let block_rows = block_rows(gpu, options, shape);
        let most = (MAX_GROUPS * u64::from(plan.rows()) / ALIGN * ALIGN).min(block_rows);
        let chunk_rows = (products / products_of_row(plan, shape) / ALIGN * ALIGN).clamp(ALIGN, most);
        Self { block_rows, chunk_rows, part: part_clusters(plan, products, shape) }
    }

    /// How many parameters there are: one for all rows of each block, and one for each dispatch.
    pub fn n_params(&self, shape: Shape) -> u64 {
        let parts = u64::from(shape.n_clusters).div_ceil(self.part.into());
        let params = |block: u64| {
            let rows = (shape.n_rows - block * self.block_rows).min(self.block_rows);
            1 + rows.div_ceil(self.chunk_rows) * parts
        };
        (0..shape.n_rows.div_ceil(self.block_rows)).map(params).sum()
    }
}

/// What a row costs: whole tiles of clusters, and its sums, should it move.
pub(super) fn products_of_row(plan: Plan, shape: Shape) -> u64 {
    /// Products that take as long as adding one component of a moved row.
    const MOVE: u64 = 32;
    let clusters = u64::from(shape.n_clusters).next_multiple_of(plan.centroids().into());
    (clusters + MOVE) * shape.columns as u64
}

/// Clusters of a dispatch: whole tiles.
fn part_clusters(plan: Plan, products: u64, shape: Shape) -> u32 {
    let tile = u64::from(plan.centroids());
    let by_turns = MAX_TURNS / plan.turns(shape.columns);
    // Chunks hold ALIGN rows at least, which may be too much work for all clusters at once.
    let by_work = products / (ALIGN * shape.columns as u64) / tile;
    (by_work.min(by_turns) * tile).clamp(tile, 1 << 31) as u32
}

/// Bytes that rows may take on the device. What it says that it has is shared with centroids, what is on its way, and
/// other programs.
pub(super) fn row_memory(gpu: &Gpu, options: &Options) -> Option<u64> {
    options.row_memory.or_else(|| gpu.adapter().memory().map(|memory| memory / 5 * 4))
}

/// Rows of a block: as many as the device binds at once, and a quarter of the memory where that is less.
fn block_rows(gpu: &Gpu, options: &Options, shape: Shape) -> u64 {
    let limits = gpu.limits();
    let bindable = limits.max_buffer_size.min(limits.max_storage_buffer_binding_size);
    let mut bytes = bindable.min(options.block_bytes.unwrap_or(BLOCK_BYTES));
    if let Some(memory) = row_memory(gpu, options) {
        bytes = bytes.min(memory / 4);
    }
    // k-means++ takes a block in one dispatch.
    (bytes / shape.columns as u64 / ALIGN * ALIGN)
        .clamp(ALIGN, MAX_GROUPS * ALIGN)
        .min(shape.n_rows.next_multiple_of(ALIGN).max(ALIGN))
}
