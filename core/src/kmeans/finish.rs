//! What is saved: centroids, similarities, inertia (SPEC.md, 1.7). Threads split components or rows, never a
//! sum, so that every sum has one order.

use super::params::KMeansError;
use super::quantize::unit;
use super::room;
use super::source::{Block, Rows};
use crate::monitor::{Event, Monitor, Stage};
use crate::par;
use crate::rows::RowSource;

/// Components that one thread sums.
const STRIPE: usize = 32;

/// Rows that one thread takes at a time, and of which it sums this many at once: the additions of one row wait
/// for each other, those of different rows do not.
const CHUNK: usize = 64;
const TOGETHER: usize = 8;

/// From this mean cosine on, rounding begins to cost quality (a ratio of 1.05 to f32 at 0.9995).
const ALIKE: f64 = 0.97;

/// See [`finish`].
pub(super) struct Finished {
    pub centroids: Vec<f32>,
    pub similarity: Vec<f32>,
    pub inertia: f64,
    pub counts: Vec<u64>,
    /// Mean cosine of all pairs of different rows; `None` for a single row.
    pub mean_cosine: Option<f64>,
}

/// Reads the rows twice more: for the centroids, and for the similarities with them.
pub(super) fn finish<S: RowSource>(
    rows: &Rows<'_, S>,
    n_features: usize,
    n_clusters: usize,
    labels: &[i32],
    monitor: &Monitor<'_>,
) -> Result<Finished, KMeansError> {
    monitor.emit(Event::Started { stage: Stage::Finish, total: Some(labels.len() as u64), unit: "rows" });
    let mut units = Vec::new();
    // Each row is read twice: after half of the reads, half of the rows are done.
    let mut reads = 0;
    let mut progress = |block: &Block<'_>| {
        reads += (block.values.len() / n_features) as u64;
        monitor.emit(Event::Progress { stage: Stage::Finish, done: reads / 2 });
    };

    let mut counts = vec![0u64; n_clusters];
    // Shape (stripes, n_clusters, STRIPE).
    let no_room = || room::none(n_clusters, n_features);
    let columns = n_features.next_multiple_of(STRIPE);
    let mut sums: Vec<f64> = room::zeros(n_clusters, columns).ok_or_else(no_room)?;
    rows.for_each_block(monitor, |block| {
        let labelled = labelled(&block, n_features, labels);
        to_units(&block, &labelled, n_features, &mut units)?;
        for &(_, cluster) in &labelled {
            counts[cluster] += 1;
        }
        par::map_chunks_mut(&mut sums, n_clusters * STRIPE, |stripe, sums| {
            let from = stripe * STRIPE;
            let width = STRIPE.min(n_features - from);
            for (row, &(_, cluster)) in units.chunks_exact(n_features).zip(&labelled) {
                let sums = &mut sums[cluster * STRIPE..][..width];
                for (sum, &u) in sums.iter_mut().zip(&row[from..from + width]) {
                    *sum += f64::from(u);
                }
            }
        });
        progress(&block);
        Ok(())
    })?;

    let mean_cosine = mean_cosine(&sums, n_features, n_clusters, counts.iter().sum());
    let mut centroids: Vec<f32> = room::zeros(n_clusters, n_features).ok_or_else(no_room)?;
    par::map_chunks_mut(&mut centroids, n_features, |cluster, out| {
        let sum = |j: usize| sums[((j / STRIPE) * n_clusters + cluster) * STRIPE + j % STRIPE];
        let mut squares = 0.0f64;
        for j in 0..n_features {
            squares += sum(j) * sum(j);
        }
        if squares > 0.0 {
            let norm = squares.sqrt();
            for (j, c) in out.iter_mut().enumerate() {
                *c = (sum(j) / norm) as f32;
            }
        }
    });
    drop(sums);

    let mut similarity = vec![0.0f32; labels.len()];
    let mut distance = 0.0f64;
    rows.for_each_block(monitor, |block| {
        let labelled = labelled(&block, n_features, labels);
        to_units(&block, &labelled, n_features, &mut units)?;
        let chunks = par::map(labelled.len().div_ceil(CHUNK), |chunk| {
            let labelled = labelled[chunk * CHUNK..].iter().take(CHUNK).map(|&(_, cluster)| cluster);
            cosines(&units[chunk * CHUNK * n_features..], &centroids, n_features, labelled)
        });
        for (&(place, _), cosine) in labelled.iter().zip(chunks.into_iter().flatten()) {
            similarity[block.start as usize + place] = cosine;
            distance += 1.0 - f64::from(cosine);
        }
        progress(&block);
        Ok(())
    })?;
    monitor.emit(Event::Finished { stage: Stage::Finish });
    let inertia = distance / counts.iter().sum::<u64>() as f64;
    Ok(Finished { centroids, similarity, inertia, counts, mean_cosine })
}

