//! Which byte dot product is used: chosen at run time, and every choice gives the same integers.

use std::fmt;
use std::str::FromStr;

use super::packed::Packed;
use super::portable;
use crate::monitor::CancelFlag;

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

fn available() -> String {
    Kernel::available().iter().map(|kernel| format!("`{kernel}`")).collect::<Vec<_>>().join(", ")
}

/// The best score of a row among some clusters, the cluster (the lowest on ties), and the best score of the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Best {
    pub score: i32,
    pub cluster: u32,
    pub second: i32,
}

impl Best {
    /// That among no clusters.
    pub const NONE: Self = Self { score: i32::MIN, cluster: u32::MAX, second: i32::MIN };

    /// Takes in one more score, of a higher cluster than those before.
    #[inline(always)]
    pub fn take(&mut self, score: i32, cluster: u32) {
        self.second = self.second.max(score.min(self.score));
        if score > self.score {
            (self.score, self.cluster) = (score, cluster);
        }
    }

    /// The best among the clusters of both, which have none in common.
    pub fn join(self, other: Self) -> Self {
        let first =
            (self.score, std::cmp::Reverse(self.cluster)) >= (other.score, std::cmp::Reverse(other.cluster));
        let (best, beaten) = if first { (self, other) } else { (other, self) };
        Self { second: best.second.max(beaten.score), ..best }
    }
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

    /// The name by which it is asked for.
    pub fn name(self) -> &'static str {
        match self {
            Self::Avx512Vnni => "avx512vnni",
            Self::AvxVnni => "avxvnni",
            Self::Avx2 => "avx2",
            Self::Sse2 => "sse2",
            Self::NeonDotprod => "neon-dotprod",
            Self::Neon => "neon",
            Self::Simd128 => "simd128",
            Self::Portable => "portable",
        }
    }

    /// Clusters that lie side by side in a packed panel.
    pub(super) fn lanes(self) -> usize {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512Vnni => super::avx512::LANES,
            #[cfg(target_arch = "x86_64")]
            Self::AvxVnni | Self::Avx2 => super::avx2::LANES,
            #[cfg(any(target_arch = "x86_64", target_feature = "simd128"))]
            Self::Sse2 | Self::Simd128 => super::bits128::LANES,
            #[cfg(target_arch = "aarch64")]
            Self::NeonDotprod => super::neon::DOTPROD_LANES,
            _ => 1,
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

    /// Scores rows (offset bytes, whole rows) with the packed clusters and gives the best of each. Once `cancel` is
    /// set it may return early, and what it gives is then of no use.
    ///
    /// # Panics
    /// If this CPU cannot run the kernel, or the centroids were packed for another one.
    pub(super) fn assign(self, rows: &[u8], packed: &Packed, cancel: &CancelFlag) -> Vec<Best> {
        assert!(
            self.is_available() && packed.kernel() == self,
            "centroids are packed for a kernel that can run"
        );
        assert_eq!(rows.len() % packed.columns(), 0, "whole rows");
        let mut best = vec![Best::NONE; rows.len() / packed.columns()];
        if packed.panels() == 0 {
            return best;
        }
        match self {
            // SAFETY: the instructions are there (asserted), and so are the lengths.
            #[cfg(target_arch = "x86_64")]
            Self::Avx512Vnni => unsafe { super::avx512::assign(rows, packed, &mut best, cancel) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Self::AvxVnni => unsafe { super::avx2::assign_vnni(rows, packed, &mut best, cancel) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => unsafe { super::avx2::assign(rows, packed, &mut best, cancel) },
            // SAFETY: as above.
            #[cfg(any(target_arch = "x86_64", target_feature = "simd128"))]
            Self::Sse2 | Self::Simd128 => unsafe { super::bits128::assign(rows, packed, &mut best, cancel) },
            // SAFETY: as above.
            #[cfg(target_arch = "aarch64")]
            Self::NeonDotprod => unsafe { super::neon::assign_dotprod(rows, packed, &mut best, cancel) },
            // SAFETY: as above.
            #[cfg(target_arch = "aarch64")]
            Self::Neon => unsafe { super::neon::assign(rows, packed, &mut best, cancel) },
            _ => portable::assign(bytemuck::cast_slice(rows), packed, &mut best, cancel),
        }
        best
    }
}

impl fmt::Display for Kernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

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

#[cfg(test)]
mod tests {
    use super::super::packed::start;
    use super::super::rows::Lines;
    use super::*;
    use crate::kmeans::centroid::Centroids;

    #[test]
    fn every_kernel_looks_at_the_cancel_flag_between_panels() {
        let centroids = Centroids::from_parts(64, vec![1; 64 * 40], vec![7; 40]).unwrap();
        for kernel in Kernel::available() {
            let mut rows = Lines::default();
            rows.extend(&[1; 64 * 30], kernel.offset());
            let starts: Vec<i32> = (0..40).map(|cluster| start(kernel, &centroids, cluster)).collect();
            let packed = Packed::new(kernel, &centroids, &starts, (0..40).collect()).unwrap();
            for cancelled in [false, true] {
                let cancel = CancelFlag::default();
                if cancelled {
                    cancel.cancel();
                }
                let best = kernel.assign(rows.bytes(), &packed, &cancel);
                let scored = best.iter().all(|&best| best == Best { score: 71, cluster: 0, second: 71 });
                assert_eq!(scored, !cancelled, "{kernel}");
            }
        }
    }
}
