//! The tile by 512-bit byte dot products: each row in two registers, 64 products an instruction.

use std::arch::x86_64::*;

use super::tile::{GROUP, Tile};
use crate::gemm::{PANEL, by_height};

/// 24 sums, two lines of `b`, and four bytes of `a`: 27 of the 32 registers.
pub(super) const ROWS: usize = 12;

/// # Safety
/// The processor has AVX-512 F and VNNI; otherwise as [`Tile`] says. `rows` is from 1 to [`ROWS`].
#[target_feature(enable = "avx512f,avx512vnni")]
pub(super) unsafe fn tile(rows: usize, tile: Tile) {
    // SAFETY: the caller's promise.
    unsafe { by_height!(rows, of(tile), 12 11 10 9 8 7 6 5 4 3 2) }
}

#[target_feature(enable = "avx512f,avx512vnni")]
unsafe fn of<const R: usize>(tile: Tile) {
    // SAFETY: every access is one that the tile allows.
    unsafe {
        let mut sums = [[_mm512_setzero_si512(); 2]; R];
        for t in (0..tile.depth).step_by(GROUP) {
            let b = tile.b.add(t * PANEL);
            let (b0, b1) = (_mm512_load_si512(b.cast()), _mm512_load_si512(b.add(64).cast()));
            for (i, [first, second]) in sums.iter_mut().enumerate() {
                let four = tile.a.add(i * tile.depth + t).cast::<i32>().read_unaligned();
                let a = _mm512_set1_epi32(four);
                *first = _mm512_dpbusd_epi32(*first, a, b0);
                *second = _mm512_dpbusd_epi32(*second, a, b1);
            }
        }
        for (i, row) in sums.into_iter().enumerate() {
            let step = *tile.steps.add(i);
            for (part, sum) in row.into_iter().enumerate() {
                let j = 16 * part;
                let taken = _mm512_mullo_epi32(
                    _mm512_set1_epi32(step.zero),
                    _mm512_loadu_si512(tile.sums.add(j).cast()),
                );
                let exact = _mm512_cvtepi32_ps(_mm512_sub_epi32(sum, taken));
                let scale = _mm512_mul_ps(_mm512_set1_ps(step.scale), _mm512_loadu_ps(tile.scales.add(j)));
                let value = _mm512_fmadd_ps(exact, scale, _mm512_loadu_ps(tile.start.add(j)));
                _mm512_storeu_ps(tile.out.add(i * tile.out_stride + j), value);
            }
        }
    }
}
