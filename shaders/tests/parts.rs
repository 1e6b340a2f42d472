//! Devices side by side, each with a part of the rows: the bytes of one CPU.

mod common;

use std::pin::pin;
use std::task::{Context, Waker};

use clusterclip_core::kmeans::{
    Backend, BackendError, Candidate, Centroids, CpuBackend, Init, Params, Parts, RowBlock, Shape, Step,
    cluster,
};
use clusterclip_core::monitor::{CancelFlag, Monitor};
use clusterclip_core::rows::SliceSource;
use clusterclip_shaders::kmeans::{GpuBackend, Options, Plan};
use common::{Case, Kind, ask, cpu, embeddings, gpu, same};
use pollster::block_on;

/// A device of either kind.
enum Device {
    Gpu(Box<GpuBackend>),
    Cpu(Box<CpuBackend>),
}

/// Calls the same function of whichever it is.
macro_rules! either {
    ($self:expr, $device:ident => $call:expr) => {
        match $self {
            Device::Gpu($device) => $call,
            Device::Cpu($device) => $call,
        }
    };
}

impl Backend for Device {
    fn name(&self) -> String {
        either!(self, device => device.name())
    }
    async fn begin(&mut self, shape: Shape, cancel: CancelFlag) -> Result<(), BackendError> {
        either!(self, device => device.begin(shape, cancel).await)
    }
    async fn push(&mut self, block: RowBlock<'_>) -> Result<(), BackendError> {
        either!(self, device => device.push(block).await)
    }
    async fn rows(&mut self, rows: &[u64]) -> Result<Vec<i8>, BackendError> {
        either!(self, device => device.rows(rows).await)
    }
    async fn assign(&mut self, centroids: &Centroids) -> Result<Step, BackendError> {
        either!(self, device => device.assign(centroids).await)
    }
    async fn worst(
        &mut self,
        after: Option<(i32, u64)>,
        count: usize,
    ) -> Result<Vec<Candidate>, BackendError> {
        either!(self, device => device.worst(after, count).await)
    }
    async fn relabel(&mut self, moves: &[(u64, u32)]) -> Result<(), BackendError> {
        either!(self, device => device.relabel(moves).await)
    }
    async fn seed_step(&mut self, centroids: &Centroids) -> Result<Vec<u64>, BackendError> {
        either!(self, device => device.seed_step(centroids).await)
    }
    async fn pick(&mut self, block: usize, remainder: u64) -> Result<u64, BackendError> {
        either!(self, device => device.pick(block, remainder).await)
    }
    async fn labels(&mut self) -> Result<Vec<u32>, BackendError> {
        either!(self, device => device.labels().await)
    }
    async fn end(&mut self) {
        either!(self, device => device.end().await);
    }
}

/// A GPU that holds its rows, or one to which they are sent again each time.
fn device(streamed: bool) -> Device {
    let mut options = Options::default();
    options.plan = Some(Plan::ALL[usize::from(streamed)]);
    options.row_memory = streamed.then_some(0);
    Device::Gpu(Box::new(gpu(options)))
}

/// Holds devices that share the rows against one CPU, step by step and from each start to the end.
fn equal_one_cpu(mut parts: Parts<Device>) {
    let steps = [Case::new(31, 900, 128, 40, Kind::Mixed), Case::new(32, 601, 64, 70, Kind::Small)];
    let (n, d, k) = (1200, 70, 50);
    let rows = embeddings(n, d, 30);
    let given: Vec<f32> = (0..k).flat_map(|i| rows[i * 7 * d..][..d].to_vec()).collect();
    for case in &steps {
        same(&ask(&mut parts, case), &ask(&mut cpu(), case), case, &parts.name());
    }
    // A row of the last part with another byte comes out different.
    let mut other = Case::new(31, 900, 128, 40, Kind::Mixed);
    other.rows[850 * 128 + 7] ^= 1;
    assert_ne!(ask(&mut parts, &other), ask(&mut cpu(), &steps[0]));
    // Given rows repeat, so clusters become empty and are refilled across parts.
    for init in [Init::Random, Init::KMeansPlusPlus, Init::Rows(given)] {
        let params = Params { n_clusters: Some(k as u64), init, max_iterations: 20, ..Params::default() };
        let source = SliceSource::new(&rows, d);
        let expected = block_on(cluster(&source, None, &params, &mut cpu(), &Monitor::silent())).unwrap();
        let found = block_on(cluster(&source, None, &params, &mut parts, &Monitor::silent())).unwrap();
        assert_eq!(found, expected, "{}", parts.name());
        let refilled = expected.log.iter().any(|entry| entry.refilled > 0);
        assert!(refilled || !matches!(params.init, Init::Rows(_)), "what the case needs");
    }
}

#[test]
fn two_gpus_give_what_one_cpu_gives() {
    equal_one_cpu(Parts::sharing(vec![(device(false), 2), (device(true), 1)]));
}

#[test]
fn a_gpu_beside_the_cpu_gives_what_one_cpu_gives() {
    equal_one_cpu(Parts::sharing(vec![(device(true), 1), (Device::Cpu(Box::new(cpu())), 3)]));
}

#[test]
fn a_device_that_is_waited_for_lets_another_be_given_work() {
    let case = Case::new(34, 2000, 128, 64, Kind::Mixed);
    let shape = Shape { n_rows: 2000, columns: 128, n_clusters: 64 };
    let (mut first, mut second) = (device(false), device(true));
    block_on(async {
        for device in [&mut first, &mut second] {
            device.begin(shape, CancelFlag::default()).await?;
            device.push(RowBlock { rows: &case.rows, own_best: &case.own_best }).await?;
        }
        let (mut one, mut other) =
            (pin!(first.assign(&case.centroids[0])), pin!(second.assign(&case.centroids[0])));
        let mut context = Context::from_waker(Waker::noop());
        assert!(one.as_mut().poll(&mut context).is_pending());
        assert!(other.as_mut().poll(&mut context).is_pending());
        assert_eq!(one.await?, other.await?);
        Ok::<_, BackendError>(())
    })
    .unwrap();
}
