//! The [`Backend`] of one device.

use std::fmt::Display;

use clusterclip_core::kmeans::backend::self_test;
use clusterclip_core::kmeans::{
    Backend, BackendError, Candidate, Centroids, RowBlock, SelfTestError, Shape, Step,
};
use clusterclip_core::monitor::CancelFlag;

use super::assign::{Portions, SUM_ROWS};
use super::pipelines::Pipelines;
use super::plan::Plan;
use super::run::Run;
use super::{assign, seed, tune, worst};
use crate::gpu::{Adapter, Counters, Gpu, GpuError};

/// Products of a submission on a device that nobody has timed: slow ones take a tenth of a second for them.
pub(super) const PRODUCTS: u64 = 1 << 29;

/// How to use a device; nothing of it changes a result.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// The plan to use; `None` times a few and takes the fastest.
    pub plan: Option<Plan>,
    /// Whether shaders check every index, which costs time.
    pub checks: bool,
    /// Bytes of device memory that rows may take; what is above is sent again each iteration. `None` takes four fifths of
    /// what the device says that it has, and what it gives where it says nothing.
    pub row_memory: Option<u64>,
    /// Bytes of rows that are bound at once, at most what the device binds.
    pub block_bytes: Option<u64>,
    /// Products of one submission.
    pub products: Option<u64>,
    /// Rows that are summed in 32 bits before the sums are carried on.
    pub sum_rows: Option<u64>,
}

/// K-Means on a GPU.
///
/// The device holds the byte rows (as far as they fit), 12 bytes a row, 16 bytes a row of a chunk, and 9 bytes a
/// centroid component; the host holds a copy of the centroids and the rows that did not fit. What is on its way either
/// way comes on top: at most three parts of 16 MiB up, and down the sums of the clusters that changed.
pub struct GpuBackend {
    gpu: Gpu,
    pipelines: Pipelines,
    options: Options,
    portions: Portions,
    run: Option<Run>,
    cancel: CancelFlag,
}

impl GpuBackend {
    /// Opens the adapter, chooses how to assign on it, and makes it show in a small known step that its integers
    /// are right. Looks at `cancel` between these steps.
    ///
    /// # Errors
    /// When the adapter gives no device, refuses a shader, or gives wrong integers, or the work was stopped.
    pub async fn new(adapter: Adapter, options: Options, cancel: &CancelFlag) -> Result<Self, SelfTestError> {
        let name = adapter.info().name.clone();
        let opened = Self::open(adapter, options, cancel).await;
        let (mut backend, plans) = opened.map_err(|error| into_backend(&name, error))?;
        let mut refused = None;
        for (plan, products) in plans {
            let taken = backend.take(plan, products).await;
            taken.map_err(|error| into_backend(&name, error))?;
            match backend.prove(cancel).await {
                // Drivers are known to compile one shader wrongly and others well.
                Err(error @ SelfTestError::Wrong { .. }) => refused.get_or_insert(error),
                Err(error) => return Err(error),
                Ok(()) => return Ok(backend),
            };
        }
        Err(refused.unwrap_or_else(|| {
            let error = GpuError::Failed("no way to multiply fits it".into());
            into_backend(&name, error).into()
        }))
    }

    /// Opens the device; gives the plans to try, the best first, with the products of one submission.
    async fn open(
        adapter: Adapter,
        options: Options,
        cancel: &CancelFlag,
    ) -> Result<(Self, Vec<(Plan, u64)>), GpuError> {
        if let Some(plan) = options.plan.filter(|plan| !plan.fits(&adapter)) {
            return Err(GpuError::Failed(format!("{plan} is not for this device")));
        }
        let mut gpu = Gpu::open(adapter).await?;
        let mut pipelines =
            Pipelines::new(&gpu, options.plan.unwrap_or(Plan::ALL[0]), options.checks).await?;
        let plans = match options.plan {
            Some(plan) => vec![(plan, PRODUCTS)],
            None => tune::fastest(&mut gpu, &mut pipelines, &options, cancel).await?,
        };
        let portions =
            Portions { products: PRODUCTS, sum_rows: options.sum_rows.unwrap_or(SUM_ROWS).min(SUM_ROWS) };
        let backend = Self { gpu, pipelines, options, portions, run: None, cancel: CancelFlag::default() };
        Ok((backend, plans))
    }

    async fn take(&mut self, plan: Plan, products: u64) -> Result<(), GpuError> {
        self.portions.products = self.options.products.unwrap_or(products);
        self.pipelines.set_plan(&self.gpu, plan, 0, self.options.checks).await
    }

    /// Shows that the integers are right, with all clusters in one dispatch and in parts.
    async fn prove(&mut self, cancel: &CancelFlag) -> Result<(), SelfTestError> {
        cancel.check().map_err(BackendError::from)?;
        self_test(self).await?;
        cancel.check().map_err(BackendError::from)?;
        let products = std::mem::replace(&mut self.portions.products, 1);
        let proved = self_test(self).await;
        self.portions.products = products;
        proved
    }

    /// The plan in use.
    pub fn plan(&self) -> Plan {
        self.pipelines.plan
    }

    /// Products of one submission: with the plan, what a timing at the start found.
    pub fn products(&self) -> u64 {
        self.portions.products
    }

