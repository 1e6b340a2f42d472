//! Water-filling: how a budget is shared by weights where some clusters are full before others (SPEC.md, section 4).

/// Larger than any cap, 2^16 · 2^40, and any budget, 2^48: the cap of a cluster that has none.
pub(super) const UNCAPPED: u64 = 1 << 57;

/// A budget shared by weights under caps.
#[derive(Debug, Clone)]
pub(super) struct Water<'a> {
    caps: &'a [u64],
    weights: &'a [u64],
    /// Clusters by (cap / weight, rank): the order in which they fill up.
    order: Vec<u32>,
    /// How many of these are full.
    pub full: usize,
    /// What the others share.
    left: u64,
    /// The sum of their weights.
    sum: u128,
}

impl<'a> Water<'a> {
    /// Shares `budget`, at most the sum of the caps, among clusters in rank order with weights over 0. O(k log k).
    pub fn new(caps: &'a [u64], weights: &'a [u64], budget: u64) -> Self {
        // Caps are at most 2^57 and weights under 2^64, so products are under 2^121.
        let product = |cap: u64, weight: u64| u128::from(cap) * u128::from(weight);
        let mut order: Vec<u32> = (0..caps.len() as u32).collect();
        order.sort_unstable_by(|&a, &b| {
            let (i, j) = (a as usize, b as usize);
            product(caps[i], weights[j]).cmp(&product(caps[j], weights[i])).then(a.cmp(&b))
        });
        let mut sum = weights.iter().map(|&weight| u128::from(weight)).sum::<u128>();
        let (mut left, mut full) = (budget, 0);
        for i in order.iter().map(|&c| c as usize) {
            // The sum of fewer than 2^32 weights whose mean is 2^32: under 2^65.
            if u128::from(caps[i]) * sum > u128::from(left) * u128::from(weights[i]) {
                break;
            }
            left -= caps[i];
            sum -= u128::from(weights[i]);
            full += 1;
        }
        Self { caps, weights, order, full, left, sum }
    }

    /// The share of each cluster, in rank order.
    pub fn draws(&self) -> Vec<f64> {
        let mut draws: Vec<f64> = self.caps.iter().map(|&cap| cap as f64).collect();
        for i in self.order[self.full..].iter().map(|&c| c as usize) {
            draws[i] = self.left as f64 * self.weights[i] as f64 / self.sum as f64;
        }
        draws
    }

    /// The shares as whole numbers whose sum is the budget: floors, then one more each by largest remainder, on
    /// ties of the lower rank.
    pub fn totals(&self) -> Vec<u64> {
        let mut totals = self.caps.to_vec();
        let mut rest = self.left;
        let mut remainders = Vec::with_capacity(self.order.len() - self.full);
        for &c in &self.order[self.full..] {
            let share = u128::from(self.left) * u128::from(self.weights[c as usize]);
            // At most `left`.
            let floor = (share / self.sum) as u64;
            totals[c as usize] = floor;
            rest -= floor;
            // The largest first.
            remainders.push((!(share % self.sum), c));
        }
        remainders.sort_unstable();
        for (_, c) in remainders.into_iter().take(rest as usize) {
            totals[c as usize] += 1;
        }
        totals
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shared_is_the_budget_and_no_cap_is_exceeded() {
        let (caps, weights) = ([5, 40, 300, 7, 9], [1, 1 << 33, 1 << 20, 1 << 63, 3]);
        for budget in 1..=361 {
            let water = Water::new(&caps, &weights, budget);
            let totals = water.totals();
            assert_eq!(totals.iter().sum::<u64>(), budget);
            assert!(totals.iter().zip(&caps).all(|(total, cap)| total <= cap), "{totals:?}");
            let near = |(total, draws): (&u64, &f64)| (*total as f64 - draws).abs() < 1.0;
            assert!(totals.iter().zip(&water.draws()).all(near), "{totals:?}, {:?}", water.draws());
        }
        assert_eq!(Water::new(&caps, &weights, 361).full, 5);
    }

    #[test]
    fn without_caps_the_shares_are_the_weights() {
        let water = Water::new(&[UNCAPPED; 2], &[1 << 31, 3 << 31], 1 << 48);
        assert_eq!((water.full, water.totals()), (0, vec![1 << 46, 3 << 46]));
    }
}
