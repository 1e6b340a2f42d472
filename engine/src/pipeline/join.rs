//! Later rows join old clusters: the files of [`cluster`](super::cluster), but for the clusters themselves.

use clusterclip_core::kmeans::{Centroids, KMeansError, Similarities, VERSION};
use clusterclip_core::monitor::{Event, Stage};
use clusterclip_core::rows::RowSource as _;

use super::Work;
use super::cluster::{Clustered, Source, left_out, write_labels};
use crate::device::Chosen;
use crate::error::{Error, Result, SettingsError};
use crate::human::{counted, percent};
use crate::input::embeddings::NpyRows;
use crate::store::{
    ASSIGNMENTS, CENTROIDS, CLUSTERS, Decision, Drift, Exact, Facts, OutDir, Request, Results, StageName,
    StageTimer, hex,
};

/// One in so many of the old documents falls short of the similarity that new ones are held against.
const FAR: usize = 20;

/// The clusters of a folder, for documents that come later.
pub struct OldClusters {
    centroids: Centroids,
    /// Unit-norm, (n_clusters, n_features).
    unit: Vec<f32>,
    /// One in [`FAR`] of the old documents is less similar to its cluster.
    threshold: f32,
    /// The files that decide what joins what, and their hashes.
    files: Vec<(&'static str, String)>,
}

impl OldClusters {
    /// Opens the clusters of a folder whose documents they were made of.
    ///
    /// # Errors
    /// A folder without clusters, or with those of another; files that are damaged or cannot be read.
    pub fn open(work: Work<'_>, results: &Results) -> Result<Self> {
        const NAMES: [&str; 3] = [CLUSTERS, CENTROIDS, ASSIGNMENTS];
        let record = results.require_files(StageName::Cluster, &NAMES, work.monitor)?;
        let hash = |name| Some((name, record.files.get(name)?.hash.clone()));
        let files: Vec<_> = NAMES.into_iter().filter_map(hash).collect();
        if files.len() < NAMES.len() {
            return Err(SettingsError::ClustersElsewhere { path: results.path().to_owned() }.into());
        }
        let unit = NpyRows::open(&results.file(CENTROIDS))?.all()?;
        let threshold = fifth_percentile(results.similarities(work.monitor)?);
        Ok(Self { centroids: results.centroids()?, unit, threshold, files })
    }
}

/// The similarity that one in [`FAR`] falls short of.
fn fifth_percentile(mut similarities: Vec<f32>) -> f32 {
    let place = similarities.len() / FAR;
    match similarities.len() {
        0 => 0.0,
        _ => *similarities.select_nth_unstable_by(place, f32::total_cmp).1,
    }
}

/// Gives the rows of `source` the clusters of `old` that K-Means itself would give them, or finds their labels.
pub fn join(
    work: Work<'_>,
    out: &mut OutDir,
    source: Source<'_>,
    old: &OldClusters,
    device: &Chosen,
) -> Result<Clustered> {
    let (left_out, zero) = left_out(&source, work)?;
    let mut request = Request::new(StageName::Cluster, VERSION);
    for (name, hash) in &old.files {
        request = request.input(name, hash);
    }
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
    let mut warnings = work.warn(zero.into_iter().collect());
    let located = |error: Error| match error.downcast_ref::<KMeansError>() {
        Some(KMeansError::Row { .. } | KMeansError::Features(_) | KMeansError::OtherFeatures { .. }) => {
            error.at(source.rows.path().display().to_string())
        }
        _ => error,
    };
    let joined = device.join(source.rows, left_out.as_deref(), &old.centroids, work);
    let (labels, machine) = joined.map_err(located)?;
    let stage = Stage::Finish;
    work.monitor.emit(Event::Started { stage, total: Some(source.rows.n_samples()), unit: "rows" });
    let similarities = Similarities::of(source.rows, &labels, &old.unit, work.monitor)?;
    work.monitor.emit(Event::Finished { stage });

    let mut counts = vec![0u64; old.centroids.n_clusters()];
    let mut under = 0;
    for (&label, &similarity) in labels.iter().zip(&similarities.values) {
        if let Ok(cluster) = usize::try_from(label) {
            counts[cluster] += 1;
            under += u64::from(similarity < old.threshold);
        }
    }
    let n: u64 = counts.iter().sum();
    warnings.extend(work.warn(drifted(under, n)));
    let n_clusters = counts.len() as u64;
    let files = write_labels(work, out, source.documents, &labels, &similarities.values, n_clusters)?;
    let facts = Facts::Joined {
        n,
        k: n_clusters as u32,
        n_features: source.rows.n_features() as u32,
        inertia: (n > 0).then(|| similarities.inertia()),
        counts,
        drift: Drift { fifth_percentile: old.threshold.into(), under: Exact(under) },
        rows: source.rows_of,
    };
    // Labels and hash must be of the same rows.
    source.rows.check_unchanged()?;
    let work = Work { machine: &machine, ..work };
    work.commit(out, &request, files.into(), facts, warnings, timer)?;
    Ok(Clustered { labels, key, machine: Some(machine) })
}

/// What is to be said where twice as many documents as of old are far from their clusters.
fn drifted(under: u64, n: u64) -> Vec<String> {
    if under * FAR as u64 <= 2 * n {
        return Vec::new();
    }
    let share = percent(under as f64 / n as f64);
    vec![format!(
        "{under} of {} ({share}) joined a cluster to which they are less similar than 95% of the documents that it was made \
         of: it may be time to cluster all documents anew",
        counted(n, "document")
    )]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_in_twenty_falls_short_of_the_fifth_percentile() {
        let values: Vec<f32> = (0..100).map(|i| ((i * 37) % 100) as f32 / 100.0).collect();
        let threshold = fifth_percentile(values.clone());
        assert_eq!(values.iter().filter(|&&value| value < threshold).count(), 5);
        assert_eq!((fifth_percentile(vec![0.5]), fifth_percentile(Vec::new())), (0.5, 0.0));
    }

    #[test]
    fn drift_is_told_from_twice_the_share_of_old_on() {
        assert!(drifted(0, 0).is_empty() && drifted(10, 100).is_empty());
        assert!(drifted(11, 100)[0].starts_with("11 of 100 documents (11"), "{:?}", drifted(11, 100));
    }
}
