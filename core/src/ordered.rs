//! Floats as integers of the same order.
//!
//! What is sorted by floats is sorted as pairs of such an integer and a number, wherever that is no matter of speed:
//! each other kind of sorting is several kilobytes more for a browser to load.

/// An integer that compares as [`f64::total_cmp`] does.
pub fn ordered(value: f64) -> u64 {
    let bits = value.to_bits();
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_compare_as_their_floats() {
        let values =
            [f64::NAN, f64::INFINITY, 1.5, 1e-310, 0.0, -0.0, -1e-310, -2.0, f64::NEG_INFINITY, -f64::NAN];
        for a in values {
            for b in values {
                assert_eq!(ordered(a).cmp(&ordered(b)), a.total_cmp(&b), "{a} {b}");
            }
        }
    }
}
