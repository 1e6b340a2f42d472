//! Which weights an order has, from what a stage has: sizes, centroids, similarities, token counts, or a list.

use std::path::PathBuf;

use clusterclip_core::error::Param;
use clusterclip_core::kmeans::Centroids;
use clusterclip_core::monitor::Monitor;
use clusterclip_core::named;
use clusterclip_core::sampler::{
    Budget, DENSITY_TEMPERATURE, EvenIn, ListedWeight, Members, Options, SIZE_TEMPERATURE, Sampler,
    SamplerError, Strategy, Temperature, WeightRule, Weights,
};
use clusterclip_core::topics::{DEFAULT_GROUPS, Groups, Kernel, Likeness, MAX_DENSITY_CLUSTERS, Spread};

use crate::error::{Result, SettingsError, Within as _};
use crate::input::labels::WeightsFile;
use crate::settings::{Weighting, WeightsFrom};
use crate::store::{CLUSTERS, OutDir, Request, Results, RowsOf, StageName, Topics, hex};

/// What there is of clusters besides their documents.
pub enum Clusters {
    /// Those that a folder has.
    Compared {
        /// What made their rows, where the folder says so.
        rows: Option<RowsOf>,
        /// How many there are.
        n_clusters: usize,
        /// The centroids, and how far their documents are from them, where this is of use.
        found: Option<(Centroids, Spread)>,
    },
    /// Those of a file of labels, or of a folder without centroids.
    Labels {
        /// The file or the folder.
        path: PathBuf,
        /// How many there are.
        n_clusters: usize,
        /// What it calls them, unless by their numbers.
        names: Option<Vec<String>>,
    },
}

impl Clusters {
    /// Those of a folder in which rows were clustered.
    pub fn of(results: &Results, weighting: &Weighting, monitor: &Monitor<'_>) -> Result<Self> {
        let (manifest, path) = (results.manifest(), results.path().to_owned());
        let (rows, n_clusters) = (manifest.rows, manifest.k.unwrap_or(0) as usize);
        let stage = manifest.stages.get(&StageName::Cluster);
        if !stage.is_some_and(|stage| stage.files.contains_key(CLUSTERS)) {
            return Ok(Self::Labels { path, n_clusters, names: None });
        }
        let found = match carry_meaning(rows) || weighting.from.as_ref().is_some_and(compares) {
            true => {
                let labels: Vec<i32> = results.labels()?.into_iter().filter(|&label| label >= 0).collect();
                let spread = Spread::of(&labels, &results.similarities(monitor)?, n_clusters)?;
                Some((results.centroids()?, spread))
            }
            false => None,
        };
        Ok(Self::Compared { rows, n_clusters, found })
    }

    fn n_clusters(&self) -> usize {
        let (Self::Compared { n_clusters, .. } | Self::Labels { n_clusters, .. }) = self;
        *n_clusters
    }
}

/// Whether the geometry of rows comes from outside of the corpus.
fn carry_meaning(rows: Option<RowsOf>) -> bool {
    matches!(rows, Some(RowsOf::Model | RowsOf::Given))
}

