//! The facts of a summary. Their names are the keys of the JSON object and stay as they are.

use std::collections::BTreeMap;

use clusterclip_core::weighing::Topics;
use clusterclip_engine::settings::Noise;
use clusterclip_engine::store::{Exact, GpuUse, Splits};
use clusterclip_engine::tasks::GivenLabels;
use serde::Serialize;

/// Everything that a command has to say.
#[derive(Debug, Serialize)]
pub struct Summary {
    /// The folder of the results.
    pub out: String,
    /// What was read; of `embed` and `run`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub documents: Option<Documents>,
    /// What a file of labels has; of `sample`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<Labels>,
    /// What was found; of `cluster` and `run`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clusters: Option<Clusters>,
    /// What was joined; of `join`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub joined: Option<Joined>,
    /// What is drawn; of `sample` and `run`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<Order>,
    /// The largest clusters, the largest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub largest: Vec<Cluster>,
    /// The smallest clusters that are not empty and not among the largest, the smallest last.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub smallest: Vec<Cluster>,
    /// The clusters that weights by density or groups raise most, the most first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub raised: Vec<Cluster>,
    /// The stages of the command, and whether their results were there already.
    pub stages: Vec<Stage>,
    /// How long each step took.
    pub steps: Vec<Step>,
    /// How long the command took so far.
    pub seconds: f64,
    /// What it ran on.
    pub device: String,
    /// The kernel of K-Means on the CPU, or the plan on a GPU: inner loop and tile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kernel: Option<String>,
    /// How the GPU was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gpu: Option<GpuUse>,
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
    /// Documents read, each with a number; bad records that were skipped are among them.
    pub read: u64,
    /// Documents whose text an earlier one has too.
    pub duplicates: u64,
    /// Documents without features.
    pub featureless: u64,
    /// Tokens of all documents, where each has a count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens: Option<u64>,
    /// Documents of which a model was given the beginning only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub truncated: Option<u64>,
    /// What of the files that were read is no document that can be drawn, by kind; of these `bad_records` and
    /// `repeated_headers` alone are documents.
    pub skipped: BTreeMap<String, u64>,
    /// What the text of records was made of, and in how many sources.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub taken: BTreeMap<String, u64>,
    /// The files that were read, by format.
    pub chosen: BTreeMap<String, Files>,
    /// The files that were left out, by kind.
    pub left_out: BTreeMap<String, Files>,
    /// Of folders with several splits, which was read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub splits: Vec<Splits>,
}

/// Files of one kind.
#[derive(Debug, Serialize)]
pub struct Files {
    /// How many there are.
    pub count: u64,
    /// Their bytes on disk.
    pub bytes: u64,
    /// The first of them, by name.
    pub first: Vec<String>,
}

/// What a file of labels has.
#[derive(Debug, Serialize)]
pub struct Labels {
    /// Rows, also those that its column `document` passes over.
    pub rows: u64,
    /// Rows whose label is noise.
    pub noise: u64,
    /// Whether noise is a cluster.
    pub noise_is_cluster: bool,
    /// Rows that it says nothing of.
    pub absent: u64,
}

impl Labels {
    /// What there is of `labels`, of whose noise becomes this.
    pub fn of(labels: &GivenLabels, noise: Option<Noise>) -> Self {
        let GivenLabels { rows, noise: count, absent, .. } = *labels;
        Self { rows, noise: count, noise_is_cluster: noise == Some(Noise::OneCluster), absent }
    }
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
    /// Sum of the scores, as a string.
    pub objective: Exact<i64>,
    /// Mean of 1 − similarity.
    pub inertia: f64,
}

/// What was joined.
#[derive(Debug, Serialize)]
pub struct Joined {
    /// Documents that joined a cluster.
    pub documents: u64,
    /// Clusters.
    pub clusters: u64,
    /// Clusters that no document joined.
    pub empty: u64,
    /// Mean of 1 − similarity; `None` where nothing joined.
    pub inertia: Option<f64>,
    /// The similarity that one in twenty of the earlier documents falls short of.
    pub fifth_percentile: f64,
    /// Documents that joined and fall short of it.
    pub under: u64,
}

/// What is drawn.
#[derive(Debug, Serialize)]
pub struct Order {
    /// `--strategy`.
    pub strategy: &'static str,
    /// `--choice`.
    pub choice: &'static str,
    /// `--within`.
    pub within: &'static str,
    /// The clip in force.
    pub clip: Option<u64>,
    /// `--seed`, as a string: JSON readers hold numbers as f64.
    pub seed: Exact<u64>,
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
    pub share: Option<Share>,
    /// Which share of the draws each cluster gets; not of random.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weights: Option<Weights>,
    /// Whether the clip takes a cluster out within the budget; with unimax, draws from one.
    pub clip_acts: bool,
    /// Clusters taken out.
    pub clipped_clusters: u64,
    /// Their documents.
    pub clipped_documents: u64,
    /// The first position at which a cluster is out; with unimax there is none.
    pub first_clip: Option<u64>,
    /// Whether clusters have clips of their own.
    pub own_clips: bool,
    /// Positions at the end for which the clip was raised.
    pub raised_positions: u64,
    /// Whether the figures are expectations.
    pub expected: bool,
    /// Share of the documents that are drawn.
    pub coverage: f64,
    /// exp of the entropy of the clusters' shares.
    pub effective_clusters: f64,
    /// The same of the strategy `random` at this budget.
    pub random: Random,
    /// How many topics that have nothing in common would be as diverse, where rows carry meaning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topics: Option<Topics>,
    /// What it comes to in tokens, where all documents have counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_tokens: Option<InTokens>,
}

/// Which share of the draws each cluster gets.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Weights {
    /// `equal`, `size`, `density`, `groups` or `file`.
    pub rule: &'static str,
    /// The file that lists them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// `--temperature`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// `--groups`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<u64>,
    /// `--even-in`.
    pub even_in: &'static str,
    /// Why it is these: `asked`, or what decided.
    pub why: &'static str,
    /// Clusters that a weight of 0 leaves out.
    pub left_out_clusters: u64,
    /// Their documents.
    pub left_out_documents: u64,
}

/// The draws, weighed by tokens.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct InTokens {
    /// Tokens drawn, expected from the mean of each cluster.
    pub tokens: f64,
    /// exp of the entropy of the clusters' shares of these tokens.
    pub effective_clusters: f64,
    /// The same of the strategy `random` at this budget.
    pub random_effective_clusters: f64,
}

/// One trainer of several.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Share {
    /// `--rank`.
    pub rank: u64,
    /// `--world-size`.
    pub world_size: u64,
    /// Positions at the end of the order that `--drop-last` cuts off, for all ranks together.
    pub dropped: u64,
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
    /// Its weight, 1 on average; not where all are equal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<f64>,
    /// Draws from it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draws: Option<f64>,
    /// Draws for each of its documents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epochs: Option<f64>,
    /// Words that mark it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// The id of a document from its middle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub example: Option<String>,
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
