//! The steps of K-Means by themselves, at sizes that take milliseconds. `cargo xtask bench kmeans` compares whole
//! fits with other programs.

use clusterclip_core::keys;
use clusterclip_core::kmeans::{
    Backend, Centroids, CpuBackend, Init, Kernel, Params, Quantizer, RowBlock, Shape, cluster,
};
use clusterclip_core::monitor::{CancelFlag, Monitor};
use clusterclip_core::rows::SliceSource;
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use pollster::block_on;

fn main() {
    divan::main();
}

const ROWS: usize = 8192;

fn bytes(key: u64, count: usize, limit: i64) -> Vec<i8> {
    (0..count as u64).map(|i| ((keys::hash(&[key, i]) >> 8) as i64 % (2 * limit + 1) - limit) as i8).collect()
}

fn values(count: usize) -> Vec<f32> {
    bytes(1, count, 100).into_iter().map(f32::from).collect()
}

/// Rows of bytes in a backend that spares no scores, and centroids to assign them to.
fn loaded(kernel: Kernel, columns: usize, n_clusters: usize) -> (CpuBackend, Centroids) {
    let mut backend = CpuBackend::with_kernel(kernel).expect("an available kernel").with_bounds(false);
    let shape = Shape { n_rows: ROWS as u64, columns, n_clusters: n_clusters as u32 };
    let rows = bytes(2, ROWS * columns, 63);
    let pushed = async {
        backend.begin(shape, CancelFlag::default()).await?;
        backend.push(RowBlock { rows: &rows, own_best: &[i32::MAX; ROWS] }).await
    };
    block_on(pushed).expect("room for the rows");
    let centroids = Centroids::from_parts(columns, bytes(3, n_clusters * columns, 127), vec![0; n_clusters]);
    (backend, centroids.expect("values in range"))
}

/// Byte products a second of an assign after which no row moves.
#[divan::bench(args = Kernel::available(), consts = [384, 768])]
fn assign<const COLUMNS: usize>(bencher: Bencher<'_, '_>, kernel: Kernel) {
    let (mut backend, centroids) = loaded(kernel, COLUMNS, 256);
    bencher
        .counter(ItemsCount::new(ROWS * COLUMNS * 256))
        .bench_local(|| block_on(backend.assign(black_box(&centroids))).map(|step| step.objective));
}

/// Rows a second when every row moves between two sets of centroids.
#[divan::bench]
fn assign_when_all_rows_move(bencher: Bencher<'_, '_>) {
    let (mut backend, there) = loaded(Kernel::best(), 384, 256);
    let shifted = [&there.values()[128 * 384..], &there.values()[..128 * 384]].concat();
    let back = Centroids::from_parts(384, shifted, vec![0; 256]).expect("values in range");
    bencher.counter(ItemsCount::new(2 * ROWS)).bench_local(|| {
        [&there, &back].map(|centroids| block_on(backend.assign(centroids)).map(|step| step.moved))
    });
}

/// Byte products a second of one k-means++ step.
#[divan::bench(args = Kernel::available())]
fn seed_step(bencher: Bencher<'_, '_>, kernel: Kernel) {
    let (mut backend, centroids) = loaded(kernel, 768, 1);
    bencher
        .counter(ItemsCount::new(ROWS * 768))
        .bench_local(|| block_on(backend.seed_step(&centroids)).map(|weights| weights.len()));
}

/// Values a second of one thread; 256 features take one pass of rotations, the others two.
#[divan::bench(args = [256, 384, 768])]
fn quantize(bencher: Bencher<'_, '_>, n_features: usize) {
    let quantizer = Quantizer::new(n_features).expect("a width that can be quantised");
    let rows = values(64 * n_features);
    let (mut q, mut scratch) = (vec![0; quantizer.columns()], Vec::new());
    bencher.counter(ItemsCount::new(rows.len())).bench_local(|| {
        rows.chunks_exact(n_features)
            .map(|row| quantizer.quantize(row, &mut q, &mut scratch))
            .collect::<Result<Vec<_>, _>>()
    });
}

/// Values a second from f32 rows to everything that is saved, for one iteration of few clusters.
#[divan::bench]
fn whole_fit_of_one_iteration(bencher: Bencher<'_, '_>) {
    let rows = values(ROWS * 384);
    let source = SliceSource::new(&rows, 384);
    let params = Params { n_clusters: Some(16), max_iterations: 1, init: Init::Random, ..Params::default() };
    let mut backend = CpuBackend::new().expect("a kernel");
    bencher.counter(ItemsCount::new(rows.len())).bench_local(|| {
        block_on(cluster(&source, None, &params, &mut backend, &Monitor::silent()))
            .map(|found| found.objective)
    });
}
