//! Which weights an order has: what was asked, else what made the rows.

use clusterclip_core::named;
use clusterclip_core::sampler::{
    DENSITY_TEMPERATURE, EvenIn, Members, SIZE_TEMPERATURE, Strategy, Temperature, WeightRule,
};
use clusterclip_core::topics::{DEFAULT_GROUPS, MAX_DENSITY_CLUSTERS};

use super::basis::{Basis, compares};
use crate::error::SettingsError;
use crate::settings::{Weighting, WeightsFrom};
use crate::store::RowsOf;

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
    /// Settles what was not asked for; `None` for random, which has no weights.
    ///
    /// # Errors
    /// Weights that compare centroids, where there are none.
    pub(super) fn new(
        weighting: &Weighting,
        strategy: Strategy,
        basis: &Basis,
        members: &Members,
    ) -> Result<Option<Self>, SettingsError> {
        if strategy == Strategy::Random {
            return Ok(None);
        }
        let n_clusters = members.sizes().iter().filter(|&&size| size > 0).count() as u64;
        let (from, why) = match &weighting.from {
            Some(from) => (from.clone(), Why::Asked),
            None => {
                let why = why(strategy, basis, n_clusters);
                let rule = if why == Why::Meaning { WeightRule::Density } else { WeightRule::Equal };
                (WeightsFrom::Rule(rule), why)
            }
        };
        let rule = match from {
            WeightsFrom::Rule(rule) => Some(rule),
            WeightsFrom::File(_) => None,
        };
        if let (Some(rule @ (WeightRule::Density | WeightRule::Groups)), Basis::Labels { path, .. }) =
            (rule, basis)
        {
            return Err(SettingsError::NoCentroids { rule, path: path.clone() });
        }
        let temperature = match rule {
            Some(WeightRule::Size) => Some(weighting.temperature.unwrap_or(SIZE_TEMPERATURE)),
            Some(WeightRule::Density) => Some(weighting.temperature.unwrap_or(DENSITY_TEMPERATURE)),
            _ => None,
        };
        let groups = (rule == Some(WeightRule::Groups))
            .then(|| weighting.groups.unwrap_or(DEFAULT_GROUPS.min(n_clusters)));
        Ok(Some(Self { from, temperature, groups, even_in: weighting.even_in, why }))
    }

    /// What they are called in manifests: a rule, or `file`.
    pub fn name(&self) -> &'static str {
        match &self.from {
            WeightsFrom::Rule(rule) => rule.name(),
            WeightsFrom::File(_) => "file",
        }
    }

    /// Whether they are computed from how alike clusters are.
    pub fn compares(&self) -> bool {
        compares(&self.from)
    }
}

/// Why weights that nobody asked for are by density ([`Why::Meaning`]) or equal.
fn why(strategy: Strategy, basis: &Basis, n_clusters: u64) -> Why {
    let rows = match basis {
        _ if !matches!(strategy, Strategy::ClusterClip | Strategy::Unimax) => return Why::Strategy,
        Basis::Labels { .. } => return Why::Labels,
        Basis::Compared { rows, .. } => *rows,
    };
    match rows {
        None => Why::Unknown,
        Some(RowsOf::Lexical) => Why::Lexical,
        _ if n_clusters > MAX_DENSITY_CLUSTERS => Why::Many,
        _ => Why::Meaning,
    }
}
