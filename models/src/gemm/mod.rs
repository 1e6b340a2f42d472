//! Products of matrices in f32.
//!
//! The right factor is packed once, in panels of [`PANEL`] columns. Every element of the result is one chain of
//! fused products in the order of the inner index, from its starting value on: so tiles, kernels and the number of
//! rows change no bit.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "aarch64")]
mod neon;
mod portable;
#[cfg(test)]
mod tests;
mod tile;

use bytemuck::{Pod, Zeroable};

use crate::error::ModelError;
use tile::Tile;

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
pub(crate) use tile::by_height;
pub(crate) use tile::{PANEL, padded};

/// The inner index is cut into parts of at most this many: a panel's part stays in the first cache.
const DEPTH: usize = 256;

/// Rows that pass through all panels together: their part stays in the second cache.
const BLOCK: usize = 192;

/// What computes. All kernels give the same bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kernel {
    /// AVX-512: 12 rows by 32 columns.
    #[cfg(target_arch = "x86_64")]
    Avx512,
    /// AVX2 with FMA: 6 rows by 16 columns.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// NEON: 6 rows by 16 columns.
    #[cfg(target_arch = "aarch64")]
    Neon,
    /// Plain Rust.
    Portable,
}

impl Kernel {
    /// The kernels of this processor, the fastest first.
    #[allow(clippy::vec_init_then_push, reason = "other processors have more than the last")]
    pub fn all() -> Vec<Self> {
        let mut all = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            all.extend(has_avx512().then_some(Self::Avx512));
            all.extend(has_avx2().then_some(Self::Avx2));
        }
        #[cfg(target_arch = "aarch64")]
        all.push(Self::Neon);
        all.push(Self::Portable);
        all
    }

    /// The fastest kernel of this processor.
    pub fn best() -> Self {
        Self::all()[0]
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => "avx512",
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => "avx2",
            #[cfg(target_arch = "aarch64")]
            Self::Neon => "neon",
            Self::Portable => "portable",
        }
    }

    /// The kernel of this name.
    ///
    /// # Errors
    /// [`ModelError::Kernel`] where this processor has none.
    pub fn named(name: &str) -> Result<Self, ModelError> {
        let found = Self::all().into_iter().find(|kernel| kernel.name() == name);
        found.ok_or_else(|| ModelError::Kernel { name: name.to_owned() })
    }

    /// Rows of a tile.
    fn rows(self) -> usize {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => avx512::ROWS,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => avx2::ROWS,
            #[cfg(target_arch = "aarch64")]
            Self::Neon => neon::ROWS,
            Self::Portable => portable::ROWS,
        }
    }

    /// Multiplies a tile of `rows` rows, at most [`Kernel::rows`], by one panel.
    ///
    /// # Safety
    /// As [`Tile`] says.
    #[inline]
    unsafe fn tile(self, rows: usize, tile: Tile) {
        match self {
            // SAFETY: the kernel exists only where the processor has its instructions; the tile is the caller's promise.
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => unsafe { avx512::tile(rows, tile) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => unsafe { avx2::tile(rows, tile) },
            // SAFETY: as above.
            #[cfg(target_arch = "aarch64")]
            Self::Neon => unsafe { neon::tile(rows, tile) },
            // SAFETY: as above.
            Self::Portable => unsafe { portable::tile(rows, tile) },
        }
    }
}

/// Whether this processor has what the AVX-512 kernels use.
#[cfg(target_arch = "x86_64")]
pub(crate) fn has_avx512() -> bool {
    use std::arch::is_x86_feature_detected as has;
    has!("avx512f") && has!("avx512vl") && has!("avx512dq") && has!("avx512bw")
}

/// Whether this processor has what the AVX2 kernels use.
#[cfg(target_arch = "x86_64")]
pub(crate) fn has_avx2() -> bool {
    std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma")
}

/// Half a row of a panel, on a cache line of its own: vectors are loaded without crossing any.
#[derive(Debug, Clone, Copy, PartialEq, Pod, Zeroable)]
#[repr(C, align(64))]
struct FloatLine([f32; PANEL / 2]);

/// A right factor in panels: `depth` rows of `columns`, zeros in the columns that fill up the last panel.
#[derive(Debug, Clone, Default)]
pub(crate) struct Panels {
    depth: usize,
    columns: usize,
    lines: Vec<FloatLine>,
}

