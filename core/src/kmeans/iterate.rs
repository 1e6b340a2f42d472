//! The loop: SPEC.md, 1.4.

use super::backend::{Backend, BackendError, Step};
use super::centroid::Centroids;
use super::error::KMeansError;
use super::init::init;
use super::load::Loaded;
use super::params::Params;
use super::refill::refill;
use super::scale::{MAX_FEATURES, columns_of};
use super::totals::Totals;
use crate::monitor::{Event, Monitor, Stage};

/// The loop ends at this many objectives in a row that are not above the best: rounded centroids can cycle.
const PATIENCE: u32 = 8;

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

/// The loop over rows that are in a backend, however they came there.
pub struct Iterations<'a> {
    params: &'a Params,
    n_clusters: u32,
    n_rows: u64,
    centroids: Centroids,
    totals: Totals,
}

/// What the loop found; the labels are in the backend.
#[derive(Debug, Clone, PartialEq)]
pub struct Fitted {
    /// The last centroids.
    pub centroids: Centroids,
    /// One entry for each iteration; the assign that gave the labels comes on top.
    pub log: Vec<Iteration>,
    /// Sum of all scores of the labels.
    pub objective: i64,
}

impl<'a> Iterations<'a> {
    /// Checks `params` against `n_rows` clustered rows of `n_features`, and makes room for centroids and sums: too
    /// many clusters are noticed before rows are read.
    ///
    /// # Errors
    /// [`KMeansError`] names the parameter, its value and the limit.
    pub fn new(params: &'a Params, n_rows: u64, n_features: usize) -> Result<Self, KMeansError> {
        if n_features == 0 || n_features > MAX_FEATURES {
            return Err(KMeansError::Features(n_features));
        }
        if n_rows == 0 {
            return Err(KMeansError::NoRows { n_samples: 0 });
        }
        let n_clusters = params.check(n_rows, n_features)?;
        let k = n_clusters as usize;
        let no_room = || KMeansError::ClusterMemory { n_clusters: k, n_features };
        let centroids = Centroids::zeros(n_features, k).ok_or_else(no_room)?;
        let totals = Totals::zeros(k, columns_of(n_features)).ok_or_else(no_room)?;
        Ok(Self { params, n_clusters, n_rows, centroids, totals })
    }

    /// Number of clusters: what was asked for, or the default.
    pub fn n_clusters(&self) -> u32 {
        self.n_clusters
    }

    /// Runs on the rows in `backend` until a rule of SPEC.md, 1.4 ends it, and assigns once more. `loaded` is the sum
    /// of what loading all parts of the rows gave.
    ///
    /// Of every assign it is checked that the sums give the objective: Σ over clusters of (c · S + m · b).
    ///
    /// # Errors
    /// [`KMeansError`]: the device failed or its sums do not fit its scores, a given first row is none, or the work
    /// was stopped.
    ///
    /// # Panics
    /// If other than the announced number of rows were loaded.
    pub async fn run<B: Backend>(
        mut self,
        loaded: Loaded,
        backend: &mut B,
        monitor: &Monitor<'_>,
    ) -> Result<Fitted, KMeansError> {
        assert_eq!(loaded.n_rows, self.n_rows, "rows loaded and rows announced");
        let most = self.params.max_iterations;
        monitor.emit(Event::Started { stage: Stage::Cluster, total: Some(most.into()), unit: "iterations" });
        init(self.params, self.n_rows, &mut self.centroids, backend, monitor).await?;
        let mut log: Vec<Iteration> = Vec::new();
        let (mut best, mut not_above) = (i64::MIN, 0);
        while (log.len() as u64) < u64::from(most) {
            monitor.check()?;
            let Step { objective, moved, clusters: mut changed, .. } = self.assign(backend).await?;
            let refilled = refill(&mut self.totals, &mut changed, backend).await?;

            let previous = log.last().map(|entry| entry.objective);
            let entry = Iteration { objective, moved, refilled };
            log.push(entry);
            if entry.objective > best {
                (best, not_above) = (entry.objective, 0);
            } else {
                not_above += 1;
            }
            let still = refilled == 0
                && previous.is_some_and(|previous| {
                    entry.moved == 0 || self.gains_little(objective, previous, loaded.own_best)
                });
            let ended = not_above == PATIENCE || still;
            if !ended {
                self.centroids.update(&changed, &self.totals.sums, &self.totals.counts);
            }
            let iteration = log.len() as u32;
            monitor.emit(Event::Iteration { iteration, objective, moved, refilled });
            if ended {
                break;
            }
        }
        let objective = self.assign(backend).await?.objective;
        monitor.emit(Event::Finished { stage: Stage::Cluster });
        Ok(Fitted { centroids: self.centroids, log, objective })
    }

    /// Assigns, adds what changed, and checks it; the sums of the step are then of no more use.
    async fn assign<B: Backend>(&mut self, backend: &mut B) -> Result<Step, KMeansError> {
        let step = backend.assign(&self.centroids).await?;
        if !self.totals.add(&step, &self.centroids) {
            return Err(BackendError::Mismatch { device: backend.name() }.into());
        }
        Ok(Step { sums: Vec::new(), ..step })
    }

    /// Whether an objective is so near to the one before that the tolerance ends the loop.
    fn gains_little(&self, new: i64, previous: i64, own_best: i64) -> bool {
        let tolerance = self.params.tolerance;
        tolerance > 0.0 && ((new - previous) as f64) < tolerance * (own_best - previous) as f64
    }
}
