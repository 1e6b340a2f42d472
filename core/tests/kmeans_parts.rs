//! Backends side by side give what one gives, to the byte, and parts of the rows are loaded and finished where they are.

mod common;

use clusterclip_core::error::{dashed, said};
use clusterclip_core::kmeans::backend::self_test;
use clusterclip_core::kmeans::{
    Backend, BackendError, Centroids, Clustering, CpuBackend, Fitted, Init, Iterations, KMeansError, Kernel,
    Loaded, Params, Parts, RowBlock, Shape, Similarities, UnitSums, cluster, load,
};
use clusterclip_core::monitor::{CancelFlag, Event, Monitor};
use clusterclip_core::rows::SliceSource;
use common::{Embeddings, Fault, Faulty, Random, all_inits, params, run, run_with};
use pollster::block_on;

/// A backend for each share, of different kernels.
fn sharing(shares: &[u64]) -> Parts<CpuBackend> {
    let kernels = Kernel::available();
    let backend = |i: usize| CpuBackend::with_kernel(kernels[i % kernels.len()]).unwrap();
    Parts::sharing(shares.iter().enumerate().map(|(i, &share)| (backend(i), share)).collect())
}

fn run_in(
    parts: &mut Parts<CpuBackend>,
    embeddings: &Embeddings,
    params: &Params,
) -> Result<Clustering, KMeansError> {
    block_on(cluster(&embeddings.source(), None, params, parts, &Monitor::silent()))
}

/// Rows that need refills with every init, and rows that need none.
fn cases() -> [(Embeddings, u64, bool); 2] {
    [
        (Embeddings::synthetic(4, 500, 6, 20, 0.02), 90, true),
        (Embeddings::synthetic(5, 400, 70, 9, 1.0), 9, false),
    ]
}

#[test]
fn any_number_of_parts_gives_what_one_backend_gives() {
    for (embeddings, k, refills) in cases() {
        for init in all_inits(&embeddings, k as usize) {
            let params = Params { init, ..params(k, 1) };
            let expected = run(&embeddings, &params).unwrap();
            let refilled = expected.log.iter().any(|entry| entry.refilled > 0);
            assert_eq!(refilled, refills && params.init != Init::KMeansPlusPlus, "what the case needs");
            for n in 1..=7 {
                let mut parts = sharing(&vec![1; n]);
                // Some once more: nothing is left of the first run.
                for _ in 0..=usize::from(n == 3) {
                    let found = run_in(&mut parts, &embeddings, &params).unwrap();
                    assert_eq!(found, expected, "{n} parts");
                }
            }
            // Parts of one row, of none, and of most.
            let n = embeddings.n_samples() as u64;
            for shares in
                [&[1, n - 1][..], &[n - 1, 1], &[n - 3, 1, 2], &[0, 1, 0, n - 1, 0], &[200, 0, 0, 1, n - 201]]
            {
                let found = run_in(&mut sharing(shares), &embeddings, &params).unwrap();
                assert_eq!(found, expected, "{shares:?} rows");
            }
        }
    }
}

#[test]
fn k_means_plus_plus_refills_in_parts_as_in_one() {
    // Four distinct rows and 20 clusters, most of which stay empty and are asked about in every iteration.
    let embeddings = Embeddings::synthetic(7, 160, 48, 4, 0.0);
    let mut noisy = Embeddings { values: embeddings.values.clone(), n_features: 48 };
    let mut random = Random::new(1);
    noisy.values.iter_mut().for_each(|x| *x += 1e-3 * random.normal());
    for (embeddings, k) in [(&embeddings, 20), (&noisy, 60)] {
        for init in all_inits(embeddings, k) {
            let params = Params { init, ..params(k as u64, 2) };
            let expected = run(embeddings, &params).unwrap();
            for shares in [&[1, 1, 1][..], &[1, 159], &[3, 1, 7, 2, 5]] {
                assert_eq!(
                    run_in(&mut sharing(shares), embeddings, &params).unwrap(),
                    expected,
                    "{shares:?}"
                );
            }
        }
    }
}

