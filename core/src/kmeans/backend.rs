//! The seam behind which devices differ.
//!
//! A backend holds quantised rows, their labels and their scores; it never decides anything. Every number that
//! crosses the seam is an exact integer, so backends with a range of rows each (several devices or machines) give
//! what one gives by adding [`Step`]s, merging [`Candidate`]s and joining labels: [`Parts`](super::Parts) does it.
//!
//! ```
//! use clusterclip_core::kmeans::{Backend, Centroids, CpuBackend, RowBlock, Shape};
//! use clusterclip_core::monitor::CancelFlag;
//!
//! # pollster::block_on(async {
//! // Three rows of 64 bytes, and two clusters whose centroids have opposite signs.
//! let rows = [[9i8; 64], [-9; 64], [3; 64]].concat();
//! let centroids = Centroids::from_parts(64, [[24i8; 64], [-24; 64]].concat(), vec![0, 0])?;
//! let mut backend = CpuBackend::new()?;
//! backend.begin(Shape { n_rows: 3, columns: 64, n_clusters: 2 }, CancelFlag::default()).await?;
//! backend.push(RowBlock { rows: &rows, own_best: &[14_000; 3] }).await?;
//! let step = backend.assign(&centroids).await?;
//! assert_eq!((step.objective, step.moved), (64 * 24 * (9 + 9 + 3), 3));
//! assert_eq!((step.clusters, step.counts), (vec![0, 1], vec![2, 1]));
//! assert_eq!(backend.labels().await?, [0, 1, 0]);
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

use super::centroid::Centroids;
use crate::monitor::CancelFlag;

mod check;
mod error;
mod step;

pub use check::{SelfTestError, self_test};
pub use error::{BackendError, Need, Reason};
pub use step::Step;

/// What a backend is to make room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Clustered rows.
    pub n_rows: u64,
    /// Bytes of a row: a multiple of 64.
    pub columns: usize,
    /// Clusters.
    pub n_clusters: u32,
}

/// Consecutive quantised rows, `columns` bytes each.
#[derive(Debug, Clone, Copy)]
pub struct RowBlock<'a> {
    /// The rows, row-major, every value in −63..=63.
    pub rows: &'a [i8],
    /// The own best of each row (SPEC.md, 1.1).
    pub own_best: &'a [i32],
}

/// The most candidates or rows that are asked for at a time: at 2^18 columns, the longest rows, 1 GiB of them.
pub const MAX_CANDIDATES: usize = 4096;

/// A row that may be moved to an empty cluster: its score is under its own best.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its score, by which candidates are ordered.
    pub score: i32,
    /// The row; the lower comes first on equal scores.
    pub row: u64,
    /// The cluster it is in.
    pub cluster: u32,
    /// The best score any centroid could give it.
    pub own_best: i32,
    /// The quantised row.
    pub q: Vec<i8>,
}

/// A device that scores rows.
///
/// Calls come in this order: [`begin`](Self::begin), [`push`](Self::push) until all rows are there, for the first
/// centroids [`rows`](Self::rows), with k-means++ [`seed_step`](Self::seed_step) and [`pick`](Self::pick) before
/// each, then [`assign`](Self::assign) again and again, each followed by [`worst`](Self::worst) and
/// [`relabel`](Self::relabel) where clusters are empty, at last [`labels`](Self::labels) and [`end`](Self::end). Another `begin` starts anew, after `end` or without it:
/// one device serves as many runs as wanted. Futures need not be `Send`: browsers have one thread.
#[allow(async_fn_in_trait)]
pub trait Backend {
    /// Names the device for messages and run.json.
    fn name(&self) -> String;

    /// Forgets all rows and makes room for `shape`. Long steps look at `cancel` at least every 100 ms.
    ///
    /// # Errors
    /// When the device has no room for the shape.
    async fn begin(&mut self, shape: Shape, cancel: CancelFlag) -> Result<(), BackendError>;

    /// Takes the next rows; they have no label yet.
    ///
    /// # Errors
    /// When the device fails.
    async fn push(&mut self, block: RowBlock<'_>) -> Result<(), BackendError>;

    /// Gives back the bytes of the rows of these numbers, in this order, row-major: at most [`MAX_CANDIDATES`], of
    /// which some may be the same.
    ///
    /// # Errors
    /// When the device fails.
    async fn rows(&mut self, rows: &[u64]) -> Result<Vec<i8>, BackendError>;

    /// Gives every row the cluster of highest score, the lowest cluster on ties, and reports what changed
    /// since the last assign and relabel: only moved rows need be summed. Sums of a cluster stay in i32 while
    /// at most 34,087,042 rows are added to it (63 · 34,087,042 < 2^31): longer runs are added up in i64.
    ///
    /// # Errors
    /// When the device fails or the work is stopped.
    async fn assign(&mut self, centroids: &Centroids) -> Result<Step, BackendError>;

    /// Gives the first `count` rows in the order of (score, row) whose score is under their own best and that
    /// come after `after` in that order; fewer only when there are no more. `count` is at most
    /// [`MAX_CANDIDATES`], so that their rows need little room on the way from the device.
    ///
    /// # Errors
    /// When the device fails.
    async fn worst(
        &mut self,
        after: Option<(i32, u64)>,
        count: usize,
    ) -> Result<Vec<Candidate>, BackendError>;

    /// Gives each `(row, cluster)` that label. Their sums are moved by the caller: no later [`Step`] reports them.
    ///
    /// # Errors
    /// When the device fails.
    async fn relabel(&mut self, moves: &[(u64, u32)]) -> Result<(), BackendError>;

    /// Scores every row with one more centroid of k-means++ (`centroids` holds just this one), keeps the best
    /// score of each row so far, and returns the sums of max(0, own best − best score) of consecutive row
    /// blocks, in row order; how long a block is, the backend chooses.
    ///
    /// # Errors
    /// When the device fails or the work is stopped.
    async fn seed_step(&mut self, centroids: &Centroids) -> Result<Vec<u64>, BackendError>;

    /// Finds the first row of `block` (an index into what [`seed_step`](Self::seed_step) returned) at which
    /// the weights summed from the block's first row on exceed `remainder`.
    ///
    /// # Errors
    /// When the device fails.
    async fn pick(&mut self, block: usize, remainder: u64) -> Result<u64, BackendError>;

    /// Gives the labels of all rows, in row order.
    ///
    /// # Errors
    /// When the device fails.
    async fn labels(&mut self) -> Result<Vec<u32>, BackendError>;

    /// Forgets all rows and gives their memory back; the next call is [`begin`](Self::begin). It is also called
    /// when a step failed or was stopped, so it cannot fail itself.
    async fn end(&mut self);
}
