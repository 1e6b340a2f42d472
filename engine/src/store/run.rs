//! `run.json`: how the results in the folder came about. The one file that differs from run to run.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::time::Instant;

use clusterclip_core::par;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::dir::OutDir;
use super::error::StoreError;
use super::names::StageName;
use super::{RUN, json};

/// What a stage ran on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// `CPU`, or the adapter's name.
    pub device: String,
    /// The adapter's driver.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub driver: Option<String>,
    /// The K-Means kernel on the CPU, or the plan on a GPU: inner loop and tile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kernel: Option<String>,
    /// Threads.
    pub threads: usize,
    /// What `--device auto` tried before, and why each failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failed: Vec<String>,
    /// How the adapter was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gpu: Option<GpuUse>,
}

impl Machine {
    /// The CPU, with all threads of this process.
    pub fn cpu(kernel: Option<String>) -> Self {
        Self {
            device: "CPU".to_owned(),
            driver: None,
            kernel,
            threads: par::threads(),
            failed: Vec::new(),
            gpu: None,
        }
    }
}

/// How an adapter was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GpuUse {
    /// Vulkan, Metal or DX12.
    pub backend: String,
    /// What sort of adapter it is.
    pub kind: String,
    /// How bytes were multiplied.
    pub inner_loop: String,
    /// Invocations of a workgroup, rows and centroids of an invocation, columns at a time.
    pub tile: String,
    /// Shaders run.
    pub dispatches: u64,
    /// Batches of them sent.
    pub submissions: u64,
    /// Times the host stood still for results.
    pub waits: u64,
    /// Bytes sent to the adapter.
    pub bytes_to_device: u64,
    /// Bytes read from it.
    pub bytes_from_device: u64,
}

/// How a stage ran.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StageRun {
    /// What it ran on.
    pub machine: Machine,
    /// How long it took.
    pub seconds: f64,
    /// When it began, in UTC, as RFC 3339.
    pub started: String,
    /// The program's version.
    pub version: String,
}

/// Times a stage.
#[derive(Debug, Clone, Copy)]
pub struct StageTimer {
    started: Timestamp,
    clock: Instant,
}

impl StageTimer {
    /// Begins now.
    pub fn start() -> Self {
        Self { started: Timestamp::now(), clock: Instant::now() }
    }

    /// Seconds since the start.
    pub fn seconds(&self) -> f64 {
        self.clock.elapsed().as_secs_f64()
    }

    /// Ends now. Times are kept in milliseconds.
    pub fn finish(self, machine: Machine) -> StageRun {
        StageRun {
            machine,
            seconds: (self.seconds() * 1e3).round() / 1e3,
            started: format!("{:.3}", self.started),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Run {
    stages: BTreeMap<StageName, StageRun>,
}

impl OutDir {
    /// Notes in run.json how a stage ran. Stages that were reused keep their notes; a run.json that cannot be
    /// read is begun anew, since no result depends on it.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn record_run(&self, stage: StageName, run: StageRun) -> Result<(), StoreError> {
        let old = fs::read(self.path().join(RUN)).ok();
        let mut all: Run = old.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        all.stages.insert(stage, run);
        let text = json::to_string(&all);
        self.write_atomic(RUN, |writer| {
            writer.write_all(text.as_bytes()).map_err(|cause| StoreError::io("write", writer.target(), cause))
        })
    }
}
