//! Weights of clusters: which share of the draws each one gets (SPEC.md, section 4).

mod error;
mod fixed;
mod listed;
mod temperature;

pub use error::WeightsError;
pub(super) use fixed::{UNIT, fixed};
pub use listed::ListedWeight;
pub use temperature::{DENSITY_TEMPERATURE, SIZE_TEMPERATURE, Temperature};

use std::sync::Arc;

use super::tokens::cluster_tokens;
use super::{MAX_CLIP, Members, SamplerError};
use crate::monitor::Monitor;

/// The weight of each cluster, (n_clusters,), and the clip of each that has its own. Only ratios of weights count.
///
/// A weight of 0 leaves the cluster out: its documents count as without a cluster. Weights of empty clusters mean
/// nothing. Equal weights, the default, give the orders of section 3.
///
/// ```
/// use clusterclip_core::sampler::{Budget, Members, Options, Sampler, Weights};
/// let members = Members::from_labels(&[0, 1, 1, 1, 2, 2, 2, 2, 2])?;
/// let weights = Weights::new(&[1.0, 2.0, 1.0])?;
/// let options = Options { weights, clip: Some(2), budget: Budget::Documents(9), ..Options::default() };
/// let sampler = Sampler::new(members.sizes(), options)?;
/// let rows: Vec<u64> = sampler.iter().map(|draw| members.row(&draw)).collect();
/// assert_eq!(rows, [1, 2, 5, 3, 4, 0, 3, 2, 0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Weights(Option<Arc<[Weight]>>);

/// What one cluster is given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Weight {
    /// Finite, at least 0.
    pub weight: f64,
    /// From 1 to [`MAX_CLIP`]; `None` where it is that of all.
    pub clip: Option<u64>,
}

// Weights are finite, so each equals itself.
impl Eq for Weights {}

/// A weight that is computed is at least this, so that it leaves no cluster out: 2^-1000.
const LEAST: f64 = f64::from_bits(23 << 52);

impl Weights {
    /// The same for every cluster: the default.
    pub const EQUAL: Self = Self(None);

    /// Takes a weight for each cluster, by its index.
    ///
    /// ```
    /// use clusterclip_core::sampler::Weights;
    /// let error = Weights::new(&[1.0, f64::NAN]).unwrap_err();
    /// assert_eq!(error.to_string(), "weights: cluster 1 has NaN; a weight is a finite number, at least 0");
    /// ```
    ///
    /// # Errors
    /// A weight that is negative, infinite or NaN, with its cluster.
    pub fn new(weights: &[f64]) -> Result<Self, WeightsError> {
        let weights = (0u64..).zip(weights).map(|(cluster, &weight)| match is_weight(weight) {
            true => Ok(Weight { weight, clip: None }),
            false => Err(WeightsError::NoWeight { row: None, cluster, weight: weight.to_string() }),
        });
        Ok(Self(Some(weights.collect::<Result<_, _>>()?)))
    }

    /// Weights by the clusters' sizes s: exp((ln s − ln s_max) / T). A temperature of 1 draws as random does, a
    /// larger one nearer to equal.
    ///
    /// ```
    /// use clusterclip_core::sampler::{SIZE_TEMPERATURE, Weights};
    /// let weights = Weights::by_size(&[400, 0, 100], SIZE_TEMPERATURE);
    /// assert_eq!(weights.get(0), 1.0);
    /// assert!((weights.get(2) - 0.5).abs() < 1e-15);
    /// ```
    pub fn by_size(sizes: &[u64], temperature: Temperature) -> Self {
        let largest = libm::log(sizes.iter().copied().max().unwrap_or(0) as f64);
        let of_size = |&size: &u64| match size {
            0 => 0.0,
            _ => libm::exp((libm::log(size as f64) - largest) / temperature.get()),
        };
        Self::computed(sizes.iter().map(of_size), sizes)
    }

    /// Computed weights of the clusters with these sizes: kept from vanishing where a cluster has documents.
    pub(crate) fn computed(weights: impl Iterator<Item = f64>, sizes: &[u64]) -> Self {
        let kept = |(weight, &size): (f64, &u64)| Weight {
            weight: if size > 0 { weight.clamp(LEAST, f64::MAX) } else { 0.0 },
            clip: None,
        };
        Self(Some(weights.zip(sizes).map(kept).collect()))
    }

