//! Ranking: labels become clusters, and some of them noise.

use std::collections::HashMap;

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
                    _ => Ok(None),
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
                    if label.is_null_word() && all_numbers || noise.name(label) {
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

/// What is noise, and what was met of it.
struct Noise<'a> {
    listed: Option<&'a [String]>,
    met: Vec<bool>,
}

impl<'a> Noise<'a> {
    fn new(rules: &'a Rules) -> Self {
        let listed = rules.noise.as_deref();
        Self { listed, met: vec![false; listed.map_or(0, <[String]>::len)] }
    }

    /// An integer, unless it is noise.
    fn integer(&mut self, value: i128, place: u64) -> Result<Option<i128>, LabelError> {
        let Some(listed) = self.listed else {
            return match value {
                -1 => Ok(None),
                ..-1 => Err(LabelError::Negative { label: value, place }),
                _ => Ok(Some(value)),
            };
        };
        let is = |label: &String| number(label) == Some(Number::Whole(value));
        Ok((!Self::meet(listed, &mut self.met, is)).then_some(value))
    }

    /// Whether a label among strings is noise.
    fn name(&mut self, label: &Label) -> bool {
        let value = label.number().filter(|value| *value != Number::Other);
        let Some(listed) = self.listed else { return value == Some(Number::Whole(-1)) };
        let spelled = label.spelled();
        let is = |other: &String| *other == spelled || value.is_some() && number(other) == value;
        Self::meet(listed, &mut self.met, is)
    }

    fn meet(listed: &[String], met: &mut [bool], is: impl Fn(&String) -> bool) -> bool {
        let mut any = false;
        for (label, met) in listed.iter().zip(met) {
            if is(label) {
                (*met, any) = (true, true);
            }
        }
        any
    }

