//! Times assign on the adapter at hand: each plan, and naive kernels beside them.
//!
//! `cargo run --release -p clusterclip-shaders --example gpu_bench -- ROWS COLUMNS CLUSTERS [PLAN | all | naive]
//! [--json] [--adapter=NAME]`, columns a multiple of 64. Without a plan the device chooses. Times are whole assigns as
//! the host sees them: `first`, in which every row moves, then `second`, with equal centroids, in which none does, and
//! `still`, the same again, now that no move is expected: what a late iteration costs.
//!
//! With `--json` each measurement is an object on a line of its own. `seconds` is of the whole assign, `stages` are by
//! the device's clock where it has one (`clock`), a product is two integer operations, `peak` is known of no
//! adapter, and `counters` follow from the plan alone: see SPEED.md. `chosen_in` is the time that the device took to be
//! opened, choose this plan and prove itself, null where the plan was asked for.

use std::time::Instant;

use clusterclip_core::keys;
use clusterclip_core::kmeans::{Backend, Centroids, RowBlock, Shape};
use clusterclip_core::monitor::CancelFlag;
use clusterclip_shaders::gpu::{
    Access, Adapter, Advice, Binding, Counters, Gpu, Stage, StageTime, Wanted, adapters, choose,
};
use clusterclip_shaders::kmeans::{GpuBackend, Inner, Options, Plan};
use pollster::block_on;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

static NAIVE: [Stage; 2] = [
    Stage {
        name: "naive-packed",
        source: concat!(
            "alias Sum = i32;\n",
            "fn products(q: u32, c: u32) -> Sum { return dot4I8Packed(q, c); }\n",
            include_str!("naive.wgsl")
        ),
        bindings: NAIVE_BINDINGS,
    },
    // Exact for rows of up to 2048 columns.
    Stage {
        name: "naive-float",
        source: concat!(
            "alias Sum = f32;\n",
            "fn products(q: u32, c: u32) -> Sum {\n",
            "    return dot(vec4<f32>(unpack4xI8(q)), vec4<f32>(unpack4xI8(c)));\n",
            "}\n",
            include_str!("naive.wgsl")
        ),
        bindings: NAIVE_BINDINGS,
    },
];

const NAIVE_BINDINGS: &[Binding] = &[
    Binding { name: "shape", access: Access::Uniform },
    Binding { name: "rows", access: Access::Read },
    Binding { name: "centroids", access: Access::Read },
    Binding { name: "biases", access: Access::Read },
    Binding { name: "labels", access: Access::ReadWrite },
];

struct Data {
    n: usize,
    columns: usize,
    k: usize,
    rows: Vec<i8>,
    centroids: Centroids,
    json: bool,
}

/// One measurement.
struct Found<'a> {
    device: String,
    software: bool,
    chosen_in: Option<f64>,
    name: String,
    plan: Option<Plan>,
    round: &'a str,
    seconds: f64,
    stages: &'a [StageTime],
    counted: Counters,
}

fn main() -> Result {
    let (options, args): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|arg| arg.starts_with("--"));
    let number = |i: usize| args.get(i).map(|arg| arg.parse::<usize>()).transpose();
    let (n, columns, k) =
        (number(0)?.unwrap_or(20_000), number(1)?.unwrap_or(384), number(2)?.unwrap_or(256));
    let bytes = |key: u64, count: usize, limit: i64| -> Vec<i8> {
        let value = |i| (keys::hash(&[key, i]) as i64).rem_euclid(2 * limit + 1) - limit;
        (0..count as u64).map(|i| value(i) as i8).collect()
    };
    let centroids = Centroids::from_parts(columns, bytes(2, k * columns, 127), vec![0; k])?;
    let json = options.iter().any(|option| option == "--json");
    let is_known = |option: &&String| *option == "--json" || option.starts_with("--adapter=");
    if let Some(unknown) = options.iter().find(|option| !is_known(option)) {
        return Err(format!("{unknown} is no option; there are --json and --adapter=NAME").into());
    }
    let named = options.iter().find_map(|option| option.strip_prefix("--adapter="));
    let data = Data { n, columns, k, rows: bytes(1, n * columns, 63), centroids, json };
    let adapter = choose(block_on(adapters()), &named.map_or(Wanted::Any, Wanted::Named))?;
    match args.get(3).map(String::as_str) {
        Some("naive") => NAIVE.iter().try_for_each(|stage| naive(&data, &adapter, stage)),
        Some("all") => {
            NAIVE.iter().try_for_each(|stage| naive(&data, &adapter, stage))?;
            Plan::ALL.into_iter().try_for_each(|plan| tiled(&data, &adapter, Some(plan)))?;
            tiled(&data, &adapter, None)
        }
        Some(plan) => tiled(&data, &adapter, Some(plan.parse()?)),
        None => tiled(&data, &adapter, None),
    }
}

