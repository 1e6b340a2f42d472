//! A small state to go on from.

use serde::{Deserialize, Serialize};

use super::members::ScoreOrder;
use super::shares::Share;
use super::weights::UNIT;
use super::{Choice, ORDER_VERSION, Options, Sampler, SamplerError, Strategy};
use crate::keys::{hash, mix};

/// Where a walk was: enough for the same sampler, made anew, to go on. All numbers stay under 2^53, so that
/// JSON keeps them everywhere.
///
/// ```
/// use clusterclip_core::sampler::{Options, Sampler};
/// let sampler = Sampler::new(&[1, 3, 5], Options::default())?;
/// let mut walk = sampler.iter();
/// let first: Vec<_> = walk.by_ref().take(4).collect();
/// let state = walk.state();
/// assert_eq!(state.position, 4);
/// assert_eq!(first.into_iter().chain(sampler.resume(&state)?).collect::<Vec<_>>(), sampler.iter().collect::<Vec<_>>());
/// # Ok::<(), clusterclip_core::sampler::SamplerError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// The order version, [`super::ORDER_VERSION`].
    pub version: String,
    /// The sampler's fingerprint: a hash of sizes and options, as 16 hexadecimal digits.
    pub sampler: String,
    /// The next position to read.
    pub position: u64,
    /// With [`super::Choice::Independent`], draws so far of each non-empty cluster in index order; else empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub counters: Vec<u64>,
}

impl State {
    pub(super) fn new(sampler: &Sampler, position: u64, counters: Vec<u64>) -> Self {
        Self { version: ORDER_VERSION.to_owned(), sampler: name(sampler), position, counters }
    }

    /// Checks that the state is one of this sampler.
    pub(super) fn check(&self, sampler: &Sampler) -> Result<(), SamplerError> {
        if self.version != ORDER_VERSION {
            return Err(SamplerError::StateVersion { found: self.version.clone() });
        }
        let expected = name(sampler);
        if self.sampler != expected {
            return Err(SamplerError::StateSampler { found: self.sampler.clone(), expected });
        }
        if self.position > sampler.len {
            return Err(SamplerError::PositionOutOfRange { position: self.position, len: sampler.len });
        }
        self.check_counters(sampler).map_err(|reason| SamplerError::StateCounters { reason })
    }

    fn check_counters(&self, sampler: &Sampler) -> Result<(), String> {
        let clusters = match sampler.options.choice {
            Choice::Stratified => 0,
            Choice::Independent => sampler.layout.sorted.len(),
        };
        if self.counters.len() != clusters {
            return Err(format!("there are {}, this sampler has {clusters}", self.counters.len()));
        }
        if clusters == 0 {
            return Ok(());
        }
        let sum: u128 = self.counters.iter().map(|&count| u128::from(count)).sum();
        if sum != u128::from(self.position) {
            return Err(format!("their sum is {sum}, the position {}", self.position));
        }
        let passes = sampler.passes(self.position);
        for (entry, &count) in sampler.layout.by_rank().into_iter().zip(&self.counters) {
            let Some(clip) = sampler.share(entry.rank).clip else { continue };
            // In pass m from all of the passes before to all of this one.
            let least = if passes > 0 { clip + passes - 1 } else { 0 };
            let range = least * entry.size..=(clip + passes) * entry.size;
            if !range.contains(&count) {
                return Err(format!(
                    "cluster {} has {count} draws at position {}, must have {} to {}",
                    entry.cluster,
                    self.position,
                    range.start(),
                    range.end()
                ));
            }
        }
        Ok(())
    }
}

fn name(sampler: &Sampler) -> String {
    format!("{:016x}", sampler.fingerprint)
}

/// A hash of all that decides the draws at the positions of an order: version, strategy, choice, clip, seed and
/// the sizes that are not 0, and with s2g and unimax the length; of nothing else, so that an order can be prolonged.
/// What section 4 brings is a part of it where there is any: weights, clips by cluster, scores, unimax.
pub(super) fn fingerprint(
    sizes: &[u64],
    options: &Options,
    clip: Option<u64>,
    shares: Option<&[Share]>,
    len: u64,
) -> u64 {
    let strategy = match options.strategy {
        Strategy::ClusterClip => 0,
        Strategy::Uniform => 1,
        Strategy::Random => 2,
        Strategy::GeneralToSpecific => 3,
        Strategy::SpecificToGeneral => 4,
        Strategy::Unimax => 5,
    };
    let choice = match options.choice {
        Choice::Stratified => 0,
        Choice::Independent => 1,
    };
    let depends = matches!(options.strategy, Strategy::SpecificToGeneral | Strategy::Unimax);
    let budget = if depends { len } else { 0 };
    let ranked = sizes.iter().filter(|&&size| size > 0);
    if shares.is_none() && options.scores.is_none() && options.strategy != Strategy::Unimax {
        let start = hash(&[1, strategy, choice, clip.unwrap_or(0), options.seed, budget]);
        return ranked.fold(start, |h, &size| mix(h ^ size));
    }
    let start = hash(&[2, strategy, choice, options.seed, budget]);
    let of_clusters = (0..).zip(ranked).fold(start, |h, (rank, &size): (usize, _)| {
        let share = shares.map_or(Share { weight: UNIT, clip }, |shares| shares[rank]);
        [size, share.weight, share.clip.unwrap_or(0)].iter().fold(h, |h, &word| mix(h ^ word))
    });
    mix(of_clusters ^ options.scores.map_or(0, ScoreOrder::digest))
}
