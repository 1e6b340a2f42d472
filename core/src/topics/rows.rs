//! Rows of a matrix over clusters, on all cores.

use super::TopicsError;
use crate::monitor::Monitor;
use crate::par;

/// Rows between two looks at the cancel flag: of 32,768 products of 768 bytes each, a few milliseconds.
const BLOCK: usize = 4;

/// Computes something for each row, and looks at the cancel flag in between.
pub(super) fn by_rows<T: Send>(
    rows: usize,
    monitor: &Monitor<'_>,
    of_row: impl Fn(usize) -> T + Send + Sync,
) -> Result<Vec<T>, TopicsError> {
    let cancel = monitor.cancel_flag();
    let blocks = par::map(rows.div_ceil(BLOCK), |block| {
        cancel.check()?;
        Ok((block * BLOCK..rows.min((block + 1) * BLOCK)).map(&of_row).collect::<Vec<_>>())
    });
    let mut all = Vec::with_capacity(rows);
    for block in blocks {
        all.extend(block.map_err(TopicsError::Cancelled)?);
    }
    Ok(all)
}
