//! Chi-square tests of every place where chance enters the order, each beside a control that must fail.
//!
//! Keys are fixed, so that a test always gives the same figure; z is (χ² − dof) / √(2 · dof), about normal. These
//! tests find a bias that shows in 10^5 to 10^6 samples of one or two values. They do not prove that three or more
//! values together are uniform (but for whole permutations of up to 6), nor anything against an adversary.

mod reference;

use clusterclip_core::keys::{Permutation, hash, mix, scale};
use clusterclip_core::sampler::{Budget, Choice, Draw, Options, Sampler, Strategy};

/// A fair source exceeds this about once in a million tests.
const FAIR: f64 = 5.0;
/// What a control must exceed.
const UNFAIR: f64 = 20.0;

fn square(x: f64) -> f64 {
    x * x
}

/// z of counts that should all be equal but for the cells that cannot occur.
fn z(counts: &[u64], cells: usize) -> f64 {
    let total: u64 = counts.iter().sum();
    let expected = total as f64 / cells as f64;
    assert!(expected >= 5.0, "{expected} a cell is too few for the statistic");
    let impossible = (counts.len() - cells) as f64;
    let sum: f64 = counts.iter().map(|&count| square(count as f64 - expected) / expected).sum();
    // Cells that cannot occur are 0 and have added their expectation each.
    let dof = cells as f64 - 1.0;
    (sum - impossible * expected - dof) / (2.0 * dof).sqrt()
}

/// z of an m × m table of place against value whose rows and columns are all equal by construction.
fn z_of_places(counts: &[u64], m: usize) -> f64 {
    let expected = counts.iter().sum::<u64>() as f64 / counts.len() as f64;
    let sum: f64 = counts.iter().map(|&count| square(count as f64 - expected) / expected).sum();
    // Of a random permutation matrix, χ² has mean (m − 1)² · m / (m − 1) and about the spread of (m − 1)² cells.
    let dof = ((m - 1) * (m - 1)) as f64;
    (sum * (m - 1) as f64 / m as f64 - dof) / (2.0 * dof).sqrt()
}

fn assert_fair(what: &str, fair: f64, control: f64) {
    assert!(fair.abs() < FAIR, "{what}: z = {fair:.1}");
    assert!(control.abs() > UNFAIR, "{what}: the control passes, z = {control:.1}");
}

/// Index of a permutation of `values.len()` among all of them.
fn lehmer(values: &[u64]) -> usize {
    (0..values.len()).fold(0, |index, i| {
        index * (values.len() - i) + values[i..].iter().filter(|&&value| value < values[i]).count()
    })
}

#[test]
fn all_permutations_of_small_sizes_are_equally_frequent() {
    for m in 2..=6 {
        let permutations: usize = (1..=m as usize).product();
        let z_of = |permutation: &dyn Fn(u64) -> Vec<u64>| {
            let mut counts = vec![0; permutations];
            for sample in 0..400_000 {
                counts[lehmer(&permutation(hash(&[101, m, sample])))] += 1;
            }
            z(&counts, permutations)
        };
        let fair = z_of(&|key| (0..m).map(|i| Permutation::new(key, m).at(i)).collect());
        // The well-known mistake: every place is swapped with any place.
        let naive = z_of(&|key| {
            let mut a: Vec<u64> = (0..m).collect();
            for j in 0..m {
                a.swap(j as usize, scale(mix(key.wrapping_add(j)), m) as usize);
            }
            a
        });
        if m == 2 {
            assert!(fair.abs() < FAIR, "m = 2: z = {fair:.1}");
        } else {
            assert_fair(&format!("m = {m}"), fair, naive);
        }
    }
}

