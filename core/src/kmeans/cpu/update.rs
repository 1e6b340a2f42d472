//! How counts and sums change when rows move: exact, from the moved rows alone.

use super::aligned::LINE;
use super::kernel::Kernel;
use super::row::NONE;
use crate::kmeans::backend::Step;
use crate::kmeans::room;
use crate::par;

/// Moved rows are added in i32, and carried to i64 before there are more than this many. Offset bytes are at most
/// 126, and a move adds them to one cluster and takes them from another: 126 · 2^24 is 1.6 % under 2^31.
pub(super) const CARRY: usize = 1 << 24;
const _: () = assert!(126 * CARRY as u64 <= i32::MAX as u64, "sums of offset bytes fit i32");

/// A row that goes from one cluster (or [`NONE`]) to another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Move {
    /// The row, counted from the first of the rows given to [`Changes::add`].
    pub row: u32,
    pub from: u32,
    pub to: u32,
}

/// Changes of counts and sums, gathered over one assign.
pub(super) struct Changes {
    columns: usize,
    /// Sums of offset bytes, as `[columns / 64][n_clusters][64]`: a thread takes one stripe of 64 columns, whose
    /// sums stay in its cache, and reads one cache line of each moved row.
    stripes: Vec<i32>,
    /// As `stripes`, what was carried out of them; empty while nothing was.
    carried: Vec<i64>,
    /// Moves in `stripes`.
    pending: usize,
    counts: Vec<i64>,
    touched: Vec<bool>,
}

impl Changes {
    /// `None` when memory does not suffice.
    pub fn new(n_clusters: usize, columns: usize) -> Option<Self> {
        Some(Self {
            columns,
            stripes: room::zeros(n_clusters, columns)?,
            carried: Vec::new(),
            pending: 0,
            counts: room::zeros(n_clusters, 1)?,
            touched: room::zeros(n_clusters, 1)?,
        })
    }

    /// Adds `moves` of `rows` (offset bytes, row-major); at most [`CARRY`] moves at a time. `None` when
    /// memory does not suffice.
    pub fn add(&mut self, kernel: Kernel, rows: &[u8], moves: &[Move]) -> Option<()> {
        if self.pending + moves.len() > CARRY {
            self.carry()?;
        }
        self.pending += moves.len();
        for &Move { from, to, .. } in moves {
            if from != NONE {
                self.counts[from as usize] -= 1;
                self.touched[from as usize] = true;
            }
            self.counts[to as usize] += 1;
            self.touched[to as usize] = true;
        }
        let (columns, stripe_len) = (self.columns, self.counts.len() * LINE);
        par::map_chunks_mut(&mut self.stripes, stripe_len, |stripe, sums| match kernel {
            #[cfg(target_arch = "x86_64")]
            Kernel::Avx512Vnni | Kernel::AvxVnni | Kernel::Avx2 => {
                assert!(kernel.is_available(), "the kernel can run");
                // SAFETY: all three have AVX2.
                unsafe { wide(rows, columns, stripe, moves, sums) }
            }
            _ => plain(rows, columns, stripe, moves, sums),
        });
        Some(())
    }

    fn carry(&mut self) -> Option<()> {
        if self.carried.is_empty() {
            self.carried = room::zeros(self.stripes.len(), 1)?;
        }
        for (carried, sum) in self.carried.iter_mut().zip(&mut self.stripes) {
            *carried += i64::from(std::mem::take(sum));
        }
        self.pending = 0;
        Some(())
    }

    /// Fills in the changed clusters. `offset` is what was added to every byte.
    ///
    /// `None` when memory does not suffice.
    pub fn into_step(self, offset: u8, objective: i64, moved: u64) -> Option<Step> {
        let n_clusters = self.counts.len();
        let clusters: Vec<u32> = (0..n_clusters as u32).filter(|&c| self.touched[c as usize]).collect();
        let mut sums: Vec<i64> = room::zeros(clusters.len(), self.columns)?;
        par::map_chunks_mut(&mut sums, self.columns, |i, out| {
            let cluster = clusters[i] as usize;
            // Every member brought the offset along, every one that left took it away.
            let surplus = i64::from(offset) * self.counts[cluster];
            for (stripe, out) in out.chunks_exact_mut(LINE).enumerate() {
                let from = (stripe * n_clusters + cluster) * LINE;
                for (j, out) in out.iter_mut().enumerate() {
                    let carried = self.carried.get(from + j).copied().unwrap_or(0);
                    *out = i64::from(self.stripes[from + j]) + carried - surplus;
                }
            }
        });
        let counts = clusters.iter().map(|&c| self.counts[c as usize]).collect();
        Some(Step { objective, moved, clusters, counts, sums })
    }
}

/// [`plain`], compiled for wider vectors.
///
/// # Safety
/// The CPU has AVX2.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
unsafe fn wide(rows: &[u8], columns: usize, stripe: usize, moves: &[Move], sums: &mut [i32]) {
    plain(rows, columns, stripe, moves, sums);
}

/// Adds one stripe of columns of every moved row to its new cluster and takes it from the old one. Bytes count
/// as i8 here: offset ones are at most 126.
#[inline(always)]
fn plain(rows: &[u8], columns: usize, stripe: usize, moves: &[Move], sums: &mut [i32]) {
    let sums: &mut [[i32; LINE]] = bytemuck::cast_slice_mut(sums);
    for &Move { row, from, to } in moves {
        let at = row as usize * columns + stripe * LINE;
        let line: &[i8] = bytemuck::cast_slice(&rows[at..at + LINE]);
        for (sum, &q) in sums[to as usize].iter_mut().zip(line) {
            *sum += i32::from(q);
        }
        if from != NONE {
            for (sum, &q) in sums[from as usize].iter_mut().zip(line) {
                *sum -= i32::from(q);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys;

    /// What 40 rows give that move 60 times among 5 clusters, two at a time. Before each move `nearly_full` may pretend
    /// that many rows moved before, whose sums happen to be zero.
    fn step(nearly_full: impl Fn(usize) -> bool) -> (Step, bool) {
        let rows: Vec<u8> = (0..40 * 128).map(|i| (keys::hash(&[1, i]) % 127) as u8).collect();
        let mut labels = [NONE; 40];
        let mut changes = Changes::new(5, 128).unwrap();
        for pair in 0..30 {
            let moves = [0, 1].map(|i| {
                let row = (2 * pair + i) % 40;
                let to = (keys::hash(&[2, pair as u64, i as u64]) % 5) as u32;
                Move { row: row as u32, from: std::mem::replace(&mut labels[row], to), to }
            });
            if nearly_full(pair) {
                changes.pending = CARRY - 1;
            }
            changes.add(Kernel::Portable, &rows, &moves).unwrap();
            assert!(changes.pending <= CARRY && (!nearly_full(pair) || changes.pending == 2));
        }
        let carried = !changes.carried.is_empty();
        (changes.into_step(63, 0, 60).unwrap(), carried)
    }

    #[test]
    fn carrying_changes_no_sum() {
        let (expected, carried) = step(|_| false);
        assert!(!carried && expected.clusters.len() == 5);
        for every in [1, 2, 7, 29] {
            let nearly_full = |pair: usize| pair % every == every - 1;
            assert_eq!(step(nearly_full), (expected.clone(), true), "carried every {every} pairs");
        }
    }
}
