//! Which byte dot product is used: chosen at run time, and every choice gives the same integers.

use std::str::FromStr;

use crate::error::Kind;
use crate::named;

/// A way to compute byte dot products.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kernel {
    /// x86-64: `vpdpbusd` on 512 bits.
    Avx512Vnni,
    /// x86-64: `vpdpbusd` on 256 bits.
    AvxVnni,
    /// x86-64: `vpmaddubsw` and `vpmaddwd` on 256 bits.
    Avx2,
    /// x86-64: `pmaddwd` on 128 bits, which every such CPU has.
    Sse2,
    /// AArch64: `sdot`.
    NeonDotprod,
    /// AArch64: `smull` and `sadalp`.
    Neon,
    /// WebAssembly: `i32x4.dot_i16x8_s`, where it was compiled with SIMD.
    Simd128,
    /// Plain Rust, on every CPU.
    Portable,
}

/// Why a kernel was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KernelError {
    /// No such kernel.
    #[error("kernel `{name}` is unknown: this CPU has {}", available())]
    Unknown {
        /// What was asked for.
        name: String,
    },
    /// The CPU lacks the instructions.
    #[error("kernel `{kernel}` needs instructions that this CPU lacks: it has {}", available())]
    Unavailable {
        /// What was asked for.
        kernel: Kernel,
    },
}

crate::nameless!(KernelError, |error| match error {
    KernelError::Unknown { .. } => Kind::Usage,
    KernelError::Unavailable { .. } => Kind::Device,
});

fn available() -> String {
    Kernel::available().iter().map(|kernel| format!("`{kernel}`")).collect::<Vec<_>>().join(", ")
}

impl Kernel {
    /// All kernels, the fastest first.
    pub const ALL: [Self; 8] = [
        Self::Avx512Vnni,
        Self::AvxVnni,
        Self::Avx2,
        Self::Sse2,
        Self::NeonDotprod,
        Self::Neon,
        Self::Simd128,
        Self::Portable,
    ];

    /// The kernels that this CPU can run, the fastest first; the portable one is always among them.
    pub fn available() -> Vec<Self> {
        Self::ALL.into_iter().filter(|kernel| kernel.is_available()).collect()
    }

    /// The fastest kernel that this CPU can run.
    pub fn best() -> Self {
        Self::ALL.into_iter().find(|kernel| kernel.is_available()).unwrap_or(Self::Portable)
    }

    /// Whether this CPU can run it.
    pub fn is_available(self) -> bool {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512Vnni => {
                // Its single scores and sums are compiled for AVX2, which a hypervisor may hide by itself.
                is_x86_feature_detected!("avx2")
                    && is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512vnni")
            }
            #[cfg(target_arch = "x86_64")]
            Self::AvxVnni => is_x86_feature_detected!("avx2") && is_x86_feature_detected!("avxvnni"),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => is_x86_feature_detected!("avx2"),
            #[cfg(target_arch = "x86_64")]
            Self::Sse2 => true,
            #[cfg(target_feature = "simd128")]
            Self::Simd128 => true,
            #[cfg(target_arch = "aarch64")]
            Self::NeonDotprod => std::arch::is_aarch64_feature_detected!("dotprod"),
            #[cfg(target_arch = "aarch64")]
            Self::Neon => std::arch::is_aarch64_feature_detected!("neon"),
            Self::Portable => true,
            #[allow(unreachable_patterns, reason = "every architecture leaves out the kernels of the others")]
            _ => false,
        }
    }

    /// Clusters that lie side by side in a packed panel: two registers of sums.
    pub(super) const fn lanes(self) -> usize {
        match self {
            Self::Avx512Vnni => 32,
            Self::AvxVnni | Self::Avx2 => 16,
            Self::Sse2 | Self::Simd128 | Self::NeonDotprod => 8,
            Self::Neon | Self::Portable => 1,
        }
    }

    /// Bytes of a factor in a packed panel.
    pub(super) fn width(self) -> usize {
        match self {
            Self::Sse2 | Self::Simd128 => 2,
            _ => 1,
        }
    }

    /// What is added to every byte of a row in memory: x86 multiplies unsigned by signed bytes, and two unsigned
    /// ones are one number.
    pub(super) fn offset(self) -> u8 {
        match self {
            Self::Avx512Vnni | Self::AvxVnni | Self::Avx2 | Self::Sse2 | Self::Simd128 => 63,
            Self::NeonDotprod | Self::Neon | Self::Portable => 0,
        }
    }
}

named!(
    Kernel:
    Avx512Vnni = "avx512vnni",
    AvxVnni = "avxvnni",
    Avx2 = "avx2",
    Sse2 = "sse2",
    NeonDotprod = "neon-dotprod",
    Neon = "neon",
    Simd128 = "simd128",
    Portable = "portable",
);

impl FromStr for Kernel {
    type Err = KernelError;

    /// Takes the name of a kernel that this CPU can run.
    fn from_str(name: &str) -> Result<Self, KernelError> {
        let kernel = Self::ALL
            .into_iter()
            .find(|kernel| kernel.name() == name)
            .ok_or_else(|| KernelError::Unknown { name: name.into() })?;
        if kernel.is_available() { Ok(kernel) } else { Err(KernelError::Unavailable { kernel }) }
    }
}
