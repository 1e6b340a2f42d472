//! One assign: every row scored, sums of the moved rows, and what changed brought back.

use clusterclip_core::kmeans::{Centroids, Step};
use clusterclip_core::monitor::CancelFlag;
use wgpu::CommandEncoder;

use super::blocks::RowStore;
use super::layout::Tally;
use super::pipelines::Pipelines;
use super::portions::{Portions, products_of_row};
use super::run::Run;
use super::shared::RECORD_HEAD;
use crate::gpu::{Gpu, GpuError};

/// Workgroups that add up moved rows, each one row after the other: 262,144 invocations fill any device.
const ACCUMULATE_GROUPS: u32 = 4096;

/// Workgroups for rows that nobody expected to move.
const SPARE_GROUPS: u32 = 64;

/// Workgroups that pack changed clusters.
const GATHER_GROUPS: u32 = 1024;

/// Bytes of records that are read whether clusters changed or not.
const FEW_BYTES: usize = 1 << 20;

/// Where `pending` lies in the tally.
const PENDING: u64 = std::mem::offset_of!(Tally, pending) as u64;

/// See [`Backend::assign`](clusterclip_core::kmeans::Backend::assign).
pub(super) async fn assign(
    gpu: &mut Gpu,
    pipelines: &Pipelines,
    run: &mut Run,
    portions: &Portions,
    centroids: &Centroids,
    cancel: &CancelFlag,
) -> Result<Step, GpuError> {
    run.send_centroids(gpu, centroids);
    let per_row = products_of_row(pipelines.plan, run.shape);
    let mut step = Step::default();
    // Fewer rows move from one iteration to the next, as a rule, and a workgroup without rows costs time too.
    let moving = run.moving.saturating_add(run.moving / 8 + SPARE_GROUPS).min(ACCUMULATE_GROUPS);
    let mut encoder = start(gpu, run);
    let (mut work, mut summed) = (0, 0);
    for at in 0..run.blocks.len() {
        if matches!(run.blocks[at].rows, RowStore::Host(_)) {
            // What is written goes before all stages of the batch it is sent with, so the batch ends here.
            encoder = run.send(gpu, encoder, cancel).await?;
            work = 0;
            run.send_rows(gpu, at, cancel).await?;
        }
        for c in 0..run.blocks[at].chunks.len() {
            let rows = run.blocks[at].chunks[c].rows;
            if summed > 0 && summed + u64::from(rows) > portions.sum_rows {
                step.add(&gather(gpu, pipelines, run, encoder, cancel).await?);
                encoder = start(gpu, run);
                (work, summed) = (0, 0);
            }
            let block = &run.blocks[at];
            encoder.clear_buffer(&run.shared.tally, PENDING, Some(4));
            let groups = rows.div_ceil(pipelines.plan.rows());
            let parts = &block.chunks[c].parts;
            for &params in parts {
                let bindings = &block.bindings.assign;
                gpu.dispatch(&mut encoder, &pipelines.assign, bindings, Some(params), groups);
            }
            let groups = rows.min(moving);
            let (bindings, params) = (&block.bindings.accumulate, parts.first().copied());
            gpu.dispatch(&mut encoder, &pipelines.accumulate, bindings, params, groups);
            work += u64::from(rows) * per_row;
            summed += u64::from(rows);
            if work >= portions.products {
                encoder = run.send(gpu, encoder, cancel).await?;
                work = 0;
            }
        }
    }
    step.add(&gather(gpu, pipelines, run, encoder, cancel).await?);
    run.moving = u32::try_from(step.moved).unwrap_or(u32::MAX);
    Ok(step)
}

/// Begins to count.
fn start(gpu: &Gpu, run: &Run) -> CommandEncoder {
    let mut encoder = gpu.encoder();
    encoder.clear_buffer(&run.shared.tally, 0, None);
    encoder
}

/// Brings back what was counted, and the sums of the clusters that changed.
async fn gather(
    gpu: &mut Gpu,
    pipelines: &Pipelines,
    run: &mut Run,
    mut encoder: CommandEncoder,
    cancel: &CancelFlag,
) -> Result<Step, GpuError> {
    let Some(params) = run.blocks.first().map(|block| block.whole) else { return Ok(Step::default()) };
    gpu.dispatch(&mut encoder, &pipelines.changed, &run.changed, Some(params), 1);
    let groups = run.shape.n_clusters.min(GATHER_GROUPS);
    gpu.dispatch(&mut encoder, &pipelines.gather, &run.gather, Some(params), groups);

    let columns = run.shape.columns;
    let record = RECORD_HEAD + columns;
    let head = size_of::<Tally>();
    let (tally, records) = (&run.shared.tally, &run.shared.records);
    let expected = u64::from(run.expected.min(run.shape.n_clusters));
    let parts = [(tally, 0, head as u64), (records, 0, expected * 4 * record as u64)];
    let mut read = gpu.read(encoder, &parts, cancel).await?;
    let tally: Tally = bytemuck::pod_read_unaligned(&read[..head]);
    let n_changed = u64::from(tally.n_changed);
    if n_changed > expected {
        let from = expected * 4 * record as u64;
        let parts = [(records, from, n_changed * 4 * record as u64 - from)];
        let rest = gpu.read(gpu.encoder(), &parts, cancel).await?;
        read.extend(rest);
    }
    // Fewer clusters change from one iteration to the next, as a rule. Few bytes are read in vain rather than waited
    // for a second time.
    let few = (FEW_BYTES / (4 * record)) as u32;
    run.expected = tally.n_changed.saturating_add(tally.n_changed / 8 + 8).max(few);

    let mut step = Step {
        objective: (u64::from(tally.objective_high) << 32 | u64::from(tally.objective_low)) as i64,
        moved: tally.moved.into(),
        ..Step::default()
    };
    let words = |bytes: &[u8]| i32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    for record in read[head..].chunks_exact(4 * record).take(n_changed as usize) {
        let mut values = record.chunks_exact(4).map(words);
        step.clusters.push(values.next().unwrap_or_default() as u32);
        step.counts.push(values.next().unwrap_or_default().into());
        step.sums.extend(values.skip(RECORD_HEAD - 2).map(i64::from));
    }
    Ok(step)
}
