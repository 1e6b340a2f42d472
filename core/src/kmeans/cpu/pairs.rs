//! How panels lie for kernels that multiply 16-bit numbers.
//!
//! Rows are not widened. Two offset bytes of a row (0..=126), the lower l and the upper h, are read as one number
//! x = l + 256 · h, and for the centroid's bytes c and e the panel holds c and e − 256 · c. Then
//! x · c + h · (e − 256 · c) = l · c + h · e: a shift of x is all that a row costs. The factors fit 16 bits
//! (126 · 257 = 32,382, 127 · 257 = 32,639), two products 32 bits; sums on the way may wrap, the score itself fits,
//! so it comes out right.

/// Centroids of a part of a panel.
const PART: usize = 4;

/// Bytes of a row that one load brings.
pub(super) const STEP: usize = 16;

/// Where in a panel the factor of a centroid's byte lies, counted in 16-bit numbers: panels are
/// `[part][lower, upper bytes][columns / 16][4 centroids][8]`.
pub(super) fn place(columns: usize, lane: usize, column: usize) -> usize {
    let (part, centroid) = (lane / PART, lane % PART);
    let step = (part * 2 + column % 2) * (columns / STEP) + column / STEP;
    (step * PART + centroid) * (STEP / 2) + column % STEP / 2
}

/// The two factors of a centroid's bytes `[c, e]`.
pub(super) fn factors(bytes: [i8; 2]) -> [i16; 2] {
    let [lower, upper] = bytes.map(i16::from);
    [lower, upper - 256 * lower]
}
