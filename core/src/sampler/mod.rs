//! The training order: every topic drawn evenly, no document more often than the clip allows.
//!
//! A [`Sampler`] knows the sizes of the clusters, a strategy, a clip and a seed, never texts or files. Its order
//! is integer arithmetic, specified to the bit in SPEC.md, section 3, and the same everywhere. [`Members`] turns
//! its draws into document rows. Source: ClusterClip Sampling, arXiv 2402.14526.

mod budget;
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
mod state;
mod strategy;
mod tokens;
mod warning;

pub use budget::{Budget, Epochs};
pub use draws::Draws;
pub use error::SamplerError;
pub use exposure::{ClusterExposure, Exposure, TokenExposure};
pub use limits::{DEFAULT_CLIP, MAX_BUDGET, MAX_CLIP, MAX_CLUSTERS, MAX_DOCUMENTS, ORDER_VERSION};
pub use members::{MemberRows, Members};
pub use options::Options;
pub use parse::{ParseError, parse_count, parse_tokens};
pub use rank::Rank;
pub use state::State;
pub use strategy::{Choice, Strategy, WhenExhausted};
pub use tokens::documents_for_tokens;
pub use warning::Warning;

use crate::keys::hash;
use layout::Layout;

/// One pick of the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Draw {
    /// The cluster's index; `None` with [`Strategy::Random`], which does not look at clusters.
    pub cluster: Option<u32>,
    /// The document among the cluster's, in ascending row; without a cluster, among all clustered documents.
    pub member: u64,
    /// How often the document has been drawn so far, this time included: from 1.
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
    /// H(seed, 1), or H(seed, 3) with random: the key of a round or an epoch is one `mix` away.
    prefix: u64,
    /// A hash of everything that decides the order.
    fingerprint: u64,
}

impl Sampler {
    /// Checks the options against the sizes of the clusters: (n_clusters,) counts of documents, 0 for an empty one.
    ///
    /// # Errors
    /// Options that do not go together; no documents; a budget that is empty, beyond the clip, or beyond
    /// 2^40 documents, 2^48 draws or 2^32 − 1 clusters. The message names the option, its value and the limit.
    pub fn new(sizes: &[u64], options: Options) -> Result<Self, SamplerError> {
        let clip = options.effective_clip()?;
        let documents = check_sizes(sizes)?;
        let len = check_budget(&options, clip, documents)?;
        let layout = Layout::new(sizes, documents, options.seed);
        let fingerprint = state::fingerprint(sizes, &options, clip, len);
        let prefix = hash(&[options.seed, if options.strategy == Strategy::Random { 3 } else { 1 }]);
        Ok(Self { options, clip, len, layout, prefix, fingerprint })
    }

    /// The options that the sampler was made with.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The clip in force: `None` for strategies without an end.
    pub fn clip(&self) -> Option<u64> {
        self.clip
    }

    /// Draws in the order; never 0.
    #[expect(clippy::len_without_is_empty, reason = "an order is never empty")]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Clustered documents.
    pub fn n_documents(&self) -> u64 {
        self.layout.documents
    }

    /// The draw at a position: a pure function, O(log k).
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
        self.pick_all(start, stride, &mut out[..count]);
        Ok(count)
    }

    /// The order from where a saved state left it. Positions do not depend on the budget (but with s2g), so a
    /// state may be resumed with another one: a run that has ended can be prolonged.
    ///
    /// # Errors
    /// A state of another order version or sampler, beyond the end of this order, or with damaged counters.
    pub fn resume(&self, state: &State) -> Result<Draws<'_>, SamplerError> {
        state.check(self)?;
        let counters = (self.options.choice == Choice::Independent).then_some(&state.counters[..]);
        Ok(Draws::new(self, state.position, counters))
    }

    /// How often each document has been drawn at least before a position, and at most after its draw: 0 and the
    /// clip, then one more in each pass of raise-clip. `None` without a clip.
    fn repetitions(&self, position: u64) -> Option<(u64, u64)> {
        let clip = self.clip?;
        Some(match position.checked_sub(clip * self.layout.documents) {
            None => (0, clip),
            Some(beyond) => {
                let least = clip + beyond / self.layout.documents;
                (least, least + 1)
            }
        })
    }

    fn check_random_access(&self, position: u64) -> Result<(), SamplerError> {
        match self.options.choice {
            Choice::Stratified => Ok(()),
            Choice::Independent => Err(SamplerError::NoRandomAccess { position }),
        }
    }
}

/// Returns the number of clustered documents.
fn check_sizes(sizes: &[u64]) -> Result<u64, SamplerError> {
    let clusters = sizes.len() as u64;
    if clusters > MAX_CLUSTERS {
        return Err(SamplerError::TooManyClusters { clusters });
    }
    let documents: u128 = sizes.iter().map(|&size| u128::from(size)).sum();
    if documents == 0 {
        return Err(SamplerError::NoDocuments);
    }
    u64::try_from(documents)
        .ok()
        .filter(|&documents| documents <= MAX_DOCUMENTS)
        .ok_or(SamplerError::TooManyDocuments { documents })
}

/// Returns the length of the order.
fn check_budget(options: &Options, clip: Option<u64>, documents: u64) -> Result<u64, SamplerError> {
    let budget = options.budget;
    let draws = budget.draws(documents);
    if draws == 0 {
        return Err(SamplerError::EmptyBudget { budget, documents });
    }
    if let Some(clip) = clip
        && options.when_exhausted == WhenExhausted::Error
    {
        // At most 2^16 · 2^40.
        let limit = clip * documents;
        if draws > u128::from(limit) {
            let strategy = options.strategy;
            return Err(SamplerError::BudgetOverClip { budget, limit, documents, clip, strategy });
        }
    }
    u64::try_from(draws)
        .ok()
        .filter(|&draws| draws <= MAX_BUDGET)
        .ok_or(SamplerError::BudgetOverLimit { budget })
}
