//! Which loops score rows with a kernel.

use super::best::Best;
use super::kernel::Kernel;
use super::packed::Packed;
use super::portable;
use crate::monitor::CancelFlag;

/// Scores rows (offset bytes, whole rows) with the packed clusters and gives the best of each. Once `cancel` is
/// set it may return early, and what it gives is then of no use.
///
/// # Panics
/// If this CPU cannot run the kernel, or the centroids were packed for another one.
pub(super) fn score(kernel: Kernel, rows: &[u8], packed: &Packed, cancel: &CancelFlag) -> Vec<Best> {
    assert!(
        kernel.is_available() && packed.kernel() == kernel,
        "centroids are packed for a kernel that can run"
    );
    assert_eq!(rows.len() % packed.columns(), 0, "whole rows");
    let mut best = vec![Best::NONE; rows.len() / packed.columns()];
    if packed.panels() == 0 {
        return best;
    }
    match kernel {
        // SAFETY: the instructions are there (asserted), and so are the lengths.
        #[cfg(target_arch = "x86_64")]
        Kernel::Avx512Vnni => unsafe { super::avx512::assign(rows, packed, &mut best, cancel) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Kernel::AvxVnni => unsafe { super::avx2::assign_vnni(rows, packed, &mut best, cancel) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Kernel::Avx2 => unsafe { super::avx2::assign(rows, packed, &mut best, cancel) },
        // SAFETY: as above.
        #[cfg(any(target_arch = "x86_64", target_feature = "simd128"))]
        Kernel::Sse2 | Kernel::Simd128 => unsafe { super::bits128::assign(rows, packed, &mut best, cancel) },
        // SAFETY: as above.
        #[cfg(target_arch = "aarch64")]
        Kernel::NeonDotprod => unsafe { super::neon::assign_dotprod(rows, packed, &mut best, cancel) },
        // SAFETY: as above.
        #[cfg(target_arch = "aarch64")]
        Kernel::Neon => unsafe { super::neon::assign(rows, packed, &mut best, cancel) },
        _ => portable::assign(bytemuck::cast_slice(rows), packed, &mut best, cancel),
    }
    best
}

#[cfg(test)]
mod tests {
    use super::super::aligned::AlignedBytes;
    use super::super::packed::start;
    use super::*;
    use crate::kmeans::centroid::Centroids;

    #[test]
    fn every_kernel_looks_at_the_cancel_flag_between_panels() {
        let centroids = Centroids::from_parts(64, vec![1; 64 * 40], vec![7; 40]).unwrap();
        for kernel in Kernel::available() {
            let mut rows = AlignedBytes::default();
            rows.extend(&[1; 64 * 30], kernel.offset());
            let starts: Vec<i32> = (0..40).map(|cluster| start(kernel, &centroids, cluster)).collect();
            let packed = Packed::new(kernel, &centroids, &starts, (0..40).collect()).unwrap();
            for cancelled in [false, true] {
                let cancel = CancelFlag::default();
                if cancelled {
                    cancel.cancel();
                }
                let best = score(kernel, rows.bytes(), &packed, &cancel);
                let scored = best.iter().all(|&best| best == Best { score: 71, cluster: 0, second: 71 });
                assert_eq!(scored, !cancelled, "{kernel}");
            }
        }
    }
}