    /// Divides each weight by the mean tokens of its cluster's documents (at least 1), so that tokens, not
    /// documents, are shared by the weights. `counts` gives the tokens of a document row, `None` where they are not
    /// known. Clusters of weight 0 need no counts.
    ///
    /// ```
    /// use clusterclip_core::monitor::Monitor;
    /// use clusterclip_core::sampler::{Members, Weights};
    /// let members = Members::from_labels(&[0, 0, 1])?;
    /// let tokens = [Some(10), Some(30), Some(5)];
    /// let counts = |row| tokens[row as usize];
    /// let weights = Weights::EQUAL.even_in_tokens(&members, counts, &Monitor::silent())?;
    /// assert_eq!([weights.get(0), weights.get(1)], [1.0 / 20.0, 1.0 / 5.0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A document without a count (named, the first); a cluster without a weight; cancelled.
    pub fn even_in_tokens(
        &self,
        members: &Members,
        counts: impl Fn(u64) -> Option<u32>,
        monitor: &Monitor<'_>,
    ) -> Result<Self, SamplerError> {
        let sizes = members.sizes();
        self.check_shape(sizes)?;
        let missing = |row| WeightsError::TokensMissing { row }.into();
        let tokens = cluster_tokens(members, self, &counts, missing, monitor)?;
        let divided = (0..).zip(sizes).zip(tokens).map(|((cluster, &size), tokens)| {
            let given = self.of(cluster);
            // An empty cluster has no mean, and no tokens.
            let mean = (tokens as f64 / size.max(1) as f64).max(1.0);
            let weight = if given.weight > 0.0 { (given.weight / mean).max(LEAST) } else { 0.0 };
            Weight { weight, ..given }
        });
        Ok(Self(Some(divided.collect())))
    }

    /// Whether nothing was asked for: every cluster has the same weight and no clip of its own.
    pub fn is_default(&self) -> bool {
        self.0.is_none()
    }

    /// The weight of a cluster: 1 where all are equal, 0 for a cluster that none was given for.
    pub fn get(&self, cluster: usize) -> f64 {
        self.of(cluster).weight
    }

    /// Its own clip, if it has one.
    pub fn clip(&self, cluster: usize) -> Option<u64> {
        self.of(cluster).clip
    }

    /// Whether some cluster has its own clip.
    pub fn has_clips(&self) -> bool {
        self.0.iter().flat_map(|weights| weights.iter()).any(|weight| weight.clip.is_some())
    }

    pub(super) fn of(&self, cluster: usize) -> Weight {
        match &self.0 {
            None => Weight { weight: 1.0, clip: None },
            Some(weights) => weights.get(cluster).copied().unwrap_or(Weight { weight: 0.0, clip: None }),
        }
    }

    /// Checks that each cluster has a weight. Those of clusters after the last one that has documents do no harm.
    pub(super) fn check_shape(&self, sizes: &[u64]) -> Result<(), SamplerError> {
        match &self.0 {
            Some(weights) if weights.len() < sizes.len() => {
                let (weights, clusters) = (weights.len() as u64, sizes.len() as u64);
                Err(SamplerError::WeightsShape { weights, clusters })
            }
            _ => Ok(()),
        }
    }
}

fn is_weight(weight: f64) -> bool {
    weight.is_finite() && weight >= 0.0
}

fn is_clip(clip: u64) -> bool {
    (1..=MAX_CLIP).contains(&clip)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_computed_weight_is_two_to_the_minus_1000() {
        assert_eq!(LEAST, libm::ldexp(1.0, -1000));
        let cold = Temperature::new(1e-9).unwrap();
        let weights = Weights::by_size(&[1, 0, 1 << 40], cold);
        assert_eq!([0, 1, 2].map(|cluster| weights.get(cluster)), [LEAST, 0.0, 1.0]);
    }

    #[test]
    fn a_temperature_of_one_draws_as_random_does() {
        let weights = Weights::by_size(&[1, 2, 4], Temperature::new(1.0).unwrap());
        let error = [0.25, 0.5, 1.0].iter().enumerate().map(|(c, w)| (weights.get(c) - w).abs());
        assert!(error.fold(0.0, f64::max) < 1e-15);
    }

    #[test]
    fn no_weight_at_all_for_a_number_that_is_none() {
        for bad in [f64::NAN, f64::INFINITY, -1.0, -1e-300] {
            let message = Weights::new(&[1.0, 0.0, bad]).unwrap_err().to_string();
            assert_eq!(
                message,
                format!("weights: cluster 2 has {bad}; a weight is a finite number, at least 0")
            );
        }
        assert_eq!(Weights::new(&[-0.0]).unwrap().get(0), 0.0);
    }
}
