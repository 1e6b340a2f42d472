//! One step of k-means++: SPEC.md, 1.6.

use super::backend::Row;
use super::kernel::Kernel;
use super::portable::dot;

/// Raises each row's best score to that with one more centroid, and sums max(0, own best − best score).
///
/// Rows are offset bytes (0..=126 at most, so they are i8 too); `start` is the bias less the offset's share.
pub(super) fn step(kernel: Kernel, rows: &[i8], centroid: &[i8], start: i32, states: &mut [Row]) -> u64 {
    match kernel {
        #[cfg(target_arch = "x86_64")]
        Kernel::Avx512Vnni | Kernel::AvxVnni | Kernel::Avx2 => {
            assert!(kernel.is_available(), "the kernel can run");
            // SAFETY: all three have AVX2.
            unsafe { wide(rows, centroid, start, states) }
        }
        _ => plain(rows, centroid, start, states),
    }
}

/// [`plain`], compiled for wider vectors.
///
/// # Safety
/// The CPU has AVX2.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
unsafe fn wide(rows: &[i8], centroid: &[i8], start: i32, states: &mut [Row]) -> u64 {
    plain(rows, centroid, start, states)
}

#[inline(always)]
fn plain(rows: &[i8], centroid: &[i8], start: i32, states: &mut [Row]) -> u64 {
    let mut weights = 0;
    for (row, state) in rows.chunks_exact(centroid.len()).zip(states) {
        let score = start.wrapping_add(dot(row, centroid));
        state.score = state.score.max(score);
        weights += state.weight();
    }
    weights
}
