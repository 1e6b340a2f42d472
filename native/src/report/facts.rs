//! The facts of a report. Their names are the keys of the JSON object and stay as they are.

use std::collections::BTreeMap;

use clusterclip_core::sampler::{Exposure, Members, Sampler, Strategy};
use serde::Serialize;

use crate::pipeline::Work;
use crate::pipeline::sample::{Plan, Sampled};
use crate::progress;
use crate::store::{Exact, MANIFEST, RUN, Results, StageName};

/// Clusters shown at either end.
const SHOWN: usize = 5;

/// Everything that a command has to say.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The folder of the results.
    pub out: String,
    /// What was read; of `embed` and `run`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub documents: Option<Documents>,
    /// What was found; of `cluster` and `run`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clusters: Option<Clusters>,
    /// What is drawn; of `sample` and `run`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<Order>,
    /// The largest clusters, the largest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub largest: Vec<Cluster>,
    /// The smallest clusters that are not empty and not among the largest, the smallest last.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub smallest: Vec<Cluster>,
    /// The stages of the command, and whether their results were there already.
    pub stages: Vec<Stage>,
    /// How long each step took.
    pub steps: Vec<Step>,
    /// How long the command took so far.
    pub seconds: f64,
    /// What it ran on.
    pub device: String,
    /// The kernel of K-Means.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kernel: Option<String>,
    /// Threads.
    pub threads: usize,
    /// The files in the folder.
    pub files: Vec<File>,
    /// What a person should know.
    pub warnings: Vec<String>,
}

/// What was read.
#[derive(Debug, Serialize)]
pub struct Documents {
    /// Documents read.
    pub read: u64,
    /// Documents whose text an earlier one has too.
    pub duplicates: u64,
    /// Documents without features.
    pub featureless: u64,
    /// What was left out, by kind.
    pub skipped: BTreeMap<String, u64>,
}

/// What was found.
#[derive(Debug, Serialize)]
pub struct Clusters {
    /// Clustered documents.
    pub documents: u64,
    /// Clusters.
    pub clusters: u64,
    /// Clusters without a document.
    pub empty: u64,
    /// K-Means iterations.
    pub iterations: u32,
    /// Sum of the scores.
    pub objective: i64,
    /// Mean of 1 − similarity.
    pub inertia: f64,
}

/// What is drawn.
#[derive(Debug, Serialize)]
pub struct Order {
    /// `--strategy`.
    pub strategy: &'static str,
    /// `--choice`.
    pub choice: &'static str,
    /// The clip in force.
    pub clip: Option<u64>,
    /// `--seed`.
    pub seed: u64,
    /// Length of the order.
    pub draws: u64,
    /// Clustered documents.
    pub documents: u64,
    /// Clusters that are not empty.
    pub clusters: u64,
    /// Positions in order.npy: all, or one trainer's.
    pub positions: u64,
    /// Whose share was written, and of how many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rank: Option<(u64, u64)>,
    /// Whether the clip takes a cluster out within the budget.
    pub clip_acts: bool,
    /// Clusters taken out.
    pub clipped_clusters: u64,
    /// Their documents.
    pub clipped_documents: u64,
    /// The first position at which a cluster is out.
    pub first_clip: Option<u64>,
    /// Whether the figures are expectations.
    pub expected: bool,
    /// Share of the documents that are drawn.
    pub coverage: f64,
    /// exp of the entropy of the clusters' shares.
    pub effective_clusters: f64,
    /// The same of the strategy `random` at this budget.
    pub random: Random,
}

/// What drawing at random would give.
#[derive(Debug, Serialize)]
pub struct Random {
    /// Share of the documents that are drawn.
    pub coverage: f64,
    /// exp of the entropy of the clusters' shares.
    pub effective_clusters: f64,
}

/// A cluster that is shown.
#[derive(Debug, Serialize)]
pub struct Cluster {
    /// Its index.
    pub cluster: u32,
    /// What the file of labels calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Documents in it.
    pub documents: u64,
    /// Draws from it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draws: Option<f64>,
    /// Draws for each of its documents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epochs: Option<f64>,
    /// Words that mark it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
}

/// A stage of the command.
#[derive(Debug, Serialize)]
pub struct Stage {
    /// Its name.
    pub stage: &'static str,
    /// Whether its results were there already.
    pub reused: bool,
}

/// A step and its time.
#[derive(Debug, Serialize)]
pub struct Step {
    /// Its name.
    pub step: &'static str,
    /// How long it took.
    pub seconds: f64,
}

/// A file in the folder.
#[derive(Debug, Serialize)]
pub struct File {
    /// Its name.
    pub name: String,
    /// Its size.
    pub bytes: u64,
}

impl Report {
    /// Begins a report on a folder.
    pub fn new(work: Work<'_>, results: &Results) -> Self {
        let listed = results.manifest().stages.values().flat_map(|record| &record.files);
        let mut files: Vec<File> =
            listed.map(|(name, record)| File { name: name.clone(), bytes: record.bytes.0 }).collect();
        for name in [MANIFEST, RUN] {
            if let Ok(found) = results.file(name).metadata() {
                files.push(File { name: name.to_owned(), bytes: found.len() });
            }
        }
        files.sort_by(|a, b| a.name.cmp(&b.name));
        let times = work.progress.times().into_iter();
        Self {
            out: results.path().display().to_string(),
            documents: None,
            clusters: None,
            order: None,
            largest: Vec::new(),
            smallest: Vec::new(),
            stages: Vec::new(),
            steps: times
                .map(|(stage, time)| Step { step: progress::name(stage), seconds: time.as_secs_f64() })
                .collect(),
            seconds: work.progress.elapsed().as_secs_f64(),
            device: work.machine.device.clone(),
            kernel: work.machine.kernel.clone(),
            threads: work.machine.threads,
            files,
            warnings: work.progress.warnings(),
        }
    }

