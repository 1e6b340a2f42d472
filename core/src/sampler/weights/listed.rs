//! Weights from a list, as a file holds them: one row a cluster.

use super::{Weight, Weights, WeightsError, is_clip, is_weight};

/// One row of a list of weights.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ListedWeight {
    /// The cluster's index.
    pub cluster: u64,
    /// Its weight: finite, at least 0.
    pub weight: f64,
    /// Its own clip, 1 to [`super::MAX_CLIP`]; `None` where it is that of all.
    pub clip: Option<u64>,
}

impl Weights {
    /// Takes the rows of a list. `sizes` are the documents of each cluster, (n_clusters,): a cluster that has some
    /// must be listed once, rows of empty clusters are passed over.
    ///
    /// ```
    /// use clusterclip_core::sampler::{ListedWeight, Weights};
    /// let row = |cluster, weight, clip| ListedWeight { cluster, weight, clip };
    /// let weights = Weights::listed(&[5, 0, 3], &[row(2, 0.5, None), row(0, 1.0, Some(2))])?;
    /// assert_eq!((weights.get(0), weights.clip(0)), (1.0, Some(2)));
    /// assert_eq!((weights.get(2), weights.clip(2)), (0.5, None));
    /// let error = Weights::listed(&[5, 0, 3], &[row(2, 0.5, None)]).unwrap_err();
    /// assert_eq!(error.to_string(), "weights: cluster 0 has 5 documents and no weight; a weight of 0 leaves it out");
    /// # Ok::<(), clusterclip_core::sampler::WeightsError>(())
    /// ```
    ///
    /// # Errors
    /// A cluster that is missing, unknown or listed twice; a weight that is negative, infinite or NaN; a clip out
    /// of its range; each with its row, from 0.
    pub fn listed(sizes: &[u64], rows: &[ListedWeight]) -> Result<Self, WeightsError> {
        let mut found: Vec<Option<(u64, Weight)>> = vec![None; sizes.len()];
        for (row, &ListedWeight { cluster, weight, clip }) in (0u64..).zip(rows) {
            let clusters = sizes.len() as u64;
            let Some(index) = usize::try_from(cluster).ok().filter(|&index| index < sizes.len()) else {
                return Err(WeightsError::UnknownCluster { row, cluster, clusters });
            };
            if sizes[index] == 0 {
                continue;
            }
            if !is_weight(weight) {
                let weight = weight.to_string();
                return Err(WeightsError::NoWeight { row: Some(row), cluster, weight });
            }
            if let Some(clip) = clip.filter(|&clip| !is_clip(clip)) {
                return Err(WeightsError::ClipOutOfRange { row, cluster, clip });
            }
            if let Some((first, _)) = found[index].replace((row, Weight { weight, clip })) {
                return Err(WeightsError::Twice { row, first, cluster });
            }
        }
        let given = (0u64..).zip(found).zip(sizes).map(|((cluster, found), &size)| match found {
            Some((_, weight)) => Ok(weight),
            None if size == 0 => Ok(Weight { weight: 0.0, clip: None }),
            None => Err(WeightsError::Missing { cluster, size }),
        });
        Ok(Self(Some(given.collect::<Result<_, _>>()?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cluster: u64, weight: f64) -> ListedWeight {
        ListedWeight { cluster, weight, clip: None }
    }

    #[test]
    fn what_is_wrong_with_a_list_is_told_with_its_place() {
        let said = |rows: &[ListedWeight]| Weights::listed(&[2, 1, 0], rows).unwrap_err().to_string();
        assert_eq!(
            said(&[row(0, 1.0)]),
            "weights: cluster 1 has 1 document and no weight; a weight of 0 leaves it out"
        );
        assert_eq!(
            said(&[row(0, 1.0), row(3, 1.0)]),
            "weights: row 1 names cluster 3; there are 3 clusters, from 0"
        );
        assert_eq!(
            said(&[row(0, 1.0), row(1, 1.0), row(0, 2.0)]),
            "weights: row 2 names cluster 0, as row 0 does; list each cluster once"
        );
        assert_eq!(
            said(&[row(1, 1.0), row(0, -0.5)]),
            "weights: row 1: cluster 0 has -0.5; a weight is a finite number, at least 0"
        );
        let clip = ListedWeight { clip: Some(0), ..row(0, 1.0) };
        assert_eq!(said(&[clip]), "weights: row 0: cluster 0 has clip 0; must be from 1 to 65536");
    }

    #[test]
    fn rows_of_empty_clusters_are_passed_over() {
        let weights = Weights::listed(&[2, 0], &[row(1, f64::NAN), row(0, 3.0), row(1, -1.0)]).unwrap();
        assert_eq!([weights.get(0), weights.get(1)], [3.0, 0.0]);
    }
}
