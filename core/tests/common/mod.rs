//! What several K-Means tests share.
#![allow(dead_code, reason = "each test file uses its part")]

use clusterclip_core::kmeans::{
    Backend, BackendError, Candidate, Centroids, Clustering, CpuBackend, Init, KMeansError, Kernel, Params,
    RowBlock, Shape, Step, cluster,
};
use clusterclip_core::monitor::{CancelFlag, Monitor};
use clusterclip_core::rows::SliceSource;
use proptest::test_runner::Config as ProptestConfig;

/// So many random cases, or fewer where `PROPTEST_CASES` says so, as under an emulator.
pub fn random_cases(most: u32) -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig::with_cases(asked.map_or(most, |asked: u32| asked.min(most)))
}

/// Rows in memory.
pub struct Embeddings {
    pub values: Vec<f32>,
    pub n_features: usize,
}

impl Embeddings {
    pub fn n_samples(&self) -> usize {
        self.values.len() / self.n_features
    }

    pub fn source(&self) -> SliceSource<'_> {
        SliceSource::new(&self.values, self.n_features)
    }

    pub fn row(&self, row: usize) -> &[f32] {
        &self.values[row * self.n_features..][..self.n_features]
    }

    /// Reads a version 1 .npy file of little-endian f32 in C order.
    pub fn read_npy(path: impl AsRef<std::path::Path>) -> Self {
        let bytes = std::fs::read(path).unwrap();
        let header = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
        let text = std::str::from_utf8(&bytes[10..10 + header]).unwrap();
        assert!(text.contains("'<f4'") && text.contains("'fortran_order': False"), "{text}");
        let shape = text.split('(').nth(1).unwrap().split(')').next().unwrap();
        let shape: Vec<usize> = shape.split(',').map(|n| n.trim_ascii().parse().unwrap()).collect();
        let values: Vec<f32> =
            bytes[10 + header..].chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect();
        assert_eq!(values.len(), shape[0] * shape[1]);
        Self { values, n_features: shape[1] }
    }

    /// Rows around `groups` random directions; `noise` 0 makes every row equal its direction.
    pub fn synthetic(seed: u64, n_samples: usize, n_features: usize, groups: usize, noise: f32) -> Self {
        let mut random = Random::new(seed);
        let centres: Vec<f32> = (0..groups * n_features).map(|_| random.normal()).collect();
        let mut values = Vec::with_capacity(n_samples * n_features);
        for _ in 0..n_samples {
            let group = random.below(groups);
            let centre = &centres[group * n_features..][..n_features];
            values.extend(centre.iter().map(|&c| c + noise * random.normal()));
        }
        Self { values, n_features }
    }
}

/// SplitMix64 and sums of uniforms: enough for test data.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(clusterclip_core::keys::hash(&[seed]))
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(1);
        clusterclip_core::keys::mix(self.0)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        clusterclip_core::keys::scale(self.next(), bound as u64) as usize
    }

    /// Nearly normal, of deviation 1: a sum of 12 uniforms.
    pub fn normal(&mut self) -> f32 {
        (0..12).map(|_| (self.next() >> 40) as f32 / (1u64 << 24) as f32).sum::<f32>() - 6.0
    }
}

pub fn params(n_clusters: u64, seed: u64) -> Params {
    Params { n_clusters: Some(n_clusters), seed, ..Params::default() }
}

pub fn run(embeddings: &Embeddings, params: &Params) -> Result<Clustering, KMeansError> {
    run_with(embeddings, None, params, CpuBackend::new().unwrap())
}

pub fn run_with(
    embeddings: &Embeddings,
    featureless: Option<&[bool]>,
    params: &Params,
    mut backend: CpuBackend,
) -> Result<Clustering, KMeansError> {
    pollster::block_on(cluster(&embeddings.source(), featureless, params, &mut backend, &Monitor::silent()))
}

pub fn run_on(kernel: Kernel, embeddings: &Embeddings, params: &Params) -> Clustering {
    run_with(embeddings, None, params, CpuBackend::with_kernel(kernel).unwrap()).unwrap()
}

pub fn all_inits(embeddings: &Embeddings, n_clusters: usize) -> [Init; 3] {
    let step = embeddings.n_samples() / n_clusters;
    let rows = (0..n_clusters).flat_map(|i| embeddings.row(i * step).to_vec()).collect();
    [Init::Random, Init::KMeansPlusPlus, Init::Rows(rows)]
}