    /// Adds a stage.
    pub fn stage(&mut self, stage: StageName, reused: bool) {
        self.stages.push(Stage { stage: stage.as_str(), reused });
    }

    /// Adds what was read.
    pub fn embedded(&mut self, results: &Results) {
        self.documents = results.manifest().documents.as_ref().map(|counts| Documents {
            read: counts.read.0,
            duplicates: counts.duplicates.0,
            featureless: counts.featureless.0,
            skipped: counts.skipped.iter().map(|(kind, count)| (kind.clone(), count.0)).collect(),
        });
    }

    /// Adds what was found.
    pub fn clustered(&mut self, results: &Results) {
        let manifest = results.manifest();
        let Some(counts) = &manifest.counts else { return };
        self.clusters = Some(Clusters {
            documents: manifest.n.map_or(0, |n| n.0),
            clusters: counts.len() as u64,
            empty: counts.iter().filter(|count| count.0 == 0).count() as u64,
            iterations: manifest.iterations.unwrap_or(0),
            objective: manifest.objective.map_or(0, |objective| objective.0),
            inertia: manifest.inertia.unwrap_or(0.0),
        });
        let sizes = counts.iter().enumerate().filter(|(_, size)| size.0 > 0);
        self.show(sizes.map(|(cluster, &Exact(documents))| Cluster {
            cluster: cluster as u32,
            name: None,
            documents,
            draws: None,
            epochs: None,
            keywords: Vec::new(),
        }));
    }

    /// Adds what is drawn. `names` says what a file of labels calls its clusters.
    pub fn sampled(&mut self, members: &Members, plan: &Plan, done: &Sampled, names: Option<&[String]>) {
        let exposure = done.sampler.exposure();
        let options = done.sampler.options();
        let clipped = || exposure.clusters.iter().filter(|cluster| cluster.clip_position.is_some());
        self.order = Some(Order {
            strategy: options.strategy.name(),
            choice: options.choice.name(),
            clip: exposure.clip,
            seed: options.seed,
            draws: exposure.draws,
            documents: exposure.documents,
            clusters: exposure.clusters.len() as u64,
            positions: done.positions,
            rank: plan.rank.map(|rank| (rank.rank(), rank.world_size())),
            clip_acts: exposure.clip_acts,
            clipped_clusters: clipped().count() as u64,
            clipped_documents: clipped().map(|cluster| cluster.size).sum(),
            first_clip: clipped().filter_map(|cluster| cluster.clip_position).min(),
            expected: exposure.expected,
            coverage: exposure.coverage,
            effective_clusters: exposure.effective_clusters,
            random: random(members, plan, &exposure),
        });
        self.show(exposure.clusters.iter().map(|cluster| Cluster {
            cluster: cluster.cluster,
            name: names.and_then(|names| names.get(cluster.cluster as usize).cloned()),
            documents: cluster.size,
            draws: Some(cluster.draws),
            epochs: Some(cluster.epochs),
            keywords: Vec::new(),
        }));
    }

    /// The clusters that are shown.
    pub fn shown_clusters(&self) -> Vec<u32> {
        self.largest.iter().chain(&self.smallest).map(|cluster| cluster.cluster).collect()
    }

    /// Adds the words that mark the shown clusters.
    pub fn keywords(&mut self, clusters: &[u32], words: Vec<Vec<String>>) {
        let mut words: BTreeMap<u32, Vec<String>> = clusters.iter().copied().zip(words).collect();
        for cluster in self.largest.iter_mut().chain(&mut self.smallest) {
            cluster.keywords = words.remove(&cluster.cluster).unwrap_or_default();
        }
    }

    /// Takes the largest and the smallest of the clusters that are not empty; the lower index first on ties.
    fn show(&mut self, clusters: impl Iterator<Item = Cluster>) {
        let mut all: Vec<Cluster> = clusters.collect();
        all.sort_by_key(|cluster| (std::cmp::Reverse(cluster.documents), cluster.cluster));
        let rest = all.split_off(all.len().min(SHOWN));
        self.largest = all;
        let skip = rest.len().saturating_sub(SHOWN);
        self.smallest = rest.into_iter().skip(skip).collect();
    }
}

/// What drawing as many documents at random would give.
fn random(members: &Members, plan: &Plan, exposure: &Exposure) -> Random {
    use clusterclip_core::sampler::{Budget, Options};
    let options = Options {
        strategy: Strategy::Random,
        seed: plan.options.seed,
        budget: Budget::Documents(exposure.draws),
        ..Options::default()
    };
    // Random has no end, and this budget has passed the checks once.
    let same = Sampler::new(members.sizes(), options).map(|sampler| sampler.exposure());
    let found = same.as_ref().unwrap_or(exposure);
    Random { coverage: found.coverage, effective_clusters: found.effective_clusters }
}
