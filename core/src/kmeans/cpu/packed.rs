//! Centroids laid out as the micro-kernels read them.

use super::kernel::Kernel;
use super::rows::Lines;
use crate::kmeans::centroid::Centroids;
use crate::par;

/// Bytes of one centroid that one instruction multiplies and adds.
pub(super) const GROUP: usize = 4;

/// Centroids as `[panel][columns / 4][lanes][4]`. The last panel is filled up with copies of the last centroid:
/// an equal score never beats a lower index, so no masks are needed. With one lane this is row-major.
pub(super) struct Packed {
    kernel: Kernel,
    columns: usize,
    lanes: usize,
    values: Lines,
    starts: Vec<i32>,
}

impl Packed {
    /// `None` when memory does not suffice.
    pub fn new(kernel: Kernel, centroids: &Centroids) -> Option<Self> {
        let (columns, lanes) = (centroids.columns(), kernel.lanes());
        let n_clusters = centroids.n_clusters();
        let panels = n_clusters.div_ceil(lanes);
        let mut values = Lines::zeros(panels * lanes, columns)?;
        let offset = i32::from(kernel.offset());
        let starts = par::map_chunks_mut(values.bytes_mut(), lanes * columns, |panel, out| {
            let clusters = (0..lanes).map(|lane| (panel * lanes + lane).min(n_clusters - 1));
            let start = |(lane, cluster): (usize, usize)| {
                let value = centroids.value(cluster);
                for (group, value) in value.chunks_exact(GROUP).enumerate() {
                    let to = (group * lanes + lane) * GROUP;
                    out[to..to + GROUP].copy_from_slice(bytemuck::cast_slice(value));
                }
                // Σ (q + offset) · c = Σ q · c + offset · Σ c: taken off before the sum begins.
                // Sums on the way may wrap for very long rows; the score itself fits, so it comes out right.
                let sum: i32 = value.iter().map(|&c| i32::from(c)).sum();
                centroids.biases()[cluster].wrapping_sub(offset * sum)
            };
            clusters.enumerate().map(start).collect::<Vec<i32>>()
        });
        Some(Self { kernel, columns, lanes, values, starts: starts.concat() })
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
        let bytes = self.lanes * self.columns;
        bytemuck::cast_slice(&self.values.bytes()[panel * bytes..][..bytes])
    }

    /// What the sums of a panel's lanes start from: bias and correction.
    pub fn starts(&self, panel: usize) -> &[i32] {
        &self.starts[panel * self.lanes..][..self.lanes]
    }
}