/// A backend that is wrong in one place, and tells what was relabelled.
pub struct Faulty<B> {
    pub inner: B,
    pub fault: Fault,
    /// Assigns before the fault.
    pub good: u32,
    pub begun: bool,
    /// Every (row, cluster) of a relabel.
    pub relabelled: Vec<(u64, u32)>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fault {
    None,
    /// Keeps the rows of the run before.
    Begin,
    Rows,
    Objective,
    Moved,
    Counts,
    Sums,
    /// Reports a cluster that there is not.
    Cluster,
    /// Leaves sums out.
    Short,
    Candidates,
    /// Begins with the worst row of all, wherever it was asked to go on.
    After,
    Weights,
    /// Weights of which the sum leaves u64.
    HugeWeights,
    Pick,
    Labels,
    Relabel,
}

impl<B: Backend> Faulty<B> {
    pub fn new(inner: B, fault: Fault) -> Self {
        Self { inner, fault, good: 0, begun: false, relabelled: Vec::new() }
    }
}

impl<B: Backend> Backend for Faulty<B> {
    fn name(&self) -> String {
        "Faulty 9000".into()
    }
    async fn begin(&mut self, shape: Shape, cancel: CancelFlag) -> Result<(), BackendError> {
        self.relabelled.clear();
        if self.fault == Fault::Begin && self.begun {
            return Ok(());
        }
        self.begun = true;
        self.inner.begin(shape, cancel).await
    }
    async fn push(&mut self, block: RowBlock<'_>) -> Result<(), BackendError> {
        self.inner.push(block).await
    }
    async fn rows(&mut self, rows: &[u64]) -> Result<Vec<i8>, BackendError> {
        let mut found = self.inner.rows(rows).await?;
        *found.last_mut().unwrap() ^= i8::from(self.fault == Fault::Rows);
        Ok(found)
    }
    async fn assign(&mut self, centroids: &Centroids) -> Result<Step, BackendError> {
        let mut step = self.inner.assign(centroids).await?;
        if self.good > 0 {
            self.good -= 1;
            return Ok(step);
        }
        match self.fault {
            Fault::Objective => step.objective += 1,
            Fault::Moved => step.moved -= 1,
            Fault::Counts => *step.counts.last_mut().unwrap() += 1,
            Fault::Sums => *step.sums.last_mut().unwrap() += 1,
            Fault::Cluster => *step.clusters.last_mut().unwrap() = centroids.n_clusters() as u32,
            Fault::Short => step.sums.truncate(step.sums.len() - 1),
            _ => {}
        }
        Ok(step)
    }
    async fn worst(
        &mut self,
        after: Option<(i32, u64)>,
        count: usize,
    ) -> Result<Vec<Candidate>, BackendError> {
        let after = after.filter(|_| self.fault != Fault::After);
        let mut candidates = self.inner.worst(after, count).await?;
        if self.fault == Fault::Candidates {
            candidates.swap(0, 1);
        }
        Ok(candidates)
    }
    async fn relabel(&mut self, moves: &[(u64, u32)]) -> Result<(), BackendError> {
        self.relabelled.extend(moves);
        self.inner.relabel(if self.fault == Fault::Relabel { &moves[1..] } else { moves }).await
    }
    async fn seed_step(&mut self, centroids: &Centroids) -> Result<Vec<u64>, BackendError> {
        let mut weights = self.inner.seed_step(centroids).await?;
        weights[0] += u64::from(self.fault == Fault::Weights);
        if self.fault == Fault::HugeWeights {
            weights.extend([u64::MAX, 1]);
        }
        Ok(weights)
    }
    async fn pick(&mut self, block: usize, remainder: u64) -> Result<u64, BackendError> {
        Ok(self.inner.pick(block, remainder).await? + u64::from(self.fault == Fault::Pick))
    }
    async fn labels(&mut self) -> Result<Vec<u32>, BackendError> {
        let mut labels = self.inner.labels().await?;
        *labels.last_mut().unwrap() ^= u32::from(self.fault == Fault::Labels);
        Ok(labels)
    }
    async fn end(&mut self) {
        self.inner.end().await;
    }
}
