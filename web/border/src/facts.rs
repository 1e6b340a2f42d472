//! What clustering found, as JSON.

use clusterclip_core::kmeans::Clustering;
use serde::{Deserialize, Serialize};

/// All but the arrays.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Facts {
    /// Clusters, empty ones included.
    pub clusters: usize,
    /// Clustered documents.
    pub documents: u64,
    /// Features of a row.
    pub n_features: usize,
    /// Iterations done.
    pub iterations: u32,
    /// Sum of all scores; a string, for JSON numbers are no i64.
    pub objective: String,
    /// Mean of 1 − similarity.
    pub inertia: f64,
    /// Documents in each cluster.
    pub counts: Vec<u64>,
    /// What a person should know.
    pub warnings: Vec<String>,
    /// What did the work.
    pub device: String,
}

impl Facts {
    /// Takes the facts of a clustering of rows of `n_features` that `device` made.
    pub fn of(found: &Clustering, n_features: usize, device: String) -> Self {
        Self {
            clusters: found.counts.len(),
            documents: found.n_clustered,
            n_features,
            iterations: found.iterations,
            objective: found.objective.to_string(),
            inertia: found.inertia,
            counts: found.counts.clone(),
            warnings: found.warnings.clone(),
            device,
        }
    }

    /// As JSON.
    pub fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}
