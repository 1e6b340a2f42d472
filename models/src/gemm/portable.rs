//! The tile in plain Rust. Without fused instructions it is slow, and the same to the bit.

use super::tile::{PANEL, Tile};

/// One row at a time: `b` comes from the first cache anyway.
pub(super) const ROWS: usize = 4;

/// # Safety
/// As [`Tile`] says.
pub(super) unsafe fn tile(rows: usize, tile: Tile) {
    for i in 0..rows {
        // SAFETY: every access is one that the tile allows, and `sums` is written out before `from` is read again.
        unsafe {
            let from = tile.from.add(i * tile.from_stride);
            let mut sums: [f32; PANEL] = std::array::from_fn(|j| *from.add(j));
            for t in 0..tile.depth {
                let a = *tile.a.add(i * tile.a_stride + t);
                let b = tile.b.add(t * PANEL);
                for (j, sum) in sums.iter_mut().enumerate() {
                    *sum = a.mul_add(*b.add(j), *sum);
                }
            }
            tile.out.add(i * tile.out_stride).copy_from_nonoverlapping(sums.as_ptr(), PANEL);
        }
    }
}
