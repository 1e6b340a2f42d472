//! The rules of the loop, the init and the errors, on small inputs where they can be worked out another way.
//! Most hold the result against a slow K-Means written from the specification alone (`slow` below), which shares
//! with the library the quantiser and the centroids that kmeans_vectors.rs proves.

mod common;

use clusterclip_core::error::{Explain, Kind, dashed, said};
use clusterclip_core::keys::{self, Permutation};
use clusterclip_core::kmeans::{
    Centroids, Clustering, CpuBackend, Init, KMeansError, Kernel, Params, Quantizer, cluster, join,
};
use clusterclip_core::monitor::{CancelFlag, Event, Monitor};
use clusterclip_core::rows::{RowSource, SourceError};
use common::{Embeddings, Random, all_inits, params, run, run_with};

/// Quantised rows with their own bests.
struct Bytes {
    columns: usize,
    rows: Vec<Vec<i8>>,
    own_best: Vec<i32>,
}

fn quantize(embeddings: &Embeddings) -> Bytes {
    let quantizer = Quantizer::new(embeddings.n_features).unwrap();
    let columns = quantizer.columns();
    let (mut rows, mut own_best) = (Vec::new(), Vec::new());
    for row in 0..embeddings.n_samples() {
        let mut q = vec![0; columns];
        own_best.push(quantizer.quantize(embeddings.row(row), &mut q, &mut Vec::new()).unwrap());
        rows.push(q);
    }
    Bytes { columns, rows, own_best }
}

fn centroid_of<'a>(columns: usize, members: impl IntoIterator<Item = &'a Vec<i8>>) -> (Vec<i8>, i32) {
    let (mut sums, mut count) = (vec![0i64; columns], 0);
    for q in members {
        sums.iter_mut().zip(q).for_each(|(sum, &q)| *sum += i64::from(q));
        count += 1;
    }
    let made = Centroids::from_sums(columns, &sums, &[count]);
    (made.values().to_vec(), made.biases()[0])
}

fn score(q: &[i8], centroid: &(Vec<i8>, i32)) -> i64 {
    q.iter().zip(&centroid.0).map(|(&q, &c)| i64::from(q) * i64::from(c)).sum::<i64>() + i64::from(centroid.1)
}

fn best(q: &[i8], centroids: &[(Vec<i8>, i32)]) -> (usize, i64) {
    let mut best = (0, score(q, &centroids[0]));
    for (cluster, centroid) in centroids.iter().enumerate().skip(1) {
        let score = score(q, centroid);
        if score > best.1 {
            best = (cluster, score);
        }
    }
    best
}

fn first_centroids(bytes: &Bytes, params: &Params, n_features: usize) -> Vec<(Vec<i8>, i32)> {
    let k = params.n_clusters.unwrap() as usize;
    let n = bytes.rows.len() as u64;
    let permutation = Permutation::new(keys::hash(&[params.seed, 5]), n);
    let chosen: Vec<usize> = match &params.init {
        Init::Random => (0..k as u64).map(|j| permutation.at(j) as usize).collect(),
        Init::KMeansPlusPlus => {
            let mut chosen = vec![permutation.at(0) as usize];
            while chosen.len() < k {
                let centroids: Vec<_> =
                    chosen.iter().map(|&row| centroid_of(bytes.columns, [&bytes.rows[row]])).collect();
                let weight = |row: usize| {
                    (i64::from(bytes.own_best[row]) - best(&bytes.rows[row], &centroids).1).max(0) as u64
                };
                let weights: Vec<u64> = (0..bytes.rows.len()).map(weight).collect();
                let total: u64 = weights.iter().sum();
                chosen.push(if total == 0 {
                    (1..n).map(|j| permutation.at(j) as usize).find(|row| !chosen.contains(row)).unwrap()
                } else {
                    let random = keys::hash(&[params.seed, 6, chosen.len() as u64]);
                    let target = ((u128::from(random) * u128::from(total)) >> 64) as u64;
                    let mut sum = 0;
                    (0..weights.len())
                        .find(|&row| {
                            sum += weights[row];
                            sum > target
                        })
                        .unwrap()
                });
            }
            chosen
        }
        Init::Rows(values) => {
            let first = quantize(&Embeddings { values: values.clone(), n_features });
            return first.rows.iter().map(|q| centroid_of(bytes.columns, [q])).collect();
        }
        other => panic!("{other:?} has no slow twin"),
    };
    chosen.into_iter().map(|row| centroid_of(bytes.columns, [&bytes.rows[row]])).collect()
}

