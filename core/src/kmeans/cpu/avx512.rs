//! 512-bit byte dot products: 12 rows by 32 centroids, 24 sums in registers, 64 products an instruction.

use std::arch::x86_64::*;

use super::kernel::Best;
use super::packed::{GROUP, Packed};
use super::tile::{self, Running, Tile};
use crate::monitor::CancelFlag;

/// Centroids in a panel: two registers of 16 sums.
pub(super) const LANES: usize = 32;

/// Rows in a tile.
const ROWS: usize = 12;

struct Vnni;

impl Tile<ROWS, LANES> for Vnni {
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
    unsafe fn run(
        rows: *const u8,
        stride: usize,
        panel: &[i8],
        starts: &[i32; LANES],
        running: &mut [Running<LANES>; ROWS],
        index: i32,
    ) {
        // SAFETY: the caller promises the rows and the panel; loads stay within them.
        unsafe {
            let starts = [
                _mm512_loadu_si512(starts.as_ptr().cast()),
                _mm512_loadu_si512(starts[16..].as_ptr().cast()),
            ];
            let mut sums = [starts; ROWS];
            let mut at = panel.as_ptr();
            for column in (0..stride).step_by(GROUP) {
                let centroids = [_mm512_load_si512(at.cast()), _mm512_load_si512(at.add(64).cast())];
                at = at.add(LANES * GROUP);
                for (r, sums) in sums.iter_mut().enumerate() {
                    let four = rows.add(r * stride + column).cast::<i32>().read_unaligned();
                    let row = _mm512_set1_epi32(four);
                    sums[0] = _mm512_dpbusd_epi32(sums[0], row, centroids[0]);
                    sums[1] = _mm512_dpbusd_epi32(sums[1], row, centroids[1]);
                }
            }
            let index = _mm512_set1_epi32(index);
            for (sums, running) in sums.iter().zip(running) {
                for (half, &sum) in sums.iter().enumerate() {
                    let score = running.score[16 * half..].as_mut_ptr().cast::<__m512i>();
                    let panel = running.panel[16 * half..].as_mut_ptr().cast::<__m512i>();
                    let old = _mm512_load_si512(score);
                    let higher = _mm512_cmpgt_epi32_mask(sum, old);
                    _mm512_store_si512(score, _mm512_mask_mov_epi32(old, higher, sum));
                    _mm512_store_si512(panel, _mm512_mask_mov_epi32(_mm512_load_si512(panel), higher, index));
                }
            }
        }
    }
}

/// Scores rows with all clusters.
///
/// # Safety
/// The CPU has AVX-512 F, BW and VNNI; `packed` is for this kernel, `rows` holds a row for each of `best`.
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
pub(super) unsafe fn assign(rows: &[u8], packed: &Packed, best: &mut [Best], cancel: &CancelFlag) {
    // SAFETY: promised by the caller.
    unsafe { tile::assign::<Vnni, ROWS, LANES>(rows, packed, best, cancel) }
}
