//! Rows become labels: `labels.npy`, `centroids.npy`, `clusters.safetensors`, `assignments.parquet`.

use anyhow::{Context, Result, ensure};
use clusterclip_core::kmeans::{
    self, Clustering, CpuBackend, Init, Kernel, Params, RowSource, VERSION, default_clusters,
};

use super::Work;
use crate::args::{ClusteringArgs, InitChoice};
use crate::input::embeddings::NpyRows;
use crate::store::{
    ASSIGNMENTS, CENTROIDS, CLUSTERS, Decision, Documents, Facts, LABELS, NpyWriter, OutDir, Parameters,
    Request, StageKey, StageName, StageTimer, hex, write_assignments, write_clusters,
};

/// The rows to cluster, and what is known of their documents.
pub struct Source<'a> {
    /// The rows.
    pub rows: &'a NpyRows,
    /// Which documents have no features; `None` where all have.
    pub featureless: Option<Vec<bool>>,
    /// The documents behind the rows.
    pub documents: Documents<'a>,
    /// The stage that made the rows or the documents.
    pub from: Option<StageKey>,
    /// What the file of rows is listed as, where no stage made it.
    pub given: Option<String>,
}

/// The finished stage.
pub struct Clustered {
    /// The cluster of each document; −1 without one.
    pub labels: Vec<i32>,
    /// The key under which the results are kept.
    pub key: StageKey,
    /// Whether the results were there already.
    pub reused: bool,
}

/// Clusters the rows of `source`, or finds their labels.
pub fn cluster(
    work: Work<'_>,
    out: &mut OutDir,
    source: Source<'_>,
    args: &ClusteringArgs,
    seed: u64,
    kernel: Kernel,
) -> Result<Clustered> {
    let featureless =
        source.featureless.as_ref().map_or(0, |flags| flags.iter().filter(|&&flag| flag).count());
    let n = source.rows.n_samples() - featureless as u64;
    let mut request = Request::new(StageName::Cluster, VERSION);
    let mut n_clusters = args.clusters;
    let init = match &args.init {
        InitChoice::Random => Init::Random,
        InitChoice::KMeansPlusPlus => Init::KMeansPlusPlus,
        InitChoice::File(path) => {
            let first = NpyRows::open(path).context("--init")?;
            request = request.input("--init", &hex(first.hash(work.monitor)?));
            n_clusters = n_clusters.or(Some(first.n_samples()));
            Init::Rows(all(&first, source.rows.n_features(), n_clusters)?)
        }
    };
    let n_clusters = n_clusters.unwrap_or_else(|| u64::from(default_clusters(n)));
    let parameters = Parameters::new()
        .with("clusters", n_clusters)
        .with("init", if matches!(init, Init::Rows(_)) { "file".to_owned() } else { args.init.to_string() })
        .with("max-iterations", args.max_iterations)
        .with("tolerance", args.tolerance)
        .with("seed", seed);
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
        return Ok(Clustered { labels: out.results().labels()?, key, reused: true });
    }

    let timer = StageTimer::start();
    let params = Params {
        n_clusters: Some(n_clusters),
        seed,
        max_iterations: args.max_iterations,
        tolerance: args.tolerance,
        init,
    };
    let backend = CpuBackend::with_kernel(kernel)?;
    let found = kmeans::cluster(source.rows, source.featureless.as_deref(), &params, backend, work.monitor);
    let found: Clustering = pollster::block_on(found)?;
    let n_features = source.rows.n_features();

    let mut labels = NpyWriter::<i32>::new(out.create(LABELS)?, &[found.labels.len() as u64])?;
    labels.write(&found.labels)?;
    let mut centroids = NpyWriter::<f32>::new(out.create(CENTROIDS)?, &[n_clusters, n_features as u64])?;
    centroids.write(&found.centroids)?;
    let files = vec![
        write_assignments(
            out.create(ASSIGNMENTS)?,
            source.documents,
            &found.labels,
            &found.similarity,
            work.monitor,
        )?,
        centroids.finish()?,
        write_clusters(out.create(CLUSTERS)?, found.quantized.values(), found.quantized.biases(), VERSION)?,
        labels.finish()?,
    ];
    let facts = Facts::Clustered {
        n: found.n_clustered,
        k: n_clusters as u32,
        n_features: n_features as u32,
        iterations: found.iterations,
        objective: found.objective,
        inertia: found.inertia,
        counts: found.counts,
    };
    // Labels and hash must be of the same rows.
    source.rows.check_unchanged()?;
    work.commit(out, &request, files, facts, found.warnings, timer)?;
    Ok(Clustered { labels: found.labels, key, reused: false })
}

/// Reads all rows of `--init FILE`, which must fit the rows and the number of clusters.
fn all(first: &NpyRows, n_features: usize, n_clusters: Option<u64>) -> Result<Vec<f32>> {
    let (rows, columns) = (first.n_samples(), first.n_features());
    ensure!(
        columns == n_features && n_clusters == Some(rows),
        "--init: the file has {rows} rows of {columns} features, but {} clusters of {n_features} features need \
         one such row each",
        n_clusters.unwrap_or(rows)
    );
    let mut values = vec![0.0; usize::try_from(rows)? * columns];
    first.read(0, &mut values).map_err(anyhow::Error::from_boxed).context("--init")?;
    first.check_unchanged().context("--init")?;
    Ok(values)
}
