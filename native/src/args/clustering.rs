//! How rows are grouped.

use clap::Args;

use clusterclip_engine::settings::{ClusterSettings, Init};

use super::values;

/// How rows are grouped.
#[derive(Debug, Args)]
#[command(next_help_heading = "Clustering")]
pub struct ClusteringArgs {
    /// How many clusters (default: the square root of the number of documents, at most 2000)
    #[arg(long, value_name = "K", value_parser = values::clusters, allow_negative_numbers = true)]
    pub clusters: Option<u64>,
    /// Where the clusters start: `random`, `k-means++`, or a .npy with one row a cluster
    #[arg(long, value_name = "INIT", default_value = "random", value_parser = values::init)]
    pub init: Init,
    /// Stop after so many iterations at the latest
    #[arg(long, value_name = "N", default_value_t = 300, value_parser = values::max_iterations, allow_negative_numbers = true)]
    pub max_iterations: u32,
    /// Stop when an iteration gains less than this share of what is left to gain; 0: only when no row moves
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, value_parser = values::tolerance, allow_negative_numbers = true)]
    pub tolerance: f64,
}

impl ClusteringArgs {
    /// What the stage is asked for.
    pub fn settings(&self, seed: u64) -> ClusterSettings {
        ClusterSettings {
            clusters: self.clusters,
            init: self.init.clone(),
            max_iterations: self.max_iterations,
            tolerance: self.tolerance,
            seed,
        }
    }
}