/// Warns of rows that are so alike that the embedder should be looked at first.
pub(super) fn alike(mean_cosine: Option<f64>) -> Option<String> {
    mean_cosine.filter(|&cosine| cosine >= ALIKE).map(|cosine| {
        format!(
            "the mean cosine of the rows is {cosine:.4}: from {ALIKE} on they are so alike that clusters lose \
             precision; subtract the mean of the embeddings, or take another embedder"
        )
    })
}

/// Places in the block of the rows that have a cluster, with it.
fn labelled(block: &Block<'_>, n_features: usize, labels: &[i32]) -> Vec<(usize, usize)> {
    let labels = &labels[block.start as usize..];
    block.clustered(n_features).into_iter().map(|place| (place, labels[place] as usize)).collect()
}

/// u of SPEC.md, 1.1, of all labelled rows.
fn to_units(
    block: &Block<'_>,
    labelled: &[(usize, usize)],
    n_features: usize,
    units: &mut Vec<f32>,
) -> Result<(), KMeansError> {
    units.resize(labelled.len() * n_features, 0.0);
    let chunks = par::map_chunks_mut(units, CHUNK * n_features, |chunk, out| {
        let places = labelled[chunk * CHUNK..].iter().map(|&(place, _)| place);
        places.zip(out.chunks_exact_mut(n_features)).try_for_each(|(place, out)| {
            unit(&block.values[place * n_features..][..n_features], out)
                .map_err(|error| KMeansError::Row { row: block.start + place as u64, error })
        })
    });
    chunks.into_iter().collect()
}

/// Cosines of consecutive unit rows with the centroids of their clusters.
fn cosines(
    units: &[f32],
    centroids: &[f32],
    n_features: usize,
    clusters: impl Iterator<Item = usize>,
) -> Vec<f32> {
    let clusters: Vec<usize> = clusters.collect();
    let mut out = Vec::with_capacity(clusters.len());
    for (group, units) in clusters.chunks(TOGETHER).zip(units.chunks(TOGETHER * n_features)) {
        // A short last group repeats its last row.
        let place = |i: usize| i.min(group.len() - 1);
        let rows: [&[f32]; TOGETHER] = std::array::from_fn(|i| &units[place(i) * n_features..][..n_features]);
        let centres: [&[f32]; TOGETHER] =
            std::array::from_fn(|i| &centroids[group[place(i)] * n_features..][..n_features]);
        let mut sums = [0.0f64; TOGETHER];
        for j in 0..n_features {
            for i in 0..TOGETHER {
                sums[i] += f64::from(rows[i][j]) * f64::from(centres[i][j]);
            }
        }
        out.extend(sums[..group.len()].iter().map(|&sum| sum as f32));
    }
    out
}

/// Mean cosine of all pairs of different rows: the squared norm of the sum of n unit rows is n plus twice the
/// sum over pairs.
fn mean_cosine(sums: &[f64], n_features: usize, n_clusters: usize, n: u64) -> Option<f64> {
    if n < 2 {
        return None;
    }
    let mut squares = 0.0f64;
    for j in 0..n_features {
        let stripe = &sums[(j / STRIPE) * n_clusters * STRIPE..];
        let mut total = 0.0f64;
        for cluster in 0..n_clusters {
            total += stripe[cluster * STRIPE + j % STRIPE];
        }
        squares += total * total;
    }
    let n = n as f64;
    Some((squares - n) / (n * (n - 1.0)))
}
