//! Rows become labels: `labels.npy`, `centroids.npy`, `clusters.safetensors`, and of them `assignments.parquet`,
//! `clusters.parquet` and `members.npy`.

use std::path::Path;

use clusterclip_core::documents::zero_rows;
use clusterclip_core::kmeans::{self, KMeansError, Params, VERSION, default_clusters};
use clusterclip_core::rows::RowSource;
use clusterclip_core::sampler::Members;

use clusterclip_core::error::Param;

use super::Work;
use crate::device::Chosen;
use crate::error::{Error, Result, SettingsError, Within as _};
use crate::input::embeddings::NpyRows;
use crate::settings::{ClusterSettings, Init};
use crate::store::{
    ASSIGNMENTS, CENTROIDS, CLUSTER_TABLE, CLUSTERS, Decision, Documents, Facts, FinishedFile, LABELS,
    MEMBERS, Machine, NpyWriter, OutDir, Parameters, Request, RowsOf, StageKey, StageName, StageTimer, hex,
    write_assignments, write_cluster_table, write_clusters, write_members,
};

/// The rows to cluster, and what is known of their documents.
pub struct Source<'a> {
    /// The rows.
    pub rows: &'a NpyRows,
    /// Which documents have no cluster, since they have no features or were skipped; `None` where all have.
    pub left_out: Option<Vec<bool>>,
    /// The documents behind the rows.
    pub documents: Documents<'a>,
    /// The stage that made the rows or the documents.
    pub from: Option<StageKey>,
    /// What the file of rows is listed as, where no stage made it.
    pub given: Option<String>,
    /// What made the rows.
    pub rows_of: RowsOf,
}

/// How the rows are to be clustered.
pub struct How<'a> {
    settings: &'a ClusterSettings,
    /// The rows of the file that the clusters start from.
    first: Option<NpyRows>,
    device: Chosen,
}

impl<'a> How<'a> {
    /// Opens what the options name, so that a mistake in them is told before anything is computed.
    pub fn open(settings: &'a ClusterSettings, device: Chosen) -> Result<Self> {
        let first = match &settings.init {
            Init::File(path) => Some(NpyRows::open(path).within(|| Param::Init)?),
            Init::Random | Init::KMeansPlusPlus => None,
        };
        if let (Some(first), Some(clusters)) = (&first, settings.clusters)
            && first.n_samples() != clusters
        {
            let (init, rows) = (settings.init.to_string(), first.n_samples());
            return Err(SettingsError::InitRows { init, rows, clusters }.into());
        }
        Ok(Self { settings, first, device })
    }

    /// Where the clusters start, for rows of `n_features`; lists the file of `--init` in `request`.
    fn init(&self, n_features: usize, request: &mut Request, work: Work<'_>) -> Result<kmeans::Init> {
        let first = match (&self.settings.init, &self.first) {
            (Init::KMeansPlusPlus, _) => return Ok(kmeans::Init::KMeansPlusPlus),
            (_, None) => return Ok(kmeans::Init::Random),
            (_, Some(first)) => first,
        };
        *request = request.clone().input(Param::Init.name(), &hex(first.hash(work.monitor)?));
        let (found, wanted) = (first.n_features(), n_features);
        if found != wanted {
            let init = self.settings.init.to_string();
            return Err(SettingsError::InitFeatures { init, found, wanted }.into());
        }
        let values = first.all().within(|| Param::Init)?;
        first.check_unchanged().within(|| Param::Init)?;
        Ok(kmeans::Init::Rows(values))
    }
}

/// The finished stage.
pub struct Clustered {
    /// The cluster of each document; −1 without one.
    pub labels: Vec<i32>,
    /// The key under which the results are kept.
    pub key: StageKey,
    /// What it ran on; `None` where the results were there already.
    pub machine: Option<Machine>,
}

impl Clustered {
    /// Whether the results were there already.
    pub fn reused(&self) -> bool {
        self.machine.is_none()
    }
}

