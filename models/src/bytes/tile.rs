//! What an engine is given: a few rows by one panel.

/// Bytes of a row or column that one instruction multiplies and adds up.
pub(super) const GROUP: usize = 4;

/// Depths are filled up with zeros to a multiple of this: a register of 128 bits.
pub(super) const DEPTH: usize = 16;

/// What becomes of a row's sums: (sum − zero · column's sum) · scale · column's scale.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Step {
    /// What a step is worth.
    pub scale: f32,
    /// The step that 0 has.
    pub zero: i32,
}

/// A tile: out[i][j] = (Σ a[i][t] · b[t][j] − zero[i] · sum[j]) · (scale[i] · scale[j]) + start[j], j under [`PANEL`](crate::gemm::PANEL),
/// t under `depth`.
///
/// `a` can be read at i · depth + t and `steps` at i, `b` as a panel of `depth`, `scales`, `sums` and `start` at j, and
/// `out` can be written at i · out_stride + j, for all of the tile's rows i.
#[derive(Clone, Copy)]
pub(super) struct Tile {
    pub a: *const u8,
    pub steps: *const Step,
    pub b: *const i8,
    pub depth: usize,
    pub scales: *const f32,
    pub sums: *const i32,
    pub start: *const f32,
    pub out: *mut f32,
    pub out_stride: usize,
}
