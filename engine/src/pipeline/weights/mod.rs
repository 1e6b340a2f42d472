//! Which weights an order has, from what a stage has: sizes, centroids, similarities, token counts, or a list.

mod basis;

pub use basis::Basis;

use clusterclip_core::error::Param;
use clusterclip_core::monitor::Monitor;
use clusterclip_core::sampler::{EvenIn, Members, Sampler, SamplerError, Strategy, Temperature, Weights};
use clusterclip_core::topics::{Groups, MAX_DENSITY_CLUSTERS};
use clusterclip_core::weighing::{Compared, Geometry, Topics, Weighed, Weighting, WeightsFrom};

use crate::error::{Result, SettingsError, Within as _};
use crate::input::labels::WeightsFile;
use crate::store::{Request, hex};

/// What weights are made of.
pub struct Weighing {
    basis: Basis,
    listed: Option<WeightsFile>,
    /// Which weights they are.
    pub weighed: Option<Weighed>,
}

impl Weighing {
    /// Settles which weights an order over `members` has. `listed` is the file that [`Weighting`] names.
    ///
    /// # Errors
    /// Weights that compare centroids, where there are none.
    pub fn new(
        weighting: &Weighting,
        strategy: Strategy,
        basis: Basis,
        members: &Members,
        listed: Option<WeightsFile>,
    ) -> Result<Self> {
        let n_clusters = members.sizes().iter().filter(|&&size| size > 0).count() as u64;
        let weighed = Weighed::new(weighting, strategy, basis.geometry(), n_clusters);
        let rule = weighed.as_ref().filter(|weighed| weighed.compares()).and_then(|it| it.from.rule());
        if let (Some(rule), Basis::Labels { path, .. }) = (rule, &basis) {
            return Err(SettingsError::NoCentroids { rule, path: path.clone() }.into());
        }
        Ok(Self { basis, listed, weighed })
    }

    /// Adds to a request what decides the weights.
    pub fn list(&self, request: Request) -> Request {
        let weighed = self.weighed.as_ref();
        let parameters = request.parameters.clone();
        let parameters = parameters
            .with("weights", weighed.map(Weighed::name))
            .with("temperature", weighed.and_then(|weighed| weighed.temperature).map(Temperature::get))
            .with("groups", weighed.and_then(|weighed| weighed.groups))
            .with("even-in", weighed.map(|weighed| weighed.even_in.name()));
        let request = request.parameters(parameters);
        match &self.listed {
            Some(listed) => request.input(Param::Weights.name(), &hex(listed.hash())),
            None => request,
        }
    }

    /// Makes an order: calls `sampler` with the weights, and counts the topics of what it makes, unless `known` says how
    /// many there are.
    pub fn weigh(
        &self,
        members: &mut Members,
        tokens: Option<&[Option<u32>]>,
        known: Option<Option<Topics>>,
        monitor: &Monitor<'_>,
        sampler: impl FnOnce(&mut Members, Weights) -> Result<Sampler>,
    ) -> Result<Weighted> {
        let counts = known.is_none() && self.tells_topics(members);
        let compares = self.weighed.as_ref().is_some_and(Weighed::compares);
        let mut compared = match &self.basis {
            Basis::Compared { found: Some((centroids, spread)), .. } if counts || compares => {
                Some(Compared::new(centroids, spread.clone(), members.sizes(), monitor)?)
            }
            _ => None,
        };
        let (weights, groups) = match &self.weighed {
            Some(weighed) => {
                weighed.weights(members.sizes(), self.listed(members)?, compared.as_mut(), monitor)?
            }
            None => (Weights::EQUAL, None),
        };
        let weights = match &self.weighed {
            Some(Weighed { even_in: EvenIn::Tokens, .. }) => {
                let count = |row: u64| tokens.and_then(|counts| counts[row as usize]);
                weights.even_in_tokens(members, count, monitor)?
            }
            _ => weights,
        };
        let sampler = sampler(members, weights)?;
        let topics = match &mut compared {
            Some(compared) if counts => Some(compared.topics(members.sizes(), &sampler, monitor)?),
            _ => known.flatten(),
        };
        Ok(Weighted { sampler, topics, groups })
    }

    /// Whether the centroids say how many topics an order has.
    fn tells_topics(&self, members: &Members) -> bool {
        let n_clusters = members.sizes().iter().filter(|&&size| size > 0).count() as u64;
        self.basis.geometry() == Geometry::Meaning && n_clusters <= MAX_DENSITY_CLUSTERS
    }

    /// The weights that a file lists.
    fn listed(&self, members: &Members) -> Result<Option<Weights>> {
        let Some(listed) = &self.listed else { return Ok(None) };
        let names = match &self.basis {
            Basis::Labels { names, .. } => names.as_deref(),
            Basis::Compared { .. } => None,
        };
        let weights = listed.weights(members.sizes(), self.basis.n_clusters(), names);
        weights.map(Some).within(|| Param::Weights)
    }
}

/// An order with weights.
pub struct Weighted {
    /// The order.
    pub sampler: Sampler,
    /// How many topics it has, where that can be told.
    pub topics: Option<Topics>,
    /// The groups of clusters that its weights are by, if they are.
    pub groups: Option<Groups>,
}

/// Reads the file of weights that is named, before anything that it may spoil.
///
/// # Errors
/// What is wrong with it; clips of clusters with a strategy that has none to choose.
pub fn listed(
    weighting: &Weighting,
    strategy: Strategy,
    monitor: &Monitor<'_>,
) -> Result<Option<WeightsFile>> {
    let Some(WeightsFrom::File(path)) = &weighting.from else { return Ok(None) };
    let listed = WeightsFile::read(path, monitor).within(|| Param::Weights)?;
    if listed.has_clips() && !matches!(strategy, Strategy::ClusterClip | Strategy::Unimax) {
        return Err(SamplerError::ClipsNotApplicable { strategy }.into());
    }
    Ok(Some(listed))
}
