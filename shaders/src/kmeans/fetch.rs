//! Rows by number, from the device or from the host, wherever they lie.

use clusterclip_core::monitor::CancelFlag;

use super::blocks::RowStore;
use super::run::Run;
use crate::gpu::{Gpu, GpuError};

/// Bytes of rows that are fetched at a time.
const FETCH: usize = 64 << 20;

/// See [`Backend::rows`](clusterclip_core::kmeans::Backend::rows).
pub(super) async fn rows(
    gpu: &mut Gpu,
    run: &Run,
    numbers: impl Iterator<Item = u64> + Clone,
    cancel: &CancelFlag,
) -> Result<Vec<i8>, GpuError> {
    let columns = run.shape.columns;
    let mut parts = Vec::new();
    for number in numbers.clone() {
        let (block, row) = run.place(number);
        if let RowStore::Device = block.rows {
            parts.push((&block.buffer, row * columns as u64, columns as u64));
        }
    }
    let mut read = Vec::with_capacity(parts.len() * columns);
    for parts in parts.chunks((FETCH / columns).max(1)) {
        read.extend(gpu.read(gpu.encoder(), parts, cancel).await?);
    }
    if run.is_resident() {
        return Ok(read.into_iter().map(|byte| byte as i8).collect());
    }
    let mut read = bytemuck::cast_slice::<u8, i8>(&read).chunks_exact(columns);
    let mut rows = Vec::new();
    for number in numbers {
        let (block, row) = run.place(number);
        rows.extend_from_slice(match &block.rows {
            RowStore::Host(held) => &held[row as usize * columns..][..columns],
            RowStore::Device => read.next().unwrap_or_default(),
        });
    }
    Ok(rows)
}
