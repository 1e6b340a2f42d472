//! In which order documents are drawn: the names that options take.

use serde::{Deserialize, Serialize};

use crate::named;

/// In which order clusters and documents are drawn.
///
/// ```
/// use clusterclip_core::sampler::Strategy;
/// assert_eq!("g2s".parse::<Strategy>()?, Strategy::GeneralToSpecific);
/// assert_eq!(Strategy::default().to_string(), "cluster-clip");
/// # Ok::<(), clusterclip_core::named::UnknownName>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strategy {
    /// Visits every cluster evenly and lets a cluster go once each of its documents was drawn `clip` times.
    #[default]
    ClusterClip,
    /// Visits every cluster evenly, without a clip and without an end.
    Uniform,
    /// Draws what [`Strategy::ClusterClip`] draws within its budget, in the same mix from the first position to the
    /// last (UniMax, arXiv 2304.09151).
    Unimax,
    /// Draws all clustered documents in keyed random epochs, whatever their cluster.
    Random,
    /// General to specific: each document once, small clusters run out first.
    #[serde(rename = "g2s")]
    GeneralToSpecific,
    /// Specific to general: the exact reverse of [`Strategy::GeneralToSpecific`] of the same budget.
    #[serde(rename = "s2g")]
    SpecificToGeneral,
}

/// How the cluster of a draw is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Choice {
    /// Every active cluster once a round, in a fresh random order.
    #[default]
    Stratified,
    /// A uniform choice among the active clusters at every position (the paper's wording).
    Independent,
}

/// Where the weights of clusters come from, unless they are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WeightRule {
    /// The same for every cluster (the paper's).
    #[default]
    Equal,
    /// By the number of documents, softened: [`super::Weights::by_size`].
    Size,
    /// By how much room there is around a centroid: [`crate::topics::Kernel::weights`].
    Density,
    /// The same for each group of clusters that are alike: [`crate::topics::Groups::weights`].
    Groups,
}

/// What weights share out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EvenIn {
    /// Draws.
    #[default]
    Documents,
    /// The tokens of what is drawn: [`super::Weights::even_in_tokens`].
    Tokens,
}

/// In which order a cluster's epoch takes its documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Within {
    /// Each epoch in a random order of its own.
    #[default]
    Shuffled,
    /// Every epoch from the highest score to the lowest: [`super::Members::sort_by_score`].
    Score,
}

/// What happens when every document has been drawn `clip` times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WhenExhausted {
    /// A budget beyond that is an error.
    #[default]
    Error,
    /// One further pass over all documents for each clip more.
    RaiseClip,
}

named!(
    Strategy of Strategy:
    ClusterClip = "cluster-clip",
    Uniform = "uniform",
    Unimax = "unimax",
    Random = "random",
    GeneralToSpecific = "g2s",
    SpecificToGeneral = "s2g",
);
named!(Choice of Choice: Stratified = "stratified", Independent = "independent");
named!(
    WeightRule of Weights:
    Equal = "equal",
    Size = "size",
    Density = "density",
    Groups = "groups",
);
named!(EvenIn of EvenIn: Documents = "documents", Tokens = "tokens");
named!(Within of Within: Shuffled = "shuffled", Score = "score");
named!(WhenExhausted of WhenExhausted: Error = "error", RaiseClip = "raise-clip");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back_as_their_variants() {
        for name in Strategy::NAMES {
            assert_eq!(name.parse::<Strategy>().unwrap().to_string(), *name);
            let json = format!("\"{name}\"");
            assert_eq!(serde_json::from_str::<Strategy>(&json).unwrap().name(), *name);
        }
        for name in Choice::NAMES {
            assert_eq!(name.parse::<Choice>().unwrap().to_string(), *name);
        }
        for name in WhenExhausted::NAMES {
            assert_eq!(name.parse::<WhenExhausted>().unwrap().to_string(), *name);
        }
    }

    #[test]
    fn an_unknown_name_is_told_with_the_known_ones() {
        let message = "Random".parse::<Strategy>().unwrap_err().to_string();
        assert_eq!(
            message,
            "strategy Random: unknown; use cluster-clip, uniform, unimax, random, g2s or s2g"
        );
    }
}
