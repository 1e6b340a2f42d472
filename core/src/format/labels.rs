//! Labels from elsewhere: distinct labels are ranked to clusters 0, 1, 2, …
//!
//! Integers are ranked by value, strings by their bytes. Null and −1 are noise (the mark of density-based
//! clusterings): such a document has no cluster, is never drawn, and is counted.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;

use crate::error::{Explain, Kind, Names, Param};

/// The label of a document without a cluster.
pub const NOISE: i32 = -1;

/// Ranked labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranked<T> {
    /// The cluster of each label in the order of pushing, [`NOISE`] without one.
    pub labels: Vec<i32>,
    /// What each cluster was called, in rank order.
    pub names: Vec<T>,
    /// How many labels are noise.
    pub noise: u64,
}

/// More distinct labels than an i32 can number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub struct TooManyLabels;

impl Explain for TooManyLabels {
    fn kind(&self) -> Kind {
        Kind::Input
    }

    fn explain(&self, names: Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let column = names(Param::ClusterField);
        write!(
            f,
            "more than {} distinct labels; is the column of clusters the right one ({column})?",
            i32::MAX
        )
    }
}

crate::explained!(TooManyLabels);

/// Collects labels and ranks them.
///
/// ```
/// use clusterclip_core::format::labels::Ranker;
/// let mut ranker = Ranker::new();
/// for label in [Some(30), None, Some(-5), Some(30)] {
///     ranker.push(label.as_ref())?;
/// }
/// let ranked = ranker.finish();
/// assert_eq!(ranked.labels, [1, -1, 0, 1]);
/// assert_eq!((ranked.names, ranked.noise), (vec![-5, 30], 1));
/// # Ok::<(), clusterclip_core::format::labels::TooManyLabels>(())
/// ```
#[derive(Debug, Clone)]
pub struct Ranker<T> {
    /// Numbers in order of appearance, only ever looked up.
    numbers: HashMap<T, i32>,
    names: Vec<T>,
    labels: Vec<i32>,
    noise: u64,
}

impl<T> Default for Ranker<T> {
    fn default() -> Self {
        Self { numbers: HashMap::new(), names: Vec::new(), labels: Vec::new(), noise: 0 }
    }
}

impl<T: Ord + Hash + Clone> Ranker<T> {
    /// Begins without labels.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next label; `None` is noise. What means noise in a format (−1) is for the caller to tell.
    ///
    /// # Errors
    /// [`TooManyLabels`] beyond 2^31 − 1 distinct labels.
    pub fn push<Q>(&mut self, label: Option<&Q>) -> Result<(), TooManyLabels>
    where
        T: std::borrow::Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = T> + ?Sized,
    {
        let number = match label {
            None => {
                self.noise += 1;
                NOISE
            }
            Some(label) => match self.numbers.get(label) {
                Some(&number) => number,
                None => {
                    let number = i32::try_from(self.names.len()).map_err(|_| TooManyLabels)?;
                    let name = label.to_owned();
                    self.names.push(name.clone());
                    self.numbers.insert(name, number);
                    number
                }
            },
        };
        self.labels.push(number);
        Ok(())
    }

    /// Ranks what was pushed.
    pub fn finish(self) -> Ranked<T> {
        let mut names = self.names.clone();
        names.sort();
        let rank: HashMap<&T, i32> = names.iter().zip(0..).collect();
        let ranks: Vec<i32> = self.names.iter().map(|name| rank[name]).collect();
        Ranked { labels: relabel(self.labels, &ranks), names, noise: self.noise }
    }
}

impl Ranked<String> {
    /// Ranks labels that are all written as integers by value; `None` if any is not an integer that 128 bits hold.
    /// Different spellings of one integer (`7`, `+7`, `07`, with ASCII white space around) become one cluster.
    pub fn as_integers(&self) -> Option<Ranked<i128>> {
        // 128 bits: ids that are hashes do not fit 64 with a sign.
        let values: Vec<i128> =
            self.names.iter().map(|name| name.trim_ascii().parse().ok()).collect::<Option<_>>()?;
        let mut names = values.clone();
        names.sort_unstable();
        names.dedup();
        let ranks: Vec<i32> =
            values.iter().map(|value| names.partition_point(|name| name < value) as i32).collect();
        Some(Ranked { labels: relabel(self.labels.clone(), &ranks), names, noise: self.noise })
    }
}

