//! Numbers of at most 1 as integers, so that sums are exact.

/// 2^32: what components and similarities are multiplied by before they are rounded to integers.
pub(super) const UNIT: f64 = 4_294_967_296.0;

/// Added, it rounds an f64 of at most 2^32 in size half to even and leaves it in the lower bits: here the last bit is
/// worth 1.
const ROUND: f64 = 6_755_399_441_055_744.0;

/// round(f64(value) · 2^32), for a value of at most 1 in size (and little more, as a rounded cosine may be).
#[inline(always)]
pub(super) fn fixed(value: f32) -> i64 {
    (f64::from(value) * UNIT + ROUND).to_bits().wrapping_sub(ROUND.to_bits()) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_round_half_to_even() {
        let small = |halves: i32| halves as f32 * f32::from_bits((127 - 33) << 23);
        let found: Vec<i64> = [-5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5].map(|n| fixed(small(n))).to_vec();
        assert_eq!(found, [-2, -2, -2, -1, 0, 0, 0, 1, 2, 2, 2]);
        assert_eq!([1.0, -1.0, 0.5].map(fixed), [1 << 32, -(1 << 32), 1 << 31]);
    }
}
