//! One step of k-means++: SPEC.md, 1.6.

use super::dot::dot;
use super::kernel::Kernel;
use super::row::Row;

/// Raises each row's best score to that with one more centroid, and sums max(0, own best − best score).
///
/// Rows are offset bytes (0..=126 at most, so they are i8 too); `start` is the bias less the offset's share.
pub(super) fn step(kernel: Kernel, rows: &[i8], centroid: &[i8], start: i32, states: &mut [Row]) -> u64 {
    let mut weights = 0;
    for (row, state) in rows.chunks_exact(centroid.len()).zip(states) {
        let score = start.wrapping_add(dot(kernel, row, centroid));
        state.score = state.score.max(score);
        weights += state.weight();
    }
    weights
}
