//! Rows of clusters, held or elsewhere.

use std::fmt;
use std::sync::Arc;

/// The rows of all clusters, sorted by (cluster, row), where they lie elsewhere than in [`Members`](super::Members): in
/// a mapped file.
pub trait MemberRows: fmt::Debug + Send + Sync {
    /// How many there are.
    fn len(&self) -> usize;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The row at a place under [`len`](Self::len).
    fn row(&self, place: usize) -> u64;
}

/// Row numbers, as narrow as they fit.
#[derive(Debug, Clone)]
pub(super) enum RowNumbers {
    Narrow(Vec<u32>),
    Wide(Vec<u64>),
    Elsewhere(Arc<dyn MemberRows>),
}

impl RowNumbers {
    pub(super) fn new(len: usize, n_rows: u64) -> Self {
        if n_rows <= 1 << 32 { Self::Narrow(vec![0; len]) } else { Self::Wide(vec![0; len]) }
    }

    pub(super) fn set(&mut self, index: usize, row: u64) {
        match self {
            Self::Narrow(rows) => rows[index] = row as u32,
            Self::Wide(rows) => rows[index] = row,
            Self::Elsewhere(_) => unreachable!("only rows of our own are set"),
        }
    }

    #[inline]
    pub(super) fn get(&self, index: usize) -> u64 {
        match self {
            Self::Narrow(rows) => u64::from(rows[index]),
            Self::Wide(rows) => rows[index],
            Self::Elsewhere(rows) => rows.row(index),
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Narrow(rows) => rows.len(),
            Self::Wide(rows) => rows.len(),
            Self::Elsewhere(rows) => rows.len(),
        }
    }
}

/// Members whose rows are counted from one base.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// What its rows are counted from.
    pub(super) base: u64,
    /// Where each cluster's rows begin, and where the last one's end.
    pub(super) offsets: Vec<usize>,
    pub(super) rows: RowNumbers,
}

impl Part {
    /// How many members of a cluster it has.
    pub(super) fn size(&self, cluster: usize) -> u64 {
        (self.offsets[cluster + 1] - self.offsets[cluster]) as u64
    }
}

/// Where the rows of clusters of these sizes begin, and where they end.
pub(super) fn offsets(sizes: &[u64]) -> Vec<usize> {
    let ends = sizes.iter().scan(0, |end, &size| {
        *end += size as usize;
        Some(*end)
    });
    std::iter::once(0).chain(ends).collect()
}
