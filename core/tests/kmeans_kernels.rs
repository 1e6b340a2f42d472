//! Every kernel present gives the integers of the portable one, whatever the threads and block sizes. What a CPU
//! lacks is not tested on it; the loops of AVX-VNNI are also run with AVX-512's twin of the instruction, beside
//! the kernels.

mod common;

use clusterclip_core::error::{Explain, Kind, dashed, said};
use clusterclip_core::kmeans::backend::self_test;
use clusterclip_core::kmeans::{
    Backend, BackendError, Candidate, Centroids, CpuBackend, Init, Kernel, MAX_CANDIDATES, Params, Parts,
    Quantizer, RowBlock, Shape, Step, cluster,
};
use clusterclip_core::monitor::{CancelFlag, Monitor};
use common::{Embeddings, Fault, Faulty, Random, all_inits, params, random_cases, run_on, run_with};
use pollster::block_on;
use proptest::prelude::*;

/// Bytes in −limit..=limit; one draw in four takes an end of the range, and `extreme` takes nothing else.
fn bytes(random: &mut Random, count: usize, limit: i8, extreme: bool) -> Vec<i8> {
    let span = 2 * limit as usize + 1;
    (0..count)
        .map(|_| match random.below(8) {
            0 => limit,
            1 => -limit,
            other if extreme => [limit, -limit][other % 2],
            _ => (random.below(span) as i64 - i64::from(limit)) as i8,
        })
        .collect()
}

/// Everything a backend says of rows that are assigned twice.
#[derive(Debug, PartialEq)]
struct Said {
    steps: [Step; 2],
    worst: Vec<Candidate>,
    labels: Vec<u32>,
}

fn ask(backend: &mut CpuBackend, rows: &[i8], own_best: &[i32], centroids: &[Centroids; 2]) -> Said {
    let columns = centroids[0].columns();
    let shape =
        Shape { n_rows: own_best.len() as u64, columns, n_clusters: centroids[0].n_clusters() as u32 };
    block_on(async {
        backend.begin(shape, CancelFlag::default()).await?;
        backend.push(RowBlock { rows, own_best }).await?;
        let steps = [backend.assign(&centroids[0]).await?, backend.assign(&centroids[1]).await?];
        let worst = backend.worst(None, own_best.len()).await?;
        Ok::<_, BackendError>(Said { steps, worst, labels: backend.labels().await? })
    })
    .unwrap()
}

fn case(seed: u64, n: usize, columns: usize, k: usize, extreme: bool) -> (Vec<i8>, Vec<i32>, [Centroids; 2]) {
    let mut random = Random::new(seed);
    let rows = bytes(&mut random, n * columns, 63, extreme);
    let own_best = (0..n).map(|_| random.below(columns * 4000) as i32).collect();
    let centroids = [(); 2].map(|()| {
        let values = bytes(&mut random, k * columns, 127, extreme);
        let biases = (0..k).map(|_| random.below(64 * columns + 1) as i32 - 32 * columns as i32).collect();
        Centroids::from_parts(columns, values, biases).unwrap()
    });
    (rows, own_best, centroids)
}