impl Panels {
    /// Packs the transpose of `rows` rows of `depth` values each: row r becomes column r.
    pub fn transposed(weights: &[f32], rows: usize, depth: usize) -> Self {
        let mut panels = Self::default();
        panels.pack_transposed(weights, depth, rows, depth);
        panels
    }

    /// Packs the transpose of `rows` rows, which begin `stride` apart, over what was there.
    pub fn pack_transposed(&mut self, values: &[f32], stride: usize, rows: usize, depth: usize) {
        for (p, panel) in self.size(depth, rows).chunks_exact_mut((depth * PANEL).max(1)).enumerate() {
            for j in 0..PANEL.min(rows - p * PANEL) {
                let row = &values[(p * PANEL + j) * stride..][..depth];
                for (t, &value) in row.iter().enumerate() {
                    panel[t * PANEL + j] = value;
                }
            }
        }
    }

    /// Packs `depth` rows of `columns` values, which begin `stride` apart, over what was there.
    pub fn pack(&mut self, values: &[f32], stride: usize, depth: usize, columns: usize) {
        for (p, panel) in self.size(depth, columns).chunks_exact_mut((depth * PANEL).max(1)).enumerate() {
            let width = PANEL.min(columns - p * PANEL);
            for (t, out) in panel.chunks_exact_mut(PANEL).enumerate() {
                out[..width].copy_from_slice(&values[t * stride + p * PANEL..][..width]);
            }
        }
    }

    /// Room for so much, all zero.
    fn size(&mut self, depth: usize, columns: usize) -> &mut [f32] {
        (self.depth, self.columns) = (depth, columns);
        self.lines.clear();
        self.lines.resize(depth * padded(columns) / (PANEL / 2), FloatLine::zeroed());
        bytemuck::cast_slice_mut(&mut self.lines)
    }

    fn values(&self) -> &[f32] {
        bytemuck::cast_slice(&self.lines)
    }
}

/// out = a · b + start, for `rows` rows: `start` is one row of padded(columns) values, or nothing for zero.
///
/// # Panics
/// If a slice is too short.
pub(crate) fn multiply(
    kernel: Kernel,
    (a, a_stride): (&[f32], usize),
    rows: usize,
    b: &Panels,
    start: Option<&[f32]>,
    (out, out_stride): (&mut [f32], usize),
) {
    const ZERO: [f32; PANEL] = [0.0; PANEL];
    let columns = padded(b.columns);
    if rows == 0 || columns == 0 {
        return;
    }
    assert!(b.depth <= a_stride && a.len() >= (rows - 1) * a_stride + b.depth, "the left factor is whole");
    assert!(out_stride >= columns && out.len() >= (rows - 1) * out_stride + columns, "the result is whole");
    assert!(start.is_none_or(|start| start.len() >= columns), "the start is whole");
    let panels = b.values();
    assert_eq!(panels.len(), b.depth * columns, "the panels are whole");

    let parts = b.depth.div_ceil(DEPTH).max(1);
    let part = b.depth.div_ceil(parts);
    for block in (0..rows).step_by(BLOCK) {
        let block_end = rows.min(block + BLOCK);
        for first in (0..b.depth.max(1)).step_by(part.max(1)) {
            let depth = part.min(b.depth - first);
            for column in (0..columns).step_by(PANEL) {
                for row in (block..block_end).step_by(kernel.rows()) {
                    let height = kernel.rows().min(block_end - row);
                    // SAFETY: rows stay under `rows`, columns under `columns` and depths under `b.depth`, for which the
                    // slices were found long enough; `out` is borrowed mutably and is no other argument.
                    unsafe {
                        let out = out.as_mut_ptr().add(row * out_stride + column);
                        let (from, from_stride) = match (first, start) {
                            (0, None) => (ZERO.as_ptr(), 0),
                            (0, Some(start)) => (start.as_ptr().add(column), 0),
                            _ => (out.cast_const(), out_stride),
                        };
                        let a = a.as_ptr().add(row * a_stride + first);
                        let b = panels.as_ptr().add(column * b.depth + first * PANEL);
                        let tile = Tile { a, a_stride, b, depth, from, from_stride, out, out_stride };
                        kernel.tile(height, tile);
                    }
                }
            }
        }
    }
}