/// Labels, objective, log (objective, moved, refilled): K-Means from scratch sums, one row after the other.
fn slow(embeddings: &Embeddings, params: &Params) -> (Vec<i32>, i64, Vec<(i64, u64, u64)>) {
    let bytes = quantize(embeddings);
    let n = bytes.rows.len();
    let mut centroids = first_centroids(&bytes, params, embeddings.n_features);
    let k = centroids.len();
    let all_own_best: i64 = bytes.own_best.iter().map(|&best| i64::from(best)).sum();
    let mut labels = vec![usize::MAX; n];
    let mut log: Vec<(i64, u64, u64)> = Vec::new();
    let (mut high, mut not_above) = (i64::MIN, 0);
    while log.len() < params.max_iterations as usize {
        let found: Vec<(usize, i64)> = bytes.rows.iter().map(|q| best(q, &centroids)).collect();
        let moved = (0..n).filter(|&row| labels[row] != found[row].0).count() as u64;
        let objective = found.iter().map(|&(_, score)| score).sum::<i64>();
        labels = found.iter().map(|&(cluster, _)| cluster).collect();

        let mut refilled = 0;
        for empty in 0..k {
            let count = |cluster: usize| labels.iter().filter(|&&label| label == cluster).count();
            if count(empty) > 0 {
                continue;
            }
            let eligible =
                |&row: &usize| found[row].1 < bytes.own_best[row].into() && count(labels[row]) >= 2;
            // A row moved already sits alone, so it is not taken again.
            if let Some(row) = (0..n).filter(eligible).min_by_key(|&row| (found[row].1, row)) {
                labels[row] = empty;
                refilled += 1;
            }
        }
        let previous = log.last().map(|entry| entry.0);
        log.push((objective, moved, refilled));
        if objective > high {
            (high, not_above) = (objective, 0);
        } else {
            not_above += 1;
        }
        if log.len() > 1 && moved == 0 && refilled == 0 || not_above == 8 {
            break;
        }
        if let Some(previous) = previous
            && refilled == 0
            && params.tolerance > 0.0
            && ((objective - previous) as f64) < params.tolerance * (all_own_best - previous) as f64
        {
            break;
        }
        for (cluster, centroid) in centroids.iter_mut().enumerate() {
            let members = bytes.rows.iter().zip(&labels).filter(|&(_, &label)| label == cluster);
            let made = centroid_of(bytes.columns, members.map(|(q, _)| q));
            // A zero sum keeps what was there.
            if made.0.iter().any(|&c| c != 0) {
                *centroid = made;
            }
        }
    }
    let found: Vec<(usize, i64)> = bytes.rows.iter().map(|q| best(q, &centroids)).collect();
    let labels = found.iter().map(|&(cluster, _)| cluster as i32).collect();
    (labels, found.iter().map(|&(_, score)| score).sum(), log)
}

fn assert_slow(embeddings: &Embeddings, params: &Params, what: &str) -> Clustering {
    let found = run(embeddings, params).unwrap();
    let (labels, objective, log) = slow(embeddings, params);
    let found_log: Vec<_> = found.log.iter().map(|e| (e.objective, e.moved, e.refilled)).collect();
    assert_eq!(found_log, log, "{what}");
    assert_eq!(found.labels, labels, "{what}");
    assert_eq!(found.objective, objective, "{what}");
    assert_eq!(found.iterations as usize, log.len(), "{what}");
    found
}

