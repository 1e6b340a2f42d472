//! K-Means on the CPU: byte dot products by the widest instructions present, threads over row blocks.
//!
//! ```
//! use clusterclip_core::kmeans::{Backend, CpuBackend, Kernel};
//!
//! // The fastest there is is taken unless one is named; all give the same integers.
//! let backend = CpuBackend::with_kernel("portable".parse()?)?;
//! assert_eq!(backend.name(), "CPU (portable)");
//! assert_eq!(CpuBackend::new()?.kernel(), Kernel::best());
//! # Ok::<_, clusterclip_core::kmeans::CpuError>(())
//! ```

mod aligned;
mod backend;
mod best;
mod block;
mod bounds;
mod dispatch;
mod dot;
mod kernel;
mod packed;
mod portable;
mod ready;
mod row;
mod scoring;
mod seed;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64", target_feature = "simd128"))]
mod tile;
mod update;

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
// WebAssembly has no detection: `simd128` is there when it was compiled in.
#[cfg(any(target_arch = "x86_64", target_feature = "simd128"))]
mod bits128;
#[cfg(target_arch = "aarch64")]
mod neon;
#[cfg(any(target_arch = "x86_64", target_feature = "simd128"))]
mod pairs;

pub use backend::{CpuBackend, CpuError};
pub(crate) use dot::dot;
pub use kernel::{Kernel, KernelError};
pub use ready::ready;
