//! Attention of one sequence.

use clusterclip_core::monitor::{CancelFlag, Cancelled};

use crate::gemm::{Kernel, Panels, multiply, padded};
use crate::lanes;

/// Queries that are scored together: their scores stay in the second cache.
const QUERIES: usize = 96;

/// The heads of a layer.
pub(super) struct Heads<'a> {
    pub count: usize,
    /// Width of the states.
    pub width: usize,
    /// What a head takes off its scores for each place of distance.
    pub slopes: &'a [f32],
}

/// Buffers, kept between calls.
#[derive(Default)]
pub(super) struct Room {
    keys: Panels,
    values: Panels,
    scores: Vec<f32>,
    mixed: Vec<f32>,
}

impl Heads<'_> {
    /// Writes Σ softmax(q · k − slope · distance) v of each head to its columns of `out`.
    ///
    /// `qkv` holds queries, keys and values of `length` tokens side by side, padded(3 · width) apart; `out` has rows of
    /// padded(width).
    pub fn attend(
        &self,
        kernel: Kernel,
        qkv: &[f32],
        length: usize,
        out: &mut [f32],
        room: &mut Room,
        cancel: &CancelFlag,
    ) -> Result<(), Cancelled> {
        let (stride, out_stride) = (padded(3 * self.width), padded(self.width));
        let (head, score_stride) = (self.width / self.count, padded(length));
        let mixed_stride = padded(head);
        for (h, &slope) in self.slopes.iter().enumerate().take(self.count) {
            let column = h * head;
            room.keys.pack_transposed(&qkv[self.width + column..], stride, length, head);
            room.values.pack(&qkv[2 * self.width + column..], stride, length, head);
            for first in (0..length).step_by(QUERIES) {
                cancel.check()?;
                let rows = QUERIES.min(length - first);
                room.scores.resize(rows * score_stride, 0.0);
                room.mixed.resize(rows * mixed_stride, 0.0);
                let queries = &qkv[first * stride + column..];
                multiply(kernel, (queries, stride), rows, &room.keys, None, (&mut room.scores, score_stride));
                let mut sums = [0.0; QUERIES];
                let scored = room.scores.chunks_exact_mut(score_stride).zip(&mut sums);
                for (i, (scores, sum)) in scored.enumerate() {
                    let scores = &mut scores[..length];
                    if slope != 0.0 {
                        lanes::slope_down(kernel, scores, (first + i) as i32, slope);
                    }
                    *sum = lanes::softmax(kernel, scores);
                }
                let weights = (&room.scores[..], score_stride);
                multiply(kernel, weights, rows, &room.values, None, (&mut room.mixed, mixed_stride));
                let mixed = room.mixed.chunks_exact(mixed_stride).zip(&sums);
                let out = out[first * out_stride..].chunks_exact_mut(out_stride);
                for (out, (mixed, &sum)) in out.zip(mixed) {
                    lanes::scale_into(kernel, &mixed[..head], 1.0 / sum, &mut out[column..column + head]);
                }
            }
        }
        Ok(())
    }
}

/// The slopes of ALiBi (Press et al., 2022): 2^(−8 (h + 1) / n) for a power of two n of heads; for others those of the
/// next lower power, then every second one of the power above.
pub(super) fn slopes(heads: usize) -> Vec<f32> {
    let power = 1 << heads.ilog2();
    let of = |n: usize, h: usize| two_to_minus(8.0 * (h + 1) as f64 / n as f64);
    let rest = (0..heads - power).map(|h| of(2 * power, 2 * h));
    (0..power).map(|h| of(power, h)).chain(rest).collect()
}

/// 2^−x for x from 0 to 8: roots of two by halving, exactly rounded operations all.
fn two_to_minus(x: f64) -> f32 {
    let (mut whole, mut part) = (1.0f64, x.fract());
    for _ in 0..x as u32 {
        whole *= 0.5;
    }
    let mut root = 0.5f64;
    // x is a multiple of 2^−10 at most 2^8 heads; each bit of its fraction is one root.
    while part > 0.0 {
        root = root.sqrt();
        part *= 2.0;
        if part >= 1.0 {
            whole *= root;
            part -= 1.0;
        }
    }
    whole as f32
}

#[cfg(test)]
mod tests {
    use super::slopes;

    #[test]
    fn slopes_are_the_published_ones_for_eight_and_twelve_heads() {
        let eight: Vec<f32> = (1..=8).map(|h| 1.0 / (1 << h) as f32).collect();
        assert_eq!(slopes(8), eight);
        let half = std::f32::consts::FRAC_1_SQRT_2;
        let more = [half, half / 2.0, half / 4.0, half / 8.0];
        assert_eq!(slopes(12), [&eight[..], &more].concat());
        assert_eq!(slopes(1), [1.0 / 256.0]);
    }
}
