//! How fast draws are made: iteration, many at once, ranks, random access and its growth with the number of clusters.
//!
//! Sizes follow Zipf's law over 10^7 documents. Targets: at least 15 million draws a second when iterating and at
//! most 200 ns for a position, both at 2000 clusters on one core; with random weights 10 million and 10 µs, and in the
//! last hundredth of an order no less.

use clusterclip_core::keys::{mix, scale};
use clusterclip_core::sampler::{Budget, Choice, Draw, Members, Options, Rank, Sampler, Strategy, Weights};
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use rayon::{ThreadPool, ThreadPoolBuilder};

fn main() {
    divan::main();
}

const DOCUMENTS: u64 = 10_000_000;
/// Draws of one sample: a few milliseconds' work, so that the fastest sample is an undisturbed one.
const DRAWS: u64 = 100_000;

/// Sizes after Zipf's law, in a shuffled order, each at least 1.
fn zipf(clusters: usize) -> Vec<u64> {
    let harmonic: f64 = (1..=clusters).map(|i| 1.0 / i as f64).sum();
    let mut sizes: Vec<u64> =
        (1..=clusters).map(|i| ((DOCUMENTS as f64 / harmonic / i as f64) as u64).max(1)).collect();
    sizes.sort_by_key(|&size| mix(size));
    sizes
}

fn sampler(clusters: usize, strategy: Strategy, choice: Choice) -> Sampler {
    let options =
        Options { strategy, choice, budget: Budget::Documents(DOCUMENTS / 2), ..Options::default() };
    Sampler::new(&zipf(clusters), options).expect("the budget is under the clip")
}

/// Documents of 2000 clusters about as large as one another.
fn members() -> Members {
    let labels: Vec<i32> = (0..DOCUMENTS).map(|row| scale(mix(row), 2000) as i32).collect();
    Members::from_labels(&labels).expect("labels are clusters")
}

fn pool(threads: usize) -> ThreadPool {
    ThreadPoolBuilder::new().num_threads(threads).build().expect("so few threads can be started")
}

const STRATEGIES: [Strategy; 5] = [
    Strategy::ClusterClip,
    Strategy::Uniform,
    Strategy::Random,
    Strategy::GeneralToSpecific,
    Strategy::SpecificToGeneral,
];

#[divan::bench(args = STRATEGIES)]
fn iterate_2000_clusters(bencher: Bencher<'_, '_>, strategy: Strategy) {
    let sampler = sampler(2000, strategy, Choice::Stratified);
    bencher
        .counter(ItemsCount::new(DRAWS))
        .bench_local(|| sampler.iter().take(DRAWS as usize).fold(0, |sum: u64, draw| sum ^ draw.member));
}

#[divan::bench(args = [20, 100, 2000, 20_000, 100_000])]
fn iterate_cluster_clip(bencher: Bencher<'_, '_>, clusters: usize) {
    let sampler = sampler(clusters, Strategy::ClusterClip, Choice::Stratified);
    bencher
        .counter(ItemsCount::new(DRAWS))
        .bench_local(|| sampler.iter().take(DRAWS as usize).fold(0, |sum: u64, draw| sum ^ draw.member));
}

#[divan::bench(args = [100, 2000, 100_000])]
fn iterate_independent(bencher: Bencher<'_, '_>, clusters: usize) {
    let sampler = sampler(clusters, Strategy::ClusterClip, Choice::Independent);
    bencher
        .counter(ItemsCount::new(DRAWS))
        .bench_local(|| sampler.iter().take(DRAWS as usize).fold(0, |sum: u64, draw| sum ^ draw.member));
}

/// Draws that are made at a time by so many threads.
#[divan::bench(args = [1, 2])]
fn fill_2000_clusters_on_threads(bencher: Bencher<'_, '_>, threads: usize) {
    let sampler = sampler(2000, Strategy::ClusterClip, Choice::Stratified);
    let mut draws = vec![Draw::default(); 1 << 20];
    let pool = pool(threads);
    bencher
        .counter(ItemsCount::new(draws.len()))
        .bench_local(|| pool.install(|| sampler.fill(black_box(1_000_000), 1, &mut draws)));
}

/// The same as document rows.
#[divan::bench(args = [1, 2])]
fn fill_rows_of_2000_clusters_on_threads(bencher: Bencher<'_, '_>, threads: usize) {
    let members = members();
    let sampler = Sampler::new(members.sizes(), Options::default()).expect("one epoch is under the clip");
    let mut rows = vec![0; 1 << 20];
    let pool = pool(threads);
    bencher
        .counter(ItemsCount::new(rows.len()))
        .bench_local(|| pool.install(|| sampler.iter().fill_rows(&members, &mut rows)));
}

#[divan::bench(args = [1, 8, 64, 4096])]
fn one_rank_of(bencher: Bencher<'_, '_>, world_size: u64) {
    let sampler = sampler(2000, Strategy::ClusterClip, Choice::Stratified);
    let rank = Rank::new(0, world_size, false).expect("rank 0 exists");
    let mut draws = vec![Draw::default(); 65_536.min((sampler.len() / world_size) as usize)];
    let pool = pool(1);
    bencher
        .counter(ItemsCount::new(draws.len()))
        .bench_local(|| pool.install(|| sampler.rank(rank).fill(&mut draws)));
}

