//! The loops around a micro-kernel: panels outside, row tiles inside, arg-max fused.

use super::aligned::AlignedBytes;
use super::best::Best;
use super::packed::Packed;
use crate::monitor::CancelFlag;

/// A micro-kernel: `ROWS` rows against one panel of `LANES` centroids, all columns in one pass. A panel takes two
/// registers; with `PARTS` 1 only the centroids in the first are scored.
pub(super) trait Tile<const ROWS: usize, const LANES: usize> {
    /// Scores the rows at `rows`, `stride` bytes apart, with `panel`, and keeps in `running` the two highest
    /// scores of each row and lane.
    ///
    /// # Safety
    /// The CPU has the kernel's instructions; `PARTS` is 1 or 2; `ROWS` rows of `stride` bytes lie at `rows`; `panel`
    /// holds `LANES * stride` bytes on a 64-byte boundary.
    unsafe fn run<const PARTS: usize>(
        rows: *const u8,
        stride: usize,
        panel: &[i8],
        starts: &[i32; LANES],
        running: &mut [Running<LANES>; ROWS],
        index: i32,
    );
}

/// The best score so far of one row in each lane, the panel that gave it, and the second best score.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub(super) struct Running<const LANES: usize> {
    pub score: [i32; LANES],
    pub panel: [i32; LANES],
    pub second: [i32; LANES],
}

/// Scores whole rows with all panels into `best`; leaves it as it is once cancelled. Inlined into a function that has the
/// kernel's instructions enabled.
///
/// # Safety
/// The CPU has the kernel's instructions; `packed` has `LANES` lanes; `rows` holds a row of its columns for each of
/// `best`.
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
    let mut tail = AlignedBytes::default();
    if whole < tiles {
        tail.extend_zeros(ROWS * columns);
        let left = &rows[whole * ROWS * columns..];
        for (i, row) in tail.bytes_mut().chunks_exact_mut(columns).enumerate() {
            let i = i.min(left.len() / columns - 1);
            row.copy_from_slice(&left[i * columns..][..columns]);
        }
    }
    let mut running = vec![[Running::NONE; ROWS]; tiles];
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
            unsafe {
                if packed.is_half(index) {
                    K::run::<1>(at, columns, panel, starts, running, index as i32);
                } else {
                    K::run::<2>(at, columns, panel, starts, running, index as i32);
                }
            }
        }
    }
    for (best, running) in best.iter_mut().zip(running.as_flattened()) {
        let (score, place, second) = running.best();
        *best = Best { score, cluster: packed.cluster(place as usize), second };
    }
}

impl<const LANES: usize> Running<LANES> {
    const NONE: Self = Self { score: [i32::MIN; LANES], panel: [0; LANES], second: [i32::MIN; LANES] };

    /// The best score of all lanes, its place `panel * LANES + lane` (the lowest on ties), and the second best. The
    /// upper half of the lanes, a power of two, is joined with the lower one until one lane is left: steps that
    /// compilers turn into vectors.
    #[inline(always)]
    fn best(&self) -> (i32, i32, i32) {
        let (mut score, mut second) = (self.score, self.second);
        let mut place = self.panel;
        for (lane, place) in place.iter_mut().enumerate() {
            *place = *place * LANES as i32 + lane as i32;
        }
        let mut half = LANES / 2;
        while half > 0 {
            let (low, high) = score.split_at_mut(half);
            let (low_place, high_place) = place.split_at_mut(half);
            let (low_second, high_second) = second.split_at_mut(half);
            for lane in 0..half {
                let (a, b) = (low[lane], high[lane]);
                let (at, bt) = (low_place[lane], high_place[lane]);
                let tied = if a == b { at.min(bt) } else { at };
                low_place[lane] = if b > a { bt } else { tied };
                low[lane] = a.max(b);
                low_second[lane] = low_second[lane].max(high_second[lane]).max(a.min(b));
            }
            half /= 2;
        }
        (score[0], place[0], second[0])
    }
}
