//! The tile in 256 bits, by byte dot products or by products of 16 bits.

use std::arch::x86_64::*;

use super::tile::{GROUP, Step, Tile};
use crate::gemm::{PANEL, by_height};

/// Rows of the tile with byte dot products: 12 sums, two registers of `b` and four bytes of `a`.
pub(super) const VNNI_ROWS: usize = 6;

/// Rows of the other one: 12 sums, two registers of `b`, and four values of `a`.
pub(super) const ROWS: usize = 6;

/// A panel in two halves, each row of a half in two registers, 32 products an instruction.
///
/// # Safety
/// The processor has AVX2, FMA and AVX-VNNI; otherwise as [`Tile`] says. `rows` is from 1 to [`VNNI_ROWS`].
#[target_feature(enable = "avx2,fma,avxvnni")]
pub(super) unsafe fn vnni(rows: usize, tile: Tile) {
    for half in [0, PANEL / 2] {
        // SAFETY: the caller's promise; the half lies within the panel.
        unsafe {
            let tile = right(tile, half);
            by_height!(rows, vnni_of(tile), 6 5 4 3 2)
        }
    }
}

#[target_feature(enable = "avx2,fma,avxvnni")]
unsafe fn vnni_of<const R: usize>(tile: Tile) {
    // SAFETY: every access is one that the tile allows.
    unsafe {
        let mut sums = [[_mm256_setzero_si256(); 2]; R];
        for t in (0..tile.depth).step_by(GROUP) {
            let b = tile.b.add(t * PANEL);
            let (b0, b1) = (_mm256_load_si256(b.cast()), _mm256_load_si256(b.add(32).cast()));
            for (i, [first, second]) in sums.iter_mut().enumerate() {
                let four = tile.a.add(i * tile.depth + t).cast::<i32>().read_unaligned();
                let a = _mm256_set1_epi32(four);
                *first = _mm256_dpbusd_avx_epi32(*first, a, b0);
                *second = _mm256_dpbusd_avx_epi32(*second, a, b1);
            }
        }
        for (i, row) in sums.into_iter().enumerate() {
            for (part, sum) in row.into_iter().enumerate() {
                write(sum, *tile.steps.add(i), right(tile, 8 * part), i);
            }
        }
    }
}

/// A panel in four quarters of eight columns: bytes become 16 bits, and each column has two sums.
///
/// # Safety
/// The processor has AVX2 and FMA; otherwise as [`Tile`] says. `rows` is from 1 to [`ROWS`].
#[target_feature(enable = "avx2,fma")]
pub(super) unsafe fn tile(rows: usize, tile: Tile) {
    for quarter in (0..PANEL).step_by(8) {
        // SAFETY: the caller's promise; the quarter lies within the panel.
        unsafe {
            let tile = right(tile, quarter);
            by_height!(rows, of(tile), 6 5 4 3 2)
        }
    }
}

#[target_feature(enable = "avx2,fma")]
unsafe fn of<const R: usize>(tile: Tile) {
    // SAFETY: every access is one that the tile allows.
    unsafe {
        let mut sums = [[_mm256_setzero_si256(); 2]; R];
        for t in (0..tile.depth).step_by(GROUP) {
            let b = tile.b.add(t * PANEL);
            let b0 = _mm256_cvtepi8_epi16(_mm_load_si128(b.cast()));
            let b1 = _mm256_cvtepi8_epi16(_mm_load_si128(b.add(16).cast()));
            for (i, [first, second]) in sums.iter_mut().enumerate() {
                let four = tile.a.add(i * tile.depth + t).cast::<i32>().read_unaligned();
                let a = _mm256_cvtepu8_epi16(_mm_set1_epi32(four));
                *first = _mm256_add_epi32(*first, _mm256_madd_epi16(a, b0));
                *second = _mm256_add_epi32(*second, _mm256_madd_epi16(a, b1));
            }
        }
        for (i, [first, second]) in sums.into_iter().enumerate() {
            // Adds the two sums of each column; the halves of the registers are then in turn.
            let sum = _mm256_permute4x64_epi64::<0b11_01_10_00>(_mm256_hadd_epi32(first, second));
            write(sum, *tile.steps.add(i), tile, i);
        }
    }
}

/// The tile from column `j` on.
///
/// # Safety
/// The column is within the panel.
#[inline]
unsafe fn right(tile: Tile, j: usize) -> Tile {
    // SAFETY: the caller's promise.
    unsafe {
        Tile {
            b: tile.b.add(j * GROUP),
            scales: tile.scales.add(j),
            sums: tile.sums.add(j),
            start: tile.start.add(j),
            out: tile.out.add(j),
            ..tile
        }
    }
}

/// Writes eight values of row `i`.
///
/// # Safety
/// The tile allows eight columns.
#[inline]
#[target_feature(enable = "avx2,fma")]
unsafe fn write(sum: __m256i, step: Step, tile: Tile, i: usize) {
    // SAFETY: the caller's promise.
    unsafe {
        let column = _mm256_loadu_si256(tile.sums.cast());
        let exact = _mm256_sub_epi32(sum, _mm256_mullo_epi32(_mm256_set1_epi32(step.zero), column));
        let scale = _mm256_mul_ps(_mm256_set1_ps(step.scale), _mm256_loadu_ps(tile.scales));
        let value = _mm256_fmadd_ps(_mm256_cvtepi32_ps(exact), scale, _mm256_loadu_ps(tile.start));
        _mm256_storeu_ps(tile.out.add(i * tile.out_stride), value);
    }
}
