//! Which scores can be spared: exact upper bounds, carried from one assign to the next.
//!
//! Of every row one number is kept, above which no cluster but its own scores. Between two assigns a cluster's
//! score rises by at most ‖q‖ · ‖c′ − c‖ + b′ − b (Cauchy-Schwarz). After some iterations most centroids hardly
//! move, or not at all, while a few still do: these few are scored with all rows, the others only with the rows
//! whose bound, raised by the most that one of the others may have gained, is not below the best score found.
//! It is Hamerly's single bound (Making k-means even faster, SDM 2010). Clusters that still move much would spoil it,
//! so they are left out of it.

use super::kernel::Kernel;
use super::packed::{self, Packed};
use super::row::Row;
use super::scoring::{Scoring, own_score};
use crate::kmeans::centroid::Centroids;
use crate::par;

/// Rows by which it is decided which clusters are scored with all rows, and the most bytes of them.
const SAMPLE: usize = 4096;
const SAMPLE_BYTES: usize = 16 << 20;

/// A split must save at least 5 % of the work, because open rows are copied and read twice.
const WORTH: f64 = 0.95;

/// What is known from earlier assigns.
#[derive(Default)]
pub(super) struct Bounds {
    /// For each row the score that no cluster but its own exceeds, less `drift`.
    pub others: Vec<i32>,
    /// By how much all bounds were raised since they were found.
    drift: i64,
    /// The largest Σ q² of a row.
    largest: u64,
    /// The centroids with which the bounds were found; without them there are none.
    centroids: Option<Centroids>,
}

impl Bounds {
    /// Makes room for `n_rows` rows; `None` when memory does not suffice.
    pub fn reserve(&mut self, n_rows: usize) -> Option<()> {
        self.others.try_reserve_exact(n_rows).ok()
    }

    /// Takes notice of more rows of `columns` bytes (not offset), which have no bounds yet.
    pub fn note(&mut self, rows: &[i8], columns: usize) {
        self.centroids = None;
        let squares = |row: &[i8]| row.iter().map(|&q| i32::from(q).pow(2) as u64).sum();
        let largest = par::map(rows.len().div_ceil(columns * SAMPLE), |part| {
            let rows = rows.chunks_exact(columns).skip(part * SAMPLE).take(SAMPLE);
            rows.map(squares).max().unwrap_or(0)
        });
        self.largest = largest.into_iter().fold(self.largest, u64::max);
    }

    /// Forgets all bounds and gives their memory back; the next assign scores all rows with all clusters.
    pub fn forget(&mut self) {
        (self.others, self.centroids) = Default::default();
    }

    /// Forgets the bound of a row whose label was changed.
    pub fn relabel(&mut self, row: usize) {
        if let Some(bound) = self.others.get_mut(row) {
            *bound = i32::MAX;
        }
    }

    /// Remembers the centroids to which the bounds in `others` belong now. Where memory does not suffice for them
    /// there are no bounds, and the next assign scores all rows with all clusters.
    pub fn found_with(&mut self, centroids: &Centroids) {
        self.centroids = centroids.try_clone();
    }

    /// Decides what to score, which changes the time and nothing else, and raises the bounds for what is not.
    /// The bounds belong to no centroids until [`found_with`](Self::found_with) is told. `None` when memory does
    /// not suffice.
    pub fn scoring<'a>(
        &mut self,
        kernel: Kernel,
        centroids: &'a Centroids,
        rows: &[u8],
        states: &[Row],
    ) -> Option<Scoring<'a>> {
        let k = centroids.n_clusters();
        let starts = par::map(k, |cluster| packed::start(kernel, centroids, cluster));
        let last = self.centroids.take().filter(|last| last.has_shape_of(centroids));
        let gains = last.map(|last| self.gains(&last, centroids));
        let split = gains.and_then(|gains| {
            let slack = self.slack(kernel, centroids, &starts, rows, states);
            split(gains, &slack, kernel.lanes())
        });
        let (all, rest) = match split {
            Some(Split { all, rest, gain }) => {
                self.drift += gain;
                (all, Packed::new(kernel, centroids, &starts, rest)?.into())
            }
            None => {
                self.drift = 0;
                self.others.try_reserve_exact(states.len().saturating_sub(self.others.len())).ok()?;
                self.others.resize(states.len(), i32::MAX);
                ((0..k as u32).collect(), None)
            }
        };
        let all = Packed::new(kernel, centroids, &starts, all)?;
        Some(Scoring { kernel, centroids, starts, all, rest, drift: self.drift })
    }

    /// The most by which each cluster may score any row higher than the `last` centroids did; the largest first.
    fn gains(&self, last: &Centroids, centroids: &Centroids) -> Vec<(i64, u32)> {
        let mut gains = par::map(centroids.n_clusters(), |cluster| {
            let values = centroids.value(cluster).iter().zip(last.value(cluster));
            let squares: u64 =
                values.map(|(&new, &old)| (i32::from(new) - i32::from(old)).pow(2) as u64).sum();
            // At most 63² · 254² · 2^36, 5 % under 2^64. Scores are integers: the root may be rounded down.
            let root = (self.largest * squares).isqrt() as i64;
            let bias = i64::from(centroids.biases()[cluster]) - i64::from(last.biases()[cluster]);
            ((root + bias).max(0), cluster as u32)
        });
        gains.sort_unstable_by_key(|&(gain, cluster)| (-gain, cluster));
        gains
    }

    /// For a sample of rows the score of the own cluster less the bound, ascending: a row stays closed while the
    /// gain is less.
    fn slack(
        &self,
        kernel: Kernel,
        centroids: &Centroids,
        starts: &[i32],
        rows: &[u8],
        states: &[Row],
    ) -> Vec<i64> {
        let sample = SAMPLE.min(SAMPLE_BYTES / centroids.columns());
        let stride = states.len().div_ceil(sample).max(1);
        let mut slack = par::map(states.len().div_ceil(stride), |i| {
            let row = i * stride;
            let q = &rows[row * centroids.columns()..][..centroids.columns()];
            let score = own_score(kernel, q, centroids, starts, states[row].label);
            i64::from(score) - i64::from(self.others[row]) - self.drift
        });
        slack.sort_unstable();
        slack
    }
}

