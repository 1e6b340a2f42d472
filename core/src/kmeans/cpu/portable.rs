//! Byte dot products in plain Rust.

use super::kernel::Best;
use super::packed::Packed;

/// Centroids scored together with a row that is loaded once.
const TOGETHER: usize = 4;

/// Scores rows with all clusters; the loops are such that compilers find the CPU's basic vectors.
pub(super) fn assign(rows: &[i8], packed: &Packed, best: &mut [Best]) {
    let columns = packed.columns();
    best.fill(Best { score: i32::MIN, cluster: 0 });
    for first in (0..packed.panels()).step_by(TOGETHER) {
        let count = TOGETHER.min(packed.panels() - first);
        // A short last group repeats its last centroid, which then never scores higher.
        let place = |i: usize| first + i.min(count - 1);
        let centroids: [&[i8]; TOGETHER] = std::array::from_fn(|i| packed.panel(place(i)));
        let starts: [i32; TOGETHER] = std::array::from_fn(|i| packed.starts(place(i))[0]);
        for (row, best) in rows.chunks_exact(columns).zip(&mut *best) {
            for i in 0..count {
                let score = starts[i] + dot(row, centroids[i]);
                if score > best.score {
                    *best = Best { score, cluster: (first + i) as u32 };
                }
            }
        }
    }
}

/// The exact dot product of two rows of bytes: |sum| ≤ 63 · 127 · 2^18 < 2^31.
#[inline(always)]
pub(super) fn dot(a: &[i8], b: &[i8]) -> i32 {
    a.iter().zip(b).map(|(&a, &b)| i32::from(i16::from(a) * i16::from(b))).sum()
}
