//! The tile in AVX2 with FMA: a panel in two halves, each row of a half in two registers.

use std::arch::x86_64::{_mm256_fmadd_ps, _mm256_loadu_ps, _mm256_set1_ps, _mm256_storeu_ps};

use super::tile::{PANEL, Tile, by_height};

/// 12 sums, two columns of `b`, and a value of `a`: 15 of the 16 registers.
pub(super) const ROWS: usize = 6;

/// # Safety
/// The processor has AVX2 and FMA; otherwise as [`Tile`] says. `rows` is from 1 to [`ROWS`].
#[target_feature(enable = "avx2,fma")]
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

#[target_feature(enable = "avx2,fma")]
unsafe fn of<const R: usize>(tile: Tile) {
    // SAFETY: every access is one that the tile allows.
    unsafe {
        let mut sums: [[_; 2]; R] = std::array::from_fn(|i| {
            let from = tile.from.add(i * tile.from_stride);
            [_mm256_loadu_ps(from), _mm256_loadu_ps(from.add(8))]
        });
        for t in 0..tile.depth {
            let b = tile.b.add(t * PANEL);
            let (b0, b1) = (_mm256_loadu_ps(b), _mm256_loadu_ps(b.add(8)));
            for (i, [first, second]) in sums.iter_mut().enumerate() {
                let a = _mm256_set1_ps(*tile.a.add(i * tile.a_stride + t));
                *first = _mm256_fmadd_ps(a, b0, *first);
                *second = _mm256_fmadd_ps(a, b1, *second);
            }
        }
        for (i, [first, second]) in sums.into_iter().enumerate() {
            let out = tile.out.add(i * tile.out_stride);
            _mm256_storeu_ps(out, first);
            _mm256_storeu_ps(out.add(8), second);
        }
    }
}
