//! How large an order can be, and which one this is.

/// The version of the order that this code makes; SPEC.md defines it.
pub const ORDER_VERSION: &str = "clusterclip-order/1";

/// Most clustered documents, 2^40.
pub const MAX_DOCUMENTS: u64 = 1 << 40;

/// Most draws of an order, 2^48.
pub const MAX_BUDGET: u64 = 1 << 48;

/// Most clusters, empty ones included.
pub const MAX_CLUSTERS: u64 = u32::MAX as u64;

/// The clip threshold of the paper, and the default.
pub const DEFAULT_CLIP: u64 = 5;

/// The largest clip, 2^16: with 2^40 documents an order then holds at most 2^56 draws, which fits u64.
pub const MAX_CLIP: u64 = 1 << 16;
