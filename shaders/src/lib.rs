//! K-Means on any GPU: WGSL compute shaders behind [`clusterclip_core::kmeans::Backend`].
//!
//! [`gpu`] knows devices, buffers and pipelines and nothing of clusters; [`kmeans`] is the backend. Every stage
//! in `wgsl/` does the work of its twin in `clusterclip_core::kmeans::cpu`, to the same integers; so the backend
//! gives the CPU's bytes, and equality is the test. The build parses and validates every shader, and checks the
//! structs that Rust and WGSL share.
//!
//! ```no_run
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! use clusterclip_core::kmeans::Backend as _;
//! use clusterclip_core::monitor::CancelFlag;
//! use clusterclip_shaders::{gpu, kmeans};
//!
//! let adapter = gpu::choose(gpu::adapters().await, &gpu::Wanted::Hardware)?;
//! let backend = kmeans::GpuBackend::new(adapter, kmeans::Options::default(), &CancelFlag::default()).await?;
//! println!("{} with the plan {}", backend.name(), backend.plan());
//! # Ok(())
//! # }
//! ```

pub mod gpu;
pub mod kmeans;
