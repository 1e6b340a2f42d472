//! What a kernel is given: a few rows by one panel.

/// Columns of a panel.
pub(crate) const PANEL: usize = 32;

/// `columns` rounded up to whole panels: the stride of everything that is multiplied.
pub(crate) const fn padded(columns: usize) -> usize {
    columns.next_multiple_of(PANEL)
}

/// Calls the function that is compiled for so many rows: their sums stay in registers.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
macro_rules! by_height {
    ($rows:expr, $of:ident($tile:expr), $($height:literal)*) => {
        match $rows {
            $($height => $of::<$height>($tile),)*
            _ => $of::<1>($tile),
        }
    };
}

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
pub(crate) use by_height;

/// A tile: out[i][j] = from[i][j] + Σ a[i][t] · b[t][j], j under [`PANEL`], t under `depth`.
///
/// `a` can be read at i · a_stride + t, `b` at t · PANEL + j, `from` at i · from_stride + j, and `out` can be written at
/// i · out_stride + j, for all of the tile's rows i. `from` may be `out`; a stride of 0 gives each row the same start.
#[derive(Clone, Copy)]
pub(super) struct Tile {
    pub a: *const f32,
    pub a_stride: usize,
    pub b: *const f32,
    pub depth: usize,
    pub from: *const f32,
    pub from_stride: usize,
    pub out: *mut f32,
    pub out_stride: usize,
}
