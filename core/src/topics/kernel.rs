//! A kernel over the distances between clusters: their density, and effective topics.

use super::rows::by_rows;
use super::{Likeness, Spread, TopicsError};
use crate::keys::hash;
use crate::monitor::Monitor;
use crate::sampler::{Temperature, WeightRule, Weights};

/// The most clusters that density is computed for.
pub const MAX_DENSITY_CLUSTERS: u64 = 1 << 15;

/// The most clusters whose pairs give the kernel's width.
const WIDTH_CLUSTERS: usize = 1 << 12;

/// Says how much two clusters have in common, from 0 to 1: exp(−(D / h)²) of the distance D = 1 − cosine.
///
/// The width h is the distance that a tenth of the pairs do not exceed, so that it suits rows of any mean cosine.
#[derive(Debug, Clone)]
pub struct Kernel<'a> {
    likeness: &'a Likeness,
    width: f64,
}

impl<'a> Kernel<'a> {
    /// Finds the width.
    ///
    /// # Errors
    /// Cancelled.
    pub fn new(likeness: &'a Likeness, monitor: &Monitor<'_>) -> Result<Self, TopicsError> {
        let mut ranks: Vec<usize> = (0..likeness.len()).collect();
        if ranks.len() > WIDTH_CLUSTERS {
            let mut keyed: Vec<(u64, u64)> =
                (0..likeness.len() as u64).map(|c| (hash(&[14, c]), c)).collect();
            keyed.sort_unstable();
            ranks = keyed.into_iter().take(WIDTH_CLUSTERS).map(|(_, rank)| rank as usize).collect();
        }
        let distances = by_rows(ranks.len(), monitor, |i| {
            ranks[i + 1..].iter().map(|&j| likeness.distance(ranks[i], j)).collect::<Vec<_>>()
        })?;
        let mut distances = distances.concat();
        let nth = distances.len().div_ceil(10);
        let width = match nth {
            0 => 0.0,
            _ => *distances.select_nth_unstable_by(nth - 1, f64::total_cmp).1,
        };
        Ok(Self { likeness, width })
    }

    /// Takes back what [`Kernel::width`] gave for the same clusters: to find it takes long.
    pub fn of_width(likeness: &'a Likeness, width: f64) -> Self {
        Self { likeness, width }
    }

    /// h: the distance at which two clusters have 1/e in common. 0 where a tenth of the centroids coincide.
    pub fn width(&self) -> f64 {
        self.width
    }

    /// Z of two clusters, by rank.
    #[inline]
    fn common(&self, a: usize, b: usize) -> f64 {
        if a == b {
            return 1.0;
        }
        let distance = self.likeness.distance(a, b);
        if self.width == 0.0 {
            return if distance == 0.0 { 1.0 } else { 0.0 };
        }
        let ratio = distance / self.width;
        libm::exp(-(ratio * ratio))
    }

    /// Weights by density: 1 / Σ Z, which is large for clusters that have little in common with others, times a
    /// factor under 1 for tight ones, which are often near copies.
    ///
    /// # Errors
    /// Over [`MAX_DENSITY_CLUSTERS`] clusters; not one sum of the spread for each cluster; cancelled.
    pub fn weights(
        &self,
        spread: &Spread,
        temperature: Temperature,
        monitor: &Monitor<'_>,
    ) -> Result<Weights, TopicsError> {
        let (likeness, rule) = (self.likeness, WeightRule::Density);
        let (clusters, limit) = (likeness.len() as u64, MAX_DENSITY_CLUSTERS);
        if clusters > limit {
            return Err(TopicsError::TooManyClusters { rule, clusters, limit });
        }
        if spread.sums().len() != likeness.n_clusters() {
            let (found, expected) = (spread.sums().len() as u64, likeness.n_clusters() as u64);
            return Err(TopicsError::Shape { what: "sums of the spread", found, of: "clusters", expected });
        }
        let masses = by_rows(likeness.len(), monitor, |c| {
            (0..likeness.len()).fold(0.0, |sum, j| sum + self.common(c, j))
        })?;
        let factors = spread.factors(likeness.clusters());
        let (mut weights, mut sizes) = (vec![0.0; likeness.n_clusters()], vec![0; likeness.n_clusters()]);
        for ((&(cluster, size), mass), factor) in likeness.clusters().iter().zip(masses).zip(factors) {
            weights[cluster as usize] = temperature.soften(1.0 / mass * factor);
            sizes[cluster as usize] = size;
        }
        Ok(Weights::computed(weights.into_iter(), &sizes))
    }

    /// The effective number of topics of some draws, each of shape (n_clusters,): how many topics that have nothing in
    /// common would be as diverse (similarity-sensitive diversity of order 1, Leinster and Cobbold 2012). Draws of
    /// empty clusters do not count; without any draw it is 0.
    ///
    /// It ranks orders over one clustering of rows of meaning; across clusterings and embedders it means nothing.
    ///
    /// # Errors
    /// More numbers than clusters; cancelled.
    pub fn effective_topics(&self, draws: &[&[f64]], monitor: &Monitor<'_>) -> Result<Vec<f64>, TopicsError> {
        let likeness = self.likeness;
        let mut shares = Vec::with_capacity(draws.len());
        for draws in draws {
            if draws.len() > likeness.n_clusters() {
                let (found, expected) = (draws.len() as u64, likeness.n_clusters() as u64);
                return Err(TopicsError::Shape { what: "numbers of draws", found, of: "clusters", expected });
            }
            let ranked: Vec<f64> = likeness
                .clusters()
                .iter()
                .map(|&(c, _)| draws.get(c as usize).copied().unwrap_or(0.0))
                .collect();
            let whole: f64 = ranked.iter().sum();
            shares.push(ranked.into_iter().map(|draws| draws / whole).collect::<Vec<_>>());
        }
        // p · ln (Z p) of each cluster and each of the shares.
        let terms = by_rows(likeness.len(), monitor, |c| {
            let mut common = vec![0.0; shares.len()];
            for j in 0..likeness.len() {
                let z = self.common(c, j);
                for (common, shares) in common.iter_mut().zip(&shares) {
                    *common += z * shares[j];
                }
            }
            let term = |(common, shares): (f64, &Vec<f64>)| match shares[c] {
                share if share > 0.0 => share * libm::log(common),
                _ => 0.0,
            };
            common.into_iter().zip(&shares).map(term).collect::<Vec<_>>()
        })?;
        let topics = (0..shares.len()).map(|i| {
            let drawn = shares[i].iter().any(|&share| share > 0.0);
            let sum = terms.iter().fold(0.0, |sum, terms| sum + terms[i]);
            if drawn { libm::exp(-sum) } else { 0.0 }
        });
        Ok(topics.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kmeans::Centroids;
    use crate::sampler::DENSITY_TEMPERATURE;

    #[test]
    fn too_many_clusters_for_density_name_the_remedy() {
        let k = MAX_DENSITY_CLUSTERS as usize + 1;
        let monitor = Monitor::silent();
        let centroids = Centroids::from_parts(1, vec![1; 64 * k], vec![0; k]).unwrap();
        let likeness = Likeness::new(&centroids, &vec![1; k], &monitor).unwrap();
        // To find a width takes long.
        let kernel = Kernel { likeness: &likeness, width: 1.0 };
        let spread = Spread::from_sums(vec![0; k]);
        assert_eq!(
            kernel.weights(&spread, DENSITY_TEMPERATURE, &monitor).unwrap_err().to_string(),
            "weights density: 32769 clusters are over its limit of 32768; use weights equal, or fewer clusters"
        );
    }
}