    /// The device.
    pub fn gpu(&self) -> &Gpu {
        &self.gpu
    }

    /// The device, to have its stages timed.
    pub fn gpu_mut(&mut self) -> &mut Gpu {
        &mut self.gpu
    }

    /// What has gone to and fro since the device was opened.
    pub fn counters(&self) -> Counters {
        self.gpu.counters()
    }

    /// Whether all rows of the run in hand lie on the device.
    pub fn is_resident(&self) -> bool {
        self.run.as_ref().is_some_and(Run::is_resident)
    }

    fn failed(&self) -> impl Fn(GpuError) -> BackendError + use<> {
        let name = self.name();
        move |error| into_backend(&name, error)
    }

    /// The parts that every step needs, once a run has begun.
    fn parts(&mut self) -> Result<(&mut Gpu, &Pipelines, &mut Run, &Portions, &CancelFlag), GpuError> {
        let run = self.run.as_mut().ok_or_else(|| GpuError::Failed("no rows were given".into()))?;
        Ok((&mut self.gpu, &self.pipelines, run, &self.portions, &self.cancel))
    }
}

/// What `core` is told.
fn into_backend(device: &impl Display, error: GpuError) -> BackendError {
    match error {
        GpuError::Cancelled(cancelled) => BackendError::Cancelled(cancelled),
        other => BackendError::Device { device: device.to_string(), reason: other.to_string() },
    }
}

impl Backend for GpuBackend {
    fn name(&self) -> String {
        let adapter = self.gpu.adapter();
        format!("{} ({})", adapter.info().name, adapter.backend())
    }

    async fn begin(&mut self, shape: Shape, cancel: CancelFlag) -> Result<(), BackendError> {
        let failed = self.failed();
        // The old rows go before the new ones need room; batches that a stop has left behind hold them until done.
        if self.run.take().is_some() {
            let submitted = self.gpu.submit(None);
            self.gpu.wait(&submitted, &cancel).await.map_err(&failed)?;
        }
        self.cancel = cancel;
        let (plan, checks) = (self.pipelines.plan, self.options.checks);
        let pipelines = &mut self.pipelines;
        pipelines.set_plan(&self.gpu, plan, shape.columns, checks).await.map_err(&failed)?;
        let run = Run::new(&mut self.gpu, &self.pipelines, &self.options, self.portions.products, shape);
        self.run = Some(run.await.map_err(failed)?);
        Ok(())
    }

    async fn push(&mut self, block: RowBlock<'_>) -> Result<(), BackendError> {
        let failed = self.failed();
        let (gpu, _, run, _, cancel) = self.parts().map_err(&failed)?;
        run.push(gpu, block, cancel).await.map_err(failed)
    }

    async fn assign(&mut self, centroids: &Centroids) -> Result<Step, BackendError> {
        let failed = self.failed();
        let (gpu, pipelines, run, portions, cancel) = self.parts().map_err(&failed)?;
        assign::assign(gpu, pipelines, run, portions, centroids, cancel).await.map_err(failed)
    }

    async fn worst(
        &mut self,
        after: Option<(i32, u64)>,
        count: usize,
    ) -> Result<Vec<Candidate>, BackendError> {
        let failed = self.failed();
        let (gpu, pipelines, run, portions, cancel) = self.parts().map_err(&failed)?;
        worst::worst(gpu, pipelines, run, portions, after, count, cancel).await.map_err(failed)
    }

    async fn relabel(&mut self, moves: &[(u64, u32)]) -> Result<(), BackendError> {
        let failed = self.failed();
        let (gpu, pipelines, run, _, cancel) = self.parts().map_err(&failed)?;
        worst::relabel(gpu, pipelines, run, moves, cancel).await.map_err(failed)
    }

    async fn seed_step(&mut self, centroids: &Centroids) -> Result<Vec<u64>, BackendError> {
        let failed = self.failed();
        let (gpu, pipelines, run, portions, cancel) = self.parts().map_err(&failed)?;
        seed::seed_step(gpu, pipelines, run, portions, centroids, cancel).await.map_err(failed)
    }

    async fn pick(&mut self, block: usize, remainder: u64) -> Result<u64, BackendError> {
        let failed = self.failed();
        let (gpu, pipelines, run, _, cancel) = self.parts().map_err(&failed)?;
        seed::pick(gpu, pipelines, run, block, remainder, cancel).await.map_err(failed)
    }

    async fn labels(&mut self) -> Result<Vec<u32>, BackendError> {
        let failed = self.failed();
        let (gpu, _, run, _, cancel) = self.parts().map_err(&failed)?;
        run.labels(gpu, cancel).await.map_err(failed)
    }

    async fn end(&mut self) {
        self.run = None;
    }
}

#[cfg(test)]
mod tests {
    use super::super::plan::Inner;
    use super::super::stages;
    use super::*;
    use crate::gpu::{Pipeline, Stage, Wanted, adapters, choose};
    use pollster::block_on;

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
            // The other stages, each with one wrong word.
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
                (
                    |p| &mut p.worst_collect,
                    &stages::worst_collect::STAGE,
                    "at <= query.row",
                    "at < query.row",
                ),
            ];
            for (of, stage, right, wrong) in others {
                let spoiled =
                    block_on(backend.gpu.pipeline(spoiled(stage, right, wrong), &[], true)).unwrap();
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
}