fn tiled(data: &Data, adapter: &Adapter, plan: Option<Plan>) -> Result {
    if plan.is_some_and(|plan| !plan.fits(adapter)) {
        return Ok(());
    }
    let mut options = Options::default();
    options.plan = plan;
    let begun = Instant::now();
    let mut backend = block_on(GpuBackend::new(adapter.clone(), options, &CancelFlag::default()))?;
    let chosen_in = plan.is_none().then(|| begun.elapsed().as_secs_f64());
    if let Some(seconds) = chosen_in.filter(|_| !data.json) {
        println!("{} chose {} in {:.0} ms", backend.name(), backend.plan(), 1e3 * seconds);
    }
    let shape = Shape { n_rows: data.n as u64, columns: data.columns, n_clusters: data.k as u32 };
    block_on(async {
        backend.begin(shape, CancelFlag::default()).await?;
        let own_best = vec![0; data.n];
        backend.push(RowBlock { rows: &data.rows, own_best: &own_best }).await?;
        for round in ["first", "second", "still"] {
            backend.gpu_mut().time_stages();
            let before = backend.counters();
            let begun = Instant::now();
            backend.assign(&data.centroids).await?;
            let seconds = begun.elapsed().as_secs_f64();
            let after = backend.counters();
            tell(
                data,
                &Found {
                    device: backend.name(),
                    software: adapter.is_software(),
                    chosen_in,
                    name: backend.plan().to_string(),
                    plan: Some(backend.plan()),
                    round,
                    seconds,
                    stages: backend.gpu().stage_times(),
                    counted: Counters {
                        dispatches: after.dispatches - before.dispatches,
                        submissions: after.submissions - before.submissions,
                        waits: after.waits - before.waits,
                        bytes_up: after.bytes_up - before.bytes_up,
                        bytes_down: after.bytes_down - before.bytes_down,
                    },
                },
            );
        }
        Ok(())
    })
}

fn naive(data: &Data, adapter: &Adapter, stage: &'static Stage) -> Result {
    block_on(async {
        let mut gpu = Gpu::open(adapter.clone()).await?;
        let pipeline = gpu.pipeline(stage, &[], false).await?;
        let (uniform, _) = gpu.uniforms(1, 16).await?;
        let rows = gpu.buffer("rows", data.rows.len() as u64, Advice::CloseOthers).await?;
        let values = data.centroids.values();
        let centroids = gpu.buffer("centroids", values.len() as u64, Advice::CloseOthers).await?;
        let biases = gpu.buffer("biases", 4 * data.k as u64, Advice::CloseOthers).await?;
        let labels = gpu.buffer("labels", 4 * data.n as u64, Advice::CloseOthers).await?;
        let shape = [data.n as u32, data.columns as u32 / 16, data.k as u32, 0];
        gpu.write(&uniform, 0, bytemuck::cast_slice(&shape));
        gpu.write(&rows, 0, bytemuck::cast_slice(&data.rows));
        gpu.write(&centroids, 0, bytemuck::cast_slice(values));
        let bindings = gpu.bind(&pipeline, 16, &[&uniform, &rows, &centroids, &biases, &labels]);
        // The first time the device may still compile.
        for round in ["first", "still"] {
            let begun = Instant::now();
            let mut encoder = gpu.encoder();
            gpu.dispatch(&mut encoder, &pipeline, &bindings, Some(0), (data.n as u32).div_ceil(64));
            let submitted = gpu.submit(Some(encoder));
            gpu.wait(&submitted, &CancelFlag::default()).await?;
            let seconds = begun.elapsed().as_secs_f64();
            let (device, software) = (adapter.info().name.clone(), adapter.is_software());
            let counted = Counters { dispatches: 1, submissions: 1, waits: 1, ..Counters::default() };
            let name = stage.name.to_owned();
            let (plan, chosen_in, stages): (_, _, &[StageTime]) = (None, None, &[]);
            tell(data, &Found { device, software, chosen_in, name, plan, round, seconds, stages, counted });
        }
        Ok(())
    })
}

