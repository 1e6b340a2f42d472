//! Ranking: labels become clusters, and some of them noise.

mod noise;

use std::collections::HashMap;

use self::noise::Noise;
use super::NOISE;
use super::error::LabelError;
use super::number::{NULLS, Number, number};

/// A label as a file has it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'a> {
    /// None at all.
    Null,
    /// An integer of any size.
    Integer(i128),
    /// A float; NaN is null.
    Float(f64),
    /// Text, which may spell a number.
    Text(&'a str),
}

/// What noise is, and what becomes of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    /// The labels that are noise, besides null, and no others; `None` is −1.
    pub noise: Option<Vec<String>>,
    /// Whether noise is one cluster, after all others; otherwise such documents have none.
    pub one_cluster: bool,
}

/// Ranked labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The cluster of each label in the order of pushing, [`NOISE`] without one.
    pub labels: Vec<i32>,
    /// What each cluster was called, in rank order.
    pub names: Vec<String>,
    /// How many labels are noise, whatever becomes of them.
    pub noise: u64,
    /// What a person should know.
    pub warnings: Vec<LabelWarning>,
}

/// What a person should know of labels.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LabelWarning {
    /// Most labels are numbers, and one that is none makes strings of all.
    Mixed {
        /// The first that is no number.
        label: String,
        /// Where it is.
        place: u64,
    },
    /// A word for nothing is the name of a cluster, since other labels are names too.
    NullName {
        /// The word.
        label: String,
        /// Where it came first.
        place: u64,
    },
    /// A label that was said to be noise is not there.
    Absent {
        /// The label.
        label: String,
    },
}

/// What noise is called where it is a cluster.
const NOISE_NAME: &str = "noise";

/// A distinct label.
#[derive(Debug, Clone)]
enum Label {
    Integer(i128),
    Text(Box<str>),
}

impl Label {
    fn number(&self) -> Option<Number> {
        match self {
            Self::Integer(whole) => Some(Number::Whole(*whole)),
            Self::Text(text) => number(text),
        }
    }

    fn is_null_word(&self) -> bool {
        matches!(self, Self::Text(text) if NULLS.contains(&text.trim_ascii()))
    }

    fn spelled(&self) -> String {
        match self {
            Self::Integer(whole) => whole.to_string(),
            Self::Text(text) => text.to_string(),
        }
    }
}

/// Collects labels and ranks them.
///
/// ```
/// use clusterclip_core::format::labels::{Cell, Ranker, Rules};
/// let mut ranker = Ranker::default();
/// for (row, label) in (0..).zip([Cell::Integer(30), Cell::Null, Cell::Float(5.0), Cell::Text("30"), Cell::Integer(-1)]) {
///     ranker.push(label, row)?;
/// }
/// let found = ranker.finish(&Rules::default())?;
/// assert_eq!(found.labels, [1, -1, 0, 1, -1]);
/// assert_eq!((found.names, found.noise), (vec!["5".to_owned(), "30".to_owned()], 2));
/// # Ok::<(), clusterclip_core::format::labels::LabelError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Ranker {
    /// Numbers in order of appearance, only ever looked up.
    integers: HashMap<i128, i32>,
    texts: HashMap<Box<str>, i32>,
    /// The label of each number, and where it came first.
    distinct: Vec<(Label, u64)>,
    labels: Vec<i32>,
}

