//! Rows of f32 as bytes.

use super::tile::{DEPTH, Step};
use crate::gemm::Kernel;
use crate::lanes::{fold, join, vectorised};

/// Rows whose values lie closer together than this are taken for zero: what a step is worth stays a normal number.
const LEAST: f32 = 1e-30;

/// A left factor.
#[derive(Debug, Default)]
pub(crate) struct ByteRows {
    bytes: Vec<u8>,
    depth: usize,
    steps: Vec<Step>,
}

impl ByteRows {
    /// Takes in `rows` rows of `depth` values, which begin `stride` apart, over what was there.
    pub fn quantise(&mut self, kernel: Kernel, values: &[f32], stride: usize, rows: usize, depth: usize) {
        self.depth = depth.next_multiple_of(DEPTH);
        self.bytes.clear();
        self.bytes.resize(rows * self.depth, 0);
        self.steps.clear();
        for (bytes, values) in self.bytes.chunks_exact_mut(self.depth).zip(values.chunks(stride)) {
            self.steps.push(quantise(kernel, &values[..depth], &mut bytes[..depth]));
        }
    }

    /// The bytes of all rows, `depth` apart.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    pub(super) fn steps(&self) -> &[Step] {
        &self.steps
    }
}

vectorised! {
    /// Writes a row as steps from its least to its largest value, 0 being one of them, and says what they are worth.
    fn quantise(values: &[f32], bytes: &mut [u8]) -> Step {
        // Adding 1.5 · 2^23 rounds to an integer, which stands in the last bits.
        const ROUND: f32 = 12_582_912.0;
        let least = join(fold(values, 0.0, |a, b| if b < a { b } else { a }), |a, b| if b < a { b } else { a });
        let largest = join(fold(values, 0.0, |a, b| if b > a { b } else { a }), |a, b| if b > a { b } else { a });
        // Zero, or no number where one of the values is none or without bounds.
        let nothing = join(fold(values, 0.0, |a, x| x.mul_add(0.0, a)), |a, b| a + b);
        let span = largest - least + nothing;
        if !(LEAST..f32::INFINITY).contains(&span) {
            bytes.fill(0);
            return Step { scale: if span < LEAST { 0.0 } else { f32::NAN }, zero: 0 };
        }
        let steps = 255.0 / span;
        let place = |x: f32| x.mul_add(steps, ROUND).to_bits().wrapping_sub(ROUND.to_bits()) as i32;
        let zero = -place(least);
        for (byte, &x) in bytes.iter_mut().zip(values) {
            *byte = (place(x) + zero).clamp(0, 255) as u8;
        }
        Step { scale: span / 255.0, zero }
    }
}