/// Whether weights are computed from how alike clusters are.
fn compares(from: &WeightsFrom) -> bool {
    matches!(from, WeightsFrom::Rule(WeightRule::Density | WeightRule::Groups))
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
    fn new(
        weighting: &Weighting,
        strategy: Strategy,
        clusters: &Clusters,
        members: &Members,
    ) -> Result<Option<Self>, SettingsError> {
        if strategy == Strategy::Random {
            return Ok(None);
        }
        let n_clusters = members.sizes().iter().filter(|&&size| size > 0).count() as u64;
        let (from, why) = match &weighting.from {
            Some(from) => (from.clone(), Why::Asked),
            None => {
                let why = why(strategy, clusters, n_clusters);
                let rule = if why == Why::Meaning { WeightRule::Density } else { WeightRule::Equal };
                (WeightsFrom::Rule(rule), why)
            }
        };
        let rule = match from {
            WeightsFrom::Rule(rule) => Some(rule),
            WeightsFrom::File(_) => None,
        };
        if let (Some(rule @ (WeightRule::Density | WeightRule::Groups)), Clusters::Labels { path, .. }) =
            (rule, clusters)
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
fn why(strategy: Strategy, clusters: &Clusters, n_clusters: u64) -> Why {
    let rows = match clusters {
        _ if !matches!(strategy, Strategy::ClusterClip | Strategy::Unimax) => return Why::Strategy,
        Clusters::Labels { .. } => return Why::Labels,
        Clusters::Compared { rows, .. } => *rows,
    };
    match rows {
        None => Why::Unknown,
        Some(RowsOf::Lexical) => Why::Lexical,
        _ if n_clusters > MAX_DENSITY_CLUSTERS => Why::Many,
        _ => Why::Meaning,
    }
}

/// What weights are made of.
pub struct Weighing {
    clusters: Clusters,
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
        clusters: Clusters,
        members: &Members,
        listed: Option<WeightsFile>,
    ) -> Result<Self> {
        let weighed = Weighed::new(weighting, strategy, &clusters, members)?;
        Ok(Self { clusters, listed, weighed })
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

    /// Calls `sampler` with the weights, and counts the topics of the order that it makes, unless `known` says how many
    /// there are.
    pub fn weigh(
        &self,
        members: &Members,
        tokens: Option<&[Option<u32>]>,
        known: Option<Option<Topics>>,
        monitor: &Monitor<'_>,
        sampler: impl FnOnce(Weights) -> Result<Sampler>,
    ) -> Result<(Sampler, Option<Topics>)> {
        let rule = match self.weighed.as_ref().map(|weighed| &weighed.from) {
            Some(WeightsFrom::Rule(rule)) => Some(*rule),
            _ => None,
        };
        let likeness = match &self.clusters {
            Clusters::Compared { found: Some((centroids, _)), .. } => {
                Some(Likeness::new(centroids, members.sizes())?)
            }
            _ => None,
        };
        let counts = known.is_none() && self.tells_topics(members);
        let kernel = match &likeness {
            Some(likeness) if counts || rule == Some(WeightRule::Density) => {
                Some(Kernel::new(likeness, monitor)?)
            }
            _ => None,
        };
        let weights = self.weights(members, likeness.as_ref(), kernel.as_ref(), monitor)?;
        let weights = match &self.weighed {
            Some(Weighed { even_in: EvenIn::Tokens, .. }) => {
                let count = |row: u64| tokens.and_then(|counts| counts[row as usize]);
                weights.even_in_tokens(members, count, monitor)?
            }
            _ => weights,
        };
        let sampler = sampler(weights)?;
        let topics = match &kernel {
            Some(kernel) if counts => Some(topics(kernel, members, &sampler, monitor)?),
            _ => known.flatten(),
        };
        Ok((sampler, topics))
    }

    /// Whether the centroids say how many topics an order has.
    fn tells_topics(&self, members: &Members) -> bool {
        let meaning = matches!(self.clusters, Clusters::Compared { rows, .. } if carry_meaning(rows));
        meaning && members.sizes().len() as u64 <= MAX_DENSITY_CLUSTERS
    }

    fn weights(
        &self,
        members: &Members,
        likeness: Option<&Likeness>,
        kernel: Option<&Kernel<'_>>,
        monitor: &Monitor<'_>,
    ) -> Result<Weights> {
        let Some(weighed) = &self.weighed else { return Ok(Weights::EQUAL) };
        if let Some(listed) = &self.listed {
            let names = match &self.clusters {
                Clusters::Labels { names, .. } => names.as_deref(),
                Clusters::Compared { .. } => None,
            };
            let weights = listed.weights(members.sizes(), self.clusters.n_clusters(), names);
            return weights.within(|| Param::Weights);
        }
        let temperature = weighed.temperature.unwrap_or(DENSITY_TEMPERATURE);
        Ok(match (&weighed.from, &self.clusters, likeness, kernel) {
            (WeightsFrom::Rule(WeightRule::Size), ..) => Weights::by_size(members.sizes(), temperature),
            (
                WeightsFrom::Rule(WeightRule::Density),
                Clusters::Compared { found: Some((_, spread)), .. },
                _,
                Some(kernel),
            ) => kernel.weights(spread, temperature, monitor)?,
            (WeightsFrom::Rule(WeightRule::Groups), _, Some(likeness), _) => {
                Groups::new(likeness, weighed.groups, monitor)?.weights()
            }
            _ => Weights::EQUAL,
        })
    }
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

/// Says that an order is wanted, which must not be written over the file of its weights.
pub fn refuse_listed(out: &mut OutDir, listed: Option<&WeightsFile>) -> Result<()> {
    out.want(&[StageName::Sample])?;
    Ok(out.refuse_inputs(Some(Param::Weights), listed.map(WeightsFile::path))?)
}

/// How many topics an order has, beside random and equal weights at the same length.
fn topics(
    kernel: &Kernel<'_>,
    members: &Members,
    sampler: &Sampler,
    monitor: &Monitor<'_>,
) -> Result<Topics> {
    let sizes = members.sizes();
    let random: Vec<f64> = sizes.iter().map(|&size| size as f64).collect();
    let order = draws(sampler, sizes.len());
    let equal = equal(sampler, sizes).map(|sampler| draws(&sampler, sizes.len()));
    let all: Vec<&[f64]> =
        [Some(&random), Some(&order), equal.as_ref()].into_iter().flatten().map(|draws| &**draws).collect();
    let found = kernel.effective_topics(&all, monitor)?;
    Ok(Topics { equal: found.get(2).copied(), order: found[1], random: found[0] })
}

/// The draws of each cluster.
fn draws(sampler: &Sampler, n_clusters: usize) -> Vec<f64> {
    let mut draws = vec![0.0; n_clusters];
    for cluster in sampler.exposure().clusters {
        draws[cluster.cluster as usize] = cluster.draws;
    }
    draws
}

/// The same order with equal weights, for clusters that weights of 0 leave out too; `None` for random.
fn equal(sampler: &Sampler, sizes: &[u64]) -> Option<Sampler> {
    let options = sampler.options();
    if options.strategy == Strategy::Random {
        return None;
    }
    let weights = &options.weights;
    let row =
        |cluster: usize| ListedWeight { cluster: cluster as u64, weight: 1.0, clip: weights.clip(cluster) };
    let weights = match weights.has_clips() {
        true => Weights::listed(sizes, &(0..sizes.len()).map(row).collect::<Vec<_>>()).ok()?,
        false => Weights::EQUAL,
    };
    Sampler::new(sizes, Options { weights, budget: Budget::Documents(sampler.len()), ..options.clone() }).ok()
}
