use super::*;
use crate::keys;

const FEATURES: usize = 33;

/// Unit rows of 60 rows in 5 clusters.
fn rows() -> (Vec<f32>, Vec<(usize, usize)>) {
    let mut units = Vec::new();
    for row in 0..60 {
        let byte = |i| (keys::hash(&[row, i]) >> 56) as f32 - 127.5;
        let values: Vec<f32> = (0..FEATURES as u64).map(byte).collect();
        let from = units.len();
        units.resize(from + FEATURES, 0.0);
        crate::kmeans::quantize::unit(&values, &mut units[from..]).unwrap();
    }
    let labels = (0..60).map(|row| (row, (keys::hash(&[9, row as u64]) % 5) as usize));
    (units, labels.collect())
}

/// Sums of rows `from..to`, taken two at a time; before each `nearly_full` pair the sums pretend to hold so many rows
/// that the pair does not fit, which happen to cancel.
fn sums(from: usize, to: usize, nearly_full: impl Fn(usize) -> bool) -> UnitSums {
    let (units, labels) = rows();
    let mut sums = UnitSums::zeros(FEATURES, 5).unwrap();
    for row in (from..to).step_by(2) {
        if nearly_full(row / 2) {
            sums.pending = CARRY - 1;
        }
        sums.take(&units[row * FEATURES..(row + 2) * FEATURES], &labels[row..row + 2]).unwrap();
        assert!(!nearly_full(row / 2) || sums.pending == 2, "the pair was carried first");
    }
    sums
}

fn exact(sums: &UnitSums) -> Vec<i128> {
    let components = (0..5).flat_map(|cluster| (0..FEATURES).map(move |feature| (cluster, feature)));
    components.map(|(cluster, feature)| sums.sum(cluster, feature)).collect()
}

#[test]
fn carrying_changes_no_sum() {
    let expected = sums(0, 60, |_| false);
    assert!(expected.carried.is_empty() && expected.pending == 60);
    for every in [1, 2, 7, 29] {
        let found = sums(0, 60, |pair| pair % every == every - 1);
        assert!(!found.carried.is_empty(), "carried every {every} pairs");
        assert_eq!(exact(&found), exact(&expected));
        assert_eq!(found.centroids().unwrap(), expected.centroids().unwrap());
        assert_eq!(found.mean_cosine(), expected.mean_cosine());
    }
}

#[test]
fn parts_add_whether_they_carried_or_not() {
    let expected = sums(0, 60, |_| false);
    for (left, right) in [(false, false), (false, true), (true, false), (true, true)] {
        let mut found = sums(0, 22, |pair| left && pair % 3 == 0);
        let other = sums(22, 60, |pair| right && pair % 3 == 0);
        let pending = if right && !left { 0 } else { found.pending };
        found.add(&other).unwrap();
        assert_eq!(found.pending, pending + other.pending, "rows in what is not carried");
        assert_eq!(exact(&found), exact(&expected), "carried: {left} and {right}");
        assert_eq!(found.counts(), expected.counts());
    }
    // Two parts that do not fit together.
    let (mut found, mut other) = (sums(0, 22, |_| false), sums(22, 60, |_| false));
    (found.pending, other.pending) = (CARRY / 2 + 1, CARRY / 2);
    found.add(&other).unwrap();
    assert!(!found.carried.is_empty() && found.pending == CARRY / 2);
    assert_eq!(exact(&found), exact(&expected));
}
