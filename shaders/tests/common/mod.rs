//! What the tests share: a device, test data, and everything a backend says of it.
#![allow(dead_code, reason = "each test file uses its part")]

use clusterclip_core::keys;
use clusterclip_core::kmeans::{
    Backend, BackendError, Candidate, Centroids, CpuBackend, RowBlock, Shape, Step,
};
use clusterclip_core::monitor::CancelFlag;
use clusterclip_shaders::gpu::{Adapter, Wanted, adapters, choose};
use clusterclip_shaders::kmeans::{GpuBackend, Options};
use pollster::block_on;

/// The adapter that `--device gpu` would take; without any a test fails, and the message says how to get one.
pub fn adapter() -> Adapter {
    choose(block_on(adapters()), &Wanted::Any).unwrap_or_else(|error| panic!("{error}"))
}

pub fn gpu(options: Options) -> GpuBackend {
    block_on(GpuBackend::new(adapter(), options, &CancelFlag::default()))
        .unwrap_or_else(|error| panic!("{error}"))
}

pub fn cpu() -> CpuBackend {
    CpuBackend::new().unwrap_or_else(|error| panic!("{error}"))
}

/// SplitMix64: enough for test data.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(keys::hash(&[seed]))
    }

    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(1);
        keys::scale(keys::mix(self.0), bound as u64) as usize
    }
}

/// Rows around some directions, with duplicates.
pub fn embeddings(n: usize, n_features: usize, groups: usize) -> Vec<f32> {
    let mut random = Random::new(11);
    let mut uniform = || random.below(2001) as f32 / 1000.0 - 1.0;
    let centres: Vec<f32> = (0..groups * n_features).map(|_| uniform()).collect();
    let mut values = Vec::new();
    for row in 0..n {
        let centre = &centres[row % groups * n_features..][..n_features];
        let noise = if row % 7 == 0 { 0.0 } else { 0.6 };
        values.extend(centre.iter().map(|&c| c + noise * uniform()));
    }
    values
}

/// How bytes are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// All values, the ends of the range likelier.
    Mixed,
    /// Nothing but the ends: the largest sums, and many ties.
    Extreme,
    /// −1, 0 and 1: many ties.
    Small,
    /// Every row and centroid the same.
    Equal,
}

pub fn bytes(random: &mut Random, rows: usize, columns: usize, limit: i8, kind: Kind) -> Vec<i8> {
    let span = 2 * limit as usize + 1;
    let mut draw = || match kind {
        Kind::Mixed => match random.below(8) {
            0 => limit,
            1 => -limit,
            _ => (random.below(span) as i64 - i64::from(limit)) as i8,
        },
        Kind::Extreme => [limit, -limit][random.below(2)],
        Kind::Small => random.below(3) as i8 - 1,
        Kind::Equal => limit,
    };
    (0..rows * columns).map(|_| draw()).collect()
}

/// Rows with their own bests, and the centroids of three assigns.
#[derive(Debug)]
pub struct Case {
    pub columns: usize,
    pub rows: Vec<i8>,
    pub own_best: Vec<i32>,
    pub centroids: Vec<Centroids>,
}

impl Case {
    pub fn new(seed: u64, n: usize, columns: usize, k: usize, kind: Kind) -> Self {
        let mut random = Random::new(seed);
        let rows = bytes(&mut random, n, columns, 63, kind);
        let own_best = (0..n).map(|_| random.below(columns * 4000) as i32).collect();
        let mut centroids = Vec::new();
        for _ in 0..2 {
            let values = bytes(&mut random, k, columns, 127, kind);
            let bias = |random: &mut Random| match kind {
                Kind::Equal | Kind::Small => 0,
                _ => random.below(64 * columns + 1) as i32 - 32 * columns as i32,
            };
            let biases = (0..k).map(|_| bias(&mut random)).collect();
            centroids.push(Centroids::from_parts(columns, values, biases).unwrap());
        }
        // The third differs from the second in some clusters only, as late in a run.
        let (mut values, mut biases) = (centroids[1].values().to_vec(), centroids[1].biases().to_vec());
        for cluster in (0..k).filter(|cluster| cluster % 5 == 1) {
            for value in &mut values[cluster * columns..][..columns] {
                *value -= value.signum();
            }
            biases[cluster] /= 2;
        }
        centroids.push(Centroids::from_parts(columns, values, biases).unwrap());
        Self { columns, rows, own_best, centroids }
    }

    pub fn n(&self) -> usize {
        self.own_best.len()
    }
}

/// Everything a backend says of a case.
#[derive(Debug, PartialEq)]
pub struct Said {
    pub rows: Vec<i8>,
    pub weights: Vec<u64>,
    pub picks: Vec<u64>,
    pub steps: Vec<Step>,
    pub worst: Vec<Vec<Candidate>>,
    pub labels: Vec<Vec<u32>>,
}

