//! The loops around a micro-kernel: panels outside, row tiles inside, arg-max fused.

use super::kernel::Best;
use super::packed::Packed;
use super::rows::Lines;
use crate::monitor::CancelFlag;

/// A micro-kernel: `ROWS` rows against one panel of `LANES` centroids, all columns in one pass.
pub(super) trait Tile<const ROWS: usize, const LANES: usize> {
    /// Scores the rows at `rows`, `stride` bytes apart, with `panel`, and keeps in `running` the higher score
    /// of each row and lane.
    ///
    /// # Safety
    /// The CPU has the kernel's instructions; `ROWS` rows of `stride` bytes lie at `rows`; `panel` holds
    /// `LANES * stride` bytes on a 64-byte boundary.
    unsafe fn run(
        rows: *const u8,
        stride: usize,
        panel: &[i8],
        starts: &[i32; LANES],
        running: &mut [Running<LANES>; ROWS],
        index: i32,
    );
}

/// The best score so far of one row in each lane, and the panel that gave it.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub(super) struct Running<const LANES: usize> {
    pub score: [i32; LANES],
    pub panel: [i32; LANES],
}

/// Scores whole rows with all panels; leaves `best` as it is once cancelled. Inlined into a function that has the kernel's instructions enabled.
///
/// # Safety
/// As [`Tile::run`]; `packed` has `LANES` lanes.
#[inline(always)]
pub(super) unsafe fn assign<K: Tile<ROWS, LANES>, const ROWS: usize, const LANES: usize>(
    rows: &[u8],
    packed: &Packed,
    best: &mut [Best],
    cancel: &CancelFlag,
) {
    let columns = packed.columns();
    let tiles = best.len().div_ceil(ROWS);
    let whole = best.len() / ROWS;
    // The last tile repeats its last row, in a copy.
    let mut tail = Lines::default();
    if whole < tiles {
        tail.extend_zeros(ROWS * columns);
        let left = &rows[whole * ROWS * columns..];
        for (i, row) in tail.bytes_mut().chunks_exact_mut(columns).enumerate() {
            let i = i.min(left.len() / columns - 1);
            row.copy_from_slice(&left[i * columns..][..columns]);
        }
    }
    let mut running = vec![[Running { score: [i32::MIN; LANES], panel: [0; LANES] }; ROWS]; tiles];
    for index in 0..packed.panels() {
        // A panel takes milliseconds, all of them may take seconds.
        if cancel.is_cancelled() {
            return;
        }
        let panel = packed.panel(index);
        let starts: &[i32; LANES] = packed.starts(index).try_into().expect("packed for this kernel");
        for (tile, running) in running.iter_mut().enumerate() {
            let at =
                if tile < whole { rows[tile * ROWS * columns..].as_ptr() } else { tail.bytes().as_ptr() };
            // SAFETY: `at` begins ROWS whole rows, in `rows` or in `tail`; panels are whole and aligned.
            unsafe { K::run(at, columns, panel, starts, running, index as i32) };
        }
    }
    for (best, running) in best.iter_mut().zip(running.as_flattened()) {
        let score = running.score.iter().fold(i32::MIN, |high, &score| high.max(score));
        let mut cluster = u32::MAX;
        for lane in 0..LANES {
            let index = running.panel[lane] as u32 * LANES as u32 + lane as u32;
            cluster = cluster.min(if running.score[lane] == score { index } else { u32::MAX });
        }
        *best = Best { score, cluster };
    }
}
