//! Products of matrices in bytes, for `int8`.
//!
//! A row of the left factor is 256 steps between its least and its largest value (0 among them); a column of the right
//! factor is packed once, as −127 to 127 times a scale of its own. Sums of their products are exact integers, and what
//! makes f32 of them is exactly rounded: so tiles, kernels and the number of rows change no bit.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "aarch64")]
mod neon;
mod portable;
mod rows;
#[cfg(test)]
mod tests;
mod tile;

use bytemuck::{Pod, Zeroable};

use crate::gemm::{Kernel, PANEL, padded};
use tile::{DEPTH, GROUP, Tile};

pub(crate) use rows::ByteRows;

/// A group of each of 16 columns, on a cache line of its own.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C, align(64))]
struct ByteLine([i8; 16 * GROUP]);

/// A right factor in panels of [`PANEL`] columns, zeros in the columns and depths that fill it up.
///
/// A panel holds, group after group of the depth, the four bytes of each of its columns.
#[derive(Debug, Clone)]
pub(crate) struct BytePanels {
    /// A multiple of [`DEPTH`].
    depth: usize,
    lines: Vec<ByteLine>,
    /// Of each column: what a step is worth, and the sum of its bytes.
    scales: Vec<f32>,
    sums: Vec<i32>,
}

impl BytePanels {
    /// Packs the transpose of `rows` rows of `depth` values each: row r becomes column r.
    pub fn transposed(weights: &[f32], rows: usize, depth: usize) -> Self {
        let (filled, columns) = (depth.next_multiple_of(DEPTH), padded(rows));
        let mut lines = vec![ByteLine::zeroed(); filled * columns / size_of::<ByteLine>()];
        let (mut scales, mut sums) = (vec![0.0; columns], vec![0; columns]);
        let panels: &mut [i8] = bytemuck::cast_slice_mut(&mut lines);
        for (column, row) in weights.chunks_exact(depth).take(rows).enumerate() {
            let largest = row.iter().fold(0.0f32, |most, x| most.max(x.abs()));
            let steps = if largest > 0.0 { 127.0 / largest } else { 0.0 };
            scales[column] = largest / 127.0;
            let panel = &mut panels[column / PANEL * PANEL * filled..][..PANEL * filled];
            for (t, x) in row.iter().enumerate() {
                let byte = (x * steps).round_ties_even() as i8;
                panel[(t / GROUP * PANEL + column % PANEL) * GROUP + t % GROUP] = byte;
                sums[column] += i32::from(byte);
            }
        }
        Self { depth: filled, lines, scales, sums }
    }
}

/// What multiplies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Engine {
    /// `vpdpbusd` on 512 bits.
    #[cfg(target_arch = "x86_64")]
    Avx512Vnni,
    /// `vpdpbusd` on 256 bits.
    #[cfg(target_arch = "x86_64")]
    AvxVnni,
    /// `vpmaddwd` on 256 bits.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// `sdot`.
    #[cfg(target_arch = "aarch64")]
    Dotprod,
    /// Plain Rust.
    Portable,
}

impl Engine {
    /// The fastest one of this processor that goes with `kernel`.
    fn of(kernel: Kernel) -> Self {
        Self::all(kernel).next().unwrap_or(Self::Portable)
    }

    /// Those of this processor that go with `kernel`, the fastest first.
    fn all(kernel: Kernel) -> impl Iterator<Item = Self> {
        let faster: [Option<Self>; 3] = match kernel {
            #[cfg(target_arch = "x86_64")]
            Kernel::Avx512 | Kernel::Avx2 => {
                use std::arch::is_x86_feature_detected as has;
                [
                    (kernel == Kernel::Avx512 && has!("avx512vnni")).then_some(Self::Avx512Vnni),
                    has!("avxvnni").then_some(Self::AvxVnni),
                    Some(Self::Avx2),
                ]
            }
            #[cfg(target_arch = "aarch64")]
            Kernel::Neon => {
                [std::arch::is_aarch64_feature_detected!("dotprod").then_some(Self::Dotprod), None, None]
            }
            Kernel::Portable => [None; 3],
        };
        faster.into_iter().flatten().chain([Self::Portable])
    }

    /// Rows of a tile.
    fn rows(self) -> usize {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512Vnni => avx512::ROWS,
            #[cfg(target_arch = "x86_64")]
            Self::AvxVnni => avx2::VNNI_ROWS,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => avx2::ROWS,
            #[cfg(target_arch = "aarch64")]
            Self::Dotprod => neon::ROWS,
            Self::Portable => portable::ROWS,
        }
    }

    /// Multiplies a tile of `rows` rows, at most [`Engine::rows`], by one panel.
    ///
    /// # Safety
    /// As [`Tile`] says, and the processor has the instructions.
    #[inline]
    unsafe fn tile(self, rows: usize, tile: Tile) {
        // SAFETY: the caller's promise.
        unsafe {
            match self {
                #[cfg(target_arch = "x86_64")]
                Self::Avx512Vnni => avx512::tile(rows, tile),
                #[cfg(target_arch = "x86_64")]
                Self::AvxVnni => avx2::vnni(rows, tile),
                #[cfg(target_arch = "x86_64")]
                Self::Avx2 => avx2::tile(rows, tile),
                #[cfg(target_arch = "aarch64")]
                Self::Dotprod => neon::tile(rows, tile),
                Self::Portable => portable::tile(rows, tile),
            }
        }
    }
}

/// out = a · b + start: `start` is one row of padded(columns) values, or nothing for zero.
///
/// # Panics
/// If a slice is too short, or the depths differ.
pub(crate) fn multiply(
    kernel: Kernel,
    a: &ByteRows,
    b: &BytePanels,
    start: Option<&[f32]>,
    out: (&mut [f32], usize),
) {
    multiply_with(Engine::of(kernel), a, b, start, out);
}

fn multiply_with(
    engine: Engine,
    a: &ByteRows,
    b: &BytePanels,
    start: Option<&[f32]>,
    (out, out_stride): (&mut [f32], usize),
) {
    const ZERO: [f32; PANEL] = [0.0; PANEL];
    let (rows, columns, depth) = (a.steps().len(), b.scales.len(), b.depth);
    if rows == 0 || columns == 0 {
        return;
    }
    assert!(a.depth() == depth && a.bytes().len() == rows * depth, "the left factor is whole");
    assert!(out_stride >= columns && out.len() >= (rows - 1) * out_stride + columns, "the result is whole");
    assert!(start.is_none_or(|start| start.len() >= columns), "the start is whole");
    let panels: &[i8] = bytemuck::cast_slice(&b.lines);
    assert!(panels.len() == depth * columns && b.sums.len() == columns, "the panels are whole");
    for column in (0..columns).step_by(PANEL) {
        for row in (0..rows).step_by(engine.rows()) {
            let height = engine.rows().min(rows - row);
            // SAFETY: rows stay under `rows`, columns under `columns`, for which the slices were found long enough;
            // `out` is borrowed mutably and is no other argument; engines are those of this processor.
            unsafe {
                let tile = Tile {
                    a: a.bytes().as_ptr().add(row * depth),
                    steps: a.steps().as_ptr().add(row),
                    b: panels.as_ptr().add(column * depth),
                    depth,
                    scales: b.scales.as_ptr().add(column),
                    sums: b.sums.as_ptr().add(column),
                    start: start.map_or(ZERO.as_ptr(), |start| start.as_ptr().add(column)),
                    out: out.as_mut_ptr().add(row * out_stride + column),
                    out_stride,
                };
                engine.tile(height, tile);
            }
        }
    }
}
