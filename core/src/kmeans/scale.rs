//! The fixed scale of rows and centroids: SPEC.md, 1.1 and 1.2.

/// The most features a row may have: scores of longer rows would leave i32 (63 · 127 · P + |b| < 2^31).
pub const MAX_FEATURES: usize = 1 << 18;

/// Rows are padded to a multiple of this many columns.
const COLUMNS: usize = 64;

/// Bytes of a row lie in −63..=63: 7 bits, so that AVX2's byte products cannot saturate.
pub(super) const ROW_LIMIT: f32 = 63.0;

/// Bytes of a centroid lie in −127..=127.
pub(super) const CENTROID_LIMIT: f64 = 127.0;

/// How many deviations of a typical rotated component the byte range spans.
const SPREAD: f64 = 5.3;

/// Bytes of a quantised row of `n_features` features.
pub(super) fn columns_of(n_features: usize) -> usize {
    n_features.next_multiple_of(COLUMNS)
}

/// s of SPEC.md, 1.1: what brings a row of `columns` values, rotated in runs of `block`, to bytes.
pub(super) fn shrink(columns: usize, block: usize) -> f32 {
    let root = (block as f64).sqrt();
    let passes = if columns > block { block as f64 } else { root };
    (f64::from(ROW_LIMIT) * (columns as f64).sqrt() / SPREAD / passes) as f32
}

/// K of SPEC.md, 1.2: what brings a direction of `columns` components to bytes.
pub(super) fn stretch(columns: usize) -> f64 {
    CENTROID_LIMIT * (columns as f64).sqrt() / SPREAD
}
