//! The tile in NEON: a panel in two halves, each row of a half in four registers.

use std::arch::aarch64::{float32x4_t, vdupq_n_f32, vfmaq_f32, vld1q_f32, vst1q_f32};

use super::tile::{PANEL, Tile, by_height};

/// 24 sums, four columns of `b`, and a value of `a`: 29 of the 32 registers.
pub(super) const ROWS: usize = 6;

/// # Safety
/// As [`Tile`] says. `rows` is from 1 to [`ROWS`].
pub(super) unsafe fn tile(rows: usize, tile: Tile) {
    for half in [0, PANEL / 2] {
        // SAFETY: the caller's promise; the half lies within the panel.
        unsafe {
            let (b, from, out) = (tile.b.add(half), tile.from.add(half), tile.out.add(half));
            let tile = Tile { b, from, out, ..tile };
            by_height!(rows, of(tile), 6 5 4 3 2)
        }
    }
}

unsafe fn of<const R: usize>(tile: Tile) {
    // SAFETY: every access is one that the tile allows.
    unsafe {
        let mut sums: [[float32x4_t; 4]; R] = std::array::from_fn(|i| {
            let from = tile.from.add(i * tile.from_stride);
            std::array::from_fn(|j| vld1q_f32(from.add(4 * j)))
        });
        for t in 0..tile.depth {
            let b = tile.b.add(t * PANEL);
            let b: [float32x4_t; 4] = std::array::from_fn(|j| vld1q_f32(b.add(4 * j)));
            for (i, row) in sums.iter_mut().enumerate() {
                let a = vdupq_n_f32(*tile.a.add(i * tile.a_stride + t));
                for (sum, b) in row.iter_mut().zip(b) {
                    *sum = vfmaq_f32(*sum, a, b);
                }
            }
        }
        for (i, row) in sums.into_iter().enumerate() {
            for (j, sum) in row.into_iter().enumerate() {
                vst1q_f32(tile.out.add(i * tile.out_stride + 4 * j), sum);
            }
        }
    }
}
