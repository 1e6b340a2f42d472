//! Keys and permutations: SPEC.md, section 0. All arithmetic is u64, wrapping.

/// The step between the keys of successive rounds.
pub const G: u64 = 0xD1B5_4A32_D192_ED03;

/// The largest domain that is permuted by Fisher-Yates instead of the Feistel network.
pub const FISHER_YATES_MAX: u64 = 16;

/// Feistel rounds. 4, 6 and 8 fail chi-square tests for domains of 17 to 65; 10 pass.
const ROUNDS: u64 = 10;

/// The SplitMix64 output function (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014).
///
/// ```
/// assert_eq!(clusterclip_core::keys::mix(0), 0xe220a8397b1dcdaf);
/// ```
#[inline]
pub const fn mix(mut z: u64) -> u64 {
    z = z.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z ^= z >> 30;
    z = z.wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z ^= z >> 27;
    z = z.wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Hashes words to a key: `h = mix(h ^ w)` for each word, from 0.
///
/// ```
/// assert_eq!(clusterclip_core::keys::hash(&[0, 1, 2]), 0x5def8c1f8a9e3322);
/// ```
#[inline]
pub const fn hash(words: &[u64]) -> u64 {
    let mut h = 0;
    let mut i = 0;
    while i < words.len() {
        h = mix(h ^ words[i]);
        i += 1;
    }
    h
}

/// ⌊`hash` · `bound` / 2^64⌋: a key scaled to `0..bound`.
///
/// ```
/// use clusterclip_core::keys::scale;
/// assert_eq!([0, 1 << 63, u64::MAX].map(|key| scale(key, 10)), [0, 5, 9]);
/// ```
#[inline]
pub const fn scale(hash: u64, bound: u64) -> u64 {
    ((hash as u128 * bound as u128) >> 64) as u64
}

/// perm(key, m, ·): a keyed permutation of `0..m`, evaluated at any place without the others.
///
/// ```
/// use clusterclip_core::keys::{Permutation, hash};
/// let perm = Permutation::new(hash(&[0, 2, 0, 0]), 20);
/// let all: Vec<u64> = (0..20).map(|i| perm.at(i)).collect();
/// assert_eq!(all, [12, 2, 9, 16, 1, 0, 17, 10, 6, 5, 15, 11, 13, 4, 3, 8, 14, 19, 7, 18]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permutation {
    key: u64,
    len: u64,
}

impl Permutation {
    /// The permutation of `0..len` under `key`.
    #[inline]
    pub fn new(key: u64, len: u64) -> Self {
        Self { key, len }
    }

    /// How many places are permuted.
    #[inline]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether nothing is permuted.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Where place `index` goes.
    ///
    /// # Panics
    /// If `index` is not under the length.
    #[inline]
    pub fn at(&self, index: u64) -> u64 {
        assert!(index < self.len, "place {index} of a permutation of {}", self.len);
        if self.len <= FISHER_YATES_MAX {
            return fisher_yates(self.key, self.len, index);
        }
        let mut place = [index];
        loop {
            feistel(&[self.key], &[self.len], &mut place);
            // The network permutes the next power of two; walking its cycle stays a permutation.
            if place[0] < self.len {
                return place[0];
            }
        }
    }
}

/// How many permutations [`permute`] takes at a time: enough that lanes left over at the end of a cycle walk
/// cost little, few enough that its arrays stay in the first-level cache.
pub(crate) const BATCH: usize = 256;

/// Feistel networks that are evaluated side by side, so that their multiplications overlap.
const LANES: usize = 8;

/// Replaces every `places[i]` by perm(keys[i], lens[i], places[i]); the same as [`Permutation::at`] for each, but
/// several times as fast. At most [`BATCH`] of them, each place under its length.
pub(crate) fn permute(keys: &[u64], lens: &[u64], places: &mut [u64]) {
    let count = places.len();
    assert!(count <= BATCH && keys.len() == count && lens.len() == count);
    let mut pending = [0u16; BATCH];
    let mut n_pending = 0;
    for i in 0..count {
        debug_assert!(places[i] < lens[i]);
        if lens[i] <= FISHER_YATES_MAX {
            places[i] = fisher_yates(keys[i], lens[i], places[i]);
        } else {
            pending[n_pending] = i as u16;
            n_pending += 1;
        }
    }
    while n_pending > 0 {
        let mut still = 0;
        let mut from = 0;
        while from < n_pending {
            let lanes = (n_pending - from).min(LANES);
            // Lanes without work of their own repeat the first one's.
            let mut ids = [usize::from(pending[from]); LANES];
            for lane in 0..lanes {
                ids[lane] = usize::from(pending[from + lane]);
            }
            let (mut lane_keys, mut lane_lens, mut lane_places) = ([0; LANES], [0; LANES], [0; LANES]);
            for lane in 0..LANES {
                lane_keys[lane] = keys[ids[lane]];
                lane_lens[lane] = lens[ids[lane]];
                lane_places[lane] = places[ids[lane]];
            }
            feistel(&lane_keys, &lane_lens, &mut lane_places);
            for lane in 0..lanes {
                places[ids[lane]] = lane_places[lane];
                pending[still] = ids[lane] as u16;
                still += usize::from(lane_places[lane] >= lane_lens[lane]);
            }
            from += lanes;
        }
        n_pending = still;
    }
}