fn relabel(mut labels: Vec<i32>, ranks: &[i32]) -> Vec<i32> {
    for label in &mut labels {
        if *label != NOISE {
            *label = ranks[*label as usize];
        }
    }
    labels
}

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
    use proptest::prelude::*;

    use super::*;
    use crate::error::said;

    fn rank(labels: &[Option<&str>]) -> Ranked<String> {
        let mut ranker = Ranker::new();
        for &label in labels {
            ranker.push(label).unwrap();
        }
        ranker.finish()
    }

    #[test]
    fn too_many_labels_name_the_parameter_by_the_callers_name() {
        let said = said(&TooManyLabels, |param| format!("--{param:?}")).to_string();
        assert_eq!(
            said,
            "more than 2147483647 distinct labels; is the column of clusters the right one (--ClusterField)?"
        );
        assert!(TooManyLabels.to_string().ends_with("the right one (cluster_field)?"));
    }

    #[test]
    fn strings_rank_by_bytes_and_integers_by_value() {
        let ranked = rank(&[Some("10"), Some("9"), None, Some("2")]);
        assert_eq!(ranked.labels, [0, 2, -1, 1]);
        assert_eq!(ranked.noise, 1);
        let ranked = ranked.as_integers().unwrap();
        assert_eq!(ranked.labels, [2, 1, -1, 0]);
        assert_eq!(ranked.names, [2, 9, 10]);
        assert_eq!(rank(&[Some("10"), Some("b")]).as_integers(), None);
    }

    #[test]
    fn spellings_of_one_integer_are_one_cluster() {
        let ranked = rank(&[Some("07"), Some("7"), Some("-3")]).as_integers().unwrap();
        assert_eq!((ranked.labels, ranked.names), (vec![1, 1, 0], vec![-3, 7]));
        let ranked = rank(&[Some(" 07\t"), Some("7")]).as_integers().unwrap();
        assert_eq!((ranked.labels, ranked.names), (vec![0, 0], vec![7]));
        // Only ASCII white space is any, whatever Unicode a compiler knows.
        assert_eq!(rank(&[Some("\u{a0}7")]).as_integers(), None);
    }

    #[test]
    fn integers_beyond_64_bits_rank_by_value() {
        let ranked = rank(&[Some("18446744073709551615"), Some("9"), Some("-9223372036854775809")]);
        assert_eq!(ranked.labels, [1, 2, 0], "by bytes");
        let ranked = ranked.as_integers().unwrap();
        assert_eq!(ranked.labels, [2, 1, 0]);
        assert_eq!(ranked.names, [i128::from(i64::MIN) - 1, 9, i128::from(u64::MAX)]);
    }

    #[test]
    fn rows_are_found_and_gaps_and_repeats_are_told() {
        assert_eq!(places_by_row(&[2, 0]), Ok(vec![Some(1), None, Some(0)]));
        assert_eq!(places_by_row(&[]), Ok(vec![]));
        assert_eq!(places_by_row(&[1, 1]), Err(RowsError::Twice { row: 1 }));
        assert!(matches!(places_by_row(&[u64::MAX]), Err(RowsError::Sparse { .. })));
    }

    proptest! {
        #[test]
        fn ranks_keep_the_order_of_labels(values in prop::collection::vec(any::<i64>(), 0..200)) {
            let mut ranker = Ranker::new();
            for value in &values {
                ranker.push(Some(value)).unwrap();
            }
            let ranked = ranker.finish();
            for (value, label) in values.iter().zip(&ranked.labels) {
                prop_assert_eq!(&ranked.names[*label as usize], value);
            }
            prop_assert!(ranked.names.is_sorted());
        }
    }
}
