//! `clusterclip devices`.

use std::fmt::Write as _;

use anyhow::Result;
use clusterclip_core::kmeans::Kernel;
use clusterclip_shaders::gpu::{Adapter, Wanted, choose};
use serde::Serialize;

use crate::args::DevicesArgs;
use crate::summary::{print, print_json};
use clusterclip_engine::device::{GPU_PLAN, KERNEL, adapters, kernel};
use clusterclip_engine::human;

#[derive(Serialize)]
struct Devices {
    /// The CPU, then the adapters, the best first.
    devices: Vec<Device>,
    auto: Auto,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Device {
    Cpu(Cpu),
    Gpu(Box<Gpu>),
}

#[derive(Serialize)]
struct Cpu {
    device: &'static str,
    threads: usize,
    kernel: &'static str,
    kernels: Vec<&'static str>,
}

#[derive(Serialize)]
struct Gpu {
    device: String,
    backend: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    software: bool,
    driver: Option<String>,
    memory_bytes: Option<u64>,
    limits: Limits,
    features: Vec<&'static str>,
}

#[derive(Serialize)]
struct Limits {
    max_buffer_bytes: u64,
    max_binding_bytes: u64,
    max_workgroup_bytes: u32,
    max_workgroup_invocations: u32,
}

/// What `--device auto` takes.
#[derive(Serialize)]
struct Auto {
    device: String,
    why: String,
}

/// Lists what this machine computes with.
pub fn run(args: &DevicesArgs) -> Result<()> {
    let cpu = Cpu {
        device: "CPU",
        threads: rayon::current_num_threads(),
        kernel: kernel()?.name(),
        kernels: Kernel::available().into_iter().map(Kernel::name).collect(),
    };
    let adapters = adapters();
    let gpus: Vec<Gpu> = adapters.iter().map(gpu).collect();
    let auto = auto(adapters);
    if !args.json {
        return print(&text(&cpu, &gpus, &auto));
    }
    let gpus = gpus.into_iter().map(|gpu| Device::Gpu(Box::new(gpu)));
    let devices = std::iter::once(Device::Cpu(cpu)).chain(gpus).collect();
    print_json(&Devices { devices, auto })
}

fn gpu(adapter: &Adapter) -> Gpu {
    let limits = adapter.limits();
    Gpu {
        device: adapter.info().name.clone(),
        backend: adapter.backend(),
        kind: adapter.kind(),
        software: adapter.is_software(),
        driver: adapter.driver(),
        memory_bytes: adapter.memory(),
        limits: Limits {
            max_buffer_bytes: limits.max_buffer_size,
            max_binding_bytes: limits.max_storage_buffer_binding_size,
            max_workgroup_bytes: limits.max_compute_workgroup_storage_size,
            max_workgroup_invocations: limits.max_compute_invocations_per_workgroup,
        },
        features: adapter.features().iter_names().map(|(name, _)| name).collect(),
    }
}

fn auto(adapters: Vec<Adapter>) -> Auto {
    let none = adapters.is_empty();
    match choose(adapters, &Wanted::Hardware) {
        Ok(adapter) => Auto {
            device: adapter.info().name.clone(),
            why: "the first hardware GPU; should it fail, the CPU does the work".into(),
        },
        Err(_) if none => Auto { device: "CPU".into(), why: "there is no GPU".into() },
        Err(_) => Auto {
            device: "CPU".into(),
            why: "the only adapters are software, which is slower; --device gpu takes one all the same"
                .into(),
        },
    }
}

fn text(cpu: &Cpu, gpus: &[Gpu], auto: &Auto) -> String {
    let mut text = format!(
        "CPU   {} threads, K-Means kernel {}\n      kernels that this CPU can run, the fastest first: {}\n",
        cpu.threads,
        cpu.kernel,
        cpu.kernels.join(", "),
    );
    for gpu in gpus {
        let memory = gpu.memory_bytes.map_or(String::new(), |bytes| {
            let of = if gpu.software { "of the host's memory" } else { "of memory" };
            format!(", {} {of}", human::bytes(bytes as f64))
        });
        let limits = &gpu.limits;
        // Features that K-Means uses; --json lists all.
        let used = ["TIMESTAMP_QUERY", "SUBGROUP"];
        let features: Vec<_> = used.into_iter().filter(|name| gpu.features.contains(name)).collect();
        let _ = writeln!(
            text,
            "GPU   {}\n      {}, {}, driver {}{memory}\n      buffers to {}, bindings to {}; workgroups to {} \
             invocations and {} of memory\n      features: {}",
            gpu.device,
            gpu.backend,
            gpu.kind,
            gpu.driver.as_deref().unwrap_or("unknown"),
            human::bytes(limits.max_buffer_bytes as f64),
            human::bytes(limits.max_binding_bytes as f64),
            limits.max_workgroup_invocations,
            human::bytes(limits.max_workgroup_bytes.into()),
            if features.is_empty() { "none of use".to_owned() } else { features.join(", ") },
        );
    }
    if gpus.is_empty() {
        text.push_str("GPU   none found: install a driver with Vulkan, Metal or DX12\n");
    }
    let _ = writeln!(
        text,
        "\n--device auto takes {}: {}.\nAll of them give the same bytes. To compare them, {KERNEL} names the CPU's \
         kernel,\n{GPU_PLAN} how a GPU multiplies.",
        auto.device, auto.why,
    );
    text
}