/// Each position depends on the draw before it, so that nothing overlaps: the time of one call.
#[divan::bench(args = [100, 1000, 2000, 10_000, 100_000])]
fn at(bencher: Bencher<'_, '_>, clusters: usize) {
    let sampler = sampler(clusters, Strategy::ClusterClip, Choice::Stratified);
    bencher.counter(ItemsCount::new(1000u64)).bench_local(|| {
        let mut position = black_box(1);
        for step in 0..1000 {
            let draw = sampler.at(position).expect("the position is under the length");
            position = scale(mix(draw.member ^ step), sampler.len());
        }
        position
    });
}

/// Turning draws into rows, 65 536 at a time.
#[divan::bench]
fn rows_of_draws(bencher: Bencher<'_, '_>) {
    let members = members();
    let sampler = Sampler::new(members.sizes(), Options::default()).expect("one epoch is under the clip");
    let mut draws = vec![Draw::default(); 65_536];
    sampler.fill(0, 1, &mut draws).expect("stratified orders have random access");
    let mut rows = vec![0; draws.len()];
    bencher.counter(ItemsCount::new(draws.len())).bench_local(|| members.rows(&draws, &mut rows));
}

/// The longest order of clusters with random weights, a thousand times apart.
fn weighted(clusters: usize, strategy: Strategy) -> Sampler {
    let sizes = zipf(clusters);
    let weight = |i: u64| {
        (1u64 << scale(mix(i), 10)) as f64 * (1.0 + scale(mix(i + 1), 1 << 20) as f64 / f64::from(1 << 20))
    };
    let weights =
        Weights::new(&(0..clusters as u64).map(weight).collect::<Vec<_>>()).expect("weights are finite");
    let documents: u64 = sizes.iter().sum();
    let clip = if matches!(strategy, Strategy::ClusterClip | Strategy::Unimax) { 5 } else { 1 };
    let budget = Budget::Documents(clip * documents);
    Sampler::new(&sizes, Options { strategy, weights, budget, ..Options::default() })
        .expect("the budget is the limit")
}

const WEIGHTED: [Strategy; 5] = [
    Strategy::ClusterClip,
    Strategy::Uniform,
    Strategy::Unimax,
    Strategy::GeneralToSpecific,
    Strategy::SpecificToGeneral,
];

#[divan::bench(args = WEIGHTED)]
fn weighted_iterate_2000_clusters(bencher: Bencher<'_, '_>, strategy: Strategy) {
    let sampler = weighted(2000, strategy);
    bencher
        .counter(ItemsCount::new(DRAWS))
        .bench_local(|| sampler.iter().take(DRAWS as usize).fold(0, |sum: u64, draw| sum ^ draw.member));
}

/// Where few clusters are left.
#[divan::bench(args = [100, 2000, 100_000])]
fn weighted_iterate_last_hundredth(bencher: Bencher<'_, '_>, clusters: usize) {
    let sampler = weighted(clusters, Strategy::ClusterClip);
    let start = sampler.len() - sampler.len() / 100;
    bencher.counter(ItemsCount::new(DRAWS)).bench_local(|| {
        let walk = sampler.iter_from(black_box(start)).expect("the position is under the length");
        walk.take(DRAWS as usize).fold(0, |sum: u64, draw| sum ^ draw.member)
    });
}

/// Each position depends on the draw before it: the time of one call.
#[divan::bench(args = [100, 2000, 100_000])]
fn weighted_at(bencher: Bencher<'_, '_>, clusters: usize) {
    let sampler = weighted(clusters, Strategy::ClusterClip);
    bencher.counter(ItemsCount::new(100u64)).bench_local(|| {
        let mut position = black_box(1);
        for step in 0..100 {
            let draw = sampler.at(position).expect("the position is under the length");
            position = scale(mix(draw.member ^ step), sampler.len());
        }
        position
    });
}

/// Random positions of the last hundredth.
#[divan::bench]
fn weighted_at_last_hundredth(bencher: Bencher<'_, '_>) {
    let sampler = weighted(2000, Strategy::ClusterClip);
    let last = sampler.len() / 100;
    bencher.counter(ItemsCount::new(100u64)).bench_local(|| {
        let mut sum = 0;
        for step in 0..100 {
            let position = sampler.len() - 1 - scale(mix(black_box(step)), last);
            sum ^= sampler.at(position).expect("the position is under the length").member;
        }
        sum
    });
}

#[divan::bench(args = [2000, 100_000])]
fn weighted_new(bencher: Bencher<'_, '_>, clusters: usize) {
    bencher.bench_local(|| weighted(black_box(clusters), Strategy::ClusterClip));
}

#[divan::bench(args = [2000])]
fn weighted_exposure(bencher: Bencher<'_, '_>, clusters: usize) {
    let sampler = weighted(clusters, Strategy::ClusterClip);
    bencher.bench_local(|| sampler.exposure());
}
