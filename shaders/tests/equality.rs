//! The device gives the CPU's integers, stage by stage, whatever the plan, the blocks and the checks. The tests run
//! on the adapter at hand, a software one in CI: they say nothing of other drivers. Those show themselves by the
//! self-test that every device must pass.

mod common;

use std::sync::{Mutex, OnceLock, PoisonError};

use clusterclip_shaders::kmeans::{GpuBackend, Options, Plan};
use common::{Case, Kind, ask, cpu, gpu, same};
use proptest::prelude::*;

fn with(set: impl FnOnce(&mut Options)) -> Options {
    let mut options = Options::default();
    set(&mut options);
    options
}

/// One backend for each plan that fits, every other one with checks; opened once, for it takes a while.
fn backends() -> &'static [Mutex<GpuBackend>] {
    static BACKENDS: OnceLock<Vec<Mutex<GpuBackend>>> = OnceLock::new();
    BACKENDS.get_or_init(|| {
        let adapter = common::adapter();
        let fitting = Plan::ALL.into_iter().filter(|plan| plan.fits(&adapter)).enumerate();
        let open = |(i, plan)| {
            Mutex::new(gpu(with(|options| {
                options.plan = Some(plan);
                options.checks = i % 4 < 2;
            })))
        };
        fitting.map(open).collect()
    })
}

fn every_plan_equals_the_cpu(case: &Case) {
    let expected = ask(&mut cpu(), case);
    for backend in backends() {
        let mut backend = backend.lock().unwrap_or_else(PoisonError::into_inner);
        let found = ask(&mut *backend, case);
        same(&found, &expected, case, &backend.plan().to_string());
    }
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
        every_plan_equals_the_cpu(&Case::new(seed, n, 64 * lines, k, kind));
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
    for columns in [2048, 2048 + 64, 3 * 2048 + 192] {
        every_plan_equals_the_cpu(&Case::new(4, 70, columns, 33, Kind::Mixed));
        every_plan_equals_the_cpu(&Case::new(5, 70, columns, 33, Kind::Extreme));
    }
}

#[test]
fn the_longest_rows_score_without_overflow() {
    // All 63 against all 127: the largest sums there are.
    let columns = 1 << 18;
    let mut case = Case::new(6, 2, columns, 2, Kind::Equal);
    case.rows[columns..].fill(-63);
    every_plan_equals_the_cpu(&case);
}

#[test]
fn blocks_chunks_streaming_and_carries_change_nothing() {
    let case = Case::new(7, 3000, 128, 70, Kind::Mixed);
    let expected = ask(&mut cpu(), &case);
    for plan in [Plan::ALL[0], Plan::ALL[1]] {
        let plan = Some(plan);
        let many_blocks = with(|o| (o.plan, o.block_bytes) = (plan, Some(128 * 512)));
        let many_chunks = with(|o| (o.plan, o.products) = (plan, Some(1)));
        let streamed = with(|o| (o.plan, o.row_memory) = (plan, Some(3000 * 128 / 2)));
        let all_streamed = with(|o| (o.plan, o.row_memory, o.products) = (plan, Some(0), Some(1)));
        let carried = with(|o| (o.plan, o.sum_rows, o.products) = (plan, Some(700), Some(1)));
        for (what, options) in [
            ("many blocks", many_blocks),
            ("many chunks", many_chunks),
            ("half streamed", streamed),
            ("all streamed", all_streamed),
            ("carried", carried),
        ] {
            let mut backend = gpu(options);
            let found = ask(&mut backend, &case);
            same(&found, &expected, &case, what);
        }
    }
}

#[test]
fn clusters_scored_in_parts_are_the_same() {
    for kind in [Kind::Mixed, Kind::Small, Kind::Equal] {
        let case = Case::new(9, 600, 64, 400, kind);
        let expected = ask(&mut cpu(), &case);
        for plan in [Plan::ALL[0], Plan::ALL[1]] {
            let mut backend = gpu(with(|o| (o.plan, o.products) = (Some(plan), Some(1))));
            same(&ask(&mut backend, &case), &expected, &case, "parts of 128 clusters");
        }
    }
}

#[test]
fn the_comparison_with_the_cpu_can_fail() {
    let mut case = Case::new(8, 400, 192, 50, Kind::Mixed);
    let mut backend = backends()[0].lock().unwrap_or_else(PoisonError::into_inner);
    let expected = ask(&mut cpu(), &case);
    assert_eq!(ask(&mut *backend, &case), expected);
    case.rows[31 * 192 + 77] ^= 1;
    assert_ne!(ask(&mut *backend, &case), expected);
}