#[test]
fn every_width_and_init_equals_a_slow_k_means() {
    for n_features in [1, 2, 63, 64, 65, 128, 384, 768, 1536] {
        let rows = if n_features > 100 { 130 } else { 300 };
        let embeddings = Embeddings::synthetic(n_features as u64, rows, n_features, 9, 0.8);
        for init in all_inits(&embeddings, 11) {
            let what = format!("{n_features} features, {init:?}").chars().take(60).collect::<String>();
            assert_slow(&embeddings, &Params { init, ..params(11, 3) }, &what);
        }
    }
}

#[test]
fn the_slow_k_means_would_notice_another_seed() {
    let embeddings = Embeddings::synthetic(1, 300, 64, 9, 0.8);
    assert_ne!(run(&embeddings, &params(11, 3)).unwrap().labels, slow(&embeddings, &params(11, 4)).0);
}

#[test]
fn every_number_of_clusters_works() {
    let embeddings = Embeddings::synthetic(5, 97, 20, 97, 0.5);
    for k in [1, 2, 3, 15, 16, 17, 31, 32, 33, 63, 96, 97] {
        assert_slow(&embeddings, &params(k, 1), &format!("k = {k}"));
    }
}

#[test]
fn as_many_clusters_as_distinct_rows_gives_each_its_own() {
    let embeddings = Embeddings::synthetic(6, 60, 32, 60, 2.0);
    let found = run(&embeddings, &params(60, 0)).unwrap();
    assert!(found.counts.iter().all(|&count| count == 1), "{:?}", found.counts);
    assert!(found.inertia.abs() < 1e-6);
}

#[test]
fn refill_ends_with_duplicates() {
    // 4 distinct rows, 40 times each; 20 clusters: some stay empty, and that ends.
    let embeddings = Embeddings::synthetic(7, 160, 48, 4, 0.0);
    for init in all_inits(&embeddings, 20) {
        let params = Params { init, ..params(20, 2) };
        let found = assert_slow(&embeddings, &params, "duplicates");
        assert!(found.iterations < 50);
        assert!(found.warnings.iter().any(|w| w.contains("are empty")), "{:?}", found.warnings);
        for (cluster, &count) in found.counts.iter().enumerate() {
            let row = &found.centroids[cluster * 48..][..48];
            assert_eq!(count == 0, row.iter().all(|&c| c == 0.0), "an empty cluster saves a zero row");
        }
    }
}

#[test]
fn near_duplicates_fill_all_clusters() {
    let embeddings = Embeddings::synthetic(8, 400, 6, 20, 0.02);
    let found = assert_slow(&embeddings, &params(100, 5), "near-duplicates");
    assert!(found.log.iter().any(|entry| entry.refilled > 0), "the case must need refill");
    assert!(found.counts.iter().all(|&count| count > 0));
}

#[test]
fn equal_rows_end_at_once() {
    let embeddings = Embeddings { values: [0.3, -0.4, 1.2].repeat(50), n_features: 3 };
    for init in all_inits(&embeddings, 5) {
        let found = assert_slow(&embeddings, &Params { init, ..params(5, 0) }, "equal rows");
        assert!(found.labels.iter().all(|&label| label == 0), "ties go to the lowest cluster");
        assert_eq!(found.counts, [50, 0, 0, 0, 0]);
        assert!(found.iterations <= 9);
    }
}

#[test]
fn the_loop_obeys_max_iterations_and_tolerance() {
    let embeddings = Embeddings::synthetic(9, 500, 32, 30, 1.5);
    let until_still = run(&embeddings, &params(12, 1)).unwrap();
    assert!(until_still.iterations > 5 && until_still.log.last().unwrap().moved == 0);
    for max_iterations in [0, 1, 2, 5] {
        let params = Params { max_iterations, ..params(12, 1) };
        let found = assert_slow(&embeddings, &params, "max_iterations");
        assert_eq!(found.iterations, max_iterations);
    }
    for tolerance in [1e-3, 1e-2, 0.5] {
        let params = Params { tolerance, ..params(12, 1) };
        let found = assert_slow(&embeddings, &params, "tolerance");
        assert!(found.iterations < until_still.iterations && found.iterations >= 2);
    }
}

