//! Spoiled shaders are refused, and a lost device is an error.

use pollster::block_on;

use super::super::plan::Inner;
use super::super::stages;
use super::*;
use crate::gpu::{Pipeline, Stage, Wanted, adapters, choose};

/// `stage` with one thing wrong in it.
fn spoiled(stage: &'static Stage, right: &str, wrong: &str) -> &'static Stage {
    assert_eq!(stage.source.matches(right).count(), 1, "{}: {right}", stage.name);
    let source = String::leak(stage.source.replace(right, wrong));
    Box::leak(Box::new(Stage { name: stage.name, source, bindings: stage.bindings }))
}

#[test]
fn a_shader_with_one_wrong_index_is_refused() {
    let adapter = choose(block_on(adapters()), &Wanted::Any).unwrap_or_else(|error| panic!("{error}"));
    // One plan of each inner loop.
    let one_of = |inner: Inner| Plan::ALL.into_iter().find(|plan| plan.inner == inner);
    let plans = [Inner::Float, Inner::Packed, Inner::Broadcast].into_iter().filter_map(one_of);
    for plan in plans.filter(|plan| plan.fits(&adapter)) {
        let options = Options { plan: Some(plan), checks: true, ..Options::default() };
        let mut backend =
            block_on(GpuBackend::new(adapter.clone(), options, &CancelFlag::default())).unwrap();
        let refused = |backend: &mut GpuBackend, what: &str| {
            let result = block_on(self_test(backend));
            assert!(matches!(result, Err(SelfTestError::Wrong { .. })), "{plan}, {what}: {result:?}");
        };
        // Assign: a wrong row, a wrong centroid, the other of two equal ones, no bias.
        let row = match plan.inner {
            Inner::Broadcast => ("subgroupBroadcast(a, 3u)", "subgroupBroadcast(a, 2u)"),
            _ => ("rows[start + 3u * params.vectors]", "rows[start + 2u * params.vectors]"),
        };
        for (right, wrong) in [
            row,
            ("centroids[start + params.vectors]", "centroids[start]"),
            ("other.y < found.y", "other.y > found.y"),
            ("(*total)[at + 1u] + bias", "(*total)[at + 1u]"),
        ] {
            let stage = spoiled(plan.stage(), right, wrong);
            let gpu = &backend.gpu;
            let right_one = std::mem::replace(
                &mut backend.pipelines.assign,
                block_on(gpu.pipeline(stage, &plan.constants(0), true)).unwrap(),
            );
            refused(&mut backend, wrong);
            backend.pipelines.assign = right_one;
        }
        // The other stages, each with one wrong word: no plan changes them, so one is enough.
        type Of = fn(&mut Pipelines) -> &mut Pipeline;
        let others: [(Of, &'static Stage, &str, &str); 9] = [
            (|p| &mut p.accumulate, &stages::accumulate::STAGE, "byte * words + word", "byte * words"),
            (|p| &mut p.changed, &stages::changed::STAGE, "before < lane", "before + 1u < lane"),
            (|p| &mut p.gather, &stages::gather::STAGE, "        sums[sum] = 0;", ""),
            (|p| &mut p.seed_step, &stages::seed_step::STAGE, "max(score, scores[row])", "score"),
            (|p| &mut p.pick, &stages::pick::STAGE, "wanted.first + i", "wanted.first"),
            (|p| &mut p.relabel, &stages::relabel::STAGE, "moves[id.x + 1u]", "moves[id.x]"),
            (|p| &mut p.worst, &stages::worst::STAGE, " ^ 0x80000000u", ""),
            (|p| &mut p.worst_settle, &stages::worst_settle::STAGE, "wanted - before,", "wanted,"),
            (|p| &mut p.worst_collect, &stages::worst_collect::STAGE, "at <= query.row", "at < query.row"),
        ];
        for (of, stage, right, wrong) in others.into_iter().filter(|_| plan == Plan::ALL[0]) {
            let spoiled = block_on(backend.gpu.pipeline(spoiled(stage, right, wrong), &[], true)).unwrap();
            let right_one = std::mem::replace(of(&mut backend.pipelines), spoiled);
            refused(&mut backend, stage.name);
            *of(&mut backend.pipelines) = right_one;
        }
        block_on(self_test(&mut backend)).unwrap();
    }
}

#[test]
fn a_lost_device_is_an_error() {
    let adapter = choose(block_on(adapters()), &Wanted::Any).unwrap_or_else(|error| panic!("{error}"));
    let options = Options { plan: Some(Plan::ALL[0]), ..Options::default() };
    let mut backend = block_on(GpuBackend::new(adapter, options, &CancelFlag::default())).unwrap();
    let shape = Shape { n_rows: 300, columns: 64, n_clusters: 3 };
    let centroids = Centroids::from_parts(64, vec![1; 3 * 64], vec![0; 3]).unwrap();
    block_on(async {
        backend.begin(shape, CancelFlag::default()).await.unwrap();
        backend.push(RowBlock { rows: &[1; 300 * 64], own_best: &[0; 300] }).await.unwrap();
        backend.assign(&centroids).await.unwrap();
        backend.gpu.lose();
        for _ in 0..2 {
            let error = backend.assign(&centroids).await.unwrap_err().to_string();
            assert!(error.contains("lost") || error.contains("failed"), "{error}");
            assert!(backend.labels().await.is_err());
        }
        backend.end().await;
    });
}
