//! 512-bit byte dot products: 12 rows by 32 centroids, 24 sums in registers, 64 products an instruction.

use std::arch::x86_64::*;

use super::best::Best;
use super::kernel::Kernel;
use super::packed::{GROUP, Packed};
use super::tile::{self, Running, Tile};
use crate::monitor::CancelFlag;

/// Centroids in a panel: two registers of 16 sums.
const LANES: usize = Kernel::Avx512Vnni.lanes();

/// Rows in a tile.
const ROWS: usize = 12;

struct Vnni;

impl Tile<ROWS, LANES> for Vnni {
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
    unsafe fn run<const PARTS: usize>(
        rows: *const u8,
        stride: usize,
        panel: &[i8],
        starts: &[i32; LANES],
        running: &mut [Running<LANES>; ROWS],
        index: i32,
    ) {
        // SAFETY: the caller promises the rows and the panel; loads stay within them.
        unsafe {
            let mut sums = [[_mm512_setzero_si512(); PARTS]; ROWS];
            for sums in &mut sums {
                for (part, sum) in sums.iter_mut().enumerate() {
                    *sum = _mm512_loadu_si512(starts[16 * part..].as_ptr().cast());
                }
            }
            let mut at = panel.as_ptr();
            for column in (0..stride).step_by(GROUP) {
                let mut centroids = [_mm512_setzero_si512(); PARTS];
                for (part, centroids) in centroids.iter_mut().enumerate() {
                    *centroids = _mm512_load_si512(at.add(64 * part).cast());
                }
                at = at.add(LANES * GROUP);
                for (r, sums) in sums.iter_mut().enumerate() {
                    let four = rows.add(r * stride + column).cast::<i32>().read_unaligned();
                    let row = _mm512_set1_epi32(four);
                    for (sum, centroids) in sums.iter_mut().zip(centroids) {
                        *sum = _mm512_dpbusd_epi32(*sum, row, centroids);
                    }
                }
            }
            let index = _mm512_set1_epi32(index);
            // Written out, so that the sums stay in registers.
            macro_rules! keep {
                ($($row:literal)*) => {$(
                    for (part, &sum) in sums[$row].iter().enumerate() {
                        let running = &mut running[$row];
                        let score = running.score[16 * part..].as_mut_ptr().cast::<__m512i>();
                        let panel = running.panel[16 * part..].as_mut_ptr().cast::<__m512i>();
                        let second = running.second[16 * part..].as_mut_ptr().cast::<__m512i>();
                        let old = _mm512_load_si512(score);
                        let higher = _mm512_cmpgt_epi32_mask(sum, old);
                        let beaten = _mm512_min_epi32(sum, old);
                        _mm512_store_si512(score, _mm512_max_epi32(sum, old));
                        _mm512_store_si512(second, _mm512_max_epi32(_mm512_load_si512(second), beaten));
                        _mm512_store_si512(panel, _mm512_mask_mov_epi32(_mm512_load_si512(panel), higher, index));
                    }
                )*};
            }
            keep!(0 1 2 3 4 5 6 7 8 9 10 11);
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
