//! What the weights make of the clusters: who takes part, how much of the draws and how often.

use std::borrow::Cow;

use super::water::{UNCAPPED, Water};
use super::weights::{UNIT, Weight, fixed};
use super::{Options, SamplerError};

/// What one cluster that takes part is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Share {
    /// Draws a round, times 2^32: at least 1, 2^32 on average.
    pub weight: u64,
    /// Most repetitions of its documents; `None` without a clip.
    pub clip: Option<u64>,
}

impl Share {
    /// How often a cluster of this size may be drawn: at most 2^16 · 2^40.
    pub fn cap(self, size: u64) -> u64 {
        self.clip.map_or(UNCAPPED, |clip| clip * size)
    }
}

/// The clusters that take part.
pub(super) struct Shares<'a> {
    /// Documents by the cluster's index; 0 for those left out.
    pub sizes: Cow<'a, [u64]>,
    /// Documents of clusters that are left out.
    pub left_out: u64,
    /// In rank order; `None` where all clusters have the same weight and clip, as in section 3.
    pub by_rank: Option<Vec<Share>>,
}

impl<'a> Shares<'a> {
    /// Resolves the weights of clusters with these sizes; `clip` is that of clusters without their own.
    ///
    /// # Errors
    /// A cluster without a weight; no weight over 0 of a cluster that has documents.
    pub fn new(sizes: &'a [u64], options: &Options, clip: Option<u64>) -> Result<Self, SamplerError> {
        let weights = &options.weights;
        if weights.is_default() {
            return Ok(Self { sizes: sizes.into(), left_out: 0, by_rank: None });
        }
        weights.check_shape(sizes)?;
        let takes_part = |cluster: usize| weights.get(cluster) > 0.0;
        let kept: Vec<u64> =
            sizes.iter().enumerate().map(|(i, &size)| if takes_part(i) { size } else { 0 }).collect();
        let sum = |sizes: &[u64]| sizes.iter().fold(0u64, |sum, &size| sum.saturating_add(size));
        let left_out = sum(sizes) - sum(&kept);
        if left_out > 0 && sum(&kept) == 0 {
            return Err(SamplerError::WeightsAllZero { documents: left_out });
        }
        let ranked: Vec<_> =
            (0..).zip(&kept).filter(|&(_, &size)| size > 0).map(|(i, _)| weights.of(i)).collect();
        let fixed = fixed(&ranked.iter().map(|given| given.weight).collect::<Vec<_>>());
        let even = fixed.iter().all(|&weight| weight == UNIT) && ranked.iter().all(|w| w.clip.is_none());
        let by_rank = (!even).then(|| {
            let share = |(given, weight): (&Weight, u64)| Share { weight, clip: given.clip.or(clip) };
            ranked.iter().zip(fixed).map(share).collect()
        });
        Ok(Self { sizes: kept.into(), left_out, by_rank })
    }
}

/// What clusters of these sizes are given so that the mix of a budget is the same all along, and how often each is
/// drawn, both in rank order.
pub(super) fn unimax(
    sizes: impl Iterator<Item = u64> + Clone,
    shares: Option<&[Share]>,
    clip: Option<u64>,
    budget: u64,
) -> (Vec<Share>, Vec<u64>) {
    let equal = Share { weight: UNIT, clip };
    let shares: Vec<Share> = shares.map_or_else(|| sizes.clone().map(|_| equal).collect(), <[Share]>::to_vec);
    let caps: Vec<u64> = shares.iter().zip(sizes).map(|(share, size)| share.cap(size)).collect();
    let weights: Vec<u64> = shares.iter().map(|share| share.weight).collect();
    let totals = Water::new(&caps, &weights, budget).totals();
    let unit = (shares.len() as u128) << 32;
    // At most the budget, so a weight is at most K · 2^32.
    let weight = |total: u64| ((u128::from(total) * unit / u128::from(budget)) as u64).max(1);
    let shares = shares.iter().zip(&totals).map(|(share, &total)| Share { weight: weight(total), ..*share });
    (shares.collect(), totals)
}
