//! A backend made of backends, each with a contiguous range of the rows.

use super::backend::{Backend, BackendError, Candidate, RowBlock, Shape, Step};
use super::centroid::Centroids;
use super::concurrent::together;
use crate::monitor::CancelFlag;

/// Backends side by side that work as one: several devices, processes or machines. What they give is what one backend
/// gives, to the byte, for any number of parts.
///
/// Either the rows come through [`push`](Backend::push) and are shared out ([`sharing`](Self::sharing)), or each part
/// has loaded its own already ([`holding`](Self::holding)). A part without rows is asked for nothing.
///
/// ```
/// use clusterclip_core::kmeans::{CpuBackend, Params, Parts, cluster, fit};
/// use clusterclip_core::monitor::Monitor;
/// use clusterclip_core::rows::SliceSource;
///
/// let rows: Vec<f32> = (0..600).map(|i| (i as f32 * 1.7).sin()).collect();
/// let params = Params { n_clusters: Some(5), ..Params::default() };
/// // The second part takes twice as many rows as the first.
/// let mut parts = Parts::sharing(vec![(CpuBackend::new()?, 1), (CpuBackend::new()?, 2)]);
/// let source = SliceSource::new(&rows, 6);
/// let found = pollster::block_on(cluster(&source, None, &params, &mut parts, &Monitor::silent()))?;
/// assert_eq!(found, fit(&rows, 6, &params)?);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub struct Parts<B> {
    parts: Vec<Part<B>>,
    /// Bytes of a row.
    columns: usize,
    /// Rows pushed so far.
    pushed: u64,
}

struct Part<B> {
    backend: B,
    share: u64,
    /// The part's first row.
    start: u64,
    n_rows: u64,
    /// Its first block of k-means++ weights.
    first_block: usize,
}

impl<B: Backend> Parts<B> {
    /// Takes backends among which rows are shared out in proportion to the number beside each. Shares that sum to the
    /// number of rows are the numbers of rows.
    ///
    /// # Panics
    /// If all shares are 0.
    pub fn sharing(parts: Vec<(B, u64)>) -> Self {
        assert!(parts.iter().any(|part| part.1 > 0), "a part takes rows");
        let part = |(backend, share)| Part { backend, share, start: 0, n_rows: 0, first_block: 0 };
        Self { parts: parts.into_iter().map(part).collect(), columns: 0, pushed: 0 }
    }

    /// Takes backends that hold rows of `columns` bytes already, each as many as the number beside it, in the order of
    /// the rows. They look at the cancel flags that they were begun with.
    ///
    /// # Panics
    /// If no part holds a row.
    pub fn holding(parts: Vec<(B, u64)>, columns: usize) -> Self {
        let mut parts = Self { columns, ..Self::sharing(parts) };
        let n_rows = parts.parts.iter().map(|part| part.share).sum();
        parts.divide(n_rows);
        parts.pushed = n_rows;
        parts
    }

    /// Gives the backends back, in order.
    pub fn into_backends(self) -> Vec<B> {
        self.parts.into_iter().map(|part| part.backend).collect()
    }

    /// Gives each part its range of `n_rows` rows.
    fn divide(&mut self, n_rows: u64) {
        let all: u128 = self.parts.iter().map(|part| u128::from(part.share)).sum();
        let (mut shares, mut start) = (0, 0);
        for part in &mut self.parts {
            shares += u128::from(part.share);
            let end = (u128::from(n_rows) * shares / all) as u64;
            (part.start, part.n_rows) = (start, end - start);
            start = end;
        }
    }

    /// The parts that have rows.
    fn filled(&mut self) -> impl Iterator<Item = &mut Part<B>> {
        self.parts.iter_mut().filter(|part| part.n_rows > 0)
    }

    /// Which part has a row.
    fn of(&self, row: u64) -> usize {
        // Parts without rows begin where the next one does, so the last that begins at or before the row has it.
        self.parts.partition_point(|part| part.start <= row) - 1
    }
}

/// All results, or the first error in the order of the parts.
fn all<T>(results: Vec<Result<T, BackendError>>) -> Result<Vec<T>, BackendError> {
    results.into_iter().collect()
}

impl<B: Backend> Backend for Parts<B> {
    fn name(&self) -> String {
        let names: Vec<String> = self.parts.iter().map(|part| part.backend.name()).collect();
        names.join(" + ")
    }

    async fn begin(&mut self, shape: Shape, cancel: CancelFlag) -> Result<(), BackendError> {
        self.end().await;
        self.divide(shape.n_rows);
        (self.columns, self.pushed) = (shape.columns, 0);
        let begun = self.filled().map(|part| {
            let shape = Shape { n_rows: part.n_rows, ..shape };
            part.backend.begin(shape, cancel.clone())
        });
        all(together(begun).await)?;
        Ok(())
    }

    async fn push(&mut self, block: RowBlock<'_>) -> Result<(), BackendError> {
        let (columns, first) = (self.columns, self.pushed);
        self.pushed += block.own_best.len() as u64;
        let end = self.pushed;
        let announced = self.parts.last().map_or(0, |part| part.start + part.n_rows);
        if end > announced {
            let reason = format!("{end} rows were given where {announced} were announced");
            return Err(BackendError::Device { device: self.name(), reason: reason.into() });
        }
        let of_block = self.filled().filter(|part| part.start < end && first < part.start + part.n_rows);
        let pushed = of_block.map(|part| {
            // The rows of the block that are this part's.
            let from = part.start.clamp(first, end) - first;
            let to = (part.start + part.n_rows).clamp(first, end) - first;
            let (from, to) = (from as usize, to as usize);
            let mine = RowBlock {
                rows: &block.rows[from * columns..to * columns],
                own_best: &block.own_best[from..to],
            };
            part.backend.push(mine)
        });
        all(together(pushed).await)?;
        Ok(())
    }

