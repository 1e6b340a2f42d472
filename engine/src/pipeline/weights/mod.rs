//! Which weights an order has, from what a stage has: sizes, centroids, similarities, token counts, or a list.

mod basis;
mod topics;
mod weighed;

pub use basis::Basis;
pub use weighed::{Weighed, Why};

use clusterclip_core::error::Param;
use clusterclip_core::monitor::Monitor;
use clusterclip_core::sampler::{
    DENSITY_TEMPERATURE, EvenIn, Members, SIZE_TEMPERATURE, Sampler, SamplerError, Strategy, Temperature,
    WeightRule, Weights,
};
use clusterclip_core::topics::{Groups, Kernel, Likeness, MAX_DENSITY_CLUSTERS};

use self::basis::carry_meaning;
use crate::error::{Result, Within as _};
use crate::input::labels::WeightsFile;
use crate::settings::{Weighting, WeightsFrom};
use crate::store::{Request, Topics, hex};

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
        let weighed = Weighed::new(weighting, strategy, &basis, members)?;
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
        let rule = match self.weighed.as_ref().map(|weighed| &weighed.from) {
            Some(WeightsFrom::Rule(rule)) => Some(*rule),
            _ => None,
        };
        let counts = known.is_none() && self.tells_topics(members);
        let compares = self.weighed.as_ref().is_some_and(Weighed::compares);
        let likeness = match &self.basis {
            Basis::Compared { found: Some((centroids, _)), .. } if counts || compares => {
                Some(Likeness::new(centroids, members.sizes(), monitor)?)
            }
            _ => None,
        };
        let kernel = match &likeness {
            Some(likeness) if counts || rule == Some(WeightRule::Density) => {
                Some(Kernel::new(likeness, monitor)?)
            }
            _ => None,
        };
        let groups = match (&likeness, &self.weighed) {
            (Some(likeness), Some(weighed)) if rule == Some(WeightRule::Groups) => {
                Some(Groups::new(likeness, weighed.groups, monitor)?)
            }
            _ => None,
        };
        let weights = match &groups {
            Some(groups) => groups.weights(),
            None => self.weights(members, kernel.as_ref(), monitor)?,
        };
        let weights = match &self.weighed {
            Some(Weighed { even_in: EvenIn::Tokens, .. }) => {
                let count = |row: u64| tokens.and_then(|counts| counts[row as usize]);
                weights.even_in_tokens(members, count, monitor)?
            }
            _ => weights,
        };
        let sampler = sampler(members, weights)?;
        let topics = match &kernel {
            Some(kernel) if counts => Some(topics::of(kernel, members, &sampler, monitor)?),
            _ => known.flatten(),
        };
        Ok(Weighted { sampler, topics, groups })
    }

    /// Whether the centroids say how many topics an order has.
    fn tells_topics(&self, members: &Members) -> bool {
        let meaning = matches!(self.basis, Basis::Compared { rows, .. } if carry_meaning(rows));
        meaning && members.sizes().len() as u64 <= MAX_DENSITY_CLUSTERS
    }

    /// Weights that are not by groups.
    fn weights(
        &self,
        members: &Members,
        kernel: Option<&Kernel<'_>>,
        monitor: &Monitor<'_>,
    ) -> Result<Weights> {
        let Some(weighed) = &self.weighed else { return Ok(Weights::EQUAL) };
        if let Some(listed) = &self.listed {
            let names = match &self.basis {
                Basis::Labels { names, .. } => names.as_deref(),
                Basis::Compared { .. } => None,
            };
            let weights = listed.weights(members.sizes(), self.basis.n_clusters(), names);
            return weights.within(|| Param::Weights);
        }
        Ok(match (&weighed.from, &self.basis, kernel) {
            (WeightsFrom::Rule(WeightRule::Size), ..) => {
                Weights::by_size(members.sizes(), weighed.temperature.unwrap_or(SIZE_TEMPERATURE))
            }
            (
                WeightsFrom::Rule(WeightRule::Density),
                Basis::Compared { found: Some((_, spread)), .. },
                Some(kernel),
            ) => kernel.weights(spread, weighed.temperature.unwrap_or(DENSITY_TEMPERATURE), monitor)?,
            _ => Weights::EQUAL,
        })
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
