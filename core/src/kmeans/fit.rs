//! The loop: SPEC.md, 1.4.

use super::backend::{Backend, RowBlock, Shape, Step};
use super::centroid::Centroids;
use super::params::{Init, KMeansError, Params, default_clusters};
use super::quantize::Quantizer;
use super::refill::refill;
use super::source::{Rows, quantize_block};
use super::{finish, init, room};
use crate::monitor::{Event, Monitor, Stage};
use crate::rows::RowSource;

/// The loop ends at this many objectives in a row that are not above the best: rounded centroids can cycle.
const PATIENCE: u32 = 8;

/// The label of a row without a cluster.
pub(super) const NO_CLUSTER: i32 = -1;

/// One line of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Iteration {
    /// Sum of all scores, before refill.
    pub objective: i64,
    /// Rows whose label changed.
    pub moved: u64,
    /// Empty clusters that were given a row.
    pub refilled: u64,
}

/// What K-Means found.
#[derive(Debug, Clone, PartialEq)]
pub struct Clustering {
    /// The cluster of each row of the source; −1 for featureless rows. Shape `(n_samples,)`.
    pub labels: Vec<i32>,
    /// The quantised centroids, by which later rows join.
    pub quantized: Centroids,
    /// Unit-norm centroids of shape `(n_clusters, n_features)`; a zero row for an empty cluster.
    pub centroids: Vec<f32>,
    /// Cosine of each row with its cluster's centroid; 0 for featureless rows. Shape `(n_samples,)`.
    pub similarity: Vec<f32>,
    /// Mean of 1 − similarity over the clustered rows.
    pub inertia: f64,
    /// Rows in each cluster.
    pub counts: Vec<u64>,
    /// Rows that were clustered.
    pub n_clustered: u64,
    /// Iterations done; the assign that gives the labels comes on top.
    pub iterations: u32,
    /// Sum of all scores of the saved labels.
    pub objective: i64,
    /// One entry for each iteration.
    pub log: Vec<Iteration>,
    /// What a person should know; each was sent as an [`Event::Warning`] too.
    pub warnings: Vec<String>,
}

/// Counts and sums of all clusters, kept up to date from the rows that move.
pub(super) struct Totals {
    pub counts: Vec<u64>,
    /// Shape `(n_clusters, columns)`.
    pub sums: Vec<i64>,
}

/// Groups the rows of `source` by direction; rows flagged in `featureless` get no cluster.
///
/// The result is a function of rows, flags and parameters alone: no backend, kernel or number of threads changes
/// a byte. The source is read three times in order (bytes, centroids, similarities), with single rows for the init
/// between; f32 rows are never all held. Besides what the backend holds this takes, for each centroid component,
/// 9 bytes in the loop, 8 more while a [`Step`] is added, and 13 at the end; for each row 8 at the end.
///
/// On return `backend` is ended and can be used again.
///
/// # Errors
/// [`KMeansError`]; on cancellation within 100 ms of work. Single passes over all centroid components are not
/// interrupted: from some 10^7 components on they may take longer.
pub async fn cluster<S: RowSource, B: Backend>(
    source: &S,
    featureless: Option<&[bool]>,
    params: &Params,
    backend: &mut B,
    monitor: &Monitor<'_>,
) -> Result<Clustering, KMeansError> {
    let rows = Rows::new(source, featureless)?;
    let n_features = source.n_features();
    let quantizer = Quantizer::new(n_features).ok_or(KMeansError::Features(n_features))?;
    let n_clusters = check(params, rows.n_clustered(), source.n_samples(), n_features)?;

    let mut warnings = Vec::new();
    if n_clusters == 1 {
        warn(monitor, &mut warnings, "1 cluster: there is nothing to balance".into());
    }
    let fitted = fit(&rows, &quantizer, params, n_clusters, backend, monitor).await;
    // The byte rows go before what is saved needs room, and also when the work failed or was stopped.
    backend.end().await;
    let Fitted { centroids, log, objective, dense } = fitted?;

    let labels = spread(dense, &rows);
    let finished = finish::finish(&rows, n_features, n_clusters as usize, &labels, monitor)?;
    let empty = finished.counts.iter().filter(|&&count| count == 0).count();
    if empty > 0 {
        let are = if empty == 1 { "is" } else { "are" };
        let text =
            format!("{empty} of {n_clusters} clusters {are} empty: too few distinct rows to fill them");
        warn(monitor, &mut warnings, text);
    }
    if let Some(text) = finish::alike(finished.mean_cosine) {
        warn(monitor, &mut warnings, text);
    }
    Ok(Clustering {
        labels,
        quantized: centroids,
        centroids: finished.centroids,
        similarity: finished.similarity,
        inertia: finished.inertia,
        counts: finished.counts,
        n_clustered: rows.n_clustered(),
        iterations: log.len() as u32,
        objective,
        log,
        warnings,
    })
}

