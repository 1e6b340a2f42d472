//! The CPU as a [`Backend`].

use std::fmt;

use super::aligned::AlignedBytes;
use super::block::Block;
use super::bounds::Bounds;
use super::kernel::{Kernel, KernelError};
use super::packed;
use super::ready::ready;
use super::row::{NONE, Row};
use super::seed;
use super::update::{CARRY, Changes};
use crate::error::{Explain, Kind, Names};
use crate::kmeans::backend::{
    Backend, BackendError, Candidate, Need, RowBlock, SelfTestError, Shape, Step, self_test,
};
use crate::kmeans::centroid::Centroids;
use crate::monitor::CancelFlag;
use crate::par;

/// Bytes of a row block: it stays in a core's second-level cache while all panels pass over it.
const BLOCK_BYTES: usize = 256 << 10;

/// The most bytes of a row block: with the 32 centroids of a panel 2^29 products, between two looks at the cancel
/// flag; slow cores take 20 ms for them (25 · 10^9 a second; plain Rust 5 · 10^9, but in groups of 4 centroids).
const MAX_BLOCK_BYTES: usize = 16 << 20;

/// Row blocks are whole tiles of every kernel: of 2, 4, 6, 8 and 12 rows.
const BLOCK_ROWS: usize = 24;

/// Bytes of the rows that are assigned before their moves are added, while they are still in the last-level
/// cache; and row blocks for each thread, so that none waits long for the others.
const WAVE_BYTES: usize = 16 << 20;
const WAVE_BLOCKS: usize = 16;

/// Rows of a block of k-means++ weights.
const SEED_ROWS: usize = 4096;

/// Why the CPU cannot be used as asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CpuError {
    /// The kernel is unknown or lacks its instructions.
    Kernel(KernelError),
    /// The kernel gave wrong integers.
    SelfTest(SelfTestError),
}

impl From<KernelError> for CpuError {
    fn from(error: KernelError) -> Self {
        Self::Kernel(error)
    }
}

impl From<SelfTestError> for CpuError {
    fn from(error: SelfTestError) -> Self {
        Self::SelfTest(error)
    }
}

impl Explain for CpuError {
    fn kind(&self) -> Kind {
        match self {
            Self::Kernel(error) => error.kind(),
            Self::SelfTest(error) => error.kind(),
        }
    }

    fn explain(&self, names: Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kernel(error) => error.explain(names, f),
            Self::SelfTest(error) => error.explain(names, f),
        }
    }
}

crate::explained!(CpuError);

/// K-Means on the CPU, on the current thread pool.
///
/// It holds the byte rows, 16 bytes a row and 1 byte a centroid component; during an assign 5 bytes a component,
/// then 12 while the [`Step`] is filled in, or 20 if more than 2^24 rows moved.
pub struct CpuBackend {
    kernel: Kernel,
    block_bytes: usize,
    spares: bool,
    columns: usize,
    rows: AlignedBytes,
    states: Vec<Row>,
    bounds: Bounds,
    cancel: CancelFlag,
}

impl CpuBackend {
    /// Takes the fastest kernel that this CPU has, after a self-test.
    ///
    /// # Errors
    /// [`CpuError::SelfTest`] when it gives wrong integers.
    pub fn new() -> Result<Self, CpuError> {
        Self::with_kernel(Kernel::best())
    }

    /// Takes `kernel`, after a self-test.
    ///
    /// # Errors
    /// [`CpuError`] when this CPU lacks its instructions or it gives wrong integers.
    pub fn with_kernel(kernel: Kernel) -> Result<Self, CpuError> {
        if !kernel.is_available() {
            return Err(KernelError::Unavailable { kernel }.into());
        }
        let mut backend = Self {
            kernel,
            block_bytes: BLOCK_BYTES,
            spares: true,
            columns: 0,
            rows: AlignedBytes::default(),
            states: Vec::new(),
            bounds: Bounds::default(),
            cancel: CancelFlag::default(),
        };
        ready(self_test(&mut backend))?;
        Ok(backend)
    }

    /// Sets the bytes of a row block, at most 16 MiB, which changes the speed and nothing else.
    pub fn with_block_bytes(mut self, bytes: usize) -> Self {
        self.block_bytes = bytes.min(MAX_BLOCK_BYTES);
        self
    }

    /// Whether scores are spared that exact bounds show not to matter (the default), which changes the speed and
    /// nothing else.
    pub fn with_bounds(mut self, spares: bool) -> Self {
        self.spares = spares;
        self
    }

    /// The kernel in use.
    pub fn kernel(&self) -> Kernel {
        self.kernel
    }

    /// The bytes of a row, as they came in.
    fn row(&self, row: u64) -> impl Iterator<Item = i8> + '_ {
        let offset = self.kernel.offset();
        let bytes = &self.rows.bytes()[row as usize * self.columns..][..self.columns];
        bytes.iter().map(move |&byte| byte.wrapping_sub(offset) as i8)
    }

    /// Rows of a block: a whole number of tiles.
    fn block_rows(&self) -> usize {
        (self.block_bytes / self.columns / BLOCK_ROWS).max(1) * BLOCK_ROWS
    }
}

impl Backend for CpuBackend {
    fn name(&self) -> String {
        format!("CPU ({})", self.kernel)
    }

    async fn begin(&mut self, shape: Shape, cancel: CancelFlag) -> Result<(), BackendError> {
        // The old rows go before the new ones need room.
        self.end().await;
        let room = usize::try_from(shape.n_rows).ok().and_then(|rows| {
            self.states.try_reserve_exact(rows).ok()?;
            self.bounds.reserve(rows)?;
            AlignedBytes::with_capacity(rows.checked_mul(shape.columns)?)
        });
        self.rows = room.ok_or_else(|| BackendError::Memory {
            device: self.name(),
            need: Need::Rows { n_rows: shape.n_rows, columns: shape.columns },
        })?;
        (self.columns, self.cancel) = (shape.columns, cancel);
        Ok(())
    }