    async fn rows(&mut self, rows: &[u64]) -> Result<Vec<i8>, BackendError> {
        // Which rows of each part are wanted, and where they go.
        let mut wanted: Vec<(Vec<u64>, Vec<usize>)> = self.parts.iter().map(|_| Default::default()).collect();
        for (place, &row) in rows.iter().enumerate() {
            let part = self.of(row);
            wanted[part].0.push(row - self.parts[part].start);
            wanted[part].1.push(place);
        }
        let asked = self.parts.iter_mut().zip(&wanted).filter(|(_, wanted)| !wanted.0.is_empty());
        let found = all(together(asked.map(|(part, wanted)| part.backend.rows(&wanted.0))).await)?;
        let asked = self.parts.iter().zip(&wanted).filter(|(_, wanted)| !wanted.0.is_empty());
        if let Some(((part, wanted), rows)) =
            asked.zip(&found).find(|((_, wanted), rows)| rows.len() != wanted.0.len() * self.columns)
        {
            let reason = format!("gave {} bytes for {} rows of {}", rows.len(), wanted.0.len(), self.columns);
            return Err(BackendError::Device { device: part.backend.name(), reason: reason.into() });
        }
        let mut out = vec![0; rows.len() * self.columns];
        let places = wanted.iter().filter(|wanted| !wanted.0.is_empty()).flat_map(|wanted| &wanted.1);
        let bytes = found.iter().flat_map(|rows| rows.chunks_exact(self.columns));
        for (&place, row) in places.zip(bytes) {
            out[place * self.columns..][..self.columns].copy_from_slice(row);
        }
        Ok(out)
    }

    async fn assign(&mut self, centroids: &Centroids) -> Result<Step, BackendError> {
        let steps = all(together(self.filled().map(|part| part.backend.assign(centroids))).await)?;
        let (n_clusters, columns) = (centroids.n_clusters(), centroids.columns());
        if let Some((part, _)) =
            self.filled().zip(&steps).find(|(_, step)| !step.is_whole(n_clusters, columns))
        {
            return Err(BackendError::Mismatch { device: part.backend.name() });
        }
        let mut steps = steps.into_iter();
        let mut sum = steps.next().unwrap_or_default();
        steps.for_each(|step| sum.add(&step));
        Ok(sum)
    }

    async fn worst(
        &mut self,
        after: Option<(i32, u64)>,
        count: usize,
    ) -> Result<Vec<Candidate>, BackendError> {
        let asked = self.filled().map(|part| {
            // Of a part that begins after the row, all rows with its score come after it; of one that ends before it,
            // none. A number past the end says so, and stays one that devices can count.
            let after = after.and_then(|(score, row)| match row.checked_sub(part.start) {
                Some(row) => Some((score, row.min(part.n_rows))),
                None => Some((score.checked_sub(1)?, part.n_rows)),
            });
            part.backend.worst(after, count)
        });
        let found = all(together(asked).await)?;
        let starts: Vec<u64> = self.filled().map(|part| part.start).collect();
        let mut candidates: Vec<Candidate> = found
            .into_iter()
            .zip(starts)
            .flat_map(|(found, start)| found.into_iter().map(move |c| Candidate { row: c.row + start, ..c }))
            .collect();
        candidates.sort_by_key(|candidate| (candidate.score, candidate.row));
        candidates.truncate(count);
        Ok(candidates)
    }

    async fn relabel(&mut self, moves: &[(u64, u32)]) -> Result<(), BackendError> {
        let mut by_part: Vec<Vec<(u64, u32)>> = self.parts.iter().map(|_| Vec::new()).collect();
        for &(row, cluster) in moves {
            let part = self.of(row);
            by_part[part].push((row - self.parts[part].start, cluster));
        }
        let asked = self.parts.iter_mut().zip(&by_part).filter(|(_, moves)| !moves.is_empty());
        all(together(asked.map(|(part, moves)| part.backend.relabel(moves))).await)?;
        Ok(())
    }

    async fn seed_step(&mut self, centroids: &Centroids) -> Result<Vec<u64>, BackendError> {
        let weights = all(together(self.filled().map(|part| part.backend.seed_step(centroids))).await)?;
        let mut blocks = 0;
        for (part, weights) in self.filled().zip(&weights) {
            part.first_block = blocks;
            blocks += weights.len();
        }
        Ok(weights.concat())
    }

    async fn pick(&mut self, block: usize, remainder: u64) -> Result<u64, BackendError> {
        let part = self.filled().filter(|part| part.first_block <= block).last();
        let part = part.expect("the first part with rows has the first block");
        Ok(part.start + part.backend.pick(block - part.first_block, remainder).await?)
    }

    async fn labels(&mut self) -> Result<Vec<u32>, BackendError> {
        let labels = all(together(self.filled().map(|part| part.backend.labels())).await)?;
        Ok(labels.concat())
    }

    async fn end(&mut self) {
        together(self.parts.iter_mut().map(|part| part.backend.end())).await;
    }
}
