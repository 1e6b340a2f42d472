//! Centroids laid out as the micro-kernels read them.

use super::aligned::AlignedBytes;
use super::kernel::Kernel;
#[cfg(any(target_arch = "x86_64", target_feature = "simd128"))]
use super::pairs;
use crate::kmeans::centroid::Centroids;
use crate::par;

/// Bytes of one centroid that one instruction multiplies and adds.
pub(super) const GROUP: usize = 4;

/// Some of the centroids as `[panel][columns / 4][lanes][4]`, those of lower clusters first. The last panel is filled
/// up with zeros that score [`i32::MIN`], which never counts, so no masks are needed. With one lane this is row-major.
/// Where bytes are multiplied as 16-bit numbers, panels hold these, as [`super::pairs`] says.
pub(super) struct Packed {
    kernel: Kernel,
    columns: usize,
    lanes: usize,
    values: AlignedBytes,
    starts: Vec<i32>,
    clusters: Vec<u32>,
}

/// What the sum of a cluster's products with a row of offset bytes starts from to end as the score.
pub(super) fn start(kernel: Kernel, centroids: &Centroids, cluster: usize) -> i32 {
    // Σ (q + offset) · c = Σ q · c + offset · Σ c: taken off before the sum begins.
    // Sums on the way may wrap for very long rows; the score itself fits, so it comes out right.
    let sum: i32 = centroids.value(cluster).iter().map(|&c| i32::from(c)).sum();
    centroids.biases()[cluster].wrapping_sub(i32::from(kernel.offset()) * sum)
}

/// Writes a centroid into its lane of a panel.
fn fill(kernel: Kernel, panel: &mut [u8], lane: usize, value: &[i8]) {
    #[cfg(any(target_arch = "x86_64", target_feature = "simd128"))]
    if kernel.width() == 2 {
        let panel: &mut [i16] = bytemuck::cast_slice_mut(panel);
        for (pair, bytes) in value.as_chunks().0.iter().enumerate() {
            for (i, factor) in pairs::factors(*bytes).into_iter().enumerate() {
                panel[pairs::place(value.len(), lane, 2 * pair + i)] = factor;
            }
        }
        return;
    }
    for (group, value) in value.chunks_exact(GROUP).enumerate() {
        let to = (group * kernel.lanes() + lane) * GROUP;
        panel[to..to + GROUP].copy_from_slice(bytemuck::cast_slice(value));
    }
}

impl Packed {
    /// Packs `clusters` (ascending), whose [`start`]s are among those of all clusters; `None` when memory does
    /// not suffice.
    pub fn new(kernel: Kernel, centroids: &Centroids, starts: &[i32], clusters: Vec<u32>) -> Option<Self> {
        let (columns, lanes) = (centroids.columns(), kernel.lanes());
        let bytes = columns * kernel.width();
        let panels = clusters.len().div_ceil(lanes);
        let mut values = AlignedBytes::zeros(panels * lanes, bytes)?;
        par::map_chunks_mut(values.bytes_mut(), lanes * bytes, |panel, out| {
            for (lane, &cluster) in clusters.iter().skip(panel * lanes).take(lanes).enumerate() {
                fill(kernel, out, lane, centroids.value(cluster as usize));
            }
        });
        let mut starts: Vec<i32> = clusters.iter().map(|&cluster| starts[cluster as usize]).collect();
        starts.resize(panels * lanes, i32::MIN);
        Some(Self { kernel, columns, lanes, values, starts, clusters })
    }

    /// The cluster at a place: `panel * lanes + lane`.
    pub fn cluster(&self, place: usize) -> u32 {
        self.clusters[place]
    }

    /// Whether `cluster` is among the packed ones.
    pub fn holds(&self, cluster: u32) -> bool {
        self.clusters.binary_search(&cluster).is_ok()
    }

    pub fn kernel(&self) -> Kernel {
        self.kernel
    }

    pub fn columns(&self) -> usize {
        self.columns
    }

    pub fn panels(&self) -> usize {
        self.starts.len() / self.lanes
    }

    /// The bytes of one panel.
    pub fn panel(&self, panel: usize) -> &[i8] {
        let bytes = self.lanes * self.columns * self.kernel.width();
        bytemuck::cast_slice(&self.values.bytes()[panel * bytes..][..bytes])
    }

    /// Whether a panel has clusters in the first half of its lanes alone: what the tiles of [`super::tile`] ask.
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64", target_feature = "simd128"))]
    pub fn is_half(&self, panel: usize) -> bool {
        self.clusters.len() <= panel * self.lanes + self.lanes / 2
    }

    /// What the sums of a panel's lanes start from: bias and correction.
    pub fn starts(&self, panel: usize) -> &[i32] {
        &self.starts[panel * self.lanes..][..self.lanes]
    }
}
