//! What several K-Means tests share.
#![allow(dead_code, reason = "each test file uses its part")]

use clusterclip_core::kmeans::{Clustering, CpuBackend, Init, KMeansError, Kernel, Params, cluster};
use clusterclip_core::monitor::Monitor;
use clusterclip_core::rows::SliceSource;

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