#[test]
fn the_self_test_passes_in_parts_and_refuses_parts_of_which_one_is_wrong() {
    for n in 1..=7 {
        assert_eq!(block_on(self_test(&mut sharing(&vec![1; n]))), Ok(()), "{n} parts");
    }
    assert_eq!(block_on(self_test(&mut sharing(&[1, 149]))), Ok(()));
    let cpu = || CpuBackend::new().unwrap();
    let two =
        |fault| Parts::sharing(vec![(Faulty::new(cpu(), Fault::None), 1), (Faulty::new(cpu(), fault), 2)]);
    assert_eq!(block_on(self_test(&mut two(Fault::None))), Ok(()));
    for fault in [Fault::Rows, Fault::Sums, Fault::After, Fault::Pick, Fault::Labels, Fault::Relabel] {
        let error = block_on(self_test(&mut two(fault))).unwrap_err().to_string();
        assert!(error.starts_with("Faulty 9000 + Faulty 9000 is refused"), "{fault:?}: {error}");
    }
    // What no step can look like names the part that sent it.
    for fault in [Fault::Cluster, Fault::Short] {
        let other = || Faulty::new(cpu(), Fault::None);
        let mut parts = Parts::sharing(vec![(other(), 1), (Faulty::new(cpu(), fault), 2), (other(), 1)]);
        let error = block_on(self_test(&mut parts)).unwrap_err().to_string();
        assert!(error.starts_with("Faulty 9000: its sums"), "{fault:?}: {error}");
    }
    // So does what a part itself says.
    let parts = vec![(Faulty::new(cpu(), Fault::None), 1), (Faulty::new(cpu(), Fault::None), 1)];
    let mut parts = Parts::sharing(parts);
    let shape = Shape { n_rows: 1 << 44, columns: 1 << 18, n_clusters: 2 };
    let error = block_on(parts.begin(shape, CancelFlag::default())).unwrap_err();
    let text = said(&error, dashed).to_string();
    assert!(text.starts_with("CPU (") && text.contains("no memory for 8796093022208 rows"), "{text}");
}

#[test]
fn worst_rows_of_parts_come_in_one_order_from_any_place_on() {
    // Few distinct scores, so that rows of different parts tie.
    let (n, columns) = (60u64, 64);
    let mut random = Random::new(3);
    let kinds: Vec<Vec<i8>> =
        (0..4).map(|_| (0..columns).map(|_| random.below(21) as i8 - 10).collect()).collect();
    let rows: Vec<i8> = (0..n).flat_map(|_| kinds[random.below(4)].clone()).collect();
    let values = (0..2 * columns).map(|_| random.below(41) as i8 - 20).collect();
    let centroids = Centroids::from_parts(columns, values, vec![0; 2]).unwrap();
    let shape = Shape { n_rows: n, columns, n_clusters: 2 };
    async fn ready<B: Backend>(
        backend: &mut B,
        shape: Shape,
        rows: &[i8],
        centroids: &Centroids,
    ) -> Result<(), BackendError> {
        backend.begin(shape, CancelFlag::default()).await?;
        backend.push(RowBlock { rows, own_best: &[i32::MAX; 60] }).await?;
        backend.assign(centroids).await?;
        Ok(())
    }
    block_on(async {
        let mut one = CpuBackend::new().unwrap();
        let mut parts = sharing(&[7, 1, 30, 22]);
        ready(&mut one, shape, &rows, &centroids).await?;
        ready(&mut parts, shape, &rows, &centroids).await?;
        let all = one.worst(None, 60).await?;
        assert!(all.len() == 60 && all.windows(2).filter(|pair| pair[0].score == pair[1].score).count() > 50);
        let mut places: Vec<Option<(i32, u64)>> = all.iter().map(|c| Some((c.score, c.row))).collect();
        places.extend([None, Some((i32::MIN, 3)), Some((i32::MAX, 0)), Some((all[0].score - 1, 59))]);
        for after in places {
            for count in [1, 5, 60] {
                assert_eq!(parts.worst(after, count).await?, one.worst(after, count).await?, "{after:?}");
            }
        }
        Ok::<_, BackendError>(())
    })
    .unwrap();
}

/// What several places that hold rows of their own come to, each row given to one of them.
struct Apart {
    labels: Vec<i32>,
    fitted: Fitted,
    centroids: Vec<f32>,
    similarity: Vec<f32>,
    inertia: f64,
    counts: Vec<u64>,
}

/// Loads, iterates and finishes rows in the parts that end at `ends`; `order` is the one in which sums are added.
fn apart(
    embeddings: &Embeddings,
    featureless: &[bool],
    params: &Params,
    ends: &[usize],
    order: impl Fn(Vec<UnitSums>) -> Vec<UnitSums>,
) -> Apart {
    let (d, monitor) = (embeddings.n_features, Monitor::silent());
    let starts = [&[0], &ends[..ends.len() - 1]].concat();
    let ranges: Vec<std::ops::Range<usize>> = starts.into_iter().zip(ends).map(|(a, &b)| a..b).collect();
    let sources: Vec<SliceSource<'_>> = ranges
        .iter()
        .map(|range| SliceSource::new(&embeddings.values[range.start * d..range.end * d], d))
        .collect();
    let n_clustered = featureless.iter().filter(|&&flag| !flag).count() as u64;
    block_on(async {
        let iterations = Iterations::new(params, n_clustered, d)?;
        let k = iterations.n_clusters();
        let (mut held, mut loaded) = (Vec::new(), Vec::new());
        for (source, range) in sources.iter().zip(&ranges) {
            let mut backend = CpuBackend::new()?;
            let part = load(source, Some(&featureless[range.clone()]), k, &mut backend, &monitor).await?;
            held.push((backend, part.n_rows));
            loaded.push(part);
        }
        let mut parts = Parts::holding(held, d.next_multiple_of(64));
        let fitted = iterations.run(loaded.into_iter().sum::<Loaded>(), &mut parts, &monitor).await?;

        // Each part by itself again.
        let mut labels: Vec<Vec<i32>> = Vec::new();
        for (backend, range) in parts.into_backends().iter_mut().zip(&ranges) {
            let mut clustered = backend.labels().await?.into_iter();
            let label = |&flag: &bool| if flag { -1 } else { clustered.next().unwrap() as i32 };
            labels.push(featureless[range.clone()].iter().map(label).collect());
        }
        let sums = |(source, labels): (_, &Vec<i32>)| UnitSums::of(source, labels, k as usize, &monitor);
        let mut sums =
            order(sources.iter().zip(&labels).map(sums).collect::<Result<Vec<_>, _>>()?).into_iter();
        let mut sum = sums.next().unwrap();
        sums.try_for_each(|part| sum.add(&part))?;
        let centroids = sum.centroids()?;
        let mut similarities = Similarities::default();
        for (source, labels) in sources.iter().zip(&labels) {
            similarities.append(Similarities::of(source, labels, &centroids, &monitor)?);
        }
        Ok::<_, KMeansError>(Apart {
            labels: labels.concat(),
            fitted,
            centroids,
            inertia: similarities.inertia(),
            similarity: similarities.values,
            counts: sum.counts().to_vec(),
        })
    })
    .unwrap()
}

