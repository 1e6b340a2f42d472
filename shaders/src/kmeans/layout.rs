//! Structs that Rust and WGSL share; the build compares them with their twins.

use bytemuck::{Pod, Zeroable};

/// See wgsl/params.wgsl.
#[derive(Debug, Clone, Copy, Default, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Params {
    pub n_rows: u32,
    pub first: u32,
    pub end: u32,
    pub base: u32,
    pub columns: u32,
    pub vectors: u32,
    pub n_clusters: u32,
    pub first_cluster: u32,
    pub end_cluster: u32,
    pub padding_0: u32,
    pub padding_1: u32,
    pub padding_2: u32,
}

/// See wgsl/tally.wgsl.
#[derive(Debug, Clone, Copy, Default, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Tally {
    pub objective_low: u32,
    pub objective_high: u32,
    pub moved: u32,
    pub pending: u32,
    pub n_changed: u32,
    pub padding_0: u32,
    pub padding_1: u32,
    pub padding_2: u32,
}

/// See wgsl/tally_read.wgsl: the same words, read without atomics.
pub(crate) type TallyRead = Tally;

/// See wgsl/query.wgsl.
#[derive(Debug, Clone, Copy, Default, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Query {
    pub after_score: u32,
    pub after_row: u32,
    pub unbounded: u32,
    pub wanted: u32,
    pub score: u32,
    pub row: u32,
    pub digit: u32,
    pub padding: u32,
}

/// See wgsl/worst_collect.wgsl.
#[derive(Debug, Clone, Copy, Default, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Found {
    pub score: i32,
    pub own_best: i32,
    pub row: u32,
    pub label: u32,
}

/// See wgsl/pick.wgsl.
#[derive(Debug, Clone, Copy, Default, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Wanted {
    pub first: u32,
    pub low: u32,
    pub high: u32,
    pub row: u32,
}