/// What the device was needed for.
struct Fitted {
    centroids: Centroids,
    log: Vec<Iteration>,
    objective: i64,
    /// Labels of the clustered rows.
    dense: Vec<u32>,
}

async fn fit<S: RowSource, B: Backend>(
    rows: &Rows<'_, S>,
    quantizer: &Quantizer,
    params: &Params,
    n_clusters: u32,
    backend: &mut B,
    monitor: &Monitor<'_>,
) -> Result<Fitted, KMeansError> {
    // Too many clusters are noticed before rows are read.
    let (n_features, k) = (quantizer.n_features(), n_clusters as usize);
    let no_room = || room::none(k, n_features);
    let mut centroids = Centroids::zeros(n_features, k).ok_or_else(no_room)?;
    let totals = Totals::zeros(k, quantizer.columns()).ok_or_else(no_room)?;
    load(rows, quantizer, n_clusters, backend, monitor).await?;
    monitor.emit(Event::Started {
        stage: Stage::Cluster,
        total: Some(params.max_iterations.into()),
        unit: "iterations",
    });
    init::init(rows, quantizer, params, &mut centroids, backend, monitor).await?;
    let log = iterate(&mut centroids, totals, params, backend, monitor).await?;
    let objective = backend.assign(&centroids).await?.objective;
    let dense = backend.labels().await?;
    monitor.emit(Event::Finished { stage: Stage::Cluster });
    Ok(Fitted { centroids, log, objective, dense })
}

fn warn(monitor: &Monitor<'_>, warnings: &mut Vec<String>, text: String) {
    monitor.emit(Event::Warning(text.clone()));
    warnings.push(text);
}

/// Checks the parameters against the rows and returns the number of clusters.
fn check(params: &Params, n: u64, n_samples: u64, n_features: usize) -> Result<u32, KMeansError> {
    if n == 0 {
        return Err(KMeansError::NoRows { n_samples });
    }
    if params.tolerance.is_nan() || params.tolerance < 0.0 {
        return Err(KMeansError::Tolerance(params.tolerance));
    }
    // Labels are saved as i32.
    let limit = n.min(i32::MAX as u64);
    let n_clusters = match params.n_clusters {
        None => default_clusters(n),
        Some(0) => return Err(KMeansError::NoClusters { n }),
        Some(k) if k > limit => return Err(KMeansError::TooManyClusters { n_clusters: k, limit }),
        Some(k) => k as u32,
    };
    if let Init::Rows(values) = &params.init
        && Some(values.len()) != (n_clusters as usize).checked_mul(n_features)
    {
        let n_clusters = n_clusters.into();
        return Err(KMeansError::InitShape { values: values.len(), n_clusters, n_features });
    }
    Ok(n_clusters)
}

/// Quantises all rows into the backend.
async fn load<S: RowSource, B: Backend>(
    rows: &Rows<'_, S>,
    quantizer: &Quantizer,
    n_clusters: u32,
    backend: &mut B,
    monitor: &Monitor<'_>,
) -> Result<(), KMeansError> {
    let total = rows.n_clustered();
    monitor.emit(Event::Started { stage: Stage::Quantize, total: Some(total), unit: "rows" });
    let shape = Shape { n_rows: total, columns: quantizer.columns(), n_clusters };
    backend.begin(shape, monitor.cancel_flag().clone()).await?;
    let (mut bytes, mut own_best) = (Vec::new(), Vec::new());
    let (mut reader, mut done) = (rows.reader(), 0);
    while let Some(block) = reader.next()? {
        monitor.check()?;
        quantize_block(&block, quantizer, &mut bytes, &mut own_best)?;
        backend.push(RowBlock { rows: &bytes, own_best: &own_best }).await?;
        done += own_best.len() as u64;
        monitor.emit(Event::Progress { stage: Stage::Quantize, done });
    }
    monitor.emit(Event::Finished { stage: Stage::Quantize });
    Ok(())
}