#[test]
fn cycles_end_at_the_eighth_objective_that_is_not_above_the_best() {
    // Few features, many clusters: rounded centroids cycle in most of these runs, refills among them.
    let mut seen = 0;
    for seed in 0..30 {
        let mut random = Random::new(seed);
        let shift = 3.0 * (seed % 3) as f32;
        let values: Vec<f32> = (0..200).map(|_| random.normal() + shift).collect();
        let embeddings = Embeddings { values, n_features: 2 };
        let params = params(30, seed);
        let found = assert_slow(&embeddings, &params, "cycle");
        let last = found.log.last().unwrap();
        if last.moved > 0 || last.refilled > 0 {
            let objectives: Vec<i64> = found.log.iter().map(|entry| entry.objective).collect();
            let (head, tail) = objectives.split_at(objectives.len() - 8);
            assert!(tail.iter().all(|objective| objective <= head.iter().max().unwrap()));
            seen += 1;
        }
    }
    assert!(seen >= 10, "{seen} cycles among 30 inputs: the rule was hardly tested");
}

#[test]
fn featureless_rows_change_nothing_but_their_own_label() {
    // Few rows; several stretches of flags; several blocks of rows.
    for rows in [400, 10_000, 70_000] {
        let all = Embeddings::synthetic(10, rows, 40, 12, 1.0);
        let featureless: Vec<bool> =
            (0..rows).map(|row| row % 7 == 0 || row > rows - 10 || (4000..8500).contains(&row)).collect();
        let mut with_zeros = Embeddings { values: all.values.clone(), n_features: 40 };
        for row in (0..rows).filter(|&row| featureless[row]) {
            with_zeros.values[row * 40..][..40].fill(0.0);
        }
        let kept: Vec<usize> = (0..rows).filter(|&row| !featureless[row]).collect();
        let dense = Embeddings {
            values: kept.iter().flat_map(|&row| all.row(row).to_vec()).collect(),
            n_features: 40,
        };
        for init in all_inits(&dense, 10) {
            let params = Params { init, max_iterations: 20, ..params(10, 4) };
            let backend = CpuBackend::new().unwrap();
            let found = run_with(&with_zeros, Some(&featureless), &params, backend).unwrap();
            let expected = run(&dense, &params).unwrap();
            assert_eq!(kept.iter().map(|&row| found.labels[row]).collect::<Vec<_>>(), expected.labels);
            assert_eq!(
                kept.iter().map(|&row| found.similarity[row]).collect::<Vec<_>>(),
                expected.similarity
            );
            assert!((0..rows).filter(|&row| featureless[row]).all(|row| found.labels[row] == -1));
            assert_eq!(
                (found.centroids, found.counts, found.log),
                (expected.centroids, expected.counts, expected.log)
            );
            assert_eq!((found.inertia, found.n_clustered), (expected.inertia, kept.len() as u64));
        }
    }
}

#[test]
fn more_rows_than_any_block_equal_a_slow_k_means() {
    let embeddings = Embeddings::synthetic(18, 10_000, 3, 6, 0.7);
    for init in all_inits(&embeddings, 9) {
        let params = Params { init, max_iterations: 4, ..params(9, 2) };
        assert_slow(&embeddings, &params, "10,000 rows");
    }
}

