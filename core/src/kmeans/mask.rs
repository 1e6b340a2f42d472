//! Which rows of a source are clustered: all but the featureless ones.

use super::blocks::ReadBlock;
use super::error::KMeansError;

/// The label of a row without a cluster.
pub(super) const NO_CLUSTER: i32 = -1;

/// The rows that are clustered.
#[derive(Clone, Copy)]
pub(super) struct Mask<'a> {
    featureless: Option<&'a [bool]>,
    n_samples: u64,
    /// How many rows are clustered.
    pub n_clustered: u64,
}

impl<'a> Mask<'a> {
    /// Takes the rows that `featureless` does not flag.
    ///
    /// # Errors
    /// When there is not one flag for each row.
    pub fn new(n_samples: u64, featureless: Option<&'a [bool]>) -> Result<Self, KMeansError> {
        let n_clustered = match featureless {
            None => n_samples,
            Some(flags) if flags.len() as u64 != n_samples => {
                return Err(KMeansError::Mask { flags: flags.len(), n_samples });
            }
            Some(flags) => flags.iter().filter(|&&flag| !flag).count() as u64,
        };
        Ok(Self { featureless, n_samples, n_clustered })
    }

    /// The places in `block` of the rows that are clustered.
    pub fn places(&self, block: &ReadBlock<'_>) -> Vec<usize> {
        let places = 0..block.n_rows();
        match self.featureless {
            // One flag a row is held in memory, so a row number of the source fits usize here.
            Some(flags) => places.filter(|&place| !flags[block.start as usize + place]).collect(),
            None => places.collect(),
        }
    }

    /// Labels of all rows of the source, from those of the clustered ones.
    pub fn spread(&self, clustered: Vec<u32>) -> Vec<i32> {
        // Labels are under 2^31, and the collect reuses the memory of the labels that come in.
        let Some(flags) = self.featureless.filter(|_| self.n_clustered < self.n_samples) else {
            return clustered.into_iter().map(|label| label as i32).collect();
        };
        let mut clustered = clustered.into_iter();
        let label = |&flag: &bool| if flag { None } else { clustered.next() };
        flags.iter().map(label).map(|label| label.map_or(NO_CLUSTER, |label| label as i32)).collect()
    }
}
