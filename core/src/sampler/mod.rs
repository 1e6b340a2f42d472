//! The training order: every topic drawn evenly, no document more often than the clip allows.
//!
//! A [`Sampler`] knows the sizes of the clusters, a strategy, a clip and a seed, never texts or files. Its order
//! is integer arithmetic, specified to the bit in SPEC.md, sections 3 and 4, and the same everywhere. [`Weights`] say
//! which share of the draws each cluster gets, and [`Members`] turns draws into document rows. Sources: ClusterClip
//! Sampling, arXiv 2402.14526; for [`Strategy::Unimax`] UniMax, arXiv 2304.09151.

mod budget;
mod check;
mod draws;
mod error;
mod exposure;
mod independent;
mod layout;
mod limits;
mod members;
mod options;
mod parse;
mod pick;
mod rank;
mod shares;
mod state;
mod strategy;
mod tokens;
mod warning;
mod water;
mod weighted;
mod weights;

pub use budget::{Budget, Epochs};
pub use draws::Draws;
pub use error::SamplerError;
pub use exposure::{ClusterExposure, Exposure, TokenExposure};
pub use limits::{DEFAULT_CLIP, MAX_BUDGET, MAX_CLIP, MAX_CLUSTERS, MAX_DOCUMENTS, ORDER_VERSION};
pub use members::{MemberRows, Members, ScoreOrder};
pub use options::Options;
pub use parse::{ParseError, parse_count, parse_tokens};
pub use rank::Rank;
pub use state::State;
pub use strategy::{Choice, EvenIn, Strategy, WeightRule, WhenExhausted, Within};
pub use tokens::documents_for_tokens;
pub use warning::Warning;
pub use weights::{DENSITY_TEMPERATURE, ListedWeight, SIZE_TEMPERATURE, Temperature, Weights, WeightsError};

use crate::keys::{Permutation, hash, permute};
use check::{check_budget, check_sizes};
use layout::Layout;
use shares::{Share, Shares, unimax};
use weighted::{Weighted, Window};
use weights::UNIT;

/// One pick of the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Draw {
    /// The cluster's index; `None` with [`Strategy::Random`], which does not look at clusters.
    pub cluster: Option<u32>,
    /// The document among the cluster's, in the order of [`Members`]: by row, or by score; without a cluster, among all clustered documents.
    pub member: u64,
    /// How often the document has been drawn so far, this time included: from 1. Where weights give a cluster several
    /// places in a round, these come in any order, and an epoch may begin before the last draws of the one before.
    pub repetition: u64,
}

/// An order over clusters of given sizes, any position of which can be asked for.
///
/// ```
/// use clusterclip_core::sampler::{Budget, Members, Options, Sampler};
/// let members = Members::from_labels(&[0, 1, 1, 1, 2, 2, 2, 2, 2])?;
/// let options = Options { clip: Some(2), budget: Budget::Documents(18), ..Options::default() };
/// let sampler = Sampler::new(members.sizes(), options)?;
/// let rows: Vec<u64> = sampler.iter().map(|draw| members.row(&draw)).collect();
/// assert_eq!(rows, [0, 1, 5, 2, 4, 0, 7, 3, 6, 3, 2, 8, 6, 1, 7, 5, 8, 4]);
/// assert_eq!(sampler.at(6)?.repetition, 1);
/// # Ok::<(), clusterclip_core::sampler::SamplerError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Sampler {
    options: Options,
    clip: Option<u64>,
    len: u64,
    layout: Layout,
    /// What each cluster is given, by rank; `None` where all have the same weight and clip.
    shares: Option<Vec<Share>>,
    /// The rounds of such clusters, and of unimax.
    weighted: Option<Box<Weighted>>,
    /// With unimax, how often each cluster is drawn, by rank.
    totals: Option<Vec<u64>>,
    /// Documents of clusters of weight 0.
    left_out: u64,
    /// H(seed, 1), or H(seed, 3) with random: the key of a round or an epoch is one `mix` away.
    prefix: u64,
    /// A hash of everything that decides the order.
    fingerprint: u64,
}

impl Sampler {
    /// Checks the options against the sizes of the clusters: (n_clusters,) counts of documents, 0 for an empty one.
    ///
    /// # Errors
    /// Options that do not go together; no documents; a cluster without a weight, or no weight over 0; a budget that is
    /// empty, beyond the clip, or beyond 2^40 documents, 2^48 draws or 2^32 − 1 clusters. The message names the
    /// option, its value and the limit.
    pub fn new(sizes: &[u64], options: Options) -> Result<Self, SamplerError> {
        let clip = options.effective_clip()?;
        check_sizes(sizes)?;
        let Shares { sizes, left_out, by_rank: shares } = Shares::new(sizes, &options, clip)?;
        let documents = sizes.iter().sum();
        let ranked = || sizes.iter().copied().filter(|&size| size > 0);
        let caps: Option<Vec<u64>> = shares
            .as_ref()
            .map(|shares| shares.iter().zip(ranked()).map(|(share, size)| share.cap(size)).collect());
        let limit = clip.map(|clip| match &caps {
            // At most 2^16 · 2^40.
            Some(caps) => caps.iter().sum(),
            None => clip * documents,
        });
        let len = check_budget(&options, clip, documents, limit)?;
        let layout = Layout::new(&sizes, documents, options.seed);
        let fingerprint = state::fingerprint(&sizes, &options, clip, shares.as_deref(), len);
        let mut totals = None;
        let weighted = match (options.strategy, options.choice) {
            (Strategy::Unimax, _) => {
                let (shares, counts) = unimax(ranked(), shares.as_deref(), clip, len);
                let weighted = Weighted::new(&layout, &shares, &counts, options.seed);
                totals = Some(counts);
                Some(weighted)
            }
            (_, Choice::Stratified) => shares
                .as_ref()
                .zip(caps)
                .map(|(shares, caps)| Weighted::new(&layout, shares, &caps, options.seed)),
            (_, Choice::Independent) => None,
        };
        let prefix = hash(&[options.seed, if options.strategy == Strategy::Random { 3 } else { 1 }]);
        let weighted = weighted.map(Box::new);
        Ok(Self { options, clip, len, layout, shares, weighted, totals, left_out, prefix, fingerprint })
    }

