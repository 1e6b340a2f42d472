//! Devices, buffers, pipelines and what comes back from them: what any work in WGSL needs, whatever it computes.

mod adapter;
mod batch;
mod device;
mod error;
mod pipeline;
mod stamps;
mod timer;
mod wait;

pub use adapter::{Adapter, Wanted, adapters, choose};
pub use device::{Counters, Gpu};
pub use error::GpuError;
pub use pipeline::{Binding, Kind, Pipeline, Stage};
pub use timer::StageTime;
pub use wait::Submitted;