impl Ranker {
    /// Takes the next label; `place` is what errors say of it, a line or a row.
    ///
    /// # Errors
    /// [`LabelError`] for a number that is not whole, and beyond 2^31 − 1 distinct labels.
    pub fn push(&mut self, cell: Cell<'_>, place: u64) -> Result<(), LabelError> {
        let next = || i32::try_from(self.distinct.len()).map_err(|_| LabelError::TooMany);
        let mut new = None;
        let number = match cell {
            Cell::Null => NOISE,
            Cell::Float(value) if value.is_nan() => NOISE,
            Cell::Text(text) if text.trim_ascii().is_empty() => NOISE,
            // Below this every float that is whole fits.
            Cell::Float(value) if value.fract() == 0.0 && value.abs() < 1.7e38 => {
                return self.push(Cell::Integer(value as i128), place);
            }
            Cell::Float(value) => return Err(LabelError::Fraction { value, place }),
            Cell::Integer(whole) => match self.integers.get(&whole) {
                Some(&number) => number,
                None => {
                    new = Some(Label::Integer(whole));
                    *self.integers.entry(whole).or_insert(next()?)
                }
            },
            Cell::Text(text) => match self.texts.get(text) {
                Some(&number) => number,
                None => {
                    new = Some(Label::Text(text.into()));
                    *self.texts.entry(text.into()).or_insert(next()?)
                }
            },
        };
        self.distinct.extend(new.map(|label| (label, place)));
        self.labels.push(number);
        Ok(())
    }

    /// Ranks what was pushed.
    ///
    /// # Errors
    /// [`LabelError::Negative`].
    pub fn finish(self, rules: &Rules) -> Result<Found, LabelError> {
        let Self { distinct, labels, .. } = self;
        let said = |(label, place): &(Label, u64)| (label.spelled(), *place);
        let named = || distinct.iter().filter(|(label, _)| !label.is_null_word());
        let mut warnings = Vec::new();
        let mut noise = Noise::new(rules);
        let (ranks, mut names) = if named().all(|(label, _)| matches!(label.number(), Some(Number::Whole(_))))
        {
            let values: Vec<Option<i128>> = distinct
                .iter()
                .map(|(label, place)| match label.number() {
                    Some(Number::Whole(value)) => noise.integer(value, *place),
                    _ => {
                        // A word for nothing is noise whatever is listed.
                        noise.name(label);
                        Ok(None)
                    }
                })
                .collect::<Result<_, _>>()?;
            ranked(&values)
        } else {
            let numbers = named().filter(|(label, _)| label.number().is_some()).count();
            let all_numbers = numbers == named().count();
            let other = named().find(|(label, _)| label.number().is_none());
            // Noise is -1 among names too.
            let noise_among = named().filter(|(label, _)| label.number() == Some(Number::Whole(-1))).count();
            let most = 2 * (numbers - noise_among) > named().count() - noise_among;
            if let Some((label, place)) = other.filter(|_| most).map(said) {
                warnings.push(LabelWarning::Mixed { label, place });
            }
            let texts: Vec<Option<String>> = distinct
                .iter()
                .map(|(label, place)| {
                    if noise.name(label) || label.is_null_word() && all_numbers {
                        return None;
                    }
                    if label.is_null_word() {
                        let (label, place) = (label.spelled(), *place);
                        warnings.push(LabelWarning::NullName { label, place });
                    }
                    Some(label.spelled())
                })
                .collect();
            ranked(&texts)
        };
        warnings.extend(noise.absent());
        let apart = if rules.one_cluster { names.len() as i32 } else { NOISE };
        let mut count = 0;
        let rank = |&number: &i32| match number {
            NOISE => NOISE,
            number => ranks[number as usize],
        };
        let labels: Vec<i32> = labels
            .iter()
            .map(rank)
            .map(|rank| {
                count += u64::from(rank == NOISE);
                if rank == NOISE { apart } else { rank }
            })
            .collect();
        if rules.one_cluster && count > 0 {
            names.push(NOISE_NAME.to_owned());
        }
        Ok(Found { labels, names, noise: count, warnings })
    }
}

/// The rank of each value, [`NOISE`] for none, and the names of the ranks.
fn ranked<T: Ord + Clone + ToString>(values: &[Option<T>]) -> (Vec<i32>, Vec<String>) {
    let mut sorted: Vec<&T> = values.iter().flatten().collect();
    sorted.sort_unstable();
    sorted.dedup();
    // No more than labels, so an i32 holds them.
    let rank = |value: &T| sorted.partition_point(|&other| other < value) as i32;
    let ranks = values.iter().map(|value| value.as_ref().map_or(NOISE, rank)).collect();
    (ranks, sorted.into_iter().map(T::to_string).collect())
}

#[cfg(test)]
mod tests;
