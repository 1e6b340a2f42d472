//! `clusterclip devices`.

use anyhow::Result;
use clusterclip_core::kmeans::Kernel;
use serde::Serialize;

use super::{KERNEL, kernel};
use crate::args::DevicesArgs;
use crate::report::print;

#[derive(Serialize)]
struct Devices {
    devices: Vec<Cpu>,
}

#[derive(Serialize)]
struct Cpu {
    device: &'static str,
    threads: usize,
    kernel: &'static str,
    kernels: Vec<&'static str>,
}

/// Lists what this machine computes with.
pub fn run(args: &DevicesArgs) -> Result<()> {
    let cpu = Cpu {
        device: "CPU",
        threads: rayon::current_num_threads(),
        kernel: kernel()?.name(),
        kernels: Kernel::available().into_iter().map(Kernel::name).collect(),
    };
    if args.json {
        return print(&(serde_json::to_string(&Devices { devices: vec![cpu] })? + "\n"));
    }
    print(&format!(
        "CPU  {} threads, K-Means kernel {}\n     kernels that this CPU can run, the fastest first: {}\n     \
         choose one with the environment variable {KERNEL}; all give the same bytes\nGPU  none: this build has no \
         GPU yet\n",
        cpu.threads,
        cpu.kernel,
        cpu.kernels.join(", "),
    ))
}
