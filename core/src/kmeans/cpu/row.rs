//! What is kept of a row.

/// The label of a row that has none yet.
pub(super) const NONE: u32 = u32::MAX;

/// What is kept of a row besides its bytes: with its bound, or the labels that go out at the end, 16 bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub label: u32,
    pub score: i32,
    pub own_best: i32,
}

impl Row {
    /// The weight of k-means++. A score may be above the own best: rounding favours no centroid for sure.
    pub fn weight(&self) -> u64 {
        (i64::from(self.own_best) - i64::from(self.score)).max(0) as u64
    }
}
