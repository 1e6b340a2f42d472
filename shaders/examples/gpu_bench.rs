//! Times assign on the adapter at hand: each plan, and a naive kernel beside them.
//!
//! `cargo run --release -p clusterclip-shaders --example gpu_bench -- ROWS COLUMNS CLUSTERS [PLAN | all | naive]`,
//! columns a multiple of 64. Without a plan the device chooses. Times are whole assigns as the host sees them: the
//! first, in which every row moves, then one with equal centroids, in which none does.

use std::time::Instant;

use clusterclip_core::keys;
use clusterclip_core::kmeans::{Backend, Centroids, RowBlock, Shape};
use clusterclip_core::monitor::CancelFlag;
use clusterclip_shaders::gpu::{Binding, Gpu, Kind, Stage, Wanted, adapters, choose};
use clusterclip_shaders::kmeans::{GpuBackend, Options, Plan};
use pollster::block_on;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

static NAIVE: Stage = Stage {
    name: "naive",
    source: include_str!("naive.wgsl"),
    bindings: &[
        Binding { name: "shape", kind: Kind::Uniform },
        Binding { name: "rows", kind: Kind::Read },
        Binding { name: "centroids", kind: Kind::Read },
        Binding { name: "biases", kind: Kind::Read },
        Binding { name: "labels", kind: Kind::ReadWrite },
    ],
};

struct Data {
    n: usize,
    columns: usize,
    k: usize,
    rows: Vec<i8>,
    centroids: Centroids,
}

fn main() -> Result {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number = |i: usize| args.get(i).map(|arg| arg.parse::<usize>()).transpose();
    let (n, columns, k) =
        (number(0)?.unwrap_or(20_000), number(1)?.unwrap_or(384), number(2)?.unwrap_or(256));
    let bytes = |key: u64, count: usize, limit: i64| -> Vec<i8> {
        let value = |i| (keys::hash(&[key, i]) as i64).rem_euclid(2 * limit + 1) - limit;
        (0..count as u64).map(|i| value(i) as i8).collect()
    };
    let centroids = Centroids::from_parts(columns, bytes(2, k * columns, 127), vec![0; k])?;
    let data = Data { n, columns, k, rows: bytes(1, n * columns, 63), centroids };
    match args.get(3).map(String::as_str) {
        Some("naive") => naive(&data)?,
        Some("all") => {
            naive(&data)?;
            for plan in Plan::ALL {
                tiled(&data, Some(plan))?;
            }
            tiled(&data, None)?;
        }
        Some(plan) => tiled(&data, Some(plan.parse()?))?,
        None => tiled(&data, None)?,
    }
    Ok(())
}

fn tell(what: &str, data: &Data, seconds: f64) {
    let products = data.n as f64 * data.columns as f64 * data.k as f64;
    println!("{what:>24} {:9.1} ms {:9.2} G products/s", 1e3 * seconds, products / seconds / 1e9);
}

fn tiled(data: &Data, plan: Option<Plan>) -> Result {
    let adapter = choose(block_on(adapters()), &Wanted::Any)?;
    if plan.is_some_and(|plan| !plan.fits(&adapter)) {
        return Ok(());
    }
    let mut options = Options::default();
    options.plan = plan;
    let begun = Instant::now();
    let mut backend = block_on(GpuBackend::new(adapter, options))?;
    if plan.is_none() {
        println!(
            "{} chose {} in {:.0} ms",
            backend.name(),
            backend.plan(),
            1e3 * begun.elapsed().as_secs_f64()
        );
    }
    let shape = Shape { n_rows: data.n as u64, columns: data.columns, n_clusters: data.k as u32 };
    block_on(async {
        backend.begin(shape, CancelFlag::default()).await?;
        let own_best = vec![0; data.n];
        backend.push(RowBlock { rows: &data.rows, own_best: &own_best }).await?;
        backend.gpu_mut().time_stages();
        for what in ["first", "still"] {
            let before = backend.counters();
            let begun = Instant::now();
            backend.assign(&data.centroids).await?;
            tell(&format!("{} {what}", backend.plan()), data, begun.elapsed().as_secs_f64());
            let after = backend.counters();
            println!(
                "{:>24} {} dispatches, {} submissions, {} waits, {} bytes up, {} down",
                "",
                after.dispatches - before.dispatches,
                after.submissions - before.submissions,
                after.waits - before.waits,
                after.bytes_up - before.bytes_up,
                after.bytes_down - before.bytes_down
            );
        }
        for time in backend.gpu().stage_times() {
            println!("{:>24} {:9.1} ms in {} dispatches", time.stage, 1e3 * time.seconds, time.dispatches);
        }
        Ok(())
    })
}

fn naive(data: &Data) -> Result {
    let adapter = choose(block_on(adapters()), &Wanted::Any)?;
    block_on(async {
        let mut gpu = Gpu::open(adapter).await?;
        let pipeline = gpu.pipeline(&NAIVE, &[], false).await?;
        let (uniform, _) = gpu.uniforms(1, 16).await?;
        let rows = gpu.buffer("rows", data.rows.len() as u64, "").await?;
        let values = data.centroids.values();
        let centroids = gpu.buffer("centroids", values.len() as u64, "").await?;
        let biases = gpu.buffer("biases", 4 * data.k as u64, "").await?;
        let labels = gpu.buffer("labels", 4 * data.n as u64, "").await?;
        let shape = [data.n as u32, data.columns as u32 / 16, data.k as u32, 0];
        gpu.write(&uniform, 0, bytemuck::cast_slice(&shape));
        gpu.write(&rows, 0, bytemuck::cast_slice(&data.rows));
        gpu.write(&centroids, 0, bytemuck::cast_slice(values));
        let bindings = gpu.bind(&pipeline, 16, &[&uniform, &rows, &centroids, &biases, &labels]);
        let mut seconds = f64::INFINITY;
        for _ in 0..2 {
            let begun = Instant::now();
            let mut encoder = gpu.encoder();
            gpu.dispatch(&mut encoder, &pipeline, &bindings, Some(0), (data.n as u32).div_ceil(64));
            let submitted = gpu.submit(Some(encoder));
            gpu.wait(&submitted, &CancelFlag::default()).await?;
            seconds = seconds.min(begun.elapsed().as_secs_f64());
        }
        tell("naive", data, seconds);
        Ok(())
    })
}
