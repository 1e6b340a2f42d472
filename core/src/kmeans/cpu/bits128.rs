//! 128-bit dot products of 16-bit numbers: WebAssembly's `i32x4.dot_i16x8_s` and its twin on x86-64, `pmaddwd`.
//!
//! Rows are not widened: [`super::pairs`] says how panels make up for it.

use super::best::Best;
use super::kernel::Kernel;
use super::packed::Packed;
use super::pairs::STEP;
use super::tile::{self, Running, Tile};
use crate::monitor::CancelFlag;
use vector::{V, add, choose, greater, high_bytes, interleave, load, load_any, madd, splat, store};

/// Centroids in a panel: two parts of 4.
const LANES: usize = Kernel::Sse2.lanes();

/// Rows in a tile: with the 4 centroids of a part 8 sums, which leaves registers for what is multiplied.
const ROWS: usize = 2;

struct Bits128;

impl Tile<ROWS, LANES> for Bits128 {
    #[inline]
    #[cfg_attr(target_arch = "x86_64", target_feature(enable = "sse2"))]
    #[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
    unsafe fn run<const PARTS: usize>(
        rows: *const u8,
        stride: usize,
        panel: &[i8],
        starts: &[i32; LANES],
        running: &mut [Running<LANES>; ROWS],
        index: i32,
    ) {
        let index = splat(index);
        for part in 0..PARTS {
            let mut sums = [[splat(0); 4]; ROWS];
            // SAFETY: the caller promises the rows and the panel; loads stay within them.
            unsafe {
                let mut at = panel.as_ptr().cast::<V>().add(part * 2 * 4 * (stride / STEP));
                for high in [false, true] {
                    // Six loads for sixteen operations, and not unrolled: engines begin a stretch of code with all
                    // of its loads, and more than these would push the sums out of the registers.
                    for column in (0..stride).step_by(STEP) {
                        let mut x = [splat(0); ROWS];
                        for (r, x) in x.iter_mut().enumerate() {
                            *x = load(rows.add(r * stride + column).cast());
                            if high {
                                *x = high_bytes(*x);
                            }
                        }
                        for c in 0..4 {
                            let factors = load(at.add(c));
                            for (sums, &x) in sums.iter_mut().zip(&x) {
                                sums[c] = add(sums[c], madd(x, factors));
                            }
                        }
                        at = at.add(4);
                    }
                }
            }
            for (sums, running) in sums.into_iter().zip(&mut *running) {
                // SAFETY: four lanes of each begin there.
                unsafe {
                    let score: *mut V = running.score[4 * part..].as_mut_ptr().cast();
                    let panel: *mut V = running.panel[4 * part..].as_mut_ptr().cast();
                    let second: *mut V = running.second[4 * part..].as_mut_ptr().cast();
                    let (sum, old) =
                        (add(total(sums), load_any(starts[4 * part..].as_ptr().cast())), load(score));
                    let higher = greater(sum, old);
                    let (most, beaten) = (choose(higher, sum, old), choose(higher, old, sum));
                    let last = load(second);
                    store(score, most);
                    store(second, choose(greater(beaten, last), beaten, last));
                    store(panel, choose(higher, index, load(panel)));
                }
            }
        }
    }
}

/// The sums of the lanes of four vectors.
#[inline]
#[cfg_attr(target_arch = "x86_64", target_feature(enable = "sse2"))]
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
fn total([a, b, c, d]: [V; 4]) -> V {
    let pair = |a: V, b: V| {
        let (low, high) = interleave(a, b);
        add(low, high)
    };
    // pair(a, c) is a₀+a₂ c₀+c₂ a₁+a₃ c₁+c₃, so that the last step gives the sums of a, b, c and d.
    pair(pair(a, c), pair(b, d))
}

/// Scores rows with all clusters.
///
/// # Safety
/// `packed` is for this kernel, `rows` holds a row for each of `best`.
#[cfg_attr(target_arch = "x86_64", target_feature(enable = "sse2"))]
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
pub(super) unsafe fn assign(rows: &[u8], packed: &Packed, best: &mut [Best], cancel: &CancelFlag) {
    // SAFETY: promised by the caller; the instructions belong to the target.
    unsafe { tile::assign::<Bits128, ROWS, LANES>(rows, packed, best, cancel) }
}

/// What the loops need of x86-64.
#[cfg(target_arch = "x86_64")]
mod vector {
    use std::arch::x86_64::*;

    pub type V = __m128i;

