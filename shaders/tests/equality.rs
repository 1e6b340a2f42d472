//! The device gives the CPU's integers, stage by stage, whatever the plan, the blocks and the checks. The tests run
//! on the adapter at hand, a software one in CI: they say nothing of other drivers. Those show themselves by the
//! self-test that every device must pass.

mod common;

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use clusterclip_core::monitor::CancelFlag;
use clusterclip_shaders::gpu::Adapter;
use clusterclip_shaders::kmeans::{GpuBackend, Inner, Options, Plan};
use common::{Case, Kind, ask, cpu, gpu, same};
use pollster::block_on;
use proptest::prelude::*;

fn with(set: impl FnOnce(&mut Options)) -> Options {
    let mut options = Options::default();
    set(&mut options);
    options
}

/// The plans that the adapter can run, by their places in [`Plan::ALL`].
fn fitting() -> impl Iterator<Item = usize> {
    static ADAPTER: OnceLock<Adapter> = OnceLock::new();
    let adapter = ADAPTER.get_or_init(common::adapter);
    (0..Plan::ALL.len()).filter(move |&at| Plan::ALL[at].fits(adapter))
}

/// The backend of a plan, every other one with checks; opened once, for it takes a while.
fn backend(at: usize) -> MutexGuard<'static, GpuBackend> {
    static OPENED: [OnceLock<Mutex<GpuBackend>>; Plan::ALL.len()] =
        [const { OnceLock::new() }; Plan::ALL.len()];
    let opened = OPENED[at].get_or_init(|| {
        Mutex::new(gpu(with(|options| {
            options.plan = Some(Plan::ALL[at]);
            options.checks = at % 4 < 2;
        })))
    });
    opened.lock().unwrap_or_else(PoisonError::into_inner)
}

fn plans_equal_the_cpu(plans: impl Iterator<Item = usize>, case: &Case) {
    let expected = ask(&mut cpu(), case);
    for at in plans {
        let found = ask(&mut *backend(at), case);
        same(&found, &expected, case, &Plan::ALL[at].to_string());
    }
}

fn every_plan_equals_the_cpu(case: &Case) {
    plans_equal_the_cpu(fitting(), case);
}

