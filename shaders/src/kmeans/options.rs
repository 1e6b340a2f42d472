//! How a person wants a device to be used.

use super::plan::Plan;

/// How to use a device; nothing of it changes a result.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// The plan to use; `None` times a few and takes the fastest.
    pub plan: Option<Plan>,
    /// Whether shaders check every index, which costs time.
    pub checks: bool,
    /// Bytes of device memory that rows may take; what is above is sent again each iteration. `None` takes four fifths of
    /// what the device says that it has, and what it gives where it says nothing.
    pub row_memory: Option<u64>,
    /// Bytes of rows that are bound at once, at most what the device binds.
    pub block_bytes: Option<u64>,
    /// Products of one submission.
    pub products: Option<u64>,
    /// Rows that are summed in 32 bits before the sums are carried on.
    pub sum_rows: Option<u64>,
}