/// Which clusters are scored with all rows, which with the others, and by how much these may have gained.
struct Split {
    all: Vec<u32>,
    rest: Vec<u32>,
    gain: i64,
}

/// Finds the split of least work; `None` when it is hardly less than all.
fn split(gains: Vec<(i64, u32)>, slack: &[i64], lanes: usize) -> Option<Split> {
    let k = gains.len();
    let halves = |clusters: usize| clusters.div_ceil(lanes.div_ceil(2)) as f64;
    let work = |at: usize| {
        let open = slack.partition_point(|&slack| slack <= gains[at].0) as f64 / slack.len().max(1) as f64;
        halves(at) + open * halves(k - at)
    };
    let at = (0..k).step_by(lanes).min_by(|&a, &b| work(a).total_cmp(&work(b)))?;
    if work(at) > WORTH * halves(k) {
        return None;
    }
    let gain = gains[at].0;
    let mut all: Vec<u32> = gains.into_iter().map(|(_, cluster)| cluster).collect();
    let mut rest = all.split_off(at);
    // Ascending, as packed clusters must be.
    all.sort_unstable();
    rest.sort_unstable();
    Some(Split { all, rest, gain })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys;
    use crate::kmeans::cpu::aligned::AlignedBytes;
    use crate::kmeans::cpu::row::Row;
    use crate::monitor::CancelFlag;

    #[test]
    fn centroids_that_stay_are_spared_and_relabelled_rows_are_not() {
        let (n, columns, k) = (300, 128, 150);
        let bytes = |key, count: usize, limit: u64| -> Vec<i8> {
            let byte = |i| (keys::hash(&[key, i]) % (2 * limit + 1)) as i64 - limit as i64;
            (0..count as u64).map(|i| byte(i) as i8).collect()
        };
        let (rows, values) = (bytes(1, n * columns, 63), bytes(2, k * columns, 127));
        let centroids = Centroids::from_parts(columns, values.clone(), vec![0; k]).unwrap();
        let mut stepped = values;
        stepped[3 * columns] = if stepped[3 * columns] > 0 { -1 } else { 1 };
        let stepped = Centroids::from_parts(columns, stepped, vec![0; k]).unwrap();
        for kernel in Kernel::available() {
            let mut lines = AlignedBytes::default();
            lines.extend(&rows, kernel.offset());
            let mut bounds = Bounds::default();
            bounds.note(&rows, columns);
            let mut states = vec![Row { label: u32::MAX, score: i32::MIN, own_best: 0 }; n];
            let scoring = bounds.scoring(kernel, &centroids, lines.bytes(), &states).unwrap();
            assert!(scoring.rest.is_none(), "{kernel}: nothing is known yet");
            let best = scoring.assign(lines.bytes(), &states, &mut bounds.others, &CancelFlag::default());
            states.iter_mut().zip(best).for_each(|(state, best)| state.label = best.cluster);
            bounds.found_with(&centroids);

            let scoring = bounds.scoring(kernel, &stepped, lines.bytes(), &states).unwrap();
            let clusters = |packed: &Packed| (0..k as u32).filter(|&c| packed.holds(c)).count();
            let rest = scoring.rest.as_ref().map_or(0, clusters);
            assert!(clusters(&scoring.all) <= kernel.lanes() && scoring.all.holds(3), "{kernel}");
            assert_eq!(clusters(&scoring.all) + rest, k, "{kernel}: every cluster once");

            bounds.relabel(7);
            assert_eq!(bounds.others[7], i32::MAX, "{kernel}");
            bounds.forget();
            let scoring = bounds.scoring(kernel, &stepped, lines.bytes(), &states).unwrap();
            assert!(scoring.rest.is_none(), "{kernel}: all was forgotten");
        }
    }
}