    fn absent(self) -> impl Iterator<Item = LabelWarning> {
        let labels = self.listed.unwrap_or_default().iter().zip(self.met).filter(|(_, met)| !met);
        labels.map(|(label, _)| LabelWarning::Absent { label: label.clone() })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rank_by(labels: &[Cell<'_>], rules: &Rules) -> Result<Found, LabelError> {
        let mut ranker = Ranker::default();
        for (place, &label) in (0..).zip(labels) {
            ranker.push(label, place)?;
        }
        ranker.finish(rules)
    }

    fn texts(labels: &[&str]) -> Found {
        let labels: Vec<Cell<'_>> = labels.iter().map(|label| Cell::Text(label)).collect();
        rank_by(&labels, &Rules::default()).unwrap()
    }

    fn listing(noise: &[&str], one_cluster: bool) -> Rules {
        Rules { noise: Some(noise.iter().map(|&label| label.to_owned()).collect()), one_cluster }
    }

    #[test]
    fn strings_rank_by_bytes_and_integers_by_value() {
        let found = texts(&["10", "9", "", "2"]);
        assert_eq!((found.labels, found.noise), (vec![2, 1, -1, 0], 1));
        assert_eq!(found.names, ["2", "9", "10"]);
        let found = texts(&["10", "b", "9", "B"]);
        assert_eq!((found.labels, found.names.join(" ")), (vec![0, 3, 1, 2], "10 9 B b".to_owned()));
        // Ids that are hashes do not fit 64 bits with a sign.
        let found = texts(&["18446744073709551615", "9", "10"]);
        assert_eq!(found.labels, [2, 0, 1]);
    }

    #[test]
    fn spellings_of_one_integer_are_one_cluster() {
        let found = texts(&["07", "7", " 7.0\t", "+7", "3"]);
        assert_eq!((found.labels, found.names), (vec![1, 1, 1, 1, 0], vec!["3".to_owned(), "7".to_owned()]));
    }

    #[test]
    fn every_spelling_of_nothing_is_noise_among_numbers() {
        let words = ["nan", "NaN", "null", "NULL", "None", "NA", "N/A", "<NA>", "", "  ", " nan "];
        for word in words {
            let found = texts(&["1", word, "2", "-1", "-1.0", "-1e0"]);
            assert_eq!((found.labels, found.noise), (vec![0, -1, 1, -1, -1, -1], 4), "{word:?}");
            assert!(found.warnings.is_empty());
            // Numbers that are not whole are numbers too.
            assert_eq!(texts(&["1.5", word, "2.5"]).labels, [0, -1, 1], "{word:?}");
        }
        // Among names they may be names, which is told.
        let found = texts(&["sea", "None", "-1", "-1.0", ""]);
        assert_eq!((found.labels, found.noise), (vec![1, 0, -1, -1, -1], 3));
        assert_eq!(found.warnings, [LabelWarning::NullName { label: "None".to_owned(), place: 1 }]);
        assert_eq!(texts(&["nan", ""]).labels, [-1, -1]);
    }

    #[test]
    fn floats_that_are_whole_are_integers_and_others_are_refused() {
        let rules = Rules::default();
        let found = rank_by(
            &[Cell::Float(12.0), Cell::Float(f64::NAN), Cell::Float(-1.0), Cell::Float(-0.0)],
            &rules,
        );
        let found = found.unwrap();
        assert_eq!(
            (found.labels, found.names.join(" "), found.noise),
            (vec![1, -1, -1, 0], "0 12".to_owned(), 2)
        );
        for value in [0.5, f64::INFINITY, -1e300] {
            let error = rank_by(&[Cell::Integer(3), Cell::Float(value)], &rules).unwrap_err();
            assert_eq!(error, LabelError::Fraction { value, place: 1 });
        }
    }

    #[test]
    fn another_negative_integer_is_an_error_until_noise_is_listed() {
        let labels = [Cell::Integer(4), Cell::Integer(-1), Cell::Text("-2"), Cell::Integer(-2), Cell::Null];
        let error = rank_by(&labels, &Rules::default()).unwrap_err();
        assert_eq!(error, LabelError::Negative { label: -2, place: 2 });
        assert!(error.to_string().contains("noise_label -1,-2 "), "{error}");
        let ranks = |rules: &Rules| rank_by(&labels, rules).unwrap().labels;
        assert_eq!(ranks(&listing(&["-1", "-2"], false)), [0, -1, -1, -1, -1]);
        // The list is all that is noise.
        assert_eq!(ranks(&listing(&["-1"], false)), [1, -1, 0, 0, -1]);
        assert_eq!(ranks(&listing(&["-2.0"], false)), [1, 0, -1, -1, -1]);
        assert_eq!(ranks(&listing(&["4"], false)), [-1, 1, 0, 0, -1]);
        // Among strings it is a string.
        assert_eq!(texts(&["-2", "sea"]).labels, [0, 1]);
    }

    #[test]
    fn noise_can_be_one_cluster_after_the_others() {
        let one = Rules { one_cluster: true, ..Rules::default() };
        let found =
            rank_by(&[Cell::Integer(7), Cell::Null, Cell::Integer(-1), Cell::Integer(3)], &one).unwrap();
        assert_eq!((found.labels, found.noise), (vec![1, 2, 2, 0], 2));
        assert_eq!(found.names, ["3", "7", "noise"]);
        let found = rank_by(&[Cell::Integer(7)], &one).unwrap();
        assert_eq!(found.names, ["7"]);
    }

    #[test]
    fn what_may_be_a_mistake_is_told() {
        let found = texts(&["1", "2", "3", "oops"]);
        assert_eq!(found.warnings, [LabelWarning::Mixed { label: "oops".to_owned(), place: 3 }]);
        assert!(texts(&["1", "sea", "air"]).warnings.is_empty());
        let found = rank_by(&[Cell::Text("sea"), Cell::Text("outlier")], &listing(&["outlier", "-1"], false))
            .unwrap();
        assert_eq!(found.labels, [0, -1]);
        assert_eq!(found.warnings, [LabelWarning::Absent { label: "-1".to_owned() }]);
    }

    proptest! {
        #[test]
        fn ranks_keep_the_order_of_labels(values in prop::collection::vec(0i128.., 0..200)) {
            let cells: Vec<Cell<'_>> = values.iter().map(|&value| Cell::Integer(value)).collect();
            let found = rank_by(&cells, &Rules::default()).unwrap();
            for (value, label) in values.iter().zip(&found.labels) {
                prop_assert_eq!(&found.names[*label as usize], &value.to_string());
            }
            let names: Vec<i128> = found.names.iter().map(|name| name.parse().unwrap()).collect();
            prop_assert!(names.is_sorted());
        }
    }
}