#[test]
fn parts_that_load_and_finish_by_themselves_add_up_to_the_same_bytes() {
    for (mut embeddings, k, _) in cases() {
        let n = embeddings.n_samples();
        let featureless: Vec<bool> = (0..n).map(|row| row % 11 == 3).collect();
        let d = embeddings.n_features;
        for init in all_inits(&embeddings, k as usize) {
            for row in (0..n).filter(|&row| featureless[row]) {
                embeddings.values[row * d..][..d].fill(0.0);
            }
            let params = Params { init, ..params(k, 1) };
            let whole =
                run_with(&embeddings, Some(&featureless), &params, CpuBackend::new().unwrap()).unwrap();
            for ends in [&[n][..], &[n / 2, n], &[1, n], &[n - 1, n], &[1, 2, 50, 51, n - 9, n - 1, n]] {
                let backwards = |sums: Vec<UnitSums>| sums.into_iter().rev().collect();
                let found = apart(&embeddings, &featureless, &params, ends, backwards);
                assert_eq!(found.labels, whole.labels, "parts up to {ends:?}");
                assert_eq!(
                    (&found.fitted.log, found.fitted.objective),
                    (&whole.log, whole.objective),
                    "parts up to {ends:?}"
                );
                assert_eq!(found.fitted.centroids, whole.quantized);
                assert_eq!(found.centroids, whole.centroids, "parts up to {ends:?}");
                assert_eq!(found.similarity, whole.similarity, "parts up to {ends:?}");
                assert_eq!((found.inertia, found.counts), (whole.inertia, whole.counts.clone()));
            }
            // A part left out must show.
            let ends = [n / 2, n];
            let found = apart(&embeddings, &featureless, &params, &ends, |sums| sums[1..].to_vec());
            assert_ne!(found.centroids, whole.centroids);
        }
    }
}

#[test]
fn parts_in_another_order_come_out_different() {
    let embeddings = Embeddings::synthetic(5, 400, 70, 9, 1.0);
    let swapped = Embeddings {
        values: [&embeddings.values[200 * 70..], &embeddings.values[..200 * 70]].concat(),
        n_features: 70,
    };
    let params = params(9, 1);
    let expected = run(&embeddings, &params).unwrap();
    let found = run_in(&mut sharing(&[1, 1]), &swapped, &params).unwrap();
    assert_ne!(found.log, expected.log, "rows are numbered over all parts");
}

#[test]
fn a_cancelled_run_in_parts_stops_with_that_error() {
    let embeddings = Embeddings::synthetic(14, 2000, 64, 50, 2.0);
    let cancel = CancelFlag::default();
    let listener = cancel.clone();
    let sink = move |event: Event| {
        if matches!(event, Event::Iteration { iteration: 2, .. }) {
            listener.cancel();
        }
    };
    let monitor = Monitor::new(&sink, cancel);
    let mut parts = sharing(&[1, 2, 1]);
    let found = block_on(cluster(&embeddings.source(), None, &params(50, 0), &mut parts, &monitor));
    assert!(matches!(found, Err(KMeansError::Cancelled(_))), "{found:?}");

    // Each part looks at the flag that all were begun with.
    let cancel = CancelFlag::default();
    let stopped = block_on(async {
        let shape = Shape { n_rows: 4, columns: 64, n_clusters: 1 };
        parts.begin(shape, cancel.clone()).await?;
        parts.push(RowBlock { rows: &[1; 4 * 64], own_best: &[0; 4] }).await?;
        cancel.cancel();
        parts.assign(&Centroids::from_parts(64, vec![1; 64], vec![0]).unwrap()).await
    });
    assert!(matches!(stopped, Err(BackendError::Cancelled(_))), "{stopped:?}");
}