#[test]
fn members_that_cancel_keep_the_centroid_there_was() {
    let x = Embeddings::synthetic(19, 1, 40, 1, 1.0).values;
    let opposite: Vec<f32> = x.iter().map(|x| -x).collect();
    let embeddings = Embeddings { values: [x, opposite].concat().repeat(10), n_features: 40 };
    let other = Embeddings::synthetic(20, 1, 40, 1, 1.0);
    let params = Params { init: Init::Rows(other.values.clone()), ..params(1, 0) };
    let found = assert_slow(&embeddings, &params, "rows that cancel");
    let (values, bias) = centroid_of(64, [&quantize(&other).rows[0]]);
    assert_eq!((found.quantized.values(), found.quantized.biases()), (&*values, &[bias][..]));
    // The scores of q and -q cancel but for the bias.
    assert_eq!(found.objective, 20 * i64::from(bias));
    assert_eq!((found.centroids, found.inertia), (vec![0.0; 40], 1.0));
}

/// Claims more rows than there can be, and has none.
struct Endless;

impl RowSource for Endless {
    fn n_samples(&self) -> u64 {
        1 << 40
    }
    fn n_features(&self) -> usize {
        1 << 18
    }
    fn read(&self, _: u64, _: &mut [f32]) -> Result<(), SourceError> {
        panic!("rows were read before the memory was asked for")
    }
}

#[test]
fn more_clusters_than_memory_holds_are_an_error_before_rows_are_read() {
    let mut backend = CpuBackend::new().unwrap();
    let params = params(i32::MAX as u64, 0);
    let found = pollster::block_on(cluster(&Endless, None, &params, &mut backend, &Monitor::silent()));
    let error = found.unwrap_err();
    assert_eq!(error.kind(), Kind::Memory);
    let text = said(&error, dashed).to_string();
    assert!(text.starts_with("--clusters 2147483647: there is no memory for centroids and sums"), "{text}");
}

#[test]
fn later_rows_join_as_k_means_itself_would_put_them() {
    let embeddings = Embeddings::synthetic(11, 300, 70, 10, 1.0);
    let found = run(&embeddings, &params(10, 0)).unwrap();
    let saved = Centroids::from_parts(
        found.quantized.n_features(),
        found.quantized.values().to_vec(),
        found.quantized.biases().to_vec(),
    )
    .unwrap();
    let featureless: Vec<bool> = (0..300).map(|row| row == 5).collect();
    let monitor = Monitor::silent();
    let mut backend = CpuBackend::new().unwrap();
    let joined =
        pollster::block_on(join(&embeddings.source(), Some(&featureless), &saved, &mut backend, &monitor))
            .unwrap();
    let mut expected = found.labels;
    expected[5] = -1;
    assert_eq!(joined, expected);
    // 128 features are padded to the same 128 columns as 70, and yet are other features.
    for n_features in [64, 128] {
        let other = Embeddings::synthetic(11, 10, n_features, 2, 1.0);
        let joined = pollster::block_on(join(&other.source(), None, &saved, &mut backend, &monitor));
        let text = joined.unwrap_err().to_string();
        let expected = format!(
            "the clusters are for rows of 70 features, but the rows given have {n_features}: embed with"
        );
        assert!(text.starts_with(&expected), "{text}");
    }
}

#[test]
fn saved_clusters_that_cannot_be_are_refused() {
    let from = |n_features, values: Vec<i8>, biases: Vec<i32>| {
        Centroids::from_parts(n_features, values, biases).map(|_| ()).map_err(|error| error.to_string())
    };
    let starts = |result: Result<(), String>, start: &str| {
        let text = result.unwrap_err();
        assert!(text.starts_with(start), "{text}");
    };
    assert_eq!(from(3, vec![0; 128], vec![0; 2]), Ok(()));
    // Joined to no cluster at all, a row would have no label.
    starts(from(3, vec![], vec![]), "there are 0 clusters: 1 to 2147483647");
    starts(from(0, vec![], vec![0]), "the clusters are for rows of 0 features: 1 to 262144");
    starts(from(usize::MAX, vec![], vec![0]), "the clusters are for rows of 18446744073709551615 features");
    starts(from(3, vec![0; 127], vec![0; 2]), "127 centroid values and 2 biases do not make clusters for 3");
    starts(from(65, vec![0; 128], vec![0; 2]), "128 centroid values and 2 biases");
    starts(from(3, [vec![0; 64], vec![-128; 64]].concat(), vec![0; 2]), "cluster 1, column 0 is -128");
    starts(from(3, vec![0; 64], vec![i32::MIN]), "the bias of cluster 0 is -2147483648: for 64 columns");
}

