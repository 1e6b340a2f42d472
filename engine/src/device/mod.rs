//! What K-Means runs on: the CPU, or a GPU that gives the same bytes.
//!
//! ```
//! let kernel = clusterclip_engine::device::kernel()?;
//! assert!(kernel.is_available());
//! # Ok::<(), clusterclip_engine::error::Error>(())
//! ```

mod tuning;

use clusterclip_core::error::{Kind, Param, described};
use clusterclip_core::kmeans::{
    self, Backend, Centroids, Clustering, CpuBackend, KMeansError, Kernel, KernelError, Params,
};
use clusterclip_core::monitor::{Event, Monitor};
use clusterclip_core::par;
use clusterclip_shaders::gpu::{self, Adapter, GpuError, Wanted, choose};
use clusterclip_shaders::kmeans::{GpuBackend, Plan, UnknownPlan};
use pollster::block_on;

use crate::error::{Error, Place, Result, SettingsError};
use crate::input::embeddings::NpyRows;
use crate::pipeline::Work;
use crate::settings::{Device, DeviceSettings};
use crate::store::{GpuUse, Machine};

/// Chooses the kernel of K-Means on the CPU by name, to test and compare them; results are the same bytes.
pub const KERNEL: &str = "CLUSTERCLIP_KERNEL";

/// Chooses inner loop and tile of K-Means on a GPU by name, likewise.
pub const GPU_PLAN: &str = "CLUSTERCLIP_GPU_PLAN";

/// The adapters of this machine, the best first.
pub fn adapters() -> Vec<Adapter> {
    block_on(gpu::adapters())
}

/// What is asked for, as far as it can be settled before there is work.
pub enum Chosen {
    /// The CPU.
    Cpu(Kernel),
    /// This adapter and no other.
    Gpu(Box<Adapter>, Option<Plan>),
    /// The first hardware GPU that works, else the CPU.
    Auto(Kernel, Option<Plan>),
}

impl Chosen {
    /// Settles device and adapter, so that a mistake in them is told before anything is computed.
    pub fn new(settings: &DeviceSettings) -> Result<Self> {
        let kernel = kernel()?;
        let wanted = match (settings.device, &settings.adapter) {
            (Device::Cpu, Some(adapter)) => {
                return Err(SettingsError::AdapterOfCpu { adapter: adapter.clone() }.into());
            }
            (Device::Cpu, None) => return Ok(Self::Cpu(kernel)),
            (Device::Auto, None) => return Ok(Self::Auto(kernel, gpu_plan()?)),
            (_, Some(name)) => Wanted::Named(name),
            (Device::Gpu, None) => Wanted::Any,
        };
        let adapter = choose(adapters(), &wanted).map_err(|error| match &settings.adapter {
            Some(name) if error == GpuError::NoAdapter => {
                Error::from(error).at(Place::Value(Param::Adapter, name.clone()))
            }
            Some(_) => error.into(),
            None => Error::from(error).at(Place::Value(Param::Device, "gpu".to_owned())),
        })?;
        Ok(Self::Gpu(Box::new(adapter), gpu_plan()?))
    }

    /// Clusters rows; says on what.
    ///
    /// # Errors
    /// [`KMeansError`], or why the device cannot be used.
    pub fn cluster(
        &self,
        rows: &NpyRows,
        featureless: Option<&[bool]>,
        params: &Params,
        work: Work<'_>,
    ) -> Result<(Clustering, Machine)> {
        self.run(&Fit { rows, featureless, params }, work)
    }

    /// Gives rows the labels of clusters that are there; says on what.
    ///
    /// # Errors
    /// [`KMeansError`], or why the device cannot be used.
    pub fn join(
        &self,
        rows: &NpyRows,
        featureless: Option<&[bool]>,
        centroids: &Centroids,
        work: Work<'_>,
    ) -> Result<(Vec<i32>, Machine)> {
        self.run(&Join { rows, featureless, centroids }, work)
    }

    fn run<T: Task>(&self, task: &T, work: Work<'_>) -> Result<(T::Done, Machine)> {
        let job = Job { task, work };
        match self {
            Self::Cpu(kernel) => job.on_cpu(*kernel),
            Self::Gpu(adapter, plan) => job.on_gpu(adapter, *plan),
            Self::Auto(kernel, plan) => {
                let mut failed = Vec::new();
                for adapter in adapters().iter().filter(|adapter| !adapter.is_software()) {
                    match job.on_gpu(adapter, *plan) {
                        // The device is to blame, and another might do the same work.
                        Err(error) if error.kind() == Kind::Device => {
                            let why = error.said(described);
                            let text = format!(
                                "{} auto does without a GPU that failed: {why}",
                                described(Param::Device)
                            );
                            work.monitor.emit(Event::Warning(text));
                            failed.push(error.to_string());
                        }
                        done => return with_failed(done, failed),
                    }
                }
                with_failed(job.on_cpu(*kernel), failed)
            }
        }
    }
}

/// Notes which devices failed before the one that did the work.
fn with_failed<T>(done: Result<(T, Machine)>, failed: Vec<String>) -> Result<(T, Machine)> {
    done.map(|(found, machine)| (found, Machine { failed, ..machine }))
}

/// The kernel on the CPU: the fastest that it has, unless the environment names another.
pub fn kernel() -> Result<Kernel> {
    match std::env::var(KERNEL) {
        Ok(name) => Ok(name.parse().map_err(|error: KernelError| unknown(KERNEL, &name, &error))?),
        Err(_) => Ok(Kernel::best()),
    }
}