/// One pass of the networks of `N` permutations of more than one place each.
#[inline(always)]
fn feistel<const N: usize>(keys: &[u64; N], lens: &[u64; N], places: &mut [u64; N]) {
    let (mut left, mut right, mut key) = ([0; N], [0; N], *keys);
    let (mut left_mask, mut right_mask, mut right_bits) = ([0u64; N], [0u64; N], [0u32; N]);
    for i in 0..N {
        let bits = u64::BITS - (lens[i] - 1).leading_zeros();
        let left_bits = bits / 2;
        right_bits[i] = bits - left_bits;
        left_mask[i] = (1 << left_bits) - 1;
        right_mask[i] = (1 << right_bits[i]) - 1;
        left[i] = places[i] >> right_bits[i];
        right[i] = places[i] & right_mask[i];
    }
    for _ in 0..ROUNDS / 2 {
        for i in 0..N {
            key[i] = key[i].wrapping_add(G);
            left[i] ^= scramble(key[i] ^ right[i]) & left_mask[i];
        }
        for i in 0..N {
            key[i] = key[i].wrapping_add(G);
            right[i] ^= scramble(key[i] ^ left[i]) & right_mask[i];
        }
    }
    for i in 0..N {
        places[i] = (left[i] << right_bits[i]) | right[i];
    }
}

/// F, the round function of the Feistel network.
#[inline(always)]
fn scramble(mut t: u64) -> u64 {
    t = t.wrapping_mul(0xBF58_476D_1CE4_E5B9);
    t ^= t >> 32;
    t = t.wrapping_mul(0x94D0_49BB_1331_11EB);
    t >> 32
}

/// Fisher-Yates at one place, without the table: what the swap of step `index` brings there is followed back
/// through the swaps made before it, those of the steps above.
#[inline]
fn fisher_yates(key: u64, len: u64, index: u64) -> u64 {
    let partner = |j: u64| scale(mix(key.wrapping_add(j.wrapping_mul(G))), j + 1);
    // Step 0 is no swap; ⌊h · 1 / 2^64⌋ = 0 says the same.
    let mut place = partner(index);
    for j in index + 1..len {
        place = if partner(j) == place { j } else { place };
    }
    place
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SPEC.md, section 0, word for word.
    fn by_the_letter(key: u64, m: u64, i: u64) -> u64 {
        if m <= 16 {
            let mut a: Vec<u64> = (0..m).collect();
            for j in (1..m).rev() {
                let other = (u128::from(mix(key.wrapping_add(j.wrapping_mul(G)))) * u128::from(j + 1)) >> 64;
                a.swap(j as usize, other as usize);
            }
            return a[i as usize];
        }
        let bits = (0..).find(|&b| (m - 1) >> b == 0).unwrap();
        let (left_bits, right_bits) = (bits / 2, bits - bits / 2);
        let mut x = i;
        loop {
            let (mut l, mut r) = (x >> right_bits, x % (1 << right_bits));
            for round in 0..ROUNDS {
                let round_key = key.wrapping_add((round + 1).wrapping_mul(G));
                if round % 2 == 0 {
                    l ^= scramble(round_key ^ r) % (1 << left_bits);
                } else {
                    r ^= scramble(round_key ^ l) % (1 << right_bits);
                }
            }
            x = (l << right_bits) + r;
            if x < m {
                return x;
            }
        }
    }

    #[test]
    fn every_small_permutation_is_the_specified_one() {
        for m in 1..=130 {
            let key = hash(&[77, m]);
            let mut seen = vec![false; m as usize];
            for i in 0..m {
                let x = Permutation::new(key, m).at(i);
                assert_eq!(x, by_the_letter(key, m, i), "perm({key}, {m}, {i})");
                assert!(
                    !std::mem::replace(&mut seen[x as usize], true),
                    "perm({key}, {m}, ·) is not one-to-one"
                );
            }
        }
    }

    #[test]
    fn a_batch_equals_one_at_a_time() {
        for count in [0, 1, 7, 8, 9, 100, BATCH] {
            let keys: Vec<u64> = (0..count as u64).map(|i| hash(&[1, i])).collect();
            // Lengths of 1 to 2^40 bits apart, small ones and those just above a power of two included.
            let lens: Vec<u64> = (0..count as u64)
                .map(|i| match i % 4 {
                    0 => 1 + i % 40,
                    1 => (1 << (i % 41)) + 1,
                    2 => 1 + mix(i) % (1 << 40),
                    _ => 1 << (i % 41),
                })
                .collect();
            let mut places: Vec<u64> = (0..count).map(|i| scale(hash(&[2, i as u64]), lens[i])).collect();
            let expected: Vec<u64> = (0..count).map(|i| by_the_letter(keys[i], lens[i], places[i])).collect();
            let single: Vec<u64> =
                (0..count).map(|i| Permutation::new(keys[i], lens[i]).at(places[i])).collect();
            permute(&keys, &lens, &mut places);
            assert_eq!(places, expected);
            assert_eq!(single, expected);
        }
    }

    #[test]
    #[should_panic(expected = "place 3 of a permutation of 3")]
    fn a_place_outside_is_refused() {
        Permutation::new(0, 3).at(3);
    }
}
