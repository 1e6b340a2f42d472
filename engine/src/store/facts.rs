//! What finished stages say of their results.

use std::collections::BTreeMap;

use clusterclip_core::weighing::Topics;
use serde::{Deserialize, Serialize};

use super::values::Exact;

/// Files of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileCounts {
    /// Their bytes on disk.
    pub bytes: Exact<u64>,
    /// How many there are.
    pub count: Exact<u64>,
    /// The first of them, by name.
    pub first: Vec<String>,
}

/// The splits of a data set.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Splits {
    /// The one that was read, or `all`.
    pub read: String,
    /// All that there are.
    pub there: Vec<String>,
}

/// Documents by kind.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentCounts {
    /// Files that were read, by format.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub chosen: BTreeMap<String, FileCounts>,
    /// Documents whose text an earlier one has too.
    pub duplicates: Exact<u64>,
    /// Documents without features: they have no cluster and are never drawn.
    pub featureless: Exact<u64>,
    /// Files that were left out, by reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub left_out: BTreeMap<String, FileCounts>,
    /// All documents: rows of documents.parquet, of which bad records that were skipped, and repeated headers, are some.
    pub read: Exact<u64>,
    /// What of the files that are read is no document that can be drawn: blank lines, and with numbers and rows
    /// [`BAD_RECORDS`] and [`REPEATED_HEADERS`].
    pub skipped: BTreeMap<String, Exact<u64>>,
    /// Of folders with several splits, which was read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub splits: Vec<Splits>,
    /// What the text of records was made of, and in how many sources.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub taken: BTreeMap<String, Exact<u64>>,
    /// Tokens of all documents that were not skipped, where each has a count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<Exact<u64>>,
    /// Documents of which a model was given the beginning only; absent where there is no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub truncated: Option<Exact<u64>>,
}

/// What skipped records are called among what was skipped.
pub const BAD_RECORDS: &str = "bad_records";
/// What rows that name the columns again are called there.
pub const REPEATED_HEADERS: &str = "repeated_headers";

impl DocumentCounts {
    /// Records that were skipped, headers in the middle among them.
    pub fn skipped_records(&self) -> u64 {
        [BAD_RECORDS, REPEATED_HEADERS]
            .iter()
            .filter_map(|&kind| self.skipped.get(kind))
            .map(|count| count.0)
            .sum()
    }

    /// Documents that have no cluster, whatever the rows: featureless or skipped.
    pub fn left_out(&self) -> u64 {
        self.featureless.0 + self.skipped_records()
    }
}

/// What made the rows that were clustered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RowsOf {
    /// The lexical embedder: their directions are fitted to the corpus itself.
    Lexical,
    /// A model.
    Model,
    /// Another program.
    Given,
}

/// How far documents that joined clusters are from them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drift {
    /// The similarity that one in twenty of the documents falls short of which the clusters were made of.
    pub fifth_percentile: f64,
    /// Documents that joined and fall short of it.
    pub under: Exact<u64>,
}

/// What a finished stage says of its results.
#[derive(Debug, Clone, PartialEq)]
pub enum Facts {
    /// Of embed.
    Embedded {
        /// Documents by kind.
        documents: DocumentCounts,
    },
    /// Of cluster.
    Clustered {
        /// Clustered documents.
        n: u64,
        /// Clusters.
        k: u32,
        /// Components of a row.
        n_features: u32,
        /// K-Means iterations.
        iterations: u32,
        /// Sum of scores.
        objective: i64,
        /// Mean of 1 − similarity.
        inertia: f64,
        /// Documents in each cluster.
        counts: Vec<u64>,
        /// What made the rows.
        rows: RowsOf,
    },
    /// Of cluster, where documents joined clusters that were there.
    Joined {
        /// Clustered documents.
        n: u64,
        /// Clusters.
        k: u32,
        /// Components of a row.
        n_features: u32,
        /// Mean of 1 − similarity; `None` where no document has a cluster.
        inertia: Option<f64>,
        /// Documents in each cluster.
        counts: Vec<u64>,
        /// How far they are.
        drift: Drift,
        /// What made the rows.
        rows: RowsOf,
    },
    /// Of sample.
    Sampled {
        /// Length of the order.
        positions: u64,
        /// How many topics it has, where that can be told.
        topics: Option<Topics>,
    },
    /// Of export.
    Exported,
}