proptest! {
    #![proptest_config(random_cases(60))]
    #[test]
    fn every_kernel_equals_the_portable_one(
        seed: u64, n in 1usize..70, lines in 1usize..14, k in 1usize..80, extreme: bool,
    ) {
        let (rows, own_best, centroids) = case(seed, n, 64 * lines, k, extreme);
        let expected = ask(&mut CpuBackend::with_kernel(Kernel::Portable).unwrap(), &rows, &own_best, &centroids);
        for kernel in Kernel::available() {
            let mut backend = CpuBackend::with_kernel(kernel).unwrap();
            prop_assert_eq!(&ask(&mut backend, &rows, &own_best, &centroids), &expected, "{}", kernel);
            let mut small = backend.with_block_bytes(1);
            prop_assert_eq!(&ask(&mut small, &rows, &own_best, &centroids), &expected, "{} in small blocks", kernel);
        }
    }

    /// Centroids take steps of all sizes, some none, and a row is relabelled in between, as refill does it.
    #[test]
    fn spared_scores_change_nothing(
        seed: u64, n in 1usize..150, lines in 1usize..5, k in 1usize..120, sizes in prop::collection::vec(0u32..9, 1..9),
    ) {
        let columns = 64 * lines;
        let (rows, own_best, [first, _]) = case(seed, n, columns, k, false);
        let mut random = Random::new(seed ^ 1);
        let mut all = vec![first];
        for size in sizes {
            let last = all.last().unwrap();
            let (mut values, mut biases) = (last.values().to_vec(), last.biases().to_vec());
            for (cluster, bias) in biases.iter_mut().enumerate() {
                // Copies of other centroids make scores tie, between those that moved and those that did not.
                if random.below(6) == 0 {
                    let from = random.below(k);
                    values[cluster * columns..][..columns].copy_from_slice(last.value(from));
                    *bias = last.biases()[from];
                } else if random.below(3) == 0 {
                    for value in &mut values[cluster * columns..][..columns] {
                        let step = random.below((1 << size) + 1) as i32 - (1 << size) / 2;
                        *value = (i32::from(*value) + step).clamp(-127, 127) as i8;
                    }
                    *bias = (*bias + random.below(65) as i32 - 32).clamp(-32 * columns as i32, 32 * columns as i32);
                }
            }
            all.push(Centroids::from_parts(columns, values, biases).unwrap());
        }
        let moves: Vec<(u64, u32)> =
            all.iter().map(|_| (random.below(n) as u64, random.below(k) as u32)).collect();
        let said = |backend: CpuBackend| {
            let mut backend = backend;
            block_on(async {
                let shape = Shape { n_rows: n as u64, columns, n_clusters: k as u32 };
                backend.begin(shape, CancelFlag::default()).await?;
                backend.push(RowBlock { rows: &rows, own_best: &own_best }).await?;
                let mut said = Vec::new();
                for (centroids, &one) in all.iter().zip(&moves) {
                    said.push((backend.assign(centroids).await?, backend.worst(None, n).await?));
                    backend.relabel(&[one]).await?;
                }
                Ok::<_, BackendError>((said, backend.labels().await?))
            })
            .unwrap()
        };
        let expected = said(CpuBackend::with_kernel(Kernel::Portable).unwrap().with_bounds(false));
        for kernel in Kernel::available() {
            let backend = || CpuBackend::with_kernel(kernel).unwrap();
            prop_assert_eq!(&said(backend()), &expected, "{}", kernel);
            prop_assert_eq!(&said(backend().with_block_bytes(1)), &expected, "{} in small blocks", kernel);
        }
    }
}

#[test]
fn the_comparison_of_kernels_can_fail() {
    let (mut rows, own_best, centroids) = case(1, 50, 192, 20, false);
    let mut backend = CpuBackend::new().unwrap();
    let expected = ask(&mut backend, &rows, &own_best, &centroids);
    rows[31 * 192 + 77] ^= 1;
    assert_ne!(ask(&mut backend, &rows, &own_best, &centroids), expected);
}

#[test]
fn the_longest_rows_score_without_overflow() {
    // 2^18 columns of extremes: partial sums wrap on kernels with offset rows, scores do not.
    let columns = 1 << 18;
    let rows = [vec![63i8; columns], vec![-63i8; columns]].concat();
    let values = [vec![127i8; columns], vec![-127i8; columns]].concat();
    let centroids = Centroids::from_parts(columns, values, vec![32 * columns as i32; 2]).unwrap();
    for kernel in Kernel::available() {
        let mut backend = CpuBackend::with_kernel(kernel).unwrap();
        let said = ask(&mut backend, &rows, &[0; 2], &[centroids.clone(), centroids.clone()]);
        assert_eq!(said.steps[0].objective, 2 * (63 * 127 + 32) * columns as i64, "{kernel}");
        assert_eq!(said.labels, [0, 1], "{kernel}");
    }
}

#[test]
fn threads_kernels_and_blocks_change_no_byte() {
    let embeddings = Embeddings::synthetic(2, 600, 100, 40, 1.0);
    // Without the feature there is one thread, whatever the pool.
    let of_threads = [(2, 5000), (3, 1 << 18), (7, 1)];
    let of_threads = if cfg!(feature = "threads") { &of_threads[..] } else { &of_threads[..1] };
    for init in all_inits(&embeddings, 37) {
        let params = Params { init, max_iterations: 6, ..params(37, 9) };
        let expected = run_on(Kernel::Portable, &embeddings, &params);
        for kernel in Kernel::available() {
            for &(threads, block_bytes) in [(1, 1), (1, 1 << 18)].iter().chain(of_threads) {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                let found = pool.install(|| {
                    let backend = CpuBackend::with_kernel(kernel).unwrap().with_block_bytes(block_bytes);
                    run_with(&embeddings, None, &params, backend).unwrap()
                });
                assert_eq!(found, expected, "{kernel}, {threads} threads, blocks of {block_bytes} bytes");
            }
        }
    }
}

