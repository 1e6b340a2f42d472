//! Weights as integers: SPEC.md, section 4, fixed point.

/// The weight of a cluster that is drawn once a round: 2^32.
pub(in crate::sampler) const UNIT: u64 = 1 << 32;

/// Brings weights over 0 to integers whose mean is [`UNIT`]: (n_clusters_left,), in rank order. Equal ones are
/// exactly [`UNIT`], and none is under 1.
pub(in crate::sampler) fn fixed(weights: &[f64]) -> Vec<u64> {
    let Some(&first) = weights.first() else { return Vec::new() };
    if weights.iter().all(|&weight| weight == first) {
        return vec![UNIT; weights.len()];
    }
    let most = weights.iter().fold(0.0, |most: f64, &weight| most.max(weight));
    let sum = weights.iter().fold(0.0, |sum, weight| sum + weight / most);
    let count = weights.len() as f64;
    // g ≤ sum, so that a weight is at most count · 2^32, and there are less than 2^32 clusters.
    let scaled = |weight: &f64| (weight / most / sum * count * UNIT as f64).round_ties_even();
    weights.iter().map(|weight| (scaled(weight) as u64).max(1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_weights_of_any_value_are_the_unit() {
        for weight in [1.0, 0.1, 1e-300, 5e-324, f64::MAX] {
            assert_eq!(fixed(&[weight; 7]), [UNIT; 7]);
        }
        assert!(fixed(&[]).is_empty());
    }

    #[test]
    fn a_weight_that_underflows_is_one() {
        let weights = fixed(&[1.0, 1e-300, f64::MAX]);
        assert_eq!(weights, [1, 1, 3 * UNIT]);
    }
}