/// z of the values at each place, of pairs at neighbouring places, and of the differences of these.
fn z_of_permutations(m: u64, samples: u64, perm: impl Fn(u64, u64) -> u64) -> [f64; 3] {
    let size = m as usize;
    let (mut places, mut pairs, mut differences) =
        (vec![0; size * size], vec![0; size * size], vec![0; size]);
    for sample in 0..samples {
        let key = hash(&[102, m, sample]);
        let values: Vec<usize> = (0..m).map(|i| perm(key, i) as usize).collect();
        for (place, &value) in values.iter().enumerate() {
            places[place * size + value] += 1;
        }
        // One pair of each sample: pairs of one permutation depend on each other.
        let place = (sample % (m - 1)) as usize;
        pairs[values[place] * size + values[place + 1]] += 1;
        differences[(values[place + 1] + size - values[place]) % size] += 1;
    }
    [z_of_places(&places, size), z(&pairs, size * (size - 1)), z(&differences, size - 1)]
}

#[test]
fn permutations_just_above_the_switch_are_uniform() {
    let mut worst_control = [0.0f64; 3];
    for m in [15, 16, 17, 18, 19, 31, 32, 33, 64, 65] {
        let samples = 200_000;
        let fair = z_of_permutations(m, samples, |key, i| Permutation::new(key, m).at(i));
        for (what, z) in ["places", "pairs", "differences"].iter().zip(fair) {
            assert!(z.abs() < FAIR, "m = {m}, {what}: z = {z:.1}");
        }
        if m > 16 {
            let control = z_of_permutations(m, samples, |key, i| reference::perm_with(4, key, m, i));
            for (worst, z) in worst_control.iter_mut().zip(control) {
                *worst = worst.max(z);
            }
        }
    }
    assert!(worst_control.iter().all(|&z| z > UNFAIR), "4 rounds pass: {worst_control:.1?}");
}

/// z of one place, of two neighbouring places and of two far ones, in buckets of about m / 16 values.
fn z_of_large(m: u64, perm: impl Fn(u64, u64) -> u64) -> [f64; 3] {
    const BUCKETS: u64 = 16;
    let bucket = |value: u64| (u128::from(value) * u128::from(BUCKETS) / u128::from(m)) as usize;
    let (mut one, mut near, mut far) = ([0; 16], [0; 256], [0; 256]);
    for sample in 0..200_000 {
        let key = hash(&[103, m, sample]);
        let place = scale(mix(sample), m - 1);
        let value = bucket(perm(key, place));
        one[value] += 1;
        near[value * 16 + bucket(perm(key, place + 1))] += 1;
        far[value * 16 + bucket(perm(key, (place + m / 2) % m))] += 1;
    }
    [z(&one, 16), z(&near, 256), z(&far, 256)]
}

#[test]
fn large_permutations_are_uniform() {
    // Sizes that 16 divides, and so large that the missing pairs of equal values do not show.
    for m in [1 << 16, 16 * 65_537, (1 << 20) + 16, 1 << 32, (1 << 39) + 16, 1 << 40] {
        let fair = z_of_large(m, |key, i| Permutation::new(key, m).at(i));
        for (what, z) in ["one place", "near places", "far places"].iter().zip(fair) {
            assert!(z.abs() < FAIR, "m = {m}, {what}: z = {z:.1}");
        }
        // A rotation has uniform places, but gives the pairs away; half of the values gives the places away.
        let [_, near, far] =
            z_of_large(m, |key, i| ((u128::from(scale(key, m)) + u128::from(i)) % u128::from(m)) as u64);
        let [half, ..] = z_of_large(m, |key, _| scale(key, m) / 2);
        assert!(
            [near, far, half].iter().all(|&z| z > UNFAIR),
            "m = {m}, controls: {near:.1} {far:.1} {half:.1}"
        );
    }
}

/// The clusters of the first `len` draws, seed by seed.
fn clusters_by_seed(sizes: &[u64], choice: Choice, len: u64, seeds: u64) -> Vec<Vec<usize>> {
    (0..seeds)
        .map(|seed| {
            let budget = Budget::Documents(len);
            let options = Options { strategy: Strategy::Uniform, choice, seed, budget, ..Options::default() };
            let sampler = Sampler::new(sizes, options).unwrap();
            sampler.iter().map(|draw| draw.cluster.unwrap() as usize).collect()
        })
        .collect()
}

