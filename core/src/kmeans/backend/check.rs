//! A small known assign that every backend must reproduce before it is used.

use std::fmt;

use super::{Backend, BackendError, Candidate, RowBlock, Shape, Step};
use crate::error::{Explain, Kind, Names, Param};
use crate::keys;
use crate::kmeans::centroid::Centroids;
use crate::monitor::CancelFlag;

/// Rows, columns and clusters of the check: no multiples of any tile, all three of a row's 64-byte parts, and more
/// clusters than any device scores at a time: what one panel leaves behind must not reach the next.
const ROWS: usize = 150;
const COLUMNS: usize = 192;
const CLUSTERS: usize = 149;

/// Assigns of the check: two with unlike centroids, the others after small steps of some of them, as late in a run,
/// when a backend may spare scores.
const ROUNDS: u64 = 5;

/// Why a backend was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SelfTestError {
    /// It could not run the check at all.
    Backend(BackendError),
    /// It gave other integers.
    Wrong {
        /// Its name.
        device: String,
        /// What was wrong.
        what: &'static str,
    },
}

impl From<BackendError> for SelfTestError {
    fn from(error: BackendError) -> Self {
        Self::Backend(error)
    }
}

impl Explain for SelfTestError {
    fn kind(&self) -> Kind {
        match self {
            Self::Backend(error) => error.kind(),
            Self::Wrong { .. } => Kind::Device,
        }
    }

    fn explain(&self, names: Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Backend(error) => error.explain(names, f),
            Self::Wrong { device, what } => write!(
                f,
                "{device} is refused: in a small known K-Means step its {what} came out wrong, so its results would not \
                 be exact; choose another {}",
                names(Param::Device)
            ),
        }
    }
}

crate::explained!(SelfTestError);

/// Runs a small known K-Means step, extreme bytes and ties included, and compares every integer with a plain
/// evaluation of SPEC.md; then once more, for a device must forget the rows, labels and scores of a run.
///
/// # Errors
/// [`SelfTestError::Wrong`] names the device and what differed.
pub async fn self_test<B: Backend>(backend: &mut B) -> Result<(), SelfTestError> {
    let known = Known::new();
    let result = match run(&known, backend).await {
        // Without `end` in between: `begin` itself forgets.
        Ok(()) => run(&known, backend).await,
        refused => refused,
    };
    backend.end().await;
    result
}

async fn run<B: Backend>(known: &Known, backend: &mut B) -> Result<(), SelfTestError> {
    let device = backend.name();
    let same = |equal: bool, what: &'static str| {
        if equal { Ok(()) } else { Err(SelfTestError::Wrong { device: device.clone(), what }) }
    };
    let shape = Shape { n_rows: ROWS as u64, columns: COLUMNS, n_clusters: CLUSTERS as u32 };
    backend.begin(shape, CancelFlag::default()).await?;
    // Two pushes, so that rows are joined at an odd place.
    let (first, second) = known.rows.split_at(71 * COLUMNS);
    backend.push(RowBlock { rows: first, own_best: &known.own_best[..71] }).await?;
    backend.push(RowBlock { rows: second, own_best: &known.own_best[71..] }).await?;

    // By number: out of order, one twice, the ends, and rows of both pushes.
    let numbers = [149, 0, 71, 70, 71, 12];
    let expected: Vec<i8> = numbers.iter().flat_map(|&row| known.row(row)).copied().collect();
    same(backend.rows(&numbers.map(|row| row as u64)).await? == expected, "rows by number")?;

    // k-means++ steps with two single centroids.
    let mut best = vec![i32::MIN; ROWS];
    for cluster in [3, 8] {
        let one = known.single(cluster);
        for (best, row) in best.iter_mut().zip(known.rows.chunks_exact(COLUMNS)) {
            *best = (*best).max(score(row, &one, 0));
        }
        let weights = backend.seed_step(&one).await?;
        let own: Vec<u64> = known.own_best.iter().zip(&best).map(|(o, b)| (o - b).max(0) as u64).collect();
        let total: u64 = own.iter().sum();
        // A wrong device may give anything, sums beyond u64 too.
        let found = weights.iter().try_fold(0u64, |sum, &weight| sum.checked_add(weight));
        same(found == Some(total), "k-means++ weights")?;
        for target in [0, total / 3, total - 1] {
            let (mut block, mut remainder) = (0, target);
            while remainder >= weights[block] {
                remainder -= weights[block];
                block += 1;
            }
            let mut sum = 0;
            let row = own.iter().position(|&weight| {
                sum += weight;
                sum > target
            });
            same(Some(backend.pick(block, remainder).await?) == row.map(|row| row as u64), "k-means++ pick")?;
        }
    }

    let mut labels = vec![None; ROWS];
    for round in 0..ROUNDS {
        let centroids = known.centroids(round);
        let (scores, step) = known.assign(&centroids, &mut labels);
        same(backend.assign(&centroids).await? == step, "assign")?;

        let mut candidates: Vec<Candidate> = (0..ROWS)
            .filter(|&row| scores[row] < known.own_best[row])
            .map(|row| Candidate {
                score: scores[row],
                row: row as u64,
                cluster: labels[row].unwrap_or(0),
                own_best: known.own_best[row],
                q: known.row(row).to_vec(),
            })
            .collect();
        candidates.sort_by_key(|candidate| (candidate.score, candidate.row));
        let (head, tail) = candidates.split_at(5);
        same(backend.worst(None, 5).await? == head, "worst rows")?;
        let after = head.last().map(|candidate| (candidate.score, candidate.row));
        same(backend.worst(after, ROWS).await? == tail, "worst rows")?;

        let moves: Vec<(u64, u32)> =
            head.iter().map(|c| (c.row, (c.cluster + 1) % CLUSTERS as u32)).collect();
        backend.relabel(&moves).await?;
        for (row, cluster) in moves {
            labels[row as usize] = Some(cluster);
        }
    }
    // Once, at the end, as in a run: what a backend keeps to spare scores it may give up for them.
    let expected: Vec<u32> = labels.iter().map(|label| label.unwrap_or(0)).collect();
    same(backend.labels().await? == expected, "labels")
}