fn kinds() -> impl Strategy<Value = Kind> {
    prop_oneof![Just(Kind::Mixed), Just(Kind::Extreme), Just(Kind::Small), Just(Kind::Equal)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_shape_gives_the_integers_of_the_cpu(
        seed: u64, n in 1usize..700, lines in 1usize..7, k in 1usize..300, kind in kinds(),
    ) {
        // A third of the plans, of every inner loop in turn: each meets eight shapes.
        let third = fitting().filter(|at| *at as u64 % 3 == seed % 3);
        plans_equal_the_cpu(third, &Case::new(seed, n, 64 * lines, k, kind));
    }
}

#[test]
fn one_row_and_one_cluster() {
    every_plan_equals_the_cpu(&Case::new(1, 1, 64, 1, Kind::Mixed));
    every_plan_equals_the_cpu(&Case::new(1, 300, 64, 1, Kind::Mixed));
    every_plan_equals_the_cpu(&Case::new(1, 129, 64, 129, Kind::Mixed));
}

#[test]
fn ties_go_to_the_lowest_cluster() {
    let case = Case::new(2, 500, 128, 200, Kind::Equal);
    let said = ask(&mut cpu(), &case);
    assert!(said.labels[0].iter().all(|&label| label == 0), "all scores tie");
    every_plan_equals_the_cpu(&case);
    every_plan_equals_the_cpu(&Case::new(3, 500, 64, 250, Kind::Small));
}

#[test]
fn rows_longer_than_one_exact_f32_sum() {
    // The longest that is exact, the shortest that is not, and one of several parts.
    for columns in [2048, 2048 + 64, 2 * 2048 + 192] {
        every_plan_equals_the_cpu(&Case::new(5, 70, columns, 33, Kind::Extreme));
    }
    every_plan_equals_the_cpu(&Case::new(4, 70, 2 * 2048 + 192, 33, Kind::Mixed));
}

#[test]
fn the_longest_rows_score_without_overflow() {
    // All 63 against all 127: the largest sums there are.
    let columns = 1 << 18;
    let mut case = Case::new(6, 2, columns, 2, Kind::Equal);
    case.rows[columns..].fill(-63);
    // Sums are those of the inner loop, whatever the tile; a whole tile is scored, so the smallest is the quickest.
    let smallest = |inner| {
        let of_loop = fitting().filter(move |&at| Plan::ALL[at].inner == inner);
        of_loop.min_by_key(|&at| Plan::ALL[at].rows() * Plan::ALL[at].centroids())
    };
    let plans: Vec<usize> =
        [Inner::Float, Inner::Packed, Inner::Broadcast].into_iter().filter_map(smallest).collect();
    assert!(plans.len() >= 2, "float and packed fit every device");
    plans_equal_the_cpu(plans.into_iter(), &case);
}

#[test]
fn blocks_chunks_streaming_and_carries_change_nothing() {
    // The rows come in six blocks of 256 and a smaller one, or in three of 512 and a smaller one.
    let case = Case::new(7, 1600, 128, 70, Kind::Mixed);
    let expected = ask(&mut cpu(), &case);
    let many_blocks = with(|o| o.block_bytes = Some(128 * 512));
    let many_chunks = with(|o| o.products = Some(1));
    let streamed = with(|o| o.row_memory = Some(1600 * 128 / 2));
    let all_streamed = with(|o| (o.row_memory, o.products) = (Some(0), Some(1)));
    let carried = with(|o| (o.sum_rows, o.products) = (Some(700), Some(1)));
    let ways = [
        ("many blocks", many_blocks),
        ("many chunks", many_chunks),
        ("partly streamed", streamed),
        ("all streamed", all_streamed),
        ("carried", carried),
    ];
    // What differs between inner loops does not know how rows were cut: one way, one of them.
    for (plan, (what, mut options)) in [Plan::ALL[0], Plan::ALL[1]].into_iter().cycle().zip(ways) {
        options.plan = Some(plan);
        let mut backend = gpu(options);
        let found = ask(&mut backend, &case);
        same(&found, &expected, &case, what);
    }
}

#[test]
fn nothing_needs_an_optional_feature() {
    let case = Case::new(10, 900, 192, 40, Kind::Mixed);
    let expected = ask(&mut cpu(), &case);
    let adapter = common::adapter().plain();
    for plan in Plan::ALL.into_iter().filter(|plan| plan.fits(&adapter)).take(2) {
        let options = with(|o| o.plan = Some(plan));
        let opened = block_on(GpuBackend::new(adapter.clone(), options, &CancelFlag::default()));
        let mut backend = opened.unwrap_or_else(|error| panic!("{error}"));
        assert!(!backend.gpu_mut().time_stages(), "a feature that was not asked for");
        same(&ask(&mut backend, &case), &expected, &case, &plan.to_string());
    }
}

#[test]
fn clusters_scored_in_parts_are_the_same() {
    for plan in [Plan::ALL[0], Plan::ALL[1]] {
        let mut backend = gpu(with(|o| (o.plan, o.products) = (Some(plan), Some(1))));
        for kind in [Kind::Mixed, Kind::Small, Kind::Equal] {
            let case = Case::new(9, 600, 64, 400, kind);
            let expected = ask(&mut cpu(), &case);
            same(&ask(&mut backend, &case), &expected, &case, "parts of 128 clusters");
        }
    }
}

#[test]
fn the_comparison_with_the_cpu_can_fail() {
    let mut case = Case::new(8, 400, 192, 50, Kind::Mixed);
    let mut backend = backend(0);
    let expected = ask(&mut cpu(), &case);
    assert_eq!(ask(&mut *backend, &case), expected);
    case.rows[31 * 192 + 77] ^= 1;
    assert_ne!(ask(&mut *backend, &case), expected);
}