#[test]
fn a_single_saved_cluster_takes_every_row() {
    let embeddings = Embeddings::synthetic(17, 90, 5, 4, 1.0);
    let saved = Centroids::from_parts(5, vec![0; 64], vec![0]).unwrap();
    let mut backend = CpuBackend::new().unwrap();
    let joined =
        pollster::block_on(join(&embeddings.source(), None, &saved, &mut backend, &Monitor::silent()));
    assert_eq!(joined.unwrap(), [0; 90]);
}

#[test]
fn every_mistake_has_its_message() {
    let mut embeddings = Embeddings::synthetic(12, 50, 8, 5, 1.0);
    let message = |embeddings: &Embeddings, params: &Params| {
        said(&run(embeddings, params).unwrap_err(), dashed).to_string()
    };
    let starts = |text: String, start: &str| assert!(text.starts_with(start), "{text}");
    starts(
        message(&embeddings, &params(0, 0)),
        "--clusters 0: at least 1 cluster is needed (and at most 50,",
    );
    starts(message(&embeddings, &params(51, 0)), "--clusters 51 is more than the 50 rows");
    starts(message(&embeddings, &params(u64::MAX, 0)), "--clusters 18446744073709551615 is more than the 50");
    for tolerance in [-1.0, f64::NAN] {
        starts(
            message(&embeddings, &Params { tolerance, ..params(3, 0) }),
            &format!("--tolerance {tolerance} is no tolerance"),
        );
    }
    // Without a command line the names are those of the library.
    let plain = run(&embeddings, &params(0, 0)).unwrap_err();
    starts(plain.to_string(), "clusters 0: at least 1 cluster is needed (and at most 50,");
    assert_eq!(plain.kind(), Kind::Usage);
    let init = Init::Rows(vec![1.0; 23]);
    starts(
        message(&embeddings, &Params { init, ..params(3, 0) }),
        "--init holds 23 values, but 3 clusters of 8",
    );
    let init = Init::Rows([vec![1.0; 16], vec![0.0; 8]].concat());
    starts(message(&embeddings, &Params { init, ..params(3, 0) }), "--init row 2: all values are zero");

    let error =
        run_with(&embeddings, Some(&[false; 3]), &params(3, 0), CpuBackend::new().unwrap()).unwrap_err();
    starts(error.to_string(), "3 featureless flags were given for 50 rows");
    let error =
        run_with(&embeddings, Some(&[true; 50]), &params(3, 0), CpuBackend::new().unwrap()).unwrap_err();
    starts(error.to_string(), "there is nothing to cluster: 0 of 50 rows");

    for (value, text) in [(f32::NAN, "NaN"), (f32::INFINITY, "inf"), (f32::NEG_INFINITY, "-inf")] {
        embeddings.values[31 * 8 + 5] = value;
        starts(message(&embeddings, &params(3, 0)), &format!("embeddings row 31: column 5 is {text}"));
    }
    embeddings.values[31 * 8..][..8].fill(-0.0);
    starts(message(&embeddings, &params(3, 0)), "embeddings row 31: all values are zero");
}