/// Rows with their own bests (here any integers serve), and what to score them with.
struct Known {
    rows: Vec<i8>,
    own_best: Vec<i32>,
}

impl Known {
    fn new() -> Self {
        let mut rows = bytes(1, ROWS * COLUMNS, 63);
        // Extremes, and twins whose scores tie in the order of worst rows.
        rows[..COLUMNS].fill(63);
        rows[COLUMNS..2 * COLUMNS].fill(-63);
        rows.copy_within(2 * COLUMNS..7 * COLUMNS, 90 * COLUMNS);
        let own_best = (0..ROWS as u64).map(|row| (keys::hash(&[2, row]) % 200_000) as i32).collect();
        Self { rows, own_best }
    }

    fn row(&self, row: usize) -> &[i8] {
        &self.rows[row * COLUMNS..][..COLUMNS]
    }

    /// The centroids of a round: extremes, and pairs of equal ones, so that ties occur in and across panels.
    fn centroids(&self, round: u64) -> Centroids {
        let mut values = bytes(3 + round.min(1), CLUSTERS * COLUMNS, 127);
        values[..COLUMNS].fill(127);
        values[COLUMNS..2 * COLUMNS].fill(-127);
        values.copy_within(4 * COLUMNS..9 * COLUMNS, 9 * COLUMNS);
        values.copy_within(4 * COLUMNS..9 * COLUMNS, 40 * COLUMNS);
        values.copy_within(4 * COLUMNS..9 * COLUMNS, 125 * COLUMNS);
        let mut biases: Vec<i32> =
            (0..CLUSTERS as u64).map(|c| (keys::hash(&[5 + round.min(1), c]) % 4001) as i32 - 2000).collect();
        biases.copy_within(4..9, 9);
        biases.copy_within(4..9, 40);
        biases.copy_within(4..9, 125);
        for step in 2..=round {
            // A fifth of the clusters, others each time; values stay in range, for they go towards 0.
            let moving = (0..CLUSTERS).filter(|&cluster| cluster as u64 % 5 == step % 5);
            for cluster in moving {
                for value in values[cluster * COLUMNS..][..COLUMNS].iter_mut().step_by(step as usize) {
                    *value -= value.signum();
                }
                biases[cluster] += 7 * step as i32;
            }
        }
        Centroids::from_parts(COLUMNS, values, biases).unwrap_or_else(|_| unreachable!("values in range"))
    }

    fn single(&self, cluster: usize) -> Centroids {
        let all = self.centroids(0);
        let (values, bias) = (all.value(cluster).to_vec(), all.biases()[cluster]);
        Centroids::from_parts(COLUMNS, values, vec![bias]).unwrap_or_else(|_| unreachable!("values in range"))
    }

    /// SPEC.md, 1.3, plainly.
    fn assign(&self, centroids: &Centroids, labels: &mut [Option<u32>]) -> (Vec<i32>, Step) {
        let mut step = Step::default();
        let mut counts = vec![0i64; CLUSTERS];
        let mut sums = vec![0i64; CLUSTERS * COLUMNS];
        let mut touched = [false; CLUSTERS];
        let mut scores = Vec::with_capacity(ROWS);
        for (q, label) in self.rows.chunks_exact(COLUMNS).zip(labels) {
            let (mut best, mut to) = (score(q, centroids, 0), 0);
            for cluster in 1..CLUSTERS {
                let score = score(q, centroids, cluster);
                if score > best {
                    (best, to) = (score, cluster);
                }
            }
            scores.push(best);
            step.objective += i64::from(best);
            let from = label.replace(to as u32);
            if from != Some(to as u32) {
                step.moved += 1;
                for (cluster, sign) in from.map(|c| (c as usize, -1)).into_iter().chain([(to, 1)]) {
                    touched[cluster] = true;
                    counts[cluster] += sign;
                    for (sum, &q) in sums[cluster * COLUMNS..].iter_mut().zip(q) {
                        *sum += sign * i64::from(q);
                    }
                }
            }
        }
        for cluster in (0..CLUSTERS).filter(|&c| touched[c]) {
            step.clusters.push(cluster as u32);
            step.counts.push(counts[cluster]);
            step.sums.extend(&sums[cluster * COLUMNS..][..COLUMNS]);
        }
        (scores, step)
    }
}

/// One score, in i64 so that no overflow can hide.
fn score(q: &[i8], centroids: &Centroids, cluster: usize) -> i32 {
    let products = q.iter().zip(centroids.value(cluster)).map(|(&q, &c)| i64::from(q) * i64::from(c));
    (products.sum::<i64>() + i64::from(centroids.biases()[cluster])) as i32
}

/// Known bytes in −`limit`..=`limit`, small ones likelier so that scores of different clusters come close.
fn bytes(key: u64, count: usize, limit: i64) -> Vec<i8> {
    (0..count as u64)
        .map(|i| {
            let hash = keys::hash(&[key, i]);
            let range = if hash & 3 == 0 { limit } else { limit / 5 };
            ((hash >> 8) as i64 % (2 * range + 1) - range) as i8
        })
        .collect()
}
