//! AArch64 byte dot products, with and without `sdot`. Rows are signed bytes here, without an offset.

use std::arch::aarch64::*;
use std::arch::asm;

use super::best::Best;
use super::kernel::Kernel;
use super::packed::{GROUP, Packed};
use super::tile::{self, Running, Tile};
use crate::monitor::CancelFlag;

/// Centroids in a panel of the `sdot` kernel: two registers of 4 sums.
const DOTPROD_LANES: usize = Kernel::NeonDotprod.lanes();

/// Rows in its tile: 16 sums in registers, the rows' bytes in 8 more.
const DOTPROD_ROWS: usize = 8;

/// Rows and centroids of a tile of the plain kernel.
const PLAIN: usize = 4;

struct Dotprod;

/// Adds to each lane of `sums` the four products of its bytes with group `$group` of `row`.
macro_rules! sdot {
    ($sums:expr, $centroids:expr, $row:expr, $group:literal) => {
        // The intrinsic is not stable yet; the instruction reads and writes these registers alone.
        asm!(
            concat!("sdot {sums:v}.4s, {centroids:v}.16b, {row:v}.4b[", $group, "]"),
            sums = inout(vreg) $sums,
            centroids = in(vreg) $centroids,
            row = in(vreg) $row,
            options(pure, nomem, nostack, preserves_flags),
        )
    };
}

impl Tile<DOTPROD_ROWS, DOTPROD_LANES> for Dotprod {
    #[inline]
    #[target_feature(enable = "neon,dotprod")]
    unsafe fn run<const PARTS: usize>(
        rows: *const u8,
        stride: usize,
        panel: &[i8],
        starts: &[i32; DOTPROD_LANES],
        running: &mut [Running<DOTPROD_LANES>; DOTPROD_ROWS],
        index: i32,
    ) {
        // SAFETY: the caller promises the rows and the panel; loads stay within them.
        unsafe {
            let mut sums = [[vdupq_n_s32(0); PARTS]; DOTPROD_ROWS];
            for sums in &mut sums {
                for (part, sum) in sums.iter_mut().enumerate() {
                    *sum = vld1q_s32(starts[4 * part..].as_ptr());
                }
            }
            let mut at = panel.as_ptr();
            for column in (0..stride).step_by(4 * GROUP) {
                let mut bytes = [vdupq_n_s8(0); DOTPROD_ROWS];
                for (r, bytes) in bytes.iter_mut().enumerate() {
                    *bytes = vld1q_s8(rows.add(r * stride + column).cast());
                }
                macro_rules! group {
                    ($group:literal) => {
                        let mut centroids = [vdupq_n_s8(0); PARTS];
                        for (part, centroids) in centroids.iter_mut().enumerate() {
                            *centroids = vld1q_s8(at.add(16 * part));
                        }
                        at = at.add(DOTPROD_LANES * GROUP);
                        for (sums, bytes) in sums.iter_mut().zip(bytes) {
                            for (sum, centroids) in sums.iter_mut().zip(centroids) {
                                sdot!(*sum, centroids, bytes, $group);
                            }
                        }
                    };
                }
                group!(0);
                group!(1);
                group!(2);
                group!(3);
            }
            let index = vdupq_n_s32(index);
            for (sums, running) in sums.iter().zip(running) {
                for (part, &sum) in sums.iter().enumerate() {
                    let score = running.score[4 * part..].as_mut_ptr();
                    let panel = running.panel[4 * part..].as_mut_ptr();
                    let old = vld1q_s32(score);
                    let higher = vcgtq_s32(sum, old);
                    let second = running.second[4 * part..].as_mut_ptr();
                    let beaten = vminq_s32(sum, old);
                    vst1q_s32(score, vmaxq_s32(sum, old));
                    vst1q_s32(second, vmaxq_s32(vld1q_s32(second), beaten));
                    vst1q_s32(panel, vbslq_s32(higher, index, vld1q_s32(panel)));
                }
            }
        }
    }
}

/// Scores rows with all clusters.
///
/// # Safety
/// The CPU has `dotprod`; `packed` is for this kernel, `rows` holds a row for each of `best`.
#[target_feature(enable = "neon,dotprod")]
pub(super) unsafe fn assign_dotprod(rows: &[u8], packed: &Packed, best: &mut [Best], cancel: &CancelFlag) {
    // SAFETY: promised by the caller.
    unsafe { tile::assign::<Dotprod, DOTPROD_ROWS, DOTPROD_LANES>(rows, packed, best, cancel) }
}

/// Scores rows with all clusters, 4 by 4, the sums of a pair spread over the lanes of a register.
///
/// # Safety
/// The CPU has NEON; `packed` is row-major, `rows` holds a row for each of `best`.
#[target_feature(enable = "neon")]
pub(super) unsafe fn assign(rows: &[u8], packed: &Packed, best: &mut [Best], cancel: &CancelFlag) {
    let (columns, n_clusters) = (packed.columns(), packed.panels());
    for first in (0..n_clusters).step_by(PLAIN) {
        if cancel.is_cancelled() {
            return;
        }
        // Short groups repeat their last member, whose scores are then left out.
        let count = PLAIN.min(n_clusters - first);
        let place = |i: usize| first + i.min(count - 1);
        let centroids: [*const i8; PLAIN] = std::array::from_fn(|i| packed.panel(place(i)).as_ptr());
        let starts: [i32; PLAIN] = std::array::from_fn(|i| packed.starts(place(i))[0]);
        for (group, best) in best.chunks_mut(PLAIN).enumerate() {
            let row = |i: usize| (group * PLAIN + i.min(best.len() - 1)) * columns;
            let at: [*const i8; PLAIN] = std::array::from_fn(|i| rows[row(i)..].as_ptr().cast());
            // SAFETY: every pointer begins `columns` bytes.
            let scores = unsafe { tile(at, centroids, columns) };
            for (best, scores) in best.iter_mut().zip(scores) {
                for i in 0..count {
                    best.take(scores[i] + starts[i], packed.cluster(first + i));
                }
            }
        }
    }
}

/// Dot products of every row with every centroid.
///
/// # Safety
/// The CPU has NEON; every pointer begins `columns` bytes, a multiple of 64.
#[inline]
#[target_feature(enable = "neon")]
unsafe fn tile(
    rows: [*const i8; PLAIN],
    centroids: [*const i8; PLAIN],
    columns: usize,
) -> [[i32; PLAIN]; PLAIN] {
    // SAFETY: promised by the caller.
    unsafe {
        let mut sums = [[vdupq_n_s32(0); PLAIN]; PLAIN];
        for column in (0..columns).step_by(32) {
            for (row, sums) in rows.into_iter().zip(&mut sums) {
                let (a, b) = (vld1q_s8(row.add(column)), vld1q_s8(row.add(column + 16)));
                for (centroid, sum) in centroids.into_iter().zip(sums) {
                    let (c, d) = (vld1q_s8(centroid.add(column)), vld1q_s8(centroid.add(column + 16)));
                    // Four products of 63 and 127 at most: 32,004 fits 16 bits.
                    let mut products = vmull_s8(vget_low_s8(a), vget_low_s8(c));
                    products = vmlal_s8(products, vget_high_s8(a), vget_high_s8(c));
                    products = vmlal_s8(products, vget_low_s8(b), vget_low_s8(d));
                    products = vmlal_s8(products, vget_high_s8(b), vget_high_s8(d));
                    *sum = vpadalq_s16(*sum, products);
                }
            }
        }
        sums.map(|sums| sums.map(|sum| vaddvq_s32(sum)))
    }
}