pub fn ask<B: Backend>(backend: &mut B, case: &Case) -> Said {
    block_on(try_ask(backend, case)).unwrap_or_else(|error| panic!("{error}"))
}

pub async fn try_ask<B: Backend>(backend: &mut B, case: &Case) -> Result<Said, BackendError> {
    let (n, columns) = (case.n(), case.columns);
    let n_clusters = case.centroids[0].n_clusters();
    let shape = Shape { n_rows: n as u64, columns, n_clusters: n_clusters as u32 };
    backend.begin(shape, CancelFlag::default()).await?;
    // Pushed in parts of odd sizes.
    for (rows, own_best) in case.rows.chunks(columns * (n / 3 + 1)).zip(case.own_best.chunks(n / 3 + 1)) {
        backend.push(RowBlock { rows, own_best }).await?;
    }
    let mut said = Said {
        // By number: the ends, out of order, and one twice.
        rows: backend.rows(&[n - 1, 0, n / 2, 0, n / 3].map(|row| row as u64)).await?,
        weights: Vec::new(),
        picks: Vec::new(),
        steps: Vec::new(),
        worst: Vec::new(),
        labels: Vec::new(),
    };
    for cluster in [0, n_clusters / 2] {
        let all = &case.centroids[0];
        let one = Centroids::from_parts(columns, all.value(cluster).to_vec(), vec![all.biases()[cluster]]);
        let weights = backend.seed_step(&one.unwrap()).await?;
        // Blocks differ between backends; their sum and the rows picked do not.
        let total: u64 = weights.iter().sum();
        said.weights.push(total);
        // One of them just where the first row's weight ends.
        let products = case.rows[..columns].iter().zip(all.value(cluster));
        let score = products.map(|(&q, &c)| i64::from(q) * i64::from(c)).sum::<i64>();
        let edge = i64::from(case.own_best[0]) - score - i64::from(all.biases()[cluster]);
        for target in [0, edge.max(0) as u64, total / 5 * 2, total.saturating_sub(1)] {
            if target >= total {
                continue;
            }
            let (mut block, mut remainder) = (0, target);
            while remainder >= weights[block] {
                remainder -= weights[block];
                block += 1;
            }
            said.picks.push(backend.pick(block, remainder).await?);
        }
    }
    for (round, centroids) in case.centroids.iter().enumerate() {
        said.steps.push(backend.assign(centroids).await?);
        let head = backend.worst(None, 3).await?;
        let after = head.last().map(|candidate| (candidate.score, candidate.row));
        if after.is_some() {
            said.worst.push(backend.worst(after, n.min(300)).await?);
        }
        said.worst.push(head);
        said.labels.push(backend.labels().await?);
        let moves = [(((round + 1) * 37 % n) as u64, (round * 11 % n_clusters) as u32)];
        backend.relabel(&moves).await?;
    }
    said.labels.push(backend.labels().await?);
    backend.end().await;
    Ok(said)
}

/// Compares piece by piece: how many differ, where first, and the shape.
pub fn same(found: &Said, expected: &Said, case: &Case, what: &str) {
    let shape = format!(
        "{what}: {} rows of {} columns, {} clusters",
        case.n(),
        case.columns,
        case.centroids[0].n_clusters()
    );
    for (round, (found, expected)) in found.labels.iter().zip(&expected.labels).enumerate() {
        let wrong: Vec<usize> = (0..expected.len()).filter(|&row| found[row] != expected[row]).collect();
        if let Some(&row) = wrong.first() {
            panic!(
                "{shape}: {} labels of round {round} differ, first that of row {row}: {} for {}",
                wrong.len(),
                found[row],
                expected[row]
            );
        }
    }
    assert!(found.rows == expected.rows, "{shape}: rows by number");
    assert_eq!(found.weights, expected.weights, "{shape}: k-means++ weights");
    assert_eq!(found.picks, expected.picks, "{shape}: k-means++ picks");
    for (round, (found, expected)) in found.steps.iter().zip(&expected.steps).enumerate() {
        assert_eq!(
            (found.objective, found.moved, &found.clusters, &found.counts),
            (expected.objective, expected.moved, &expected.clusters, &expected.counts),
            "{shape}: step {round}"
        );
        let wrong: Vec<usize> =
            (0..expected.sums.len()).filter(|&i| found.sums[i] != expected.sums[i]).collect();
        assert!(wrong.is_empty(), "{shape}: {} sums of step {round} differ, first {}", wrong.len(), wrong[0]);
    }
    for (i, (found, expected)) in found.worst.iter().zip(&expected.worst).enumerate() {
        let keys = |list: &[Candidate]| -> Vec<_> {
            list.iter().map(|c| (c.score, c.row, c.cluster, c.own_best)).collect()
        };
        assert_eq!(keys(found), keys(expected), "{shape}: worst rows {i}");
    }
    assert!(found == expected, "{shape}: something else differs");
}
