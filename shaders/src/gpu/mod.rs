//! Devices, buffers, pipelines and what comes back from them: what any work in WGSL needs, whatever it computes.
//!
//! An [`Adapter`] is chosen among all that there are, and opened as a [`Gpu`]:
//!
//! ```no_run
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! use clusterclip_shaders::gpu::{Gpu, Wanted, adapters, choose};
//!
//! let adapter = choose(adapters().await, &Wanted::Named("llvmpipe"))?;
//! println!("{}, {}, {}", adapter.info().name, adapter.kind(), adapter.backend());
//! let gpu = Gpu::open(adapter).await?;
//! assert_eq!(gpu.counters().dispatches, 0);
//! # Ok(())
//! # }
//! ```
//!
//! Where there is none as wanted, the error says what to do:
//!
//! ```
//! use clusterclip_shaders::gpu::{GpuError, Wanted, choose};
//!
//! let error = choose(Vec::new(), &Wanted::Any).unwrap_err();
//! assert_eq!(error, GpuError::NoAdapter);
//! assert!(error.to_string().starts_with("no GPU was found"));
//! ```

mod adapter;
mod batch;
mod device;
mod error;
mod pipeline;
mod stage;
mod stamps;
mod timer;
mod wait;

pub use adapter::{Adapter, Wanted, adapters, choose};
pub use device::{Counters, Gpu};
pub use error::{Advice, GpuError, Limit};
pub use stage::{Access, Binding, Pipeline, Stage};
pub use timer::StageTime;
pub use wait::Submitted;