/// Clusters the rows of `source`, or finds their labels.
pub fn cluster(work: Work<'_>, out: &mut OutDir, source: Source<'_>, how: &How<'_>) -> Result<Clustered> {
    let How { settings, device, .. } = how;
    let (left_out, zero) = left_out(&source, work)?;
    let n = source.rows.n_samples() - count(left_out.as_deref());
    let mut request = Request::new(StageName::Cluster, VERSION);
    let init = how.init(source.rows.n_features(), &mut request, work)?;
    let given = settings.clusters.or(how.first.as_ref().map(RowSource::n_samples));
    let n_clusters = given.unwrap_or_else(|| u64::from(default_clusters(n)));
    let parameters = Parameters::new()
        .with("clusters", n_clusters)
        .with(
            "init",
            if matches!(init, kmeans::Init::Rows(_)) { "file".to_owned() } else { settings.init.to_string() },
        )
        .with("max-iterations", settings.max_iterations)
        .with("tolerance", settings.tolerance)
        .with("seed", settings.seed);
    request = request.parameters(parameters);
    if let Some(key) = source.from.clone() {
        request = request.from(key);
    }
    if let Some(name) = &source.given {
        request = request.input(name, &hex(source.rows.hash(work.monitor)?));
    }
    let key = request.key();
    if out.decide(&request, work.monitor)? == Decision::Reuse {
        work.reused(out, StageName::Cluster);
        return Ok(Clustered { labels: out.results().labels()?, key, machine: None });
    }

    let timer = StageTimer::start();
    let params = Params {
        n_clusters: Some(n_clusters),
        seed: settings.seed,
        max_iterations: settings.max_iterations,
        tolerance: settings.tolerance,
        init,
    };
    let zero = work.warn(zero.into_iter().collect());
    let done = device.cluster(source.rows, left_out.as_deref(), &params, work);
    let (found, machine) = done.map_err(|error| located(error, source.rows.path(), &settings.init))?;
    let n_features = source.rows.n_features();

    let mut centroids = NpyWriter::<f32>::new(out.create(CENTROIDS)?, &[n_clusters, n_features as u64])?;
    centroids.write(&found.centroids)?;
    let mut files =
        vec![centroids.finish()?, write_clusters(out.create(CLUSTERS)?, &found.quantized, VERSION)?];
    files.extend(write_labels(work, out, source.documents, &found.labels, &found.similarity, n_clusters)?);
    let facts = Facts::Clustered {
        n: found.n_clustered,
        k: n_clusters as u32,
        n_features: n_features as u32,
        iterations: found.iterations,
        objective: found.objective,
        inertia: found.inertia,
        counts: found.counts,
        rows: source.rows_of,
    };
    // Labels and hash must be of the same rows.
    source.rows.check_unchanged()?;
    let work = Work { machine: &machine, ..work };
    work.commit(out, &request, files, facts, [zero, found.warnings].concat(), timer)?;
    Ok(Clustered { labels: found.labels, key, machine: Some(machine) })
}

/// Writes labels, and what follows from them: `labels.npy`, `assignments.parquet`, `clusters.parquet`, `members.npy`.
pub(super) fn write_labels(
    work: Work<'_>,
    out: &OutDir,
    documents: Documents<'_>,
    labels: &[i32],
    similarity: &[f32],
    n_clusters: u64,
) -> Result<[FinishedFile; 4]> {
    let mut array = NpyWriter::<i32>::new(out.create(LABELS)?, &[labels.len() as u64])?;
    array.write(labels)?;
    let members = Members::from_labels(labels)?;
    let members = write_members(out.create(MEMBERS)?, &members, work.monitor)?;
    let (n_clusters, table) = (n_clusters as usize, out.create(ASSIGNMENTS)?);
    let (assignments, clusters) =
        write_assignments(table, documents, labels, similarity, n_clusters, work.monitor)?;
    let clusters = write_cluster_table(out.create(CLUSTER_TABLE)?, &clusters, work.monitor)?;
    Ok([array.finish()?, members, assignments, clusters])
}

/// Which documents have no cluster, and what is to be said of it. Rows that were made elsewhere may be zero without a
/// word; of our own, documents.parquet says which are.
pub(super) fn left_out(source: &Source<'_>, work: Work<'_>) -> Result<(Option<Vec<bool>>, Option<String>)> {
    let known = source.left_out.clone();
    if source.given.is_none() {
        return Ok((known, None));
    }
    let found = kmeans::zero_rows(source.rows, known, work.monitor)?;
    Ok((found.flags, zero_rows(found.zero, source.rows.n_samples())))
}

fn count(flags: Option<&[bool]>) -> u64 {
    flags.map_or(0, |flags| flags.iter().filter(|&&flag| flag).count() as u64)
}

/// Names the file that holds a row which cannot be clustered.
fn located(error: Error, rows: &Path, init: &Init) -> Error {
    match error.downcast_ref() {
        Some(KMeansError::Row { .. } | KMeansError::NoRows { .. } | KMeansError::Features(_)) => {
            error.at(rows.display().to_string())
        }
        Some(KMeansError::InitRow { row, error }) => {
            SettingsError::InitRow { init: init.to_string(), row: *row, error: *error }.into()
        }
        _ => error,
    }
}
