//! Buffers that all blocks of a run share.

use clusterclip_core::error::Param;
use clusterclip_core::kmeans::{MAX_CANDIDATES, Shape};
use wgpu::Buffer;

use super::layout::{Found, Params, Query, Tally, Wanted};
use super::plan::PAD;
use super::portions::{ALIGN, Cut};
use super::stages;
use crate::gpu::{Advice, Gpu, GpuError};

/// Words of a record before its sums.
pub(super) const RECORD_HEAD: usize = stages::gather::RECORD_HEAD as usize;

/// What to do when something does not fit whose size is that of the clusters, or of the rows.
const FEWER_CLUSTERS: Advice = Advice::Fewer(Param::Clusters);
const FEWER_ROWS: Advice = Advice::CloseOthers;

/// What all blocks share.
pub(super) struct Shared {
    pub centroids: Buffer,
    pub biases: Buffer,
    pub tally: Buffer,
    pub moves: Buffer,
    pub bests: Buffer,
    pub sums: Buffer,
    pub counts: Buffer,
    pub changed: Buffer,
    pub clusters: Buffer,
    pub records: Buffer,
    pub weights: Buffer,
    pub wanted: Buffer,
    pub query: Buffer,
    pub bins: Buffer,
    pub found: Buffer,
    pub n_found: Buffer,
    pub relabels: Buffer,
    pub params: Buffer,
    /// Distance between two parameters.
    pub stride: u64,
}

impl Shared {
    /// Makes them, with room for `n_params` parameters.
    pub async fn new(gpu: &mut Gpu, shape: Shape, cut: &Cut, n_params: u64) -> Result<Self, GpuError> {
        let (columns, n_clusters) = (shape.columns as u64, u64::from(shape.n_clusters));
        let clusters_padded = n_clusters.next_multiple_of(PAD.into());
        let (params, stride) = gpu.uniforms(n_params.max(1), size_of::<Params>() as u64).await?;
        let record = columns + RECORD_HEAD as u64;
        let shared = Self {
            centroids: gpu.buffer("centroids", clusters_padded * columns, FEWER_CLUSTERS).await?,
            biases: gpu.buffer("biases", clusters_padded * 4, FEWER_CLUSTERS).await?,
            tally: gpu.buffer("counters", size_of::<Tally>() as u64, FEWER_ROWS).await?,
            moves: gpu.buffer("moved rows", cut.chunk_rows * 8, FEWER_ROWS).await?,
            bests: gpu.buffer("best scores", cut.chunk_rows * 8, FEWER_ROWS).await?,
            sums: gpu.buffer("sums", n_clusters * columns * 4, FEWER_CLUSTERS).await?,
            counts: gpu.buffer("counts", n_clusters * 4, FEWER_CLUSTERS).await?,
            changed: gpu.buffer("flags of clusters", n_clusters * 4, FEWER_CLUSTERS).await?,
            clusters: gpu.buffer("changed clusters", n_clusters * 4, FEWER_CLUSTERS).await?,
            records: gpu.buffer("sums of changed clusters", n_clusters * record * 4, FEWER_CLUSTERS).await?,
            weights: gpu.buffer("weights", shape.n_rows.div_ceil(ALIGN) * 8, FEWER_ROWS).await?,
            wanted: gpu.buffer("a row to be found", size_of::<Wanted>() as u64, FEWER_ROWS).await?,
            query: gpu.buffer("a query", size_of::<Query>() as u64, FEWER_ROWS).await?,
            bins: gpu.buffer("bins", u64::from(stages::worst::BINS) * 4, FEWER_ROWS).await?,
            found: gpu.buffer("rows found", (MAX_CANDIDATES * size_of::<Found>()) as u64, FEWER_ROWS).await?,
            n_found: gpu.buffer("a counter", 4, FEWER_ROWS).await?,
            relabels: gpu.buffer("new labels", (n_clusters + 1) * 8, FEWER_CLUSTERS).await?,
            params,
            stride,
        };
        // Clusters that only pad can never win: no score is under theirs.
        let no_bias = vec![i32::MIN; clusters_padded as usize];
        gpu.write(&shared.biases, 0, bytemuck::cast_slice(&no_bias));
        Ok(shared)
    }
}