#[test]
fn runs_without_bounds_give_the_same() {
    // More rows than the sample by which clusters are chosen, and near-duplicates, so that refill comes in between.
    for (embeddings, k) in [
        (Embeddings::synthetic(7, 6000, 64, 90, 1.0), 150),
        (Embeddings::synthetic(8, 5000, 6, 40, 0.02), 200),
    ] {
        let params = params(k, 3);
        let run = |bounds| {
            let backend = CpuBackend::new().unwrap().with_bounds(bounds);
            run_with(&embeddings, None, &params, backend).unwrap()
        };
        let found = run(true);
        assert!(found.iterations > 8, "late iterations are where scores are spared");
        assert_eq!(found.log.iter().any(|entry| entry.refilled > 0), k == 200);
        assert_eq!(found, run(false));
    }
}

#[test]
fn rows_pushed_after_an_assign_have_no_bounds() {
    let (rows, own_best, [centroids, _]) = case(9, 200, 64, 90, false);
    let said = |bounds| {
        let mut backend = CpuBackend::new().unwrap().with_bounds(bounds);
        block_on(async {
            let shape = Shape { n_rows: 200, columns: 64, n_clusters: 90 };
            backend.begin(shape, CancelFlag::default()).await?;
            backend.push(RowBlock { rows: &rows[..120 * 64], own_best: &own_best[..120] }).await?;
            let mut steps = vec![backend.assign(&centroids).await?];
            backend.push(RowBlock { rows: &rows[120 * 64..], own_best: &own_best[120..] }).await?;
            for _ in 0..2 {
                steps.push(backend.assign(&centroids).await?);
            }
            Ok::<_, BackendError>((steps, backend.labels().await?))
        })
        .unwrap()
    };
    assert_eq!(said(true), said(false));
}

#[test]
fn sums_of_moved_rows_equal_sums_from_scratch() {
    let (rows, own_best, _) = case(3, 700, 128, 1, false);
    for kernel in Kernel::available() {
        let mut backend = CpuBackend::with_kernel(kernel).unwrap();
        let (mut counts, mut sums) = (vec![0i64; 30], vec![0i64; 30 * 128]);
        block_on(async {
            let shape = Shape { n_rows: 700, columns: 128, n_clusters: 30 };
            backend.begin(shape, CancelFlag::default()).await?;
            backend.push(RowBlock { rows: &rows, own_best: &own_best }).await?;
            for round in 0..20 {
                let (_, _, [centroids, _]) = case(100 + round / 2, 1, 128, 30, false);
                let step = backend.assign(&centroids).await?;
                if round % 2 == 1 {
                    assert_eq!(
                        (step.moved, step.clusters.len()),
                        (0, 0),
                        "nothing moves under equal centroids"
                    );
                }
                for (i, &cluster) in step.clusters.iter().enumerate() {
                    counts[cluster as usize] += step.counts[i];
                    for j in 0..128 {
                        sums[cluster as usize * 128 + j] += step.sums[i * 128 + j];
                    }
                }
                let (mut true_counts, mut true_sums) = (vec![0i64; 30], vec![0i64; 30 * 128]);
                for (row, &label) in backend.labels().await?.iter().enumerate() {
                    true_counts[label as usize] += 1;
                    for j in 0..128 {
                        true_sums[label as usize * 128 + j] += i64::from(rows[row * 128 + j]);
                    }
                }
                assert_eq!((&counts, &sums), (&true_counts, &true_sums), "{kernel}, round {round}");
            }
            Ok::<_, BackendError>(())
        })
        .unwrap();
    }
}

#[test]
fn worst_rows_are_found_among_many() {
    // More rows than one thread looks through at a time.
    let (rows, own_best, [centroids, _]) = case(5, 70_000, 64, 3, false);
    let score = |row: usize| {
        let dot = |c: usize| {
            let products = rows[row * 64..][..64].iter().zip(centroids.value(c));
            products.map(|(&q, &c)| i32::from(q) * i32::from(c)).sum::<i32>() + centroids.biases()[c]
        };
        (0..3).map(dot).max().unwrap()
    };
    let mut expected: Vec<(i32, u64)> = (0..70_000)
        .map(|row| (score(row), row as u64))
        .filter(|&(score, row)| score < own_best[row as usize])
        .collect();
    expected.sort_unstable();
    assert!(expected.iter().any(|key| key.1 >= 1 << 16) && expected.len() > 30_000);
    let mut backend = CpuBackend::new().unwrap();
    block_on(async {
        let shape = Shape { n_rows: 70_000, columns: 64, n_clusters: 3 };
        backend.begin(shape, CancelFlag::default()).await?;
        backend.push(RowBlock { rows: &rows, own_best: &own_best }).await?;
        backend.assign(&centroids).await?;
        let (mut after, mut found) = (None, Vec::new());
        loop {
            let candidates = backend.worst(after, MAX_CANDIDATES).await?;
            found.extend(candidates.iter().map(|candidate| (candidate.score, candidate.row)));
            after = found.last().copied();
            if candidates.len() < MAX_CANDIDATES {
                break;
            }
        }
        assert_eq!(found, expected);
        Ok::<_, BackendError>(())
    })
    .unwrap();
}