/// Counts of the pairs (a, b) in a k × k table.
fn pairs(k: usize, pairs: impl Iterator<Item = (usize, usize)>) -> Vec<u64> {
    let mut counts = vec![0; k * k];
    pairs.for_each(|(a, b)| counts[a * k + b] += 1);
    counts
}

fn singles(k: usize, values: impl Iterator<Item = usize>) -> Vec<u64> {
    let mut counts = vec![0; k];
    values.for_each(|value| counts[value] += 1);
    counts
}

#[test]
fn the_first_cluster_is_uniform_over_seeds() {
    for k in [7usize, 40] {
        let sizes: Vec<u64> = (1..=k as u64).collect();
        for choice in [Choice::Stratified, Choice::Independent] {
            let orders = clusters_by_seed(&sizes, choice, 2, 50_000);
            let fair = z(&singles(k, orders.iter().map(|order| order[0])), k);
            // Control: a draw that follows the sizes, as random does.
            let total: u64 = sizes.iter().sum();
            let by_size = |seed: u64| {
                let mut place = scale(hash(&[seed]), total);
                sizes
                    .iter()
                    .position(|&size| {
                        let found = place < size;
                        place = place.wrapping_sub(size);
                        found
                    })
                    .unwrap()
            };
            let control = z(&singles(k, (0..50_000).map(by_size)), k);
            assert_fair(&format!("{choice}, k = {k}"), fair, control);
        }
    }
}

#[test]
fn neighbours_within_a_round_and_across_rounds_are_uniform_over_seeds() {
    for k in [7usize, 20] {
        let sizes: Vec<u64> = (1..=k as u64).collect();
        let orders = clusters_by_seed(&sizes, Choice::Stratified, 2 * k as u64, 100_000);
        let within = pairs(k, orders.iter().map(|order| (order[0], order[1])));
        let across = pairs(k, orders.iter().map(|order| (order[k - 1], order[k])));
        let same_slot = pairs(k, orders.iter().map(|order| (order[0], order[k])));
        // Control: one order of the clusters for all rounds.
        let stuck = pairs(k, orders.iter().map(|order| (order[k - 1], order[0])));
        assert_fair(&format!("k = {k}, within a round"), z(&within, k * (k - 1)), z(&within, k * k));
        assert_fair(&format!("k = {k}, across rounds"), z(&across, k * k), z(&stuck, k * k));
        assert!(z(&same_slot, k * k).abs() < FAIR, "k = {k}, same slot: {}", z(&same_slot, k * k));
    }
}

#[test]
fn neighbours_within_one_order_are_uniform() {
    let k = 30;
    let sizes = vec![40; k];
    for (choice, seed) in [(Choice::Stratified, 5), (Choice::Independent, 6)] {
        let options = Options {
            strategy: Strategy::Uniform,
            choice,
            seed,
            budget: Budget::Documents(900_000),
            ..Options::default()
        };
        let order: Vec<usize> = Sampler::new(&sizes, options)
            .unwrap()
            .iter()
            .map(|draw| draw.cluster.unwrap() as usize)
            .collect();
        let all = pairs(k, order.windows(2).map(|pair| (pair[0], pair[1])));
        let within = pairs(k, order.chunks(k).map(|round| (round[3], round[4])));
        match choice {
            // Independent draws repeat a cluster at once as often as not; rounds hardly ever do.
            Choice::Independent => {
                assert_fair("independent", z(&all, k * k), z(&within_rounds(k), k * k));
            }
            Choice::Stratified => {
                assert_fair("stratified", z(&within, k * (k - 1)), z(&all, k * k));
            }
        }
    }
}

/// Neighbours of a stratified order, the control of an independent one.
fn within_rounds(k: usize) -> Vec<u64> {
    let options =
        Options { strategy: Strategy::Uniform, budget: Budget::Documents(900_000), ..Options::default() };
    let order: Vec<usize> = Sampler::new(&vec![40; k], options)
        .unwrap()
        .iter()
        .map(|draw| draw.cluster.unwrap() as usize)
        .collect();
    pairs(k, order.windows(2).map(|pair| (pair[0], pair[1])))
}

