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
    let found =
        rank_by(&[Cell::Float(12.0), Cell::Float(f64::NAN), Cell::Float(-1.0), Cell::Float(-0.0)], &rules);
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
    let found = rank_by(&[Cell::Integer(7), Cell::Null, Cell::Integer(-1), Cell::Integer(3)], &one).unwrap();
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
    let found =
        rank_by(&[Cell::Text("sea"), Cell::Text("outlier")], &listing(&["outlier", "-1"], false)).unwrap();
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
