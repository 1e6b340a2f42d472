//! The rows of one K-Means on the device, and what goes to and fro between it and the host.

use clusterclip_core::kmeans::{Centroids, RowBlock, Shape};
use clusterclip_core::monitor::CancelFlag;
use wgpu::{BindGroup, CommandEncoder};

use super::blocks::{Block, RowStore};
use super::error::RunError;
use super::layout::Params;
use super::options::Options;
use super::pipelines::Pipelines;
use super::portions::{ALIGN, Cut, UPLOAD};
use super::shared::Shared;
use super::stages;
use crate::gpu::{Advice, Gpu, GpuError, Limit, Submitted};

/// The label of a row that has none yet.
const NONE: u32 = stages::assign_packed::NONE;

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
    /// Rows that moved last time; all of them at first.
    pub moving: u32,
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
        // Rows are counted in u32 on the device, with room for padding.
        if shape.n_rows > u64::from(u32::MAX) - ALIGN {
            let (bytes, limit) =
                (shape.n_rows * shape.columns as u64, Limit::Rows(u64::from(u32::MAX) - ALIGN));
            return Err(GpuError::Memory { what: "rows", bytes, limit, advice: Advice::Cpu });
        }
        let cut = Cut::new(gpu, pipelines.plan, options, products, shape);
        let shared = Shared::new(gpu, shape, &cut, cut.n_params(shape)).await?;
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

        Ok(Self {
            shape,
            block_rows: cut.block_rows,
            blocks: Block::all(gpu, pipelines, options, &cut, shape, &shared).await?,
            shared,
            changed,
            gather,
            worst_settle,
            pushed: 0,
            sent: None,
            expected: shape.n_clusters,
            moving: u32::MAX,
            in_flight: InFlight::default(),
        })
    }

    /// Takes the next rows.
    pub async fn push(
        &mut self,
        gpu: &mut Gpu,
        block: RowBlock<'_>,
        cancel: &CancelFlag,
    ) -> Result<(), RunError> {
        let columns = self.shape.columns;
        let (mut rows, mut own_best) = (block.rows, block.own_best);
        while !own_best.is_empty() {
            let (at, to) = (self.pushed / self.block_rows, self.pushed % self.block_rows);
            let Some(block) = self.blocks.get_mut(at as usize) else {
                return Err(RunError::TooManyRows { n_rows: self.shape.n_rows });
            };
            let count = own_best.len().min(block.n_rows as usize - to as usize);
            if count == 0 {
                return Err(RunError::TooManyRows { n_rows: self.shape.n_rows });
            }
            let (head, rest) = rows.split_at(count * columns);
            match &mut block.rows {
                RowStore::Device => {
                    gpu.write(&block.buffer, to * columns as u64, bytemuck::cast_slice(head));
                }
                RowStore::Host(held) => held.extend_from_slice(head),
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
        Ok(self.in_flight.add(gpu, submitted, cancel).await?)
    }

    /// Sends a batch and begins another.
    pub async fn send(
        &mut self,
        gpu: &mut Gpu,
        encoder: CommandEncoder,
        cancel: &CancelFlag,
    ) -> Result<CommandEncoder, GpuError> {
        let submitted = gpu.submit(Some(encoder));
        self.in_flight.add(gpu, submitted, cancel).await?;
        Ok(gpu.encoder())
    }

    /// Sends the rows of a block that lies on the host; whatever used its buffer before must be submitted.
    pub async fn send_rows(
        &mut self,
        gpu: &mut Gpu,
        block: usize,
        cancel: &CancelFlag,
    ) -> Result<(), GpuError> {
        let Block { rows: RowStore::Host(rows), buffer, .. } = &self.blocks[block] else { return Ok(()) };
        for (slice, at) in rows.chunks(UPLOAD).zip((0..).step_by(UPLOAD)) {
            gpu.write(buffer, at, bytemuck::cast_slice(slice));
            let submitted = gpu.submit(None);
            self.in_flight.add(gpu, submitted, cancel).await?;
        }
        Ok(())
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
        self.blocks.iter().all(|block| matches!(block.rows, RowStore::Device))
    }

    /// Where a row is: its block, and the row there.
    pub fn place(&self, row: u64) -> (&Block, u64) {
        (&self.blocks[(row / self.block_rows) as usize], row % self.block_rows)
    }
}
