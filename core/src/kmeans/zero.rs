//! Rows of zeros: documents without features, among rows that were made elsewhere.

use super::blocks::{CHUNK, ReadBlock, blocks};
use super::error::KMeansError;
use crate::monitor::Monitor;
use crate::par;
use crate::rows::RowSource;

/// Which rows of a source are not clustered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// One flag a row; nothing where all are clustered.
    pub flags: Option<Vec<bool>>,
    /// Rows of zeros that no flag left out before.
    pub zero: u64,
}

/// Flags the rows of `source` that are all zero, besides those that are `left_out` already: there is no direction to
/// compare. One pass over the rows.
///
/// ```
/// use clusterclip_core::kmeans::zero_rows;
/// use clusterclip_core::monitor::Monitor;
/// use clusterclip_core::rows::SliceSource;
/// let source = SliceSource::new(&[0.0, 1.0, 0.0, 0.0, -0.0, 0.0], 2);
/// let found = zero_rows(&source, Some(vec![false, true, false]), &Monitor::silent())?;
/// assert_eq!((found.flags, found.zero), (Some(vec![false, true, true]), 1));
/// # Ok::<(), clusterclip_core::kmeans::KMeansError>(())
/// ```
///
/// # Errors
/// [`KMeansError`]: rows that cannot be read, flags for other rows than these, or the work was stopped.
pub fn zero_rows<S: RowSource>(
    source: &S,
    left_out: Option<Vec<bool>>,
    monitor: &Monitor<'_>,
) -> Result<LeftOut, KMeansError> {
    let n_samples = source.n_samples();
    if let Some(flags) = left_out.as_ref().filter(|flags| flags.len() as u64 != n_samples) {
        return Err(KMeansError::Mask { flags: flags.len(), n_samples });
    }
    let mut found = LeftOut { flags: left_out, zero: 0 };
    let mut blocks = blocks(source);
    while let Some(block) = ReadBlock::next(&mut blocks)? {
        monitor.check()?;
        let start = block.start as usize;
        let chunks = par::map(block.n_rows().div_ceil(CHUNK), |chunk| {
            let places = chunk * CHUNK..block.n_rows().min((chunk + 1) * CHUNK);
            places.filter(|&place| block.row(place).iter().all(|&value| value == 0.0)).collect::<Vec<_>>()
        });
        for place in chunks.into_iter().flatten() {
            // One flag a row is held in memory, so its number fits.
            let flags = found.flags.get_or_insert_with(|| vec![false; n_samples as usize]);
            found.zero += u64::from(!std::mem::replace(&mut flags[start + place], true));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::SliceSource;

    #[test]
    fn rows_of_zeros_are_found_in_every_block_and_nothing_else() {
        let n_features = 512;
        let mut rows = vec![0.5f32; 9000 * n_features];
        for row in [0, 63, 64, 4095, 4096, 8999] {
            rows[row * n_features..][..n_features].fill(0.0);
        }
        // Nearly zero, and none.
        rows[5 * n_features..][..n_features].fill(0.0);
        rows[6 * n_features - 1] = f32::from_bits(1);
        rows[7 * n_features..][..n_features].fill(f32::NAN);
        let source = SliceSource::new(&rows, n_features);
        let found = zero_rows(&source, None, &Monitor::silent()).unwrap();
        let flags = found.flags.unwrap();
        let zero: Vec<usize> = (0..9000).filter(|&row| flags[row]).collect();
        assert_eq!((zero, found.zero), (vec![0, 63, 64, 4095, 4096, 8999], 6));
        let all = SliceSource::new(&rows[n_features..3 * n_features], n_features);
        let none = zero_rows(&all, None, &Monitor::silent()).unwrap();
        assert_eq!(none, LeftOut { flags: None, zero: 0 });
        assert!(matches!(
            zero_rows(&all, Some(vec![true]), &Monitor::silent()),
            Err(KMeansError::Mask { flags: 1, n_samples: 2 })
        ));
    }
}
