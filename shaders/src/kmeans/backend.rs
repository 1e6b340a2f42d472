//! The [`Backend`] of one device.

use clusterclip_core::kmeans::backend::self_test;
use clusterclip_core::kmeans::{
    Backend, BackendError, Candidate, Centroids, Reason, RowBlock, SelfTestError, Shape, Step,
};
use clusterclip_core::monitor::CancelFlag;

use super::error::RunError;
use super::options::Options;
use super::pipelines::Pipelines;
use super::plan::Plan;
use super::portions::{PRODUCTS, Portions, SUM_ROWS};
use super::run::Run;
use super::{assign, fetch, seed, tune, worst};
use crate::gpu::{Adapter, Counters, Gpu, GpuError};

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
        let (mut backend, plans) = opened.map_err(told(&name))?;
        let mut refused = None;
        for (plan, products) in plans {
            backend.take(plan, products).await.map_err(told(&name))?;
            match backend.prove(cancel).await {
                // Drivers are known to compile one shader wrongly and others well.
                Err(error @ SelfTestError::Wrong { .. }) => refused.get_or_insert(error),
                Err(error) => return Err(error),
                Ok(()) => return Ok(backend),
            };
        }
        Err(refused.unwrap_or_else(|| told(&name)(RunError::NoPlan).into()))
    }

    /// Opens the device; gives the plans to try, the best first, with the products of one submission.
    async fn open(
        adapter: Adapter,
        options: Options,
        cancel: &CancelFlag,
    ) -> Result<(Self, Vec<(Plan, u64)>), RunError> {
        if let Some(plan) = options.plan.filter(|plan| !plan.fits(&adapter)) {
            return Err(RunError::PlanUnfit { plan });
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

    /// The parts that every step needs, once a run has begun.
    fn parts(&mut self) -> Result<(&mut Gpu, &Pipelines, &mut Run, &Portions, &CancelFlag), RunError> {
        let run = self.run.as_mut().ok_or(RunError::NoRows)?;
        Ok((&mut self.gpu, &self.pipelines, run, &self.portions, &self.cancel))
    }
}

/// What `core` is told by the device of this name.
fn told<E: Into<RunError>>(device: &str) -> impl Fn(E) -> BackendError {
    move |error| match error.into() {
        RunError::Gpu(GpuError::Cancelled(cancelled)) => BackendError::Cancelled(cancelled),
        other => BackendError::Device { device: device.to_owned(), reason: Reason::new(other) },
    }
}

impl Backend for GpuBackend {
    fn name(&self) -> String {
        let adapter = self.gpu.adapter();
        format!("{} ({})", adapter.info().name, adapter.backend())
    }

    async fn begin(&mut self, shape: Shape, cancel: CancelFlag) -> Result<(), BackendError> {
        let name = self.name();
        // The old rows go before the new ones need room; batches that a stop has left behind hold them until done.
        if self.run.take().is_some() {
            let submitted = self.gpu.submit(None);
            self.gpu.wait(&submitted, &cancel).await.map_err(told(&name))?;
        }
        self.cancel = cancel;
        let (plan, checks) = (self.pipelines.plan, self.options.checks);
        let pipelines = &mut self.pipelines;
        pipelines.set_plan(&self.gpu, plan, shape.columns, checks).await.map_err(told(&name))?;
        let run = Run::new(&mut self.gpu, &self.pipelines, &self.options, self.portions.products, shape);
        self.run = Some(run.await.map_err(told(&name))?);
        Ok(())
    }

    async fn push(&mut self, block: RowBlock<'_>) -> Result<(), BackendError> {
        let name = self.name();
        let (gpu, _, run, _, cancel) = self.parts().map_err(told(&name))?;
        run.push(gpu, block, cancel).await.map_err(told(&name))
    }

    async fn rows(&mut self, rows: &[u64]) -> Result<Vec<i8>, BackendError> {
        let name = self.name();
        let (gpu, _, run, _, cancel) = self.parts().map_err(told(&name))?;
        fetch::rows(gpu, run, rows.iter().copied(), cancel).await.map_err(told(&name))
    }

    async fn assign(&mut self, centroids: &Centroids) -> Result<Step, BackendError> {
        let name = self.name();
        let (gpu, pipelines, run, portions, cancel) = self.parts().map_err(told(&name))?;
        assign::assign(gpu, pipelines, run, portions, centroids, cancel).await.map_err(told(&name))
    }

    async fn worst(
        &mut self,
        after: Option<(i32, u64)>,
        count: usize,
    ) -> Result<Vec<Candidate>, BackendError> {
        let name = self.name();
        let (gpu, pipelines, run, portions, cancel) = self.parts().map_err(told(&name))?;
        worst::worst(gpu, pipelines, run, portions, after, count, cancel).await.map_err(told(&name))
    }

    async fn relabel(&mut self, moves: &[(u64, u32)]) -> Result<(), BackendError> {
        let name = self.name();
        let (gpu, pipelines, run, _, cancel) = self.parts().map_err(told(&name))?;
        worst::relabel(gpu, pipelines, run, moves, cancel).await.map_err(told(&name))
    }

    async fn seed_step(&mut self, centroids: &Centroids) -> Result<Vec<u64>, BackendError> {
        let name = self.name();
        let (gpu, pipelines, run, portions, cancel) = self.parts().map_err(told(&name))?;
        seed::seed_step(gpu, pipelines, run, portions, centroids, cancel).await.map_err(told(&name))
    }

    async fn pick(&mut self, block: usize, remainder: u64) -> Result<u64, BackendError> {
        let name = self.name();
        let (gpu, pipelines, run, _, cancel) = self.parts().map_err(told(&name))?;
        seed::pick(gpu, pipelines, run, block, remainder, cancel).await.map_err(told(&name))
    }

    async fn labels(&mut self) -> Result<Vec<u32>, BackendError> {
        let name = self.name();
        let (gpu, _, run, _, cancel) = self.parts().map_err(told(&name))?;
        run.labels(gpu, cancel).await.map_err(told(&name))
    }

    async fn end(&mut self) {
        self.run = None;
    }
}

#[cfg(test)]
mod tests;
