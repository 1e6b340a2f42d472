//! Every kernel present gives the integers of the portable one, whatever the threads and block sizes. What a CPU
//! lacks is not tested on it; the loops of AVX-VNNI are also run with AVX-512's twin of the instruction, beside
//! the kernels.

mod common;

use clusterclip_core::kmeans::backend::self_test;
use clusterclip_core::kmeans::{
    Backend, BackendError, Candidate, Centroids, CpuBackend, Init, Kernel, MAX_CANDIDATES, Params, Quantizer,
    RowBlock, Shape, Step, cluster,
};
use clusterclip_core::monitor::{CancelFlag, Monitor};
use common::{Embeddings, Random, all_inits, params, run_on, run_with};
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
    #![proptest_config(ProptestConfig::with_cases(60))]
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
    let embeddings = Embeddings::synthetic(2, 1500, 100, 40, 1.0);
    for init in all_inits(&embeddings, 37) {
        let params = Params { init, max_iterations: 6, ..params(37, 9) };
        let expected = run_on(Kernel::Portable, &embeddings, &params);
        for kernel in Kernel::available() {
            for (threads, block_bytes) in [(1, 1), (1, 1 << 18), (2, 5000), (3, 1 << 18), (7, 1)] {
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
    let mut devices = composite(2);
    let source = embeddings.source();
    let found = block_on(cluster(&source, None, &params, &mut devices, &Monitor::silent())).unwrap();
    assert_eq!(found.log[0].refilled, k as u64 - 1);
    assert_eq!(devices.relabelled, expected);
}

/// A backend that is wrong in one place.
struct Faulty {
    inner: CpuBackend,
    fault: Fault,
    begun: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    None,
    /// Keeps the rows of the run before.
    Begin,
    Objective,
    Moved,
    Sums,
    Candidates,
    /// Begins with the worst row of all, wherever it was asked to go on.
    After,
    Weights,
    /// Weights of which the sum leaves u64.
    HugeWeights,
    Pick,
    Labels,
    Relabel,
}

impl Backend for Faulty {
    fn name(&self) -> String {
        "Faulty 9000".into()
    }
    async fn begin(&mut self, shape: Shape, cancel: CancelFlag) -> Result<(), BackendError> {
        if self.fault == Fault::Begin && self.begun {
            return Ok(());
        }
        self.begun = true;
        self.inner.begin(shape, cancel).await
    }
    async fn push(&mut self, block: RowBlock<'_>) -> Result<(), BackendError> {
        self.inner.push(block).await
    }
    async fn assign(&mut self, centroids: &Centroids) -> Result<Step, BackendError> {
        let mut step = self.inner.assign(centroids).await?;
        step.objective += i64::from(self.fault == Fault::Objective);
        step.moved -= u64::from(self.fault == Fault::Moved);
        *step.sums.last_mut().unwrap() += i64::from(self.fault == Fault::Sums);
        Ok(step)
    }
    async fn worst(
        &mut self,
        after: Option<(i32, u64)>,
        count: usize,
    ) -> Result<Vec<Candidate>, BackendError> {
        let after = after.filter(|_| self.fault != Fault::After);
        let mut candidates = self.inner.worst(after, count).await?;
        if self.fault == Fault::Candidates {
            candidates.swap(0, 1);
        }
        Ok(candidates)
    }
    async fn relabel(&mut self, moves: &[(u64, u32)]) -> Result<(), BackendError> {
        self.inner.relabel(if self.fault == Fault::Relabel { &moves[1..] } else { moves }).await
    }
    async fn seed_step(&mut self, centroids: &Centroids) -> Result<Vec<u64>, BackendError> {
        let mut weights = self.inner.seed_step(centroids).await?;
        weights[0] += u64::from(self.fault == Fault::Weights);
        if self.fault == Fault::HugeWeights {
            weights.extend([u64::MAX, 1]);
        }
        Ok(weights)
    }
    async fn pick(&mut self, block: usize, remainder: u64) -> Result<u64, BackendError> {
        Ok(self.inner.pick(block, remainder).await? + u64::from(self.fault == Fault::Pick))
    }
    async fn labels(&mut self) -> Result<Vec<u32>, BackendError> {
        let mut labels = self.inner.labels().await?;
        labels[149] ^= u32::from(self.fault == Fault::Labels);
        Ok(labels)
    }
    async fn end(&mut self) {
        self.inner.end().await;
    }
}

#[test]
fn the_self_test_refuses_a_faulty_device_by_name() {
    let test = |fault| {
        let inner = CpuBackend::new().unwrap();
        block_on(self_test(&mut Faulty { inner, fault, begun: false }))
    };
    assert_eq!(test(Fault::None), Ok(()));
    for fault in [
        Fault::Begin,
        Fault::Objective,
        Fault::Moved,
        Fault::Sums,
        Fault::Candidates,
        Fault::After,
        Fault::Weights,
        Fault::HugeWeights,
        Fault::Pick,
        Fault::Labels,
        Fault::Relabel,
    ] {
        let error = test(fault).expect_err(&format!("{fault:?} was not noticed")).to_string();
        assert!(error.starts_with("Faulty 9000 is refused: in a small known K-Means step its"), "{error}");
    }
}

/// Backends side by side, each with a range of rows: what several devices or machines would be.
struct Composite {
    parts: Vec<CpuBackend>,
    starts: Vec<u64>,
    seed_blocks: Vec<usize>,
    shape: Shape,
    pushed: u64,
    /// Every (row, cluster) of a relabel.
    relabelled: Vec<(u64, u32)>,
}

impl Backend for Composite {
    fn name(&self) -> String {
        "composite".into()
    }
    async fn begin(&mut self, shape: Shape, cancel: CancelFlag) -> Result<(), BackendError> {
        let parts = self.parts.len() as u64;
        self.starts = (0..=parts).map(|part| shape.n_rows * part / parts).collect();
        (self.shape, self.pushed) = (shape, 0);
        for (part, ends) in self.parts.iter_mut().zip(self.starts.windows(2)) {
            part.begin(Shape { n_rows: ends[1] - ends[0], ..shape }, cancel.clone()).await?;
        }
        Ok(())
    }
    async fn push(&mut self, block: RowBlock<'_>) -> Result<(), BackendError> {
        for (own_best, row) in block.own_best.iter().zip(block.rows.chunks_exact(self.shape.columns)) {
            let part = self.starts.partition_point(|&start| start <= self.pushed) - 1;
            self.parts[part].push(RowBlock { rows: row, own_best: &[*own_best] }).await?;
            self.pushed += 1;
        }
        Ok(())
    }
    async fn assign(&mut self, centroids: &Centroids) -> Result<Step, BackendError> {
        let mut sum = Step::default();
        for part in &mut self.parts {
            sum.add(&part.assign(centroids).await?);
        }
        Ok(sum)
    }
    async fn worst(
        &mut self,
        after: Option<(i32, u64)>,
        count: usize,
    ) -> Result<Vec<Candidate>, BackendError> {
        assert!(count <= MAX_CANDIDATES, "{count} candidates were asked for at once");
        let mut all = Vec::new();
        for (part, &start) in self.parts.iter_mut().zip(&self.starts) {
            // Rows before this part come before its row 0 on equal scores, so all of its rows with that score
            // come after; rows after it all come before.
            let after = after.map(|(score, row)| match row.checked_sub(start) {
                Some(row) => (score, row),
                None => (score - 1, u64::MAX),
            });
            let found = part.worst(after, count).await?;
            all.extend(found.into_iter().map(|c| Candidate { row: c.row + start, ..c }));
        }
        all.sort_by_key(|candidate| (candidate.score, candidate.row));
        all.truncate(count);
        Ok(all)
    }
    async fn relabel(&mut self, moves: &[(u64, u32)]) -> Result<(), BackendError> {
        self.relabelled.extend(moves);
        for &(row, cluster) in moves {
            let part = self.starts.partition_point(|&start| start <= row) - 1;
            self.parts[part].relabel(&[(row - self.starts[part], cluster)]).await?;
        }
        Ok(())
    }
    async fn seed_step(&mut self, centroids: &Centroids) -> Result<Vec<u64>, BackendError> {
        let mut weights = Vec::new();
        self.seed_blocks.clear();
        for part in &mut self.parts {
            self.seed_blocks.push(weights.len());
            weights.extend(part.seed_step(centroids).await?);
        }
        Ok(weights)
    }
    async fn pick(&mut self, block: usize, remainder: u64) -> Result<u64, BackendError> {
        let part = self.seed_blocks.partition_point(|&first| first <= block) - 1;
        let row = self.parts[part].pick(block - self.seed_blocks[part], remainder).await?;
        Ok(row + self.starts[part])
    }
    async fn labels(&mut self) -> Result<Vec<u32>, BackendError> {
        let mut labels = Vec::new();
        for part in &mut self.parts {
            labels.extend(part.labels().await?);
        }
        Ok(labels)
    }
    async fn end(&mut self) {
        for part in &mut self.parts {
            part.end().await;
        }
    }
}

fn composite(parts: usize) -> Composite {
    let kernels = Kernel::available();
    let parts = (0..parts).map(|i| CpuBackend::with_kernel(kernels[i % kernels.len()]).unwrap()).collect();
    let shape = Shape { n_rows: 0, columns: 64, n_clusters: 0 };
    Composite { parts, starts: Vec::new(), seed_blocks: Vec::new(), shape, pushed: 0, relabelled: Vec::new() }
}

#[test]
fn several_devices_give_what_one_gives() {
    assert_eq!(block_on(self_test(&mut composite(3))), Ok(()));
    // Near-duplicates, so that refill walks over several devices.
    let embeddings = Embeddings::synthetic(4, 500, 6, 20, 0.02);
    for init in [Init::Random, Init::KMeansPlusPlus] {
        let params = Params { init, ..params(90, 1) };
        let expected = run_on(Kernel::Portable, &embeddings, &params);
        let refills = expected.log.iter().any(|entry| entry.refilled > 0);
        assert!(refills || params.init == Init::KMeansPlusPlus, "the case must need refill");
        for parts in [1, 2, 5] {
            let monitor = Monitor::silent();
            let source = embeddings.source();
            let mut devices = composite(parts);
            // The same devices once more: nothing is left of the first run.
            for _ in 0..2 {
                let found = block_on(cluster(&source, None, &params, &mut devices, &monitor));
                assert_eq!(found.unwrap(), expected, "{parts} devices");
            }
        }
    }
}
