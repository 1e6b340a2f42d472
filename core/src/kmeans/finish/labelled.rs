//! The rows that have a label, read once.

use crate::kmeans::blocks::{ReadBlock, blocks};
use crate::kmeans::error::KMeansError;
use crate::monitor::{Event, Monitor, Stage};
use crate::rows::RowSource;

/// Hands out, block by block, the unit rows of those that have a label (not −1): the block's first row, the unit rows,
/// and the place in the block and the label of each. Half of [`Stage::Finish`]: `before` rows of the other half are done.
///
/// # Panics
/// If there is not one label for each row, or the rows have no features.
pub(super) fn for_each_labelled<S: RowSource>(
    source: &S,
    labels: &[i32],
    before: u64,
    monitor: &Monitor<'_>,
    mut take: impl FnMut(u64, &[f32], &[(usize, usize)]) -> Result<(), KMeansError>,
) -> Result<(), KMeansError> {
    assert_eq!(labels.len() as u64, source.n_samples(), "one label for each row");
    let mut units = Vec::new();
    let mut blocks = blocks(source);
    while let Some(block) = ReadBlock::next(&mut blocks)? {
        monitor.check()?;
        let labels = labels[block.start as usize..][..block.n_rows()].iter().enumerate();
        let labelled: Vec<(usize, usize)> =
            labels.filter_map(|(place, &label)| Some((place, usize::try_from(label).ok()?))).collect();
        block.units(|i| labelled[i].0, labelled.len(), &mut units)?;
        take(block.start, &units, &labelled)?;
        let done = before + block.start + block.n_rows() as u64;
        monitor.emit(Event::Progress { stage: Stage::Finish, done: done / 2 });
    }
    Ok(())
}
