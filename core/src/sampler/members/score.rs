//! Members in the order of their scores.

use super::Members;
use super::rows::{Part, RowNumbers, offsets};
use crate::keys::mix;
use crate::ordered::ordered;
use crate::sampler::{SamplerError, Weights};

/// That members are sorted by score, and a hash of their order: what [`crate::sampler::Options::scores`] takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ScoreOrder(u64);

impl ScoreOrder {
    pub(in crate::sampler) fn digest(self) -> u64 {
        self.0
    }
}

impl Members {
    /// Sorts each cluster's documents by their scores, (n_samples,): the highest first, then those without one; equal
    /// ones by row. Every epoch then takes them in this order. Clusters of weight 0 take no part in what is returned.
    ///
    /// ```
    /// use clusterclip_core::sampler::{Members, Options, Sampler, Weights};
    /// let mut members = Members::from_labels(&[0, 0, 0, 0])?;
    /// let scores = members.sort_by_score(&[Some(0.2), None, Some(0.9), Some(0.2)], &Weights::EQUAL)?;
    /// let sampler = Sampler::new(members.sizes(), Options { scores: Some(scores), ..Options::default() })?;
    /// assert_eq!(sampler.iter().map(|draw| members.row(&draw)).collect::<Vec<_>>(), [2, 0, 3, 1]);
    /// # Ok::<(), clusterclip_core::sampler::SamplerError>(())
    /// ```
    ///
    /// # Errors
    /// Not one score for each row; a score that is NaN, with its row.
    pub fn sort_by_score(
        &mut self,
        scores: &[Option<f64>],
        weights: &Weights,
    ) -> Result<ScoreOrder, SamplerError> {
        if scores.len() as u64 != self.n_rows {
            return Err(SamplerError::ScoresShape { scores: scores.len() as u64, rows: self.n_rows });
        }
        if let Some(row) = scores.iter().position(|score| score.is_some_and(f64::is_nan)) {
            return Err(SamplerError::ScoreNotANumber { row: row as u64 });
        }
        // The highest first; -0 is 0, and nothing is under every score.
        let keyed = |row: u64| (scores[row as usize].map_or(u64::MAX, |score| !ordered(score + 0.0)), row);
        let offsets = offsets(&self.sizes);
        let mut rows = RowNumbers::new(self.n_clustered as usize, self.n_rows);
        let (mut digest, mut members) = (0, Vec::new());
        for (cluster, &offset) in offsets[..self.sizes.len()].iter().enumerate() {
            members.clear();
            members.extend(self.rows_of(cluster).map(keyed));
            members.sort_unstable();
            (offset..).zip(&members).for_each(|(place, &(_, row))| rows.set(place, row));
            if weights.get(cluster) > 0.0 {
                digest = members.iter().fold(digest, |h, &(_, row)| mix(h ^ row));
            }
        }
        self.parts = vec![Part { base: 0, offsets, rows }];
        Ok(ScoreOrder(digest))
    }
}
