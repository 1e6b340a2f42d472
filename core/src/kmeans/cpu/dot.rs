//! Byte dot products of single rows.

use super::kernel::Kernel;

/// [`plain`], by the wider vectors that `kernel` needs as well.
///
/// # Panics
/// If this CPU cannot run the kernel.
#[inline]
pub(crate) fn dot(kernel: Kernel, a: &[i8], b: &[i8]) -> i32 {
    match kernel {
        #[cfg(target_arch = "x86_64")]
        Kernel::Avx512Vnni | Kernel::AvxVnni | Kernel::Avx2 => {
            assert!(is_x86_feature_detected!("avx2"), "the kernel can run");
            // SAFETY: asserted.
            unsafe { wide(a, b) }
        }
        _ => plain(a, b),
    }
}

/// [`plain`], compiled for wider vectors.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn wide(a: &[i8], b: &[i8]) -> i32 {
    plain(a, b)
}

/// The dot product of two rows of bytes whose lengths are multiples of 64, modulo 2^32: sums on the way may wrap
/// for very long offset rows, scores do not. Products are of 127 and 127 at most, so they fit 16 bits.
#[inline(always)]
pub(super) fn plain(a: &[i8], b: &[i8]) -> i32 {
    // Sixteen sums and arrays of known length: what compilers turn into vectors everywhere.
    const LANES: usize = 16;
    let mut sums = [0i32; LANES];
    for (a, b) in a.as_chunks::<LANES>().0.iter().zip(b.as_chunks::<LANES>().0) {
        for i in 0..LANES {
            sums[i] = sums[i].wrapping_add(i32::from(i16::from(a[i]) * i16::from(b[i])));
        }
    }
    sums.iter().fold(0, |sum, &lane| sum.wrapping_add(lane))
}
