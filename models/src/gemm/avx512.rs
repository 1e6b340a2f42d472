//! The tile in AVX-512: each row in two registers.

use std::arch::x86_64::{_mm512_fmadd_ps, _mm512_loadu_ps, _mm512_set1_ps, _mm512_storeu_ps};

use super::tile::{PANEL, Tile, by_height};

/// 24 sums, two columns of `b`, and a value of `a`: 27 of the 32 registers.
pub(super) const ROWS: usize = 12;

/// # Safety
/// The processor has AVX-512F; otherwise as [`Tile`] says. `rows` is from 1 to [`ROWS`].
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw")]
pub(super) unsafe fn tile(rows: usize, tile: Tile) {
    // SAFETY: the caller's promise.
    unsafe { by_height!(rows, of(tile), 12 11 10 9 8 7 6 5 4 3 2) }
}

#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw")]
unsafe fn of<const R: usize>(tile: Tile) {
    // SAFETY: every access is one that the tile allows.
    unsafe {
        let mut sums: [[_; 2]; R] = std::array::from_fn(|i| {
            let from = tile.from.add(i * tile.from_stride);
            [_mm512_loadu_ps(from), _mm512_loadu_ps(from.add(16))]
        });
        for t in 0..tile.depth {
            let b = tile.b.add(t * PANEL);
            let (b0, b1) = (_mm512_loadu_ps(b), _mm512_loadu_ps(b.add(16)));
            for (i, [first, second]) in sums.iter_mut().enumerate() {
                let a = _mm512_set1_ps(*tile.a.add(i * tile.a_stride + t));
                *first = _mm512_fmadd_ps(a, b0, *first);
                *second = _mm512_fmadd_ps(a, b1, *second);
            }
        }
        for (i, [first, second]) in sums.into_iter().enumerate() {
            let out = tile.out.add(i * tile.out_stride);
            _mm512_storeu_ps(out, first);
            _mm512_storeu_ps(out.add(16), second);
        }
    }
}
