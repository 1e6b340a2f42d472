//! What K-Means runs on: the CPU, or a GPU that gives the same bytes.

mod tuning;

use anyhow::{Context, Result, anyhow};
use clusterclip_core::kmeans::{
    self, Backend, BackendError, Clustering, CpuBackend, KMeansError, Kernel, Params, SelfTestError,
};
use clusterclip_core::monitor::Event;
use clusterclip_core::par;
use clusterclip_shaders::gpu::{self, Adapter, GpuError, Wanted, choose};
use clusterclip_shaders::kmeans::{GpuBackend, Plan};
use pollster::block_on;

use crate::error::UsageError;
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
    /// Settles `--device` and `--adapter`, so that a mistake in them is told before anything is computed.
    pub fn new(args: &DeviceSettings) -> Result<Self> {
        let kernel = kernel()?;
        let wanted = match (args.device, &args.adapter) {
            (Device::Cpu, Some(name)) => {
                let text =
                    format!("--adapter {name} names a GPU, but --device cpu asks for none: drop one of them");
                return Err(UsageError::new(text).into());
            }
            (Device::Cpu, None) => return Ok(Self::Cpu(kernel)),
            (Device::Auto, None) => return Ok(Self::Auto(kernel, gpu_plan()?)),
            (_, Some(name)) => Wanted::Named(name),
            (Device::Gpu, None) => Wanted::Any,
        };
        let adapter = choose(adapters(), &wanted).map_err(|error| match &args.adapter {
            Some(name) if error == GpuError::NoAdapter => anyhow!("--adapter {name}: {error}"),
            Some(_) => error.into(),
            None => anyhow!("--device gpu: {error}"),
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
        let job = Job { rows, featureless, params, work };
        match self {
            Self::Cpu(kernel) => job.on_cpu(*kernel),
            Self::Gpu(adapter, plan) => job.on_gpu(adapter, *plan),
            Self::Auto(kernel, plan) => {
                let mut failed = Vec::new();
                for adapter in adapters().iter().filter(|adapter| !adapter.is_software()) {
                    match job.on_gpu(adapter, *plan) {
                        Err(error) if is_of_device(&error) => {
                            let text = format!("a GPU failed, and its work is done without it: {error:#}");
                            work.monitor.emit(Event::Warning(text));
                            failed.push(format!("{error:#}"));
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
fn with_failed(done: Result<(Clustering, Machine)>, failed: Vec<String>) -> Result<(Clustering, Machine)> {
    done.map(|(found, machine)| (found, Machine { failed, ..machine }))
}

/// The kernel on the CPU: the fastest that it has, unless the environment names another.
pub fn kernel() -> Result<Kernel> {
    match std::env::var(KERNEL) {
        Ok(name) => name.parse().with_context(|| format!("{KERNEL}={name}")),
        Err(_) => Ok(Kernel::best()),
    }
}

/// The plan that the environment names.
fn gpu_plan() -> Result<Option<Plan>> {
    match std::env::var(GPU_PLAN) {
        Ok(name) => name.parse().map(Some).with_context(|| format!("{GPU_PLAN}={name}")),
        Err(_) => Ok(None),
    }
}

/// Whether the device is to blame, and another might do the same work.
fn is_of_device(error: &anyhow::Error) -> bool {
    let device = |error: &BackendError| matches!(error, BackendError::Device { .. });
    match (error.downcast_ref::<KMeansError>(), error.downcast_ref::<SelfTestError>()) {
        (Some(KMeansError::Backend(error)), _) | (_, Some(SelfTestError::Backend(error))) => device(error),
        (_, Some(SelfTestError::Wrong { .. })) => true,
        _ => false,
    }
}

#[derive(Clone, Copy)]
struct Job<'a> {
    rows: &'a NpyRows,
    featureless: Option<&'a [bool]>,
    params: &'a Params,
    work: Work<'a>,
}

impl Job<'_> {
    fn on_cpu(self, kernel: Kernel) -> Result<(Clustering, Machine)> {
        let mut backend = CpuBackend::with_kernel(kernel)?;
        let found = self.on(&mut backend)?;
        Ok((found, Machine::cpu(Some(kernel.to_string()))))
    }

    fn on_gpu(self, adapter: &Adapter, plan: Option<Plan>) -> Result<(Clustering, Machine)> {
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

    fn on<B: Backend>(self, backend: &mut B) -> Result<Clustering, KMeansError> {
        block_on(kmeans::cluster(self.rows, self.featureless, self.params, backend, self.work.monitor))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clusterclip_core::monitor::Cancelled;

    #[test]
    fn only_a_fault_of_the_device_sends_the_work_elsewhere() {
        let lost = || BackendError::Device { device: "x".into(), reason: "lost".into() };
        assert!(is_of_device(&KMeansError::Backend(lost()).into()));
        assert!(is_of_device(&SelfTestError::Backend(lost()).into()));
        assert!(is_of_device(&SelfTestError::Wrong { device: "x".into(), what: "labels" }.into()));
        assert!(!is_of_device(&KMeansError::Cancelled(Cancelled).into()));
        assert!(!is_of_device(&SelfTestError::Backend(BackendError::Cancelled(Cancelled)).into()));
        assert!(!is_of_device(&KMeansError::NoClusters { n: 3 }.into()));
        assert!(!is_of_device(&anyhow!("another")));
    }
}