fn tell(data: &Data, found: &Found<'_>) {
    let products = data.n as f64 * data.columns as f64 * data.k as f64;
    let rate = products / found.seconds;
    let in_stages: f64 = found.stages.iter().map(|time| time.seconds).sum();
    let in_assign: f64 =
        found.stages.iter().filter(|time| time.stage.starts_with("assign")).map(|time| time.seconds).sum();
    let outside = (in_stages > 0.0).then(|| 1.0 - in_assign / found.seconds);
    let Counters { dispatches, submissions, waits, bytes_up, bytes_down } = found.counted;
    if data.json {
        let stages: Vec<String> =
            found.stages.iter().map(|time| format!("{:?}:{}", time.stage, time.seconds)).collect();
        println!(
            "{{\"device\":{:?},\"software\":{},\"chosen_in\":{},\"plan\":{:?},\"round\":{:?},\
             \"rows\":{},\"columns\":{},\"clusters\":{},\
             \"seconds\":{},\"products_per_second\":{rate},\"integer_operations_per_second\":{},\
             \"peak\":null,\"share_of_peak\":null,\"clock\":{:?},\"stages\":{{{}}},\"outside_assign\":{},\
             \"dispatches\":{dispatches},\"submissions\":{submissions},\"waits\":{waits},\
             \"bytes_up\":{bytes_up},\"bytes_down\":{bytes_down},\"counters\":{}}}",
            found.device,
            found.software,
            found.chosen_in.map_or("null".into(), |seconds| seconds.to_string()),
            found.name,
            found.round,
            data.n,
            data.columns,
            data.k,
            found.seconds,
            2.0 * rate,
            if found.stages.is_empty() { "host" } else { "device" },
            stages.join(","),
            outside.map_or("null".into(), |share| share.to_string()),
            found.plan.map_or("null".into(), |plan| counters(plan, true)),
        );
        return;
    }
    let what = format!("{} {}", found.name, found.round);
    println!("{what:>28} {:9.1} ms {:9.2} G products/s", 1e3 * found.seconds, rate / 1e9);
    if let Some(plan) = found.plan {
        let pad = "";
        println!(
            "{pad:>28} {dispatches} dispatches, {submissions} submissions, {waits} waits, {bytes_up} bytes up, \
             {bytes_down} down"
        );
        if found.round == "first" {
            println!("{pad:>28} {}", counters(plan, false));
        }
    }
    for time in found.stages {
        println!("{:>28} {:9.2} ms in {} dispatches", time.stage, 1e3 * time.seconds, time.dispatches);
    }
    if let Some(share) = outside {
        println!("{:>28} {:8.1} %", "outside assign", 100.0 * share);
    }
}

/// What follows from a plan: how often a byte is used that comes from memory, and what an invocation holds.
fn counters(plan: Plan, json: bool) -> String {
    let (rows, centroids) = (f64::from(plan.rows()), f64::from(plan.centroids()));
    let (row_fours, centroid_fours) = (plan.tile.row_vectors, plan.tile.centroid_vectors);
    // An invocation reads a slot of its fours: 16 bytes each, of four columns or one.
    let columns = match plan.inner {
        Inner::Packed => Some(4),
        Inner::Float => Some(1),
        Inner::Broadcast => None,
    };
    let workgroup = columns.map(|columns| {
        f64::from(2 * 16 * row_fours * centroid_fours * columns)
            / f64::from(16 * (row_fours + centroid_fours))
    });
    let accumulators = 16 * row_fours * centroid_fours;
    // Sums, the best of each row with its place, and one slot of operands.
    let registers = accumulators + 8 * row_fours + 4 * (row_fours + centroid_fours);
    let values = [
        ("operations_per_workgroup_byte", workgroup),
        ("operations_per_global_byte", Some(2.0 * rows * centroids / (rows + centroids))),
        ("workgroup_bytes", Some(plan.workgroup_bytes().into())),
        ("invocations", Some(plan.lanes().into())),
        ("accumulators", Some(accumulators.into())),
        ("registers_at_least", Some(registers.into())),
    ];
    let text = |value: Option<f64>| value.map_or("null".into(), |value| value.to_string());
    if json {
        let all: Vec<String> =
            values.iter().map(|(name, value)| format!("{name:?}:{}", text(*value))).collect();
        return format!("{{{}}}", all.join(","));
    }
    let shown = values.iter().filter(|(_, value)| value.is_some());
    let all: Vec<String> =
        shown.map(|(name, value)| format!("{} {}", text(*value), name.replace('_', " "))).collect();
    all.join(", ")
}
