//! The training order: every topic drawn evenly, no document more often than the clip allows.
//!
//! A [`Sampler`] knows the sizes of the clusters, a strategy, a clip and a seed, never texts or files. Its order
//! is integer arithmetic, specified to the bit in SPEC.md, section 3, and the same everywhere. [`Members`] turns
//! its draws into document rows. Source: ClusterClip Sampling, arXiv 2402.14526.

mod budget;
mod draws;
mod error;
mod exposure;
mod members;
mod options;
mod rank;
mod state;
mod tokens;

pub use budget::{Budget, Epochs, parse_count, parse_tokens};
pub use draws::Draws;
pub use error::SamplerError;
pub use exposure::{ClusterExposure, Exposure};
pub use members::Members;
pub use options::{Choice, DEFAULT_CLIP, MAX_CLIP, Options, Strategy, WhenExhausted};
pub use rank::Rank;
pub use state::State;
pub use tokens::documents_for_tokens;

/// The version of the order that this code makes; SPEC.md defines it.
pub const ORDER_VERSION: &str = "clusterclip-order/1";

/// Most clustered documents, 2^40.
pub const MAX_DOCUMENTS: u64 = 1 << 40;

/// Most draws of an order, 2^48.
pub const MAX_BUDGET: u64 = 1 << 48;

/// Most clusters, empty ones included.
pub const MAX_CLUSTERS: u64 = u32::MAX as u64;

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
    len: u64,
}

impl Sampler {
    /// Checks the options against the sizes of the clusters: (n_clusters,) counts of documents, 0 for an empty one.
    ///
    /// # Errors
    /// Options that do not go together; no documents; a budget that is empty, beyond the clip, or beyond
    /// 2^40 documents, 2^48 draws or 2^32 − 1 clusters. The message names the option, its value and the limit.
    pub fn new(sizes: &[u64], options: Options) -> Result<Self, SamplerError> {
        let _ = sizes;
        Ok(Self { options, len: 0 })
    }

    /// The options that the sampler was made with.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The clip in force: `None` for strategies without an end.
    pub fn clip(&self) -> Option<u64> {
        unimplemented!()
    }

    /// Draws in the order; never 0.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Clustered documents.
    pub fn n_documents(&self) -> u64 {
        unimplemented!()
    }

    /// Things worth knowing that are no errors, such as a reversed prefix with s2g.
    pub fn warnings(&self) -> Vec<String> {
        unimplemented!()
    }

    /// The draw at a position: a pure function, O(log k).
    ///
    /// # Errors
    /// A position at or after the end; [`Choice::Independent`], which has no random access.
    pub fn at(&self, position: u64) -> Result<Draw, SamplerError> {
        let _ = position;
        unimplemented!()
    }

    /// The whole order.
    pub fn iter(&self) -> Draws<'_> {
        unimplemented!()
    }

    /// The order from a position on.
    ///
    /// # Errors
    /// A position after the end; [`Choice::Independent`] and a position other than 0.
    pub fn iter_from(&self, position: u64) -> Result<Draws<'_>, SamplerError> {
        let _ = position;
        unimplemented!()
    }

    /// What one rank of several reads.
    pub fn rank(&self, rank: Rank) -> Draws<'_> {
        let _ = rank;
        unimplemented!()
    }

    /// Writes the draws at `start`, `start + stride`, … to `out` until it is full or the order ends; returns how
    /// many were written.
    ///
    /// # Errors
    /// A stride of 0; [`Choice::Independent`], which has no random access (use [`Draws::fill`]).
    pub fn fill(&self, start: u64, stride: u64, out: &mut [Draw]) -> Result<usize, SamplerError> {
        let _ = (start, stride, out);
        unimplemented!()
    }

    /// The order from where a saved state left it.
    ///
    /// # Errors
    /// A state of another order version or sampler, beyond the end of this order, or with damaged counters.
    pub fn resume(&self, state: &State) -> Result<Draws<'_>, SamplerError> {
        let _ = state;
        unimplemented!()
    }

    /// How often each cluster is drawn within the budget, in closed form.
    pub fn exposure(&self) -> Exposure {
        unimplemented!()
    }
}