    /// # Safety
    /// 16 bytes lie there on a boundary of 16.
    #[inline]
    #[target_feature(enable = "sse2")]
    pub unsafe fn load(at: *const V) -> V {
        // SAFETY: promised by the caller.
        unsafe { _mm_load_si128(at) }
    }

    /// # Safety
    /// 16 bytes lie there.
    #[inline]
    #[target_feature(enable = "sse2")]
    pub unsafe fn load_any(at: *const V) -> V {
        // SAFETY: promised by the caller.
        unsafe { _mm_loadu_si128(at) }
    }

    /// # Safety
    /// As for [`load`].
    #[inline]
    #[target_feature(enable = "sse2")]
    pub unsafe fn store(at: *mut V, value: V) {
        // SAFETY: promised by the caller.
        unsafe { _mm_store_si128(at, value) }
    }

    #[inline]
    #[target_feature(enable = "sse2")]
    pub fn splat(value: i32) -> V {
        _mm_set1_epi32(value)
    }

    #[inline]
    #[target_feature(enable = "sse2")]
    pub fn add(a: V, b: V) -> V {
        _mm_add_epi32(a, b)
    }

    /// Products of 16-bit numbers, neighbours added.
    #[inline]
    #[target_feature(enable = "sse2")]
    pub fn madd(a: V, b: V) -> V {
        _mm_madd_epi16(a, b)
    }

    #[inline]
    #[target_feature(enable = "sse2")]
    pub fn high_bytes(a: V) -> V {
        _mm_srli_epi16::<8>(a)
    }

    #[inline]
    #[target_feature(enable = "sse2")]
    pub fn greater(a: V, b: V) -> V {
        _mm_cmpgt_epi32(a, b)
    }

    /// `a` where the mask is set, else `b`.
    #[inline]
    #[target_feature(enable = "sse2")]
    pub fn choose(mask: V, a: V, b: V) -> V {
        _mm_or_si128(_mm_and_si128(mask, a), _mm_andnot_si128(mask, b))
    }

    /// a₀ b₀ a₁ b₁ and a₂ b₂ a₃ b₃.
    #[inline]
    #[target_feature(enable = "sse2")]
    pub fn interleave(a: V, b: V) -> (V, V) {
        (_mm_unpacklo_epi32(a, b), _mm_unpackhi_epi32(a, b))
    }
}

/// What the loops need of WebAssembly.
#[cfg(target_arch = "wasm32")]
mod vector {
    use std::arch::wasm32::*;

    pub type V = v128;

    /// # Safety
    /// 16 bytes lie there.
    #[inline]
    #[target_feature(enable = "simd128")]
    pub unsafe fn load(at: *const V) -> V {
        // SAFETY: promised by the caller.
        unsafe { v128_load(at) }
    }

    /// # Safety
    /// 16 bytes lie there.
    #[inline]
    #[target_feature(enable = "simd128")]
    pub unsafe fn load_any(at: *const V) -> V {
        // SAFETY: promised by the caller.
        unsafe { v128_load(at) }
    }

    /// # Safety
    /// As for [`load`].
    #[inline]
    #[target_feature(enable = "simd128")]
    pub unsafe fn store(at: *mut V, value: V) {
        // SAFETY: promised by the caller.
        unsafe { v128_store(at, value) }
    }

    #[inline]
    #[target_feature(enable = "simd128")]
    pub fn splat(value: i32) -> V {
        i32x4_splat(value)
    }

    #[inline]
    #[target_feature(enable = "simd128")]
    pub fn add(a: V, b: V) -> V {
        i32x4_add(a, b)
    }

    /// Products of 16-bit numbers, neighbours added.
    #[inline]
    #[target_feature(enable = "simd128")]
    pub fn madd(a: V, b: V) -> V {
        i32x4_dot_i16x8(a, b)
    }

    #[inline]
    #[target_feature(enable = "simd128")]
    pub fn high_bytes(a: V) -> V {
        u16x8_shr(a, 8)
    }

    #[inline]
    #[target_feature(enable = "simd128")]
    pub fn greater(a: V, b: V) -> V {
        i32x4_gt(a, b)
    }

    /// `a` where the mask is set, else `b`.
    #[inline]
    #[target_feature(enable = "simd128")]
    pub fn choose(mask: V, a: V, b: V) -> V {
        v128_bitselect(a, b, mask)
    }

    /// a₀ b₀ a₁ b₁ and a₂ b₂ a₃ b₃.
    #[inline]
    #[target_feature(enable = "simd128")]
    pub fn interleave(a: V, b: V) -> (V, V) {
        (i32x4_shuffle::<0, 4, 1, 5>(a, b), i32x4_shuffle::<2, 6, 3, 7>(a, b))
    }
}