#[test]
fn refill_of_more_clusters_than_are_asked_for_at_once_takes_the_worst_rows_in_order() {
    // Every first centroid is row 0: all rows go to cluster 0, and 4,199 clusters are empty.
    let (n, k) = (4300, 4200);
    let embeddings = Embeddings::synthetic(6, n, 64, 50, 1.0);
    let quantizer = Quantizer::new(64).unwrap();
    let mut q = vec![0i8; 64];
    let mut rows = Vec::new();
    for row in 0..n {
        let own_best = quantizer.quantize(embeddings.row(row), &mut q, &mut Vec::new()).unwrap();
        rows.push((q.clone(), own_best));
    }
    let sums: Vec<i64> = rows[0].0.iter().map(|&q| i64::from(q)).collect();
    let first = Centroids::from_sums(64, &sums, &[1]);
    let score = |q: &[i8]| {
        let products = q.iter().zip(first.values()).map(|(&q, &c)| i32::from(q) * i32::from(c));
        products.sum::<i32>() + first.biases()[0]
    };
    let mut worst: Vec<(i32, u64)> = (0..)
        .zip(&rows)
        .map(|(row, (q, _))| (score(q), row))
        .filter(|w| w.0 < rows[w.1 as usize].1)
        .collect();
    worst.sort_unstable();
    let expected: Vec<(u64, u32)> = worst.iter().map(|w| w.1).zip(1..k as u32).collect();
    assert!(expected.len() == k - 1 && k > MAX_CANDIDATES, "the case must need more than one page");

    let init = Init::Rows(embeddings.row(0).repeat(k));
    let params = Params { init, max_iterations: 1, ..params(k as u64, 0) };
    let halves = (0..2).map(|_| (CpuBackend::new().unwrap(), 1)).collect();
    let mut devices = Faulty::new(Parts::sharing(halves), Fault::None);
    let source = embeddings.source();
    let found = block_on(cluster(&source, None, &params, &mut devices, &Monitor::silent())).unwrap();
    assert_eq!(found.log[0].refilled, k as u64 - 1);
    assert_eq!(devices.relabelled, expected);
}

#[test]
fn the_self_test_refuses_a_faulty_device_by_name() {
    let test = |fault| block_on(self_test(&mut Faulty::new(CpuBackend::new().unwrap(), fault)));
    assert_eq!(test(Fault::None), Ok(()));
    for fault in [
        Fault::Begin,
        Fault::Rows,
        Fault::Objective,
        Fault::Moved,
        Fault::Counts,
        Fault::Sums,
        Fault::Cluster,
        Fault::Short,
        Fault::Candidates,
        Fault::After,
        Fault::Weights,
        Fault::HugeWeights,
        Fault::Pick,
        Fault::Labels,
        Fault::Relabel,
    ] {
        let error = test(fault).expect_err(&format!("{fault:?} was not noticed"));
        let text = said(&error, dashed).to_string();
        assert!(text.starts_with("Faulty 9000 is refused: in a small known K-Means step its"), "{text}");
        assert!(text.ends_with("so its results would not be exact; choose another --device"), "{text}");
        assert_eq!(error.kind(), Kind::Device);
    }
}

#[test]
fn the_loop_refuses_sums_that_do_not_give_the_scores() {
    let embeddings = Embeddings::synthetic(4, 500, 6, 20, 0.02);
    let run = |fault, good, max_iterations| {
        let params = Params { max_iterations, ..params(90, 1) };
        let mut device = Faulty { good, ..Faulty::new(CpuBackend::new().unwrap(), fault) };
        block_on(cluster(&embeddings.source(), None, &params, &mut device, &Monitor::silent()))
    };
    let fine = run(Fault::None, 0, 300).unwrap();
    assert!(fine.iterations > 3 && fine.log[0].refilled > 0, "the sums must be those after a refill, too");
    for fault in [Fault::Objective, Fault::Counts, Fault::Sums, Fault::Cluster, Fault::Short] {
        // In the first iteration, in the third, and in the assign after the last.
        for (good, max_iterations) in [(0, 300), (2, 300), (0, 0), (1, 1)] {
            let error = run(fault, good, max_iterations).expect_err(&format!("{fault:?} was not noticed"));
            let text = said(&error, dashed).to_string();
            assert!(text.starts_with("Faulty 9000: its sums do not give its scores"), "{text}");
            assert!(text.ends_with("run again, or choose another --device"), "{text}");
            assert_eq!(error.kind(), Kind::Device);
        }
    }
}