#[test]
fn rows_of_any_finite_size_have_a_direction() {
    let mut embeddings = Embeddings::synthetic(13, 40, 16, 4, 1.0);
    let plain = run(&embeddings, &params(4, 0)).unwrap();
    // Powers of two scale without rounding, up to the largest f32 and down into the subnormal ones.
    let power = |exponent: i32| f32::from_bits(((127 + exponent) as u32) << 23);
    for (row, scale) in [(0, power(120)), (7, power(-100)), (9, 0.5)] {
        embeddings.values[row * 16..][..16].iter_mut().for_each(|x| *x *= scale);
    }
    assert_eq!(run(&embeddings, &params(4, 0)).unwrap().labels, plain.labels);
    embeddings.values[..16].fill(f32::MAX);
    embeddings.values[16..32].fill(f32::from_bits(1));
    let found = run(&embeddings, &params(4, 0)).unwrap();
    assert_eq!(found.labels[0], found.labels[1]);
}

#[test]
fn a_cancelled_run_stops_with_that_error() {
    let embeddings = Embeddings::synthetic(14, 2000, 64, 50, 2.0);
    // Cancelled from the start, and from inside the loop by whoever listens.
    for in_loop in [false, true] {
        let cancel = CancelFlag::default();
        if !in_loop {
            cancel.cancel();
        }
        let listener = cancel.clone();
        let sink = move |event: Event| {
            if matches!(event, Event::Iteration { iteration: 2, .. }) {
                listener.cancel();
            }
        };
        let monitor = Monitor::new(&sink, cancel);
        let found = pollster::block_on(cluster(
            &embeddings.source(),
            None,
            &params(50, 0),
            &mut CpuBackend::new().unwrap(),
            &monitor,
        ));
        assert!(matches!(found, Err(KMeansError::Cancelled(_))), "{found:?}");
    }
}

#[test]
fn warnings_name_what_is_odd() {
    let embeddings = Embeddings::synthetic(15, 200, 32, 8, 1.0);
    assert_eq!(run(&embeddings, &params(8, 0)).unwrap().warnings, Vec::<String>::new());
    assert_eq!(run(&embeddings, &params(1, 0)).unwrap().warnings, ["1 cluster: there is nothing to balance"]);
    let mut alike = embeddings;
    alike.values.iter_mut().for_each(|x| *x += 9.0);
    let warnings = run(&alike, &params(8, 0)).unwrap().warnings;
    assert!(
        warnings.len() == 1 && warnings[0].starts_with("the mean cosine of the rows is 0.9"),
        "{warnings:?}"
    );
}

#[test]
fn an_unknown_kernel_is_an_error_that_names_those_there_are() {
    let error = "avx1024".parse::<Kernel>().unwrap_err().to_string();
    assert!(error.starts_with("kernel `avx1024` is unknown") && error.contains("`portable`"), "{error}");
    let absent = Kernel::ALL.into_iter().find(|kernel| !kernel.is_available()).unwrap();
    let error = absent.name().parse::<Kernel>().unwrap_err().to_string();
    assert!(error.contains("instructions that this CPU lacks"), "{error}");
    assert!(CpuBackend::with_kernel(absent).is_err());
}

#[test]
fn the_worked_example_of_the_specification_holds() {
    let embeddings = Embeddings { values: [2.0, -3.0].repeat(4), n_features: 1 };
    let bytes = quantize(&embeddings);
    assert!(bytes.rows.iter().all(|q| q.iter().all(|q| q.abs() == 12) && q.len() == 64));
    assert!(bytes.rows.iter().all(|q| q.iter().all(|&value| value == q[0])));
    assert_eq!(bytes.own_best, [18_403; 8]);
    let (c, b) = centroid_of(64, [&bytes.rows[0]]);
    assert!(c.iter().all(|c| c.abs() == 24) && b == -29);
    let found = run(&embeddings, &Params { init: Init::Rows(vec![2.0, -3.0]), ..params(2, 0) }).unwrap();
    assert_eq!(found.labels, [0, 1].repeat(4));
    let log: Vec<_> = found.log.iter().map(|entry| (entry.objective, entry.moved, entry.refilled)).collect();
    assert_eq!(log, [(147_224, 8, 0), (147_224, 0, 0)]);
    assert_eq!((found.iterations, found.inertia, found.counts), (2, 0.0, vec![4, 4]));
}