/// Says that a variable names what there is not.
fn unknown(variable: &'static str, value: &str, reason: &impl ToString) -> SettingsError {
    SettingsError::Variable { variable, value: value.to_owned(), reason: reason.to_string() }
}

/// The plan that the environment names.
fn gpu_plan() -> Result<Option<Plan>> {
    match std::env::var(GPU_PLAN) {
        Ok(name) => Ok(Some(name.parse().map_err(|error: UnknownPlan| unknown(GPU_PLAN, &name, &error))?)),
        Err(_) => Ok(None),
    }
}

/// What a device is given to do.
trait Task {
    /// What comes of it.
    type Done;

    /// Does it.
    async fn on<B: Backend>(&self, backend: &mut B, monitor: &Monitor<'_>)
    -> Result<Self::Done, KMeansError>;
}

/// Clusters that are to be found.
struct Fit<'a> {
    rows: &'a NpyRows,
    featureless: Option<&'a [bool]>,
    params: &'a Params,
}

impl Task for Fit<'_> {
    type Done = Clustering;

    async fn on<B: Backend>(
        &self,
        backend: &mut B,
        monitor: &Monitor<'_>,
    ) -> Result<Clustering, KMeansError> {
        kmeans::cluster(self.rows, self.featureless, self.params, backend, monitor).await
    }
}

/// Clusters that rows join.
struct Join<'a> {
    rows: &'a NpyRows,
    featureless: Option<&'a [bool]>,
    centroids: &'a Centroids,
}

impl Task for Join<'_> {
    type Done = Vec<i32>;

    async fn on<B: Backend>(&self, backend: &mut B, monitor: &Monitor<'_>) -> Result<Vec<i32>, KMeansError> {
        kmeans::join(self.rows, self.featureless, self.centroids, backend, monitor).await
    }
}

struct Job<'a, T> {
    task: &'a T,
    work: Work<'a>,
}

impl<T: Task> Job<'_, T> {
    fn on_cpu(&self, kernel: Kernel) -> Result<(T::Done, Machine)> {
        let mut backend = CpuBackend::with_kernel(kernel)?;
        let found = self.on(&mut backend)?;
        Ok((found, Machine::cpu(Some(kernel.to_string()))))
    }

    fn on_gpu(&self, adapter: &Adapter, plan: Option<Plan>) -> Result<(T::Done, Machine)> {
        let cancel = self.work.monitor.cancel_flag();
        let (options, known) = tuning::options(adapter, plan);
        if !known {
            let name = &adapter.info().name;
            self.work.note("cluster", format!("times how {name} multiplies best; later runs know it"));
        }
        let mut backend = block_on(GpuBackend::new(adapter.clone(), options, cancel))?;
        if !known {
            tuning::remember(adapter, &backend);
        }
        let plan = backend.plan();
        self.work.note("cluster", format!("on {}, {plan}", backend.name()));
        let before = backend.counters();
        let found = self.on(&mut backend)?;
        let used = backend.counters();
        let machine = Machine {
            device: adapter.info().name.clone(),
            driver: adapter.driver(),
            kernel: Some(plan.to_string()),
            threads: par::threads(),
            failed: Vec::new(),
            gpu: Some(GpuUse {
                backend: adapter.backend().to_owned(),
                kind: adapter.kind().to_owned(),
                inner_loop: plan.inner.to_string(),
                tile: plan.tile.to_string(),
                dispatches: used.dispatches - before.dispatches,
                submissions: used.submissions - before.submissions,
                waits: used.waits - before.waits,
                bytes_to_device: used.bytes_up - before.bytes_up,
                bytes_from_device: used.bytes_down - before.bytes_down,
            }),
        };
        Ok((found, machine))
    }

    fn on<B: Backend>(&self, backend: &mut B) -> Result<T::Done, KMeansError> {
        block_on(self.task.on(backend, self.work.monitor))
    }
}

#[cfg(test)]
mod tests {
    use clusterclip_core::kmeans::{BackendError, Need, SelfTestError};
    use clusterclip_core::monitor::Cancelled;

    use super::*;

    #[test]
    fn only_a_fault_of_the_device_sends_the_work_elsewhere() {
        let kind = |error: Error| error.kind();
        let lost = || BackendError::Device { device: "x".into(), reason: "lost".into() };
        assert_eq!(kind(KMeansError::Backend(lost()).into()), Kind::Device);
        assert_eq!(kind(SelfTestError::Backend(lost()).into()), Kind::Device);
        assert_eq!(kind(SelfTestError::Wrong { device: "x".into(), what: "labels" }.into()), Kind::Device);
        assert_ne!(kind(KMeansError::Cancelled(Cancelled).into()), Kind::Device);
        assert_ne!(kind(SelfTestError::Backend(BackendError::Cancelled(Cancelled)).into()), Kind::Device);
        assert_ne!(kind(KMeansError::NoClusters { n: 3 }.into()), Kind::Device);
        let mismatch = BackendError::Mismatch { device: "x".into() };
        assert_eq!(kind(KMeansError::Backend(mismatch).into()), Kind::Device);
        let full = BackendError::Memory { device: "x".into(), need: Need::Rows { n_rows: 3, columns: 64 } };
        assert_ne!(kind(KMeansError::Backend(full).into()), Kind::Device);
    }
}