    /// The options that the sampler was made with.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The clip in force where a cluster has none of its own: `None` for strategies without an end.
    pub fn clip(&self) -> Option<u64> {
        self.clip
    }

    /// Draws in the order; never 0.
    #[expect(clippy::len_without_is_empty, reason = "an order is never empty")]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Clustered documents: those of clusters whose weight is over 0.
    pub fn n_documents(&self) -> u64 {
        self.layout.documents
    }

    /// Documents of clusters that a weight of 0 leaves out.
    pub fn n_left_out(&self) -> u64 {
        self.left_out
    }

    /// The draw at a position: a pure function, O(log k), and O(k) with weights.
    ///
    /// # Errors
    /// A position at or after the end; [`Choice::Independent`], which has no random access.
    pub fn at(&self, position: u64) -> Result<Draw, SamplerError> {
        self.check_random_access(position)?;
        if position >= self.len {
            return Err(SamplerError::PositionOutOfRange { position, len: self.len });
        }
        Ok(self.pick_one(position))
    }

    /// The whole order.
    pub fn iter(&self) -> Draws<'_> {
        Draws::new(self, 0, None)
    }

    /// The order from a position on; from its end on, nothing.
    ///
    /// # Errors
    /// A position after the end; [`Choice::Independent`] and a position other than 0.
    pub fn iter_from(&self, position: u64) -> Result<Draws<'_>, SamplerError> {
        if position > 0 {
            self.check_random_access(position)?;
        }
        if position > self.len {
            return Err(SamplerError::PositionOutOfRange { position, len: self.len });
        }
        Ok(Draws::new(self, position, None))
    }

    /// What one rank of several reads.
    pub fn rank(&self, rank: Rank) -> Draws<'_> {
        self.iter().rank(rank)
    }

    /// Writes the draws at `start`, `start + stride`, … to `out` until it is full or the order ends; returns how
    /// many were written. On all cores.
    ///
    /// # Errors
    /// A stride of 0; [`Choice::Independent`], which has no random access (use [`Draws::fill`]).
    pub fn fill(&self, start: u64, stride: u64, out: &mut [Draw]) -> Result<usize, SamplerError> {
        self.check_random_access(start)?;
        if stride == 0 {
            return Err(SamplerError::ZeroStride);
        }
        if start >= self.len {
            return Ok(0);
        }
        let left = 1 + (self.len - 1 - start) / stride;
        let count = usize::try_from(left).map_or(out.len(), |left| left.min(out.len()));
        self.pick_all(&mut Window::default(), start, stride, &mut out[..count]);
        Ok(count)
    }

    /// The order from where a saved state left it. Positions do not depend on the budget (but with s2g and unimax), so a
    /// state may be resumed with another one: a run that has ended can be prolonged.
    ///
    /// # Errors
    /// A state of another order version or sampler, beyond the end of this order, or with damaged counters.
    pub fn resume(&self, state: &State) -> Result<Draws<'_>, SamplerError> {
        state.check(self)?;
        let counters = (self.options.choice == Choice::Independent).then_some(&state.counters[..]);
        Ok(Draws::new(self, state.position, counters))
    }

    /// How often each cluster may be drawn before the passes of raise-clip, in all; `None` without a clip.
    fn limit(&self) -> Option<u64> {
        let clip = self.clip?;
        Some(match &self.shares {
            None => clip * self.layout.documents,
            Some(shares) => {
                let caps = self.layout.sorted.iter().map(|entry| shares[entry.rank as usize].cap(entry.size));
                caps.sum()
            }
        })
    }

    /// The passes of raise-clip that have begun before or at a position.
    fn passes(&self, position: u64) -> u64 {
        let beyond = self.limit().and_then(|limit| position.checked_sub(limit));
        beyond.map_or(0, |beyond| beyond / self.layout.documents + 1)
    }

    /// What a cluster of this rank is given.
    fn share(&self, rank: u32) -> Share {
        match &self.shares {
            None => Share { weight: UNIT, clip: self.clip },
            Some(shares) => shares[rank as usize],
        }
    }

    /// Whether the order is another one backwards.
    #[inline]
    fn is_reversed(&self) -> bool {
        self.options.strategy == Strategy::SpecificToGeneral
    }

    /// The position in the order that is drawn forwards.
    #[inline]
    fn forwards(&self, position: u64) -> u64 {
        if self.is_reversed() { self.len - 1 - position } else { position }
    }

    /// The member at a place of an epoch of so many members.
    #[inline]
    fn member(&self, key: u64, size: u64, place: u64) -> u64 {
        if self.options.scores.is_some() { place } else { Permutation::new(key, size).at(place) }
    }

    /// Replaces the places of epochs by members, as [`Sampler::member`] does.
    #[inline]
    fn members(&self, keys: &[u64], sizes: &[u64], places: &mut [u64]) {
        if self.options.scores.is_none() {
            permute(keys, sizes, places);
        }
    }

    fn check_random_access(&self, position: u64) -> Result<(), SamplerError> {
        match self.options.choice {
            Choice::Stratified => Ok(()),
            Choice::Independent => Err(SamplerError::NoRandomAccess { position }),
        }
    }
}
