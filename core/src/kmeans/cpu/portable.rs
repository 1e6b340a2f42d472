//! Byte dot products in plain Rust.

use super::kernel::Best;
use super::packed::Packed;
use crate::monitor::CancelFlag;

/// Centroids scored together with a row that is loaded once.
const TOGETHER: usize = 4;

/// Scores rows with all clusters; the loops are such that compilers find the CPU's basic vectors.
pub(super) fn assign(rows: &[i8], packed: &Packed, best: &mut [Best], cancel: &CancelFlag) {
    let columns = packed.columns();
    best.fill(Best { score: i32::MIN, cluster: 0 });
    for first in (0..packed.panels()).step_by(TOGETHER) {
        if cancel.is_cancelled() {
            return;
        }
        let count = TOGETHER.min(packed.panels() - first);
        // A short last group repeats its last centroid, which then never scores higher.
        let place = |i: usize| first + i.min(count - 1);
        let centroids: [&[i8]; TOGETHER] = std::array::from_fn(|i| packed.panel(place(i)));
        let starts: [i32; TOGETHER] = std::array::from_fn(|i| packed.starts(place(i))[0]);
        for (row, best) in rows.chunks_exact(columns).zip(&mut *best) {
            for i in 0..count {
                let score = starts[i].wrapping_add(dot(row, centroids[i]));
                if score > best.score {
                    *best = Best { score, cluster: (first + i) as u32 };
                }
            }
        }
    }
}

/// The dot product of two rows of bytes whose lengths are multiples of 64, modulo 2^32: sums on the way may wrap
/// for very long offset rows, scores do not. Products are of 126 and 127 at most, so they fit 16 bits.
#[inline(always)]
pub(super) fn dot(a: &[i8], b: &[i8]) -> i32 {
    // Sixteen sums and arrays of known length: what compilers turn into vectors everywhere.
    const LANES: usize = 16;
    let mut sums = [0i32; LANES];
    for (a, b) in a.as_chunks::<LANES>().0.iter().zip(b.as_chunks::<LANES>().0) {
        for i in 0..LANES {
            sums[i] = sums[i].wrapping_add(i32::from(i16::from(a[i]) * i16::from(b[i])));
        }
    }
    sums.iter().fold(0, |sum, &lane| sum.wrapping_add(lane))
}
