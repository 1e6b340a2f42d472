//! The tile by `sdot`: a panel in two halves, each row of a half in four registers.

use std::arch::aarch64::*;
use std::arch::asm;

use super::tile::{DEPTH, GROUP, Tile};
use crate::gemm::{PANEL, by_height};

/// 16 sums, four registers of `b`, and 16 bytes of each row.
pub(super) const ROWS: usize = 4;

/// Adds to each lane of `sums` the four products of its bytes with group `$group` of `row`.
macro_rules! sdot {
    ($sums:expr, $columns:expr, $row:expr, $group:literal) => {
        // The intrinsic is not stable yet; the instruction reads and writes these registers alone.
        asm!(
            concat!("sdot {sums:v}.4s, {columns:v}.16b, {row:v}.4b[", $group, "]"),
            sums = inout(vreg) $sums,
            columns = in(vreg) $columns,
            row = in(vreg) $row,
            options(pure, nomem, nostack, preserves_flags),
        )
    };
}

/// # Safety
/// The processor has `dotprod`; otherwise as [`Tile`] says. `rows` is from 1 to [`ROWS`].
#[target_feature(enable = "neon,dotprod")]
pub(super) unsafe fn tile(rows: usize, tile: Tile) {
    for half in [0, PANEL / 2] {
        // SAFETY: the caller's promise; the half lies within the panel.
        unsafe {
            let tile = Tile {
                b: tile.b.add(half * GROUP),
                scales: tile.scales.add(half),
                sums: tile.sums.add(half),
                start: tile.start.add(half),
                out: tile.out.add(half),
                ..tile
            };
            by_height!(rows, of(tile), 4 3 2)
        }
    }
}

#[target_feature(enable = "neon,dotprod")]
unsafe fn of<const R: usize>(tile: Tile) {
    // SAFETY: every access is one that the tile allows; depths are multiples of a register.
    unsafe {
        let mut sums = [[vdupq_n_s32(0); 4]; R];
        for t in (0..tile.depth).step_by(DEPTH) {
            // sdot wants signed bytes: 128 less, which the end makes good.
            let rows: [int8x16_t; R] = std::array::from_fn(|i| {
                let bytes = vld1q_u8(tile.a.add(i * tile.depth + t));
                vreinterpretq_s8_u8(veorq_u8(bytes, vdupq_n_u8(128)))
            });
            macro_rules! group {
                ($group:literal) => {
                    let b = tile.b.add((t + $group * GROUP) * PANEL);
                    let columns: [int8x16_t; 4] = std::array::from_fn(|part| vld1q_s8(b.add(16 * part)));
                    for (sums, row) in sums.iter_mut().zip(rows) {
                        for (sum, columns) in sums.iter_mut().zip(columns) {
                            sdot!(*sum, columns, row, $group);
                        }
                    }
                };
            }
            group!(0);
            group!(1);
            group!(2);
            group!(3);
        }
        for (i, row) in sums.into_iter().enumerate() {
            let step = *tile.steps.add(i);
            for (part, sum) in row.into_iter().enumerate() {
                let j = 4 * part;
                let exact = vmlsq_s32(sum, vdupq_n_s32(step.zero - 128), vld1q_s32(tile.sums.add(j)));
                let scale = vmulq_n_f32(vld1q_f32(tile.scales.add(j)), step.scale);
                let value = vfmaq_f32(vld1q_f32(tile.start.add(j)), vcvtq_f32_s32(exact), scale);
                vst1q_f32(tile.out.add(i * tile.out_stride + j), value);
            }
        }
    }
}
