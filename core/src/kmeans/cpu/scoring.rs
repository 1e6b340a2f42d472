//! One assign: the scores that cannot be spared.

use super::aligned::AlignedBytes;
use super::best::Best;
use super::dispatch::score;
use super::dot::dot;
use super::kernel::Kernel;
use super::packed::Packed;
use super::row::Row;
use crate::kmeans::centroid::Centroids;
use crate::monitor::CancelFlag;

/// What an assign scores.
pub(super) struct Scoring<'a> {
    pub kernel: Kernel,
    pub centroids: &'a Centroids,
    /// What scores start from, for each cluster.
    pub starts: Vec<i32>,
    /// The clusters that are scored with all rows.
    pub all: Packed,
    /// The other clusters, if any: scored with the rows whose bound does not hold.
    pub rest: Option<Packed>,
    /// What is added to the bounds.
    pub drift: i64,
}

impl Scoring<'_> {
    /// Gives the best cluster of each row (offset bytes), and brings the rows' bounds up to date. Once `cancel` is
    /// set it may return early, and nothing that it gave is then of use.
    pub fn assign(&self, rows: &[u8], states: &[Row], bounds: &mut [i32], cancel: &CancelFlag) -> Vec<Best> {
        let mut best = score(self.kernel, rows, &self.all, cancel);
        let Some(rest) = &self.rest else {
            for (bound, best) in bounds.iter_mut().zip(&best) {
                *bound = self.to_bound(best.second);
            }
            return best;
        };
        let columns = self.centroids.columns();
        let mut open = Vec::new();
        for (i, row) in rows.chunks_exact(columns).enumerate() {
            let own = states[i].label;
            let mut known = best[i];
            if !self.all.holds(own) {
                let own_score = own_score(self.kernel, row, self.centroids, &self.starts, own);
                known = known.join(Best { score: own_score, cluster: own, ..Best::NONE });
            }
            if i64::from(known.score) > i64::from(bounds[i]) + self.drift {
                best[i] = known;
                bounds[i] = bounds[i].max(self.to_bound(known.second));
            } else {
                open.push(i);
            }
        }
        let mut copies = AlignedBytes::default();
        for &i in &open {
            copies.extend_bytes(&rows[i * columns..][..columns]);
        }
        let found = score(self.kernel, copies.bytes(), rest, cancel);
        for (i, found) in open.into_iter().zip(found) {
            best[i] = best[i].join(found);
            bounds[i] = self.to_bound(best[i].second);
        }
        best
    }

    /// What is kept of a score as a bound. A bound may be too high, never too low.
    fn to_bound(&self, score: i32) -> i32 {
        i32::try_from(i64::from(score) - self.drift).unwrap_or(i32::MIN)
    }
}

/// The score of a row (offset bytes) with one cluster.
pub(super) fn own_score(
    kernel: Kernel,
    row: &[u8],
    centroids: &Centroids,
    starts: &[i32],
    cluster: u32,
) -> i32 {
    let cluster = cluster as usize;
    starts[cluster].wrapping_add(dot(kernel, bytemuck::cast_slice(row), centroids.value(cluster)))
}
