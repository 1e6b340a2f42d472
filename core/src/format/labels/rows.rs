//! A column that says which row each label belongs to.

use crate::error::Kind;

/// Why a column of rows cannot say which row each label belongs to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RowsError {
    /// A row is given twice.
    #[error("row {row} is given twice")]
    Twice {
        /// Which row.
        row: u64,
    },
    /// The highest row is so high that most rows would have no label.
    #[error("row {row} is given by {given} labels: more than 15 of 16 rows would have none")]
    Sparse {
        /// The highest row.
        row: u64,
        /// How many labels there are.
        given: usize,
    },
}

crate::nameless!(RowsError, Kind::Input);

/// Below this many rows any gaps are allowed: they take little memory.
const ALWAYS_ROWS: u64 = 1 << 20;

/// Says which place of the input each row's value has; `None` for a row that is not given.
///
/// # Errors
/// [`RowsError`] if the rows are not unique or leave gaps too large to hold.
pub fn places_by_row(rows: &[u64]) -> Result<Vec<Option<u32>>, RowsError> {
    let Some(&highest) = rows.iter().max() else { return Ok(Vec::new()) };
    let limit = (rows.len() as u64).saturating_mul(16).max(ALWAYS_ROWS).min(u64::from(u32::MAX));
    if highest >= limit {
        return Err(RowsError::Sparse { row: highest, given: rows.len() });
    }
    let mut places = vec![None; highest as usize + 1];
    for (place, &row) in (0u32..).zip(rows) {
        if places[row as usize].replace(place).is_some() {
            return Err(RowsError::Twice { row });
        }
    }
    Ok(places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_and_gaps_and_repeats_are_told() {
        assert_eq!(places_by_row(&[2, 0]), Ok(vec![Some(1), None, Some(0)]));
        assert_eq!(places_by_row(&[]), Ok(vec![]));
        assert_eq!(places_by_row(&[1, 1]), Err(RowsError::Twice { row: 1 }));
        assert!(matches!(places_by_row(&[u64::MAX]), Err(RowsError::Sparse { .. })));
    }
}
