//! 256-bit byte dot products, with and without VNNI.

use std::arch::x86_64::*;

use super::best::Best;
use super::kernel::Kernel;
use super::packed::{GROUP, Packed};
use super::tile::{self, Running, Tile};
use crate::monitor::CancelFlag;

/// Centroids in a panel: two registers of 8 sums.
const LANES: usize = Kernel::Avx2.lanes();

/// Writes a tile of `$rows` rows that adds byte products by `$dot`, and the function that runs it over rows.
macro_rules! kernel {
    ($(#[$doc:meta])* $name:ident, $tile:ident, $rows:literal, $features:literal, $dot:expr) => {
        struct $tile;

        impl Tile<$rows, LANES> for $tile {
            #[inline]
            #[target_feature(enable = $features)]
            unsafe fn run<const PARTS: usize>(
                rows: *const u8,
                stride: usize,
                panel: &[i8],
                starts: &[i32; LANES],
                running: &mut [Running<LANES>; $rows],
                index: i32,
            ) {
                // SAFETY: the caller promises the rows and the panel; loads stay within them.
                unsafe {
                    let mut sums = [[_mm256_setzero_si256(); PARTS]; $rows];
                    for sums in &mut sums {
                        for (part, sum) in sums.iter_mut().enumerate() {
                            *sum = _mm256_loadu_si256(starts[8 * part..].as_ptr().cast());
                        }
                    }
                    let mut at = panel.as_ptr();
                    for column in (0..stride).step_by(GROUP) {
                        let mut centroids = [_mm256_setzero_si256(); PARTS];
                        for (part, centroids) in centroids.iter_mut().enumerate() {
                            *centroids = _mm256_load_si256(at.add(32 * part).cast());
                        }
                        at = at.add(LANES * GROUP);
                        for (r, sums) in sums.iter_mut().enumerate() {
                            let four = rows.add(r * stride + column).cast::<i32>().read_unaligned();
                            let row = _mm256_set1_epi32(four);
                            for (sum, centroids) in sums.iter_mut().zip(centroids) {
                                *sum = $dot(*sum, row, centroids);
                            }
                        }
                    }
                    let index = _mm256_set1_epi32(index);
                    for (sums, running) in sums.iter().zip(running) {
                        for (part, &sum) in sums.iter().enumerate() {
                            let score = running.score[8 * part..].as_mut_ptr().cast::<__m256i>();
                            let panel = running.panel[8 * part..].as_mut_ptr().cast::<__m256i>();
                            let (old, old_panel) = (_mm256_load_si256(score), _mm256_load_si256(panel));
                            let higher = _mm256_cmpgt_epi32(sum, old);
                            let second = running.second[8 * part..].as_mut_ptr().cast::<__m256i>();
                            let beaten = _mm256_min_epi32(sum, old);
                            _mm256_store_si256(score, _mm256_max_epi32(sum, old));
                            _mm256_store_si256(second, _mm256_max_epi32(_mm256_load_si256(second), beaten));
                            _mm256_store_si256(panel, _mm256_blendv_epi8(old_panel, index, higher));
                        }
                    }
                }
            }
        }

        $(#[$doc])*
        ///
        /// # Safety
        /// The CPU has the instructions; `packed` is for this kernel, `rows` holds a row for each of `best`.
        #[target_feature(enable = $features)]
        pub(super) unsafe fn $name(rows: &[u8], packed: &Packed, best: &mut [Best], cancel: &CancelFlag) {
            // SAFETY: promised by the caller.
            unsafe { tile::assign::<$tile, $rows, LANES>(rows, packed, best, cancel) }
        }
    };
}

kernel!(
    /// Scores rows with all clusters, three instructions for 32 products.
    assign,
    Maddubs,
    4,
    "avx2",
    |sum, row, centroid| {
        // Two products of a row byte in 0..=126 and a centroid byte in −127..=127 stay within ±32,004, so the
        // 16-bit sum never saturates.
        let pairs = _mm256_maddubs_epi16(row, centroid);
        _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)))
    }
);

kernel!(
    /// Scores rows with all clusters, one instruction for 32 products.
    assign_vnni,
    Vnni,
    6,
    "avx2,avxvnni",
    _mm256_dpbusd_avx_epi32
);

/// The same loops with the 256-bit instruction of AVX-512: proves them on CPUs that lack AVX-VNNI.
#[cfg(test)]
pub(super) mod twin {
    use super::*;

    kernel!(
        /// Scores rows with all clusters.
        assign,
        VnniTwin,
        6,
        "avx2,avx512f,avx512vl,avx512vnni",
        _mm256_dpbusd_epi32
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys;
    use crate::kmeans::centroid::Centroids;
    use crate::kmeans::cpu::packed::start;
    use crate::kmeans::cpu::{aligned::AlignedBytes, portable};

    #[test]
    fn the_loops_of_avx_vnni_equal_the_portable_ones() {
        if !Kernel::Avx512Vnni.is_available() || !is_x86_feature_detected!("avx512vl") {
            println!("not tested: this CPU has no 256-bit vpdpbusd of AVX-512");
            return;
        }
        for (n, columns, k) in [(1, 64, 1), (5, 64, 17), (6, 128, 16), (50, 192, 45), (13, 1536, 100)] {
            let byte = |word, i: usize, limit: u64| {
                (keys::hash(&[word, i as u64]) % (2 * limit + 1)) as i64 - limit as i64
            };
            let rows: Vec<i8> = (0..n * columns).map(|i| byte(1, i, 63) as i8).collect();
            let values = (0..k * columns).map(|i| byte(2, i, 127) as i8).collect();
            let biases = (0..k).map(|i| byte(3, i, 2000) as i32).collect();
            let centroids = Centroids::from_parts(columns, values, biases).unwrap();
            let never = CancelFlag::default();
            let pack = |kernel| {
                let starts: Vec<i32> = (0..k).map(|cluster| start(kernel, &centroids, cluster)).collect();
                Packed::new(kernel, &centroids, &starts, (0..k as u32).collect()).unwrap()
            };
            let mut expected = vec![Best::NONE; n];
            portable::assign(&rows, &pack(Kernel::Portable), &mut expected, &never);

            let mut offset = AlignedBytes::default();
            offset.extend(&rows, Kernel::AvxVnni.offset());
            let mut best = vec![Best::NONE; n];
            // SAFETY: the instructions are there, and AVX-VNNI's packing is the twin's.
            unsafe { twin::assign(offset.bytes(), &pack(Kernel::AvxVnni), &mut best, &never) };
            assert_eq!(best, expected, "{n} rows, {columns} columns, {k} clusters");
        }
    }
}
