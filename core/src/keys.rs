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
#[derive(Debug, Clone)]
pub struct Permutation {
    len: u64,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    FisherYates([u8; FISHER_YATES_MAX as usize]),
    Feistel { key: u64, right_bits: u32, left_mask: u64, right_mask: u64 },
}

impl Permutation {
    /// The permutation of `0..len` under `key`.
    #[inline]
    pub fn new(key: u64, len: u64) -> Self {
        let kind = if len <= FISHER_YATES_MAX {
            let mut places = [0u8; FISHER_YATES_MAX as usize];
            for (i, place) in places.iter_mut().enumerate() {
                *place = i as u8;
            }
            for j in (1..len).rev() {
                let other = scale(mix(key.wrapping_add(j.wrapping_mul(G))), j + 1);
                places.swap(j as usize, other as usize);
            }
            Kind::FisherYates(places)
        } else {
            let bits = u64::BITS - (len - 1).leading_zeros();
            let left_bits = bits / 2;
            let right_bits = bits - left_bits;
            Kind::Feistel {
                key,
                right_bits,
                left_mask: (1 << left_bits) - 1,
                right_mask: (1 << right_bits) - 1,
            }
        };
        Self { len, kind }
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
        match &self.kind {
            Kind::FisherYates(places) => u64::from(places[index as usize]),
            Kind::Feistel { key, right_bits, left_mask, right_mask } => {
                let mut x = index;
                loop {
                    let (mut left, mut right) = (x >> right_bits, x & right_mask);
                    let mut round_key = *key;
                    for round in 0..ROUNDS {
                        round_key = round_key.wrapping_add(G);
                        if round % 2 == 0 {
                            left ^= scramble(round_key ^ right) & left_mask;
                        } else {
                            right ^= scramble(round_key ^ left) & right_mask;
                        }
                    }
                    x = (left << right_bits) | right;
                    // The network permutes the next power of two; walking its cycle stays a permutation.
                    if x < self.len {
                        return x;
                    }
                }
            }
        }
    }
}

/// F, the round function of the Feistel network.
#[inline]
fn scramble(mut t: u64) -> u64 {
    t = t.wrapping_mul(0xBF58_476D_1CE4_E5B9);
    t ^= t >> 32;
    t = t.wrapping_mul(0x94D0_49BB_1331_11EB);
    t >> 32
}
