//! The tile in plain Rust.

use super::tile::{GROUP, Tile};
use crate::gemm::PANEL;

/// One row at a time: `b` comes from the first cache anyway.
pub(super) const ROWS: usize = 4;

/// # Safety
/// As [`Tile`] says.
pub(super) unsafe fn tile(rows: usize, tile: Tile) {
    for i in 0..rows {
        // SAFETY: every access is one that the tile allows.
        unsafe {
            let mut sums = [0i32; PANEL];
            for t in (0..tile.depth).step_by(GROUP) {
                let a: [u8; GROUP] = tile.a.add(i * tile.depth + t).cast::<[u8; GROUP]>().read();
                for (j, sum) in sums.iter_mut().enumerate() {
                    let b: [i8; GROUP] = tile.b.add(t * PANEL + j * GROUP).cast::<[i8; GROUP]>().read();
                    for (a, b) in a.into_iter().zip(b) {
                        *sum = sum.wrapping_add(i32::from(a) * i32::from(b));
                    }
                }
            }
            let step = *tile.steps.add(i);
            for (j, sum) in sums.into_iter().enumerate() {
                let exact = sum.wrapping_sub(step.zero.wrapping_mul(*tile.sums.add(j)));
                let scale = step.scale * *tile.scales.add(j);
                *tile.out.add(i * tile.out_stride + j) = (exact as f32).mul_add(scale, *tile.start.add(j));
            }
        }
    }
}
