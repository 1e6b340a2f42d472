//! K-Means from the first centroids to the saved ones, on the device and on the CPU; what goes to and fro; stopping.

mod common;

use clusterclip_core::error::{dashed, said};
use clusterclip_core::kmeans::{
    Backend, BackendError, Centroids, Clustering, Init, KMeansError, Params, RowBlock, Shape, cluster,
};
use clusterclip_core::monitor::{CancelFlag, Event, Monitor};
use clusterclip_core::rows::SliceSource;
use clusterclip_shaders::gpu::{GpuError, Wanted, choose};
use clusterclip_shaders::kmeans::{Options, Plan};
use common::{Case, Kind, cpu, embeddings, gpu};
use pollster::block_on;

fn run<B: Backend>(backend: &mut B, rows: &[f32], n_features: usize, params: &Params) -> Clustering {
    let source = SliceSource::new(rows, n_features);
    let mut featureless = vec![false; rows.len() / n_features];
    featureless[3] = true;
    block_on(cluster(&source, Some(&featureless), params, backend, &Monitor::silent())).unwrap()
}

#[test]
fn clusters_are_those_of_the_cpu_from_every_start() {
    let (n, d, k) = (1500, 100, 60);
    let rows = embeddings(n, d, 40);
    let given: Vec<f32> = (0..k as usize).flat_map(|i| rows[i * 7 * d..][..d].to_vec()).collect();
    for plan in [Plan::ALL[0], Plan::ALL[1]] {
        let mut options = Options::default();
        options.plan = Some(plan);
        options.block_bytes = Some(1024 * 128);
        let mut device = gpu(options);
        // Given rows repeat, so clusters become empty and are refilled.
        for init in [Init::Random, Init::KMeansPlusPlus, Init::Rows(given.clone())] {
            let params =
                Params { n_clusters: Some(k), seed: 5, init, max_iterations: 40, ..Params::default() };
            let expected = run(&mut cpu(), &rows, d, &params);
            assert_eq!(run(&mut device, &rows, d, &params), expected, "{plan}, {:?}", expected.log);
        }
    }
}

#[test]
fn an_iteration_waits_once_and_brings_back_what_changed() {
    let case = Case::new(21, 5000, 128, 64, Kind::Mixed);
    let mut options = Options::default();
    options.plan = Some(Plan::ALL[0]);
    options.products = Some(5000 * 128 * 64 / 3);
    let mut device = gpu(options);
    let shape = Shape { n_rows: 5000, columns: 128, n_clusters: 64 };
    block_on(async {
        device.begin(shape, CancelFlag::default()).await?;
        device.push(RowBlock { rows: &case.rows, own_best: &case.own_best }).await?;
        device.assign(&case.centroids[1]).await?;
        let before = device.counters();
        device.assign(&case.centroids[1]).await?;
        let still = device.counters();
        device.assign(&case.centroids[2]).await?;
        let after = device.counters();
        let chunks = 5;
        assert_eq!(still.bytes_up - before.bytes_up, 0, "equal centroids are not sent again");
        assert_eq!(still.waits - before.waits, 1);
        let dispatches = still.dispatches - before.dispatches;
        assert!(dispatches <= 6 + 6 * chunks, "{dispatches} dispatches for at most {chunks} chunks");
        // A fifth of the centroids, and what lies between them.
        assert!(after.bytes_up - still.bytes_up <= 64 * (128 + 4), "{after:?}");
        assert!(after.waits - still.waits <= 2);
        Ok::<_, BackendError>(())
    })
    .unwrap();
}

#[test]
fn stages_are_timed_where_the_device_has_a_clock() {
    let case = Case::new(23, 700, 64, 20, Kind::Mixed);
    let mut options = Options::default();
    options.plan = Some(Plan::ALL[0]);
    let mut device = gpu(options);
    let expected = common::ask(&mut cpu(), &case);
    let timed = device.gpu_mut().time_stages();
    common::same(&common::ask(&mut device, &case), &expected, &case, "timed");
    let stages: Vec<&str> = device.gpu().stage_times().iter().map(|time| time.stage).collect();
    assert_eq!(timed, stages.contains(&"assign_float") && stages.contains(&"worst_settle"), "{stages:?}");
}

#[test]
fn a_stop_is_seen_and_the_device_serves_again() {
    let case = Case::new(22, 3000, 128, 64, Kind::Mixed);
    let mut options = Options::default();
    options.plan = Some(Plan::ALL[0]);
    options.products = Some(1);
    let mut device = gpu(options);
    let cancel = CancelFlag::default();
    let shape = Shape { n_rows: 3000, columns: 128, n_clusters: 64 };
    block_on(async {
        device.begin(shape, cancel.clone()).await.unwrap();
        device.push(RowBlock { rows: &case.rows, own_best: &case.own_best }).await.unwrap();
        cancel.cancel();
        let stopped = device.assign(&case.centroids[0]).await;
        assert!(matches!(stopped, Err(BackendError::Cancelled(_))), "{stopped:?}");
        device.end().await;
    });
    let expected = common::ask(&mut cpu(), &case);
    common::same(&common::ask(&mut device, &case), &expected, &case, "after a stop");

    // Stopped from the outside, in the second iteration.
    let rows = embeddings(2000, 64, 30);
    let cancel = CancelFlag::default();
    let sink = |event: Event| {
        if let Event::Iteration { iteration: 2, .. } = event {
            cancel.cancel();
        }
    };
    let params = Params { n_clusters: Some(50), ..Params::default() };
    let monitor = Monitor::new(&sink, cancel.clone());
    let result = block_on(cluster(&SliceSource::new(&rows, 64), None, &params, &mut device, &monitor));
    assert!(matches!(result, Err(KMeansError::Cancelled(_))), "{result:?}");
}

#[test]
fn what_does_not_fit_is_an_error_with_sizes() {
    let mut options = Options::default();
    options.plan = Some(Plan::ALL[0]);
    let mut device = gpu(options);
    let shape = Shape { n_rows: 10, columns: 1 << 18, n_clusters: 1 << 30 };
    let error = block_on(device.begin(shape, CancelFlag::default())).unwrap_err();
    let error = said(&error, dashed).to_string();
    for part in ["centroids", &(1u64 << 48).to_string(), "--clusters"] {
        assert!(error.contains(part), "{error}");
    }
    let one = Centroids::from_parts(64, vec![0; 64], vec![0]).unwrap();
    let error = block_on(device.assign(&one)).unwrap_err().to_string();
    assert!(error.contains("no rows"), "{error}");
}

#[test]
fn without_an_adapter_the_message_says_how_to_get_one() {
    let error = choose(Vec::new(), &Wanted::Any).unwrap_err();
    assert_eq!(error, GpuError::NoAdapter);
    assert!(error.to_string().contains("mesa-vulkan-drivers"));
    let error = choose(vec![common::adapter()], &Wanted::Named("no such thing")).unwrap_err().to_string();
    assert!(error.contains("no such thing") && error.contains(&common::adapter().info().name), "{error}");
}
