//! One reader among several.

use super::SamplerError;

/// Rank r of a world of w readers: it reads positions r, r + w, r + 2w, …
///
/// ```
/// use clusterclip_core::sampler::Rank;
/// assert_eq!(Rank::new(1, 3, false)?.share(10), 3);
/// assert_eq!(Rank::new(0, 3, false)?.share(10), 4);
/// assert_eq!(Rank::new(0, 3, true)?.share(10), 3);
/// # Ok::<(), clusterclip_core::sampler::SamplerError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rank {
    rank: u64,
    world_size: u64,
    drop_last: bool,
}

impl Rank {
    /// Checks rank and world size. With `drop_last` the order is cut to a multiple of the world size; otherwise
    /// the lengths of the ranks differ by at most one, nothing is padded or dropped.
    ///
    /// # Errors
    /// A world size of 0, or a rank that is not under it.
    pub fn new(rank: u64, world_size: u64, drop_last: bool) -> Result<Self, SamplerError> {
        if rank >= world_size {
            return Err(SamplerError::RankOutOfRange { rank, world_size });
        }
        Ok(Self { rank, world_size, drop_last })
    }

    /// The rank, from 0.
    pub fn rank(&self) -> u64 {
        self.rank
    }

    /// How many ranks there are.
    pub fn world_size(&self) -> u64 {
        self.world_size
    }

    /// Whether the order is cut to a multiple of the world size.
    pub fn drop_last(&self) -> bool {
        self.drop_last
    }

    /// How many of `len` draws this rank reads.
    pub fn share(&self, len: u64) -> u64 {
        let (whole, rest) = (len / self.world_size, len % self.world_size);
        whole + u64::from(!self.drop_last && self.rank < rest)
    }
}
