//! K-Means on the CPU: byte dot products by the widest instructions present, threads over row blocks.

mod backend;
mod block;
mod bounds;
mod dot;
mod kernel;
mod packed;
mod plan;
mod portable;
mod row;
mod rows;
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

pub use backend::{CpuBackend, CpuError};
pub use kernel::{Kernel, KernelError};