/// Runs iterations until a rule of SPEC.md, 1.4 ends them.
async fn iterate<B: Backend>(
    centroids: &mut Centroids,
    mut totals: Totals,
    params: &Params,
    backend: &mut B,
    monitor: &Monitor<'_>,
) -> Result<Vec<Iteration>, KMeansError> {
    let mut log: Vec<Iteration> = Vec::new();
    let (mut best, mut not_above) = (i64::MIN, 0);
    while (log.len() as u64) < u64::from(params.max_iterations) {
        monitor.check()?;
        let Step { objective, moved, clusters: mut changed, counts, sums } =
            backend.assign(centroids).await?;
        totals.add(&changed, &counts, &sums);
        drop(sums);
        let refilled = refill(&mut totals, &mut changed, backend).await?;

        let previous = log.last().map(|entry| entry.objective);
        let entry = Iteration { objective, moved, refilled };
        log.push(entry);
        if entry.objective > best {
            (best, not_above) = (entry.objective, 0);
        } else {
            not_above += 1;
        }
        let ended = not_above == PATIENCE || refilled == 0 && is_still(entry, previous, params.tolerance);
        if !ended {
            centroids.update(&changed, &totals.sums, &totals.counts);
        }
        monitor.emit(Event::Iteration {
            iteration: log.len() as u32,
            objective: entry.objective,
            moved: entry.moved,
            refilled,
        });
        if ended {
            break;
        }
    }
    Ok(log)
}

/// Whether an iteration that refilled nothing is the last: no label moved, or the objective hardly rose.
fn is_still(entry: Iteration, previous: Option<i64>, tolerance: f64) -> bool {
    let Some(previous) = previous else { return false };
    let (new, previous) = (entry.objective as f64, previous as f64);
    entry.moved == 0 || tolerance > 0.0 && new - previous < tolerance * previous.abs()
}

impl Totals {
    /// `None` when memory does not suffice.
    fn zeros(n_clusters: usize, columns: usize) -> Option<Self> {
        // The larger first, so that what does not fit is noticed before memory is touched.
        Some(Self { sums: room::zeros(n_clusters, columns)?, counts: room::zeros(n_clusters, 1)? })
    }

    fn add(&mut self, clusters: &[u32], counts: &[i64], sums: &[i64]) {
        let columns = self.sums.len() / self.counts.len();
        for ((&cluster, &count), sums) in clusters.iter().zip(counts).zip(sums.chunks_exact(columns)) {
            let cluster = cluster as usize;
            self.counts[cluster] = self.counts[cluster].wrapping_add_signed(count);
            for (total, &sum) in self.sums[cluster * columns..].iter_mut().zip(sums) {
                *total += sum;
            }
        }
    }

    /// Moves one row from a cluster to another.
    pub fn relabel(&mut self, q: &[i8], from: u32, to: u32) {
        let (from, to, columns) = (from as usize, to as usize, q.len());
        self.counts[from] -= 1;
        self.counts[to] += 1;
        for (j, &q) in q.iter().enumerate() {
            self.sums[from * columns + j] -= i64::from(q);
            self.sums[to * columns + j] += i64::from(q);
        }
    }
}

/// Labels of all rows of the source, from those of the clustered ones.
fn spread<S: RowSource>(dense: Vec<u32>, rows: &Rows<'_, S>) -> Vec<i32> {
    let n_samples = rows.n_samples();
    // Labels are under 2^31, and the collect reuses the memory of the labels that come in.
    if dense.len() as u64 == n_samples {
        return dense.into_iter().map(|label| label as i32).collect();
    }
    let mut dense = dense.into_iter();
    let label = |row| if rows.is_featureless(row) { None } else { dense.next() };
    (0..n_samples as usize).map(label).map(|label| label.map_or(NO_CLUSTER, |label| label as i32)).collect()
}
