//! Which weights an order has: what was asked, else what made the rows.

use super::{Compared, Weighting, WeightsFrom};
use crate::monitor::Monitor;
use crate::named;
use crate::sampler::{
    DENSITY_TEMPERATURE, EvenIn, SIZE_TEMPERATURE, Strategy, Temperature, WeightRule, Weights,
};
use crate::topics::{DEFAULT_GROUPS, Groups, MAX_DENSITY_CLUSTERS, TopicsError};

/// What the places of centroids can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Geometry {
    /// There are none: labels alone.
    Labels,
    /// They lie in another folder, whose clusters these documents joined.
    Elsewhere,
    /// It is not known what made the rows.
    Unknown,
    /// The rows are fitted to the mass of the corpus: their geometry does not tell topics apart.
    Lexical,
    /// The geometry comes from outside of the corpus: from a model, or whoever gave the rows.
    Meaning,
}

/// Why an order has the weights that it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Why {
    /// They were asked for.
    Asked,
    /// The strategy has others only where they are asked for.
    Strategy,
    /// Labels alone have no centroids to compare.
    Labels,
    /// The centroids lie in the folder whose clusters the documents joined.
    Elsewhere,
    /// Lexical rows are fitted to the mass of the corpus: their geometry does not tell topics apart.
    Lexical,
    /// It is not known what made the rows.
    Unknown,
    /// There are too many clusters to compare.
    Many,
    /// The rows carry meaning.
    Meaning,
}

named!(
    Why:
    Asked = "asked",
    Strategy = "strategy",
    Labels = "labels",
    Elsewhere = "elsewhere",
    Lexical = "lexical",
    Unknown = "unknown",
    Many = "many",
    Meaning = "meaning",
);

/// Which weights an order has, with all that decides them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weighed {
    /// Where they come from.
    pub from: WeightsFrom,
    /// The temperature, with weights that have one.
    pub temperature: Option<Temperature>,
    /// How many groups share evenly, with weights by groups.
    pub groups: Option<u64>,
    /// What they share out.
    pub even_in: EvenIn,
    /// Why they are these.
    pub why: Why,
}

impl Weighed {
    /// Settles what was not asked for; `None` for random, which has no weights. `n_clusters` are those that have
    /// documents.
    pub fn new(
        weighting: &Weighting,
        strategy: Strategy,
        geometry: Geometry,
        n_clusters: u64,
    ) -> Option<Self> {
        if strategy == Strategy::Random {
            return None;
        }
        let (from, why) = match &weighting.from {
            Some(from) => (from.clone(), Why::Asked),
            None => {
                let why = why(strategy, geometry, n_clusters);
                let rule = if why == Why::Meaning { WeightRule::Density } else { WeightRule::Equal };
                (WeightsFrom::Rule(rule), why)
            }
        };
        let rule = from.rule();
        let temperature = match rule {
            Some(WeightRule::Size) => Some(weighting.temperature.unwrap_or(SIZE_TEMPERATURE)),
            Some(WeightRule::Density) => Some(weighting.temperature.unwrap_or(DENSITY_TEMPERATURE)),
            _ => None,
        };
        let groups = (rule == Some(WeightRule::Groups))
            .then(|| weighting.groups.unwrap_or(DEFAULT_GROUPS.min(n_clusters)));
        Some(Self { from, temperature, groups, even_in: weighting.even_in, why })
    }

    /// What they are called in manifests: a rule, or `file`.
    pub fn name(&self) -> &'static str {
        self.from.rule().map_or("file", WeightRule::name)
    }

    /// Whether they are computed from how alike clusters are.
    pub fn compares(&self) -> bool {
        self.from.compares()
    }

    /// Computes them for clusters of these sizes, (n_clusters,), before they are made even in tokens; gives the groups
    /// that they are by too, if they are. `listed` are those of a list, `compared` is needed where
    /// [`Weighed::compares`].
    ///
    /// # Errors
    /// What cannot be compared or joined to groups; cancelled.
    pub fn weights(
        &self,
        sizes: &[u64],
        listed: Option<Weights>,
        compared: Option<&mut Compared>,
        monitor: &Monitor<'_>,
    ) -> Result<(Weights, Option<Groups>), TopicsError> {
        let weights = match (self.from.rule(), compared) {
            (None, _) => listed.unwrap_or(Weights::EQUAL),
            (Some(WeightRule::Size), _) => {
                Weights::by_size(sizes, self.temperature.unwrap_or(SIZE_TEMPERATURE))
            }
            (Some(WeightRule::Density), Some(compared)) => {
                compared.density(self.temperature.unwrap_or(DENSITY_TEMPERATURE), monitor)?
            }
            (Some(WeightRule::Groups), Some(compared)) => {
                let groups = compared.groups(self.groups, monitor)?;
                return Ok((groups.weights(), Some(groups)));
            }
            _ => Weights::EQUAL,
        };
        Ok((weights, None))
    }
}

/// Why weights that nobody asked for are by density ([`Why::Meaning`]) or equal.
fn why(strategy: Strategy, geometry: Geometry, n_clusters: u64) -> Why {
    match geometry {
        _ if !matches!(strategy, Strategy::ClusterClip | Strategy::Unimax) => Why::Strategy,
        Geometry::Labels => Why::Labels,
        Geometry::Elsewhere => Why::Elsewhere,
        Geometry::Unknown => Why::Unknown,
        Geometry::Lexical => Why::Lexical,
        Geometry::Meaning if n_clusters > MAX_DENSITY_CLUSTERS => Why::Many,
        Geometry::Meaning => Why::Meaning,
    }
}
