//! Byte dot products in plain Rust.

use super::best::Best;
use super::dot::plain;
use super::packed::Packed;
use crate::monitor::CancelFlag;

/// Centroids scored together with a row that is loaded once.
const TOGETHER: usize = 4;

/// Scores rows with all clusters; the loops are such that compilers find the CPU's basic vectors.
pub(super) fn assign(rows: &[i8], packed: &Packed, best: &mut [Best], cancel: &CancelFlag) {
    let columns = packed.columns();
    for first in (0..packed.panels()).step_by(TOGETHER) {
        if cancel.is_cancelled() {
            return;
        }
        let count = TOGETHER.min(packed.panels() - first);
        // A short last group repeats its last centroid, whose score is then left out.
        let place = |i: usize| first + i.min(count - 1);
        let centroids: [&[i8]; TOGETHER] = std::array::from_fn(|i| packed.panel(place(i)));
        let starts: [i32; TOGETHER] = std::array::from_fn(|i| packed.starts(place(i))[0]);
        for (row, best) in rows.chunks_exact(columns).zip(&mut *best) {
            for i in 0..count {
                let score = starts[i].wrapping_add(plain(row, centroids[i]));
                best.take(score, packed.cluster(first + i));
            }
        }
    }
}
