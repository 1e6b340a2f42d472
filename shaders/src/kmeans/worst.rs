//! Rows for empty clusters, and their new labels: SPEC.md, 1.5.

use clusterclip_core::kmeans::{Candidate, MAX_CANDIDATES};
use clusterclip_core::monitor::CancelFlag;

use super::layout::{Found, Query};
use super::pipelines::Pipelines;
use super::portions::Portions;
use super::run::Run;
use super::{fetch, stages};
use crate::gpu::{Gpu, GpuError};

/// Workgroups that look through the rows of a block.
const GROUPS: u32 = 1024;

/// Moves of a dispatch: WebGPU allows 65,535 workgroups.
const MOST_MOVES: usize = 65_535 * stages::relabel::LANES as usize;

/// Bytes that a pass reads of a row.
const BYTES: u64 = 8;

/// See [`Backend::worst`](clusterclip_core::kmeans::Backend::worst).
pub(super) async fn worst(
    gpu: &mut Gpu,
    pipelines: &Pipelines,
    run: &mut Run,
    portions: &Portions,
    after: Option<(i32, u64)>,
    count: usize,
    cancel: &CancelFlag,
) -> Result<Vec<Candidate>, GpuError> {
    let count = count.min(MAX_CANDIDATES);
    if count == 0 {
        return Ok(Vec::new());
    }
    let (score, row) = after.unwrap_or_default();
    let query = Query {
        after_score: score as u32 ^ (1 << 31),
        // Rows are under 2^32 on the device.
        after_row: row as u32,
        unbounded: after.is_none().into(),
        wanted: count as u32,
        ..Query::default()
    };
    let shared = &run.shared;
    gpu.write(&shared.query, 0, bytemuck::bytes_of(&query));
    let mut encoder = gpu.encoder();
    encoder.clear_buffer(&shared.bins, 0, None);
    encoder.clear_buffer(&shared.n_found, 0, None);
    let groups = |n_rows: u32| n_rows.div_ceil(stages::worst::LANES).min(GROUPS);
    let mut work = 0;
    for pass in 0..=stages::worst::DIGITS {
        for at in 0..run.blocks.len() {
            if work >= portions.products {
                encoder = run.send(gpu, encoder, cancel).await?;
                work = 0;
            }
            let block = &run.blocks[at];
            // One pass for each digit of the key of the last row wanted, then one that lists the rows up to it.
            let (pipeline, bindings) = match pass < stages::worst::DIGITS {
                true => (&pipelines.worst, &block.bindings.worst),
                false => (&pipelines.worst_collect, &block.bindings.worst_collect),
            };
            gpu.dispatch(&mut encoder, pipeline, bindings, Some(block.whole), groups(block.n_rows));
            work += BYTES * u64::from(block.n_rows);
        }
        if pass < stages::worst::DIGITS {
            gpu.dispatch(&mut encoder, &pipelines.worst_settle, &run.worst_settle, None, 1);
        }
    }
    let shared = &run.shared;
    let parts = [(&shared.n_found, 0, 4), (&shared.found, 0, (count * size_of::<Found>()) as u64)];
    let read = gpu.read(encoder, &parts, cancel).await?;
    let n_found: u32 = bytemuck::pod_read_unaligned(&read[..4]);
    let found = read[4..].chunks_exact(size_of::<Found>()).take((n_found as usize).min(count));
    let mut found: Vec<Found> = found.map(bytemuck::pod_read_unaligned).collect();
    found.sort_unstable_by_key(|found| (found.score, found.row));
    let rows = fetch::rows(gpu, run, found.iter().map(|found| found.row.into()), cancel).await?;
    let candidate = |(found, q): (&Found, &[i8])| Candidate {
        score: found.score,
        row: found.row.into(),
        cluster: found.label,
        own_best: found.own_best,
        q: q.to_vec(),
    };
    Ok(found.iter().zip(rows.chunks_exact(run.shape.columns)).map(candidate).collect())
}

/// See [`Backend::relabel`](clusterclip_core::kmeans::Backend::relabel).
pub(super) async fn relabel(
    gpu: &mut Gpu,
    pipelines: &Pipelines,
    run: &mut Run,
    moves: &[(u64, u32)],
    cancel: &CancelFlag,
) -> Result<(), GpuError> {
    // A refill moves one row at most into each cluster, but any number may be asked for.
    for moves in moves.chunks((run.shape.n_clusters as usize).min(MOST_MOVES)) {
        let mut words = vec![[moves.len() as u32, 0]];
        words.extend(moves.iter().map(|&(row, cluster)| [row as u32, cluster]));
        gpu.write(&run.shared.relabels, 0, bytemuck::cast_slice(&words));
        let mut encoder = gpu.encoder();
        let groups = (moves.len() as u32).div_ceil(stages::relabel::LANES);
        for block in &run.blocks {
            let (bindings, params) = (&block.bindings.relabel, Some(block.whole));
            gpu.dispatch(&mut encoder, &pipelines.relabel, bindings, params, groups);
        }
        let submitted = gpu.submit(Some(encoder));
        run.in_flight.add(gpu, submitted, cancel).await?;
    }
    Ok(())
}