    async fn push(&mut self, block: RowBlock<'_>) -> Result<(), BackendError> {
        self.rows.extend(block.rows, self.kernel.offset());
        self.bounds.note(block.rows, self.columns);
        let state = |&own_best| Row { label: NONE, score: i32::MIN, own_best };
        self.states.extend(block.own_best.iter().map(state));
        Ok(())
    }

    async fn rows(&mut self, rows: &[u64]) -> Result<Vec<i8>, BackendError> {
        let mut out = Vec::with_capacity(rows.len() * self.columns);
        for &row in rows {
            out.extend(self.row(row));
        }
        Ok(out)
    }

    async fn assign(&mut self, centroids: &Centroids) -> Result<Step, BackendError> {
        let n_clusters = centroids.n_clusters();
        let (device, columns) = (self.name(), self.columns);
        let no_room =
            || BackendError::Memory { device: device.clone(), need: Need::Sums { n_clusters, columns } };
        let scoring = self.bounds.scoring(self.kernel, centroids, self.rows.bytes(), &self.states);
        let (scoring, mut changes) = scoring.zip(Changes::new(n_clusters, columns)).ok_or_else(no_room)?;
        let block_rows = self.block_rows();
        let wave_blocks = (WAVE_BYTES / (block_rows * columns)).max(WAVE_BLOCKS * par::threads());
        let wave_rows = (wave_blocks * block_rows).min(CARRY);
        let (mut objective, mut moved) = (0, 0);
        let mut moves = Vec::new();
        let waves = self.rows.bytes().chunks(wave_rows * columns);
        let bounds = self.bounds.others.chunks_mut(wave_rows);
        for ((rows, states), bounds) in waves.zip(self.states.chunks_mut(wave_rows)).zip(bounds) {
            let mut blocks: Vec<Block<'_>> = rows
                .chunks(block_rows * columns)
                .zip(states.chunks_mut(block_rows))
                .zip(bounds.chunks_mut(block_rows))
                .enumerate()
                .map(|(i, ((rows, states), bounds))| Block { first: i * block_rows, rows, states, bounds })
                .collect();
            let blocks =
                par::map_chunks_mut(&mut blocks, 1, |_, block| block[0].assign(&scoring, &self.cancel));
            moves.clear();
            for block in blocks {
                let block = block?;
                objective += block.objective;
                moves.extend(block.moves);
            }
            moved += moves.len() as u64;
            changes.add(self.kernel, rows, &moves).ok_or_else(no_room)?;
        }
        drop(scoring);
        if self.spares {
            self.bounds.found_with(centroids);
        }
        let step = changes.into_step(self.kernel.offset(), objective, moved);
        step.ok_or_else(no_room)
    }

    async fn worst(
        &mut self,
        after: Option<(i32, u64)>,
        count: usize,
    ) -> Result<Vec<Candidate>, BackendError> {
        /// Rows that a thread looks through at a time.
        const CHUNK: usize = 1 << 16;
        let mut keys = par::map(self.states.len().div_ceil(CHUNK), |chunk| {
            let states = self.states.iter().enumerate().skip(chunk * CHUNK).take(CHUNK);
            let mut keys: Vec<(i32, u64)> = states
                .filter(|(_, state)| state.score < state.own_best)
                .map(|(row, state)| (state.score, row as u64))
                .filter(|&key| after.is_none_or(|after| key > after))
                .collect();
            if keys.len() > count {
                keys.select_nth_unstable(count);
                keys.truncate(count);
            }
            keys
        })
        .concat();
        keys.sort_unstable();
        keys.truncate(count);
        let candidate = |(score, row): (i32, u64)| {
            let state = self.states[row as usize];
            let q = self.row(row).collect();
            Candidate { score, row, cluster: state.label, own_best: state.own_best, q }
        };
        Ok(keys.into_iter().map(candidate).collect())
    }

    async fn relabel(&mut self, moves: &[(u64, u32)]) -> Result<(), BackendError> {
        for &(row, cluster) in moves {
            self.states[row as usize].label = cluster;
            self.bounds.relabel(row as usize);
        }
        Ok(())
    }

    async fn seed_step(&mut self, centroids: &Centroids) -> Result<Vec<u64>, BackendError> {
        let (centroid, start) = (centroids.value(0), packed::start(self.kernel, centroids, 0));
        let rows: &[i8] = bytemuck::cast_slice(self.rows.bytes());
        let blocks = par::map_chunks_mut(&mut self.states, SEED_ROWS, |block, states| {
            self.cancel.check()?;
            let rows = &rows[block * SEED_ROWS * self.columns..];
            Ok(seed::step(self.kernel, rows, centroid, start, states))
        });
        blocks.into_iter().collect()
    }

    async fn pick(&mut self, block: usize, remainder: u64) -> Result<u64, BackendError> {
        let mut left = remainder;
        for (row, state) in self.states.iter().enumerate().skip(block * SEED_ROWS).take(SEED_ROWS) {
            if left < state.weight() {
                return Ok(row as u64);
            }
            left -= state.weight();
        }
        let reason = format!("block {block} of k-means++ weights has no row at {remainder}");
        Err(BackendError::Device { device: self.name(), reason: reason.into() })
    }

    async fn labels(&mut self) -> Result<Vec<u32>, BackendError> {
        // The bounds make room for the labels.
        self.bounds.forget();
        Ok(self.states.iter().map(|state| state.label).collect())
    }

    async fn end(&mut self) {
        (self.rows, self.states, self.bounds) = Default::default();
    }
}