#[test]
fn independent_choice_stays_uniform_among_those_left() {
    // One cluster of 5 leaves after 10 draws; then the other 12 share the positions evenly.
    let mut sizes = vec![1000; 13];
    sizes[4] = 5;
    let mut counts = vec![0u64; 13];
    for seed in 0..1000 {
        let options = Options {
            choice: Choice::Independent,
            clip: Some(2),
            seed,
            budget: Budget::Documents(800),
            ..Options::default()
        };
        let order: Vec<Draw> = Sampler::new(&sizes, options).unwrap().iter().collect();
        assert_eq!(order.iter().filter(|draw| draw.cluster == Some(4)).count(), 10);
        // After position 600 it has left but with probability under 10^-12.
        order[600..].iter().for_each(|draw| counts[draw.cluster.unwrap() as usize] += 1);
    }
    assert_eq!(counts[4], 0);
    assert_fair("twelve clusters are left", z(&counts, 12), z(&counts, 13));
}

#[test]
fn members_are_uniform_over_seeds_epochs_and_clusters() {
    for size in [10u64, 24] {
        let len = 6 * size;
        let (mut over_seeds, mut over_epochs, mut over_clusters) =
            (vec![0; size as usize], vec![0; (size * size) as usize], vec![0; (size * size) as usize]);
        let samples = 40_000;
        for seed in 0..samples {
            let options = Options {
                strategy: Strategy::Uniform,
                seed,
                budget: Budget::Documents(len),
                ..Options::default()
            };
            let sampler = Sampler::new(&[size, size, size], options).unwrap();
            let order: Vec<Draw> = sampler.iter().collect();
            let nth = |cluster, n: u64| {
                let mut draws = order.iter().filter(|draw| draw.cluster == Some(cluster));
                draws.nth(n as usize).unwrap().member as usize
            };
            over_seeds[nth(0, 0)] += 1;
            // The last of one epoch and the first of the next; the same place of two clusters.
            over_epochs[nth(0, size - 1) * size as usize + nth(0, size)] += 1;
            over_clusters[nth(1, 3) * size as usize + nth(2, 3)] += 1;
        }
        let cells = (size * size) as usize;
        // Controls: the same permutation in each epoch, or in each cluster.
        let diagonal: Vec<u64> =
            (0..cells as u64).map(|i| if i / size == i % size { samples / size } else { 0 }).collect();
        let mut shifted = diagonal.clone();
        shifted.rotate_right(1);
        let mut skewed = over_seeds.clone();
        skewed[0] += samples / size;
        assert_fair("over seeds", z(&over_seeds, size as usize), z(&skewed, size as usize));
        assert_fair("over epochs", z(&over_epochs, cells), z(&shifted, cells));
        assert_fair("over clusters", z(&over_clusters, cells), z(&diagonal, cells));
    }
}

#[test]
fn random_is_uniform_over_documents_and_epochs() {
    let documents = 25;
    let (mut first, mut across) = (vec![0u64; documents], vec![0u64; documents * documents]);
    for seed in 0..60_000 {
        let options = Options {
            strategy: Strategy::Random,
            seed,
            budget: Budget::Documents(documents as u64 + 1),
            ..Options::default()
        };
        let order: Vec<usize> =
            Sampler::new(&[5, 20], options).unwrap().iter().map(|draw| draw.member as usize).collect();
        first[order[0]] += 1;
        across[order[documents - 1] * documents + order[documents]] += 1;
    }
    // Control: every cluster as often as the other, whatever its size.
    let balanced: Vec<u64> = (0..25).map(|i| if i < 5 { 6000 } else { 1500 }).collect();
    assert_fair("first document", z(&first, documents), z(&balanced, documents));
    let mut reshuffled = across.clone();
    (0..documents).for_each(|i| reshuffled[i * documents + i] = 0);
    assert_fair("across epochs", z(&across, documents * documents), z(&reshuffled, documents * documents));
}
