//! Labels become an order: `order.npy`, and how often it draws each cluster: `exposure.parquet`.

use clusterclip_core::error::{Param, described};
use clusterclip_core::monitor::{Event, Stage};
use clusterclip_core::sampler::{
    Budget, Draw, Draws, EvenIn, Members, ORDER_VERSION, Options, Rank, Sampler, SamplerError, Strategy,
    Within, documents_for_tokens,
};
use clusterclip_core::weighing::{Topics, Weighed};

use super::Work;
use super::weights::{Weighing, Weighted};
use crate::error::Result;
use crate::human::counted;
use crate::settings::{Length, SampleSettings};
use crate::store::{
    Decision, EXPOSURE, FILE_OF_LABELS, Facts, NpyWriter, ORDER, OutDir, Parameters, Request, StageKey,
    StageName, StageTimer, write_exposure,
};

/// Rows that are drawn at a time, on all cores: 2 MiB, some milliseconds between two looks at the cancel flag.
const BLOCK: usize = 1 << 18;

/// What an order is made of.
pub struct Source<'a> {
    /// The documents of each cluster; they are sorted by score where the order takes them so.
    pub members: &'a mut Members,
    /// Where they come from.
    pub origin: Origin,
    /// Tokens of each cluster's documents, where all are known: to weigh the exposure.
    pub by_cluster: Option<Vec<u64>>,
    /// The token count of each row: for a budget in tokens, and weights that are even in them.
    pub tokens: Option<&'a [Option<u32>]>,
    /// The score of each row, where clusters are drawn by it.
    pub scores: Option<&'a [Option<f64>]>,
}

/// Where labels come from.
pub enum Origin {
    /// A stage before this one.
    Stage(StageKey),
    /// Stages of several folders, whose documents are numbered one folder after the other.
    Stages {
        /// Of the first folder.
        first: StageKey,
        /// Of the others.
        joined: Vec<StageKey>,
        /// What there is to know of them together.
        warnings: Vec<String>,
    },
    /// A file: its hash, and the options it was read with.
    File {
        /// The hash of its bytes.
        hash: String,
        /// What else decides its labels.
        parameters: Parameters,
        /// What reading it gave rise to.
        warnings: Vec<String>,
    },
}

/// The finished stage.
pub struct Sampled {
    /// The order, at any position.
    pub sampler: Sampler,
    /// Which weights it has; `None` for random.
    pub weighed: Option<Weighed>,
    /// How many topics it has, where that can be told.
    pub topics: Option<Topics>,
    /// Tokens of each cluster's documents, where all are known.
    pub tokens: Option<Vec<u64>>,
    /// Positions in `order.npy`: all, or one trainer's.
    pub positions: u64,
    /// The key under which the results are kept.
    pub key: StageKey,
    /// Whether the results were there already.
    pub reused: bool,
}

impl SampleSettings {
    /// What needs the token counts of documents, if anything.
    pub fn needs_tokens(&self) -> Option<Param> {
        match (self.length, self.weighting.even_in) {
            (Length::Tokens(_), _) => Some(Param::Tokens),
            (_, EvenIn::Tokens) => Some(Param::EvenIn),
            _ => None,
        }
    }

    /// Checks settings together, whatever there is to sample.
    ///
    /// # Errors
    /// Options or weights that do not go together.
    pub fn check(&self) -> Result<()> {
        let strategy = self.options.strategy;
        self.options.effective_clip()?;
        if self.within == Within::Score && strategy == Strategy::Random {
            return Err(SamplerError::ScoresNotApplicable { strategy }.into());
        }
        Ok(self.weighting.check(strategy)?)
    }

    /// The draws that `order.npy` holds.
    pub fn draws<'a>(&self, sampler: &'a Sampler) -> Draws<'a> {
        match self.rank {
            Some(rank) => sampler.rank(rank),
            None => sampler.iter(),
        }
    }

    /// What changes the bytes of `order.npy`, defaults resolved.
    fn parameters(&self, from: Parameters) -> Result<Parameters> {
        let Options { strategy, choice, when_exhausted, seed, .. } = self.options;
        let (epochs, documents, tokens) = match self.length {
            Length::Draws(Budget::Epochs(epochs)) => (Some(epochs.to_string()), None, None),
            Length::Draws(Budget::Documents(documents)) => (None, Some(documents), None),
            Length::Tokens(tokens) => (None, None, Some(tokens)),
        };
        Ok(from
            .with("strategy", strategy.name())
            .with("choice", choice.name())
            .with("clip", self.options.effective_clip()?)
            .with("when-exhausted", when_exhausted.name())
            .with("seed", seed)
            .with("within", self.within.name())
            .with("epochs", epochs)
            .with("documents", documents)
            .with("tokens", tokens)
            .with("rank", self.rank.map(|rank| rank.rank()))
            .with("world-size", self.rank.map(|rank| rank.world_size()))
            .with("drop-last", self.rank.is_some_and(|rank| rank.drop_last())))
    }
}

/// Sums the tokens of each cluster's documents; `None` where one has no count.
pub fn by_cluster(members: &Members, tokens: &[Option<u32>]) -> Option<Vec<u64>> {
    let sum = |(cluster, &size): (usize, &u64)| -> Option<u64> {
        let draw = |member| Draw { cluster: Some(cluster as u32), member, repetition: 1 };
        (0..size).map(|member| tokens[members.row(&draw(member)) as usize].map(u64::from)).sum()
    };
    members.sizes().iter().enumerate().map(sum).collect()
}

/// Makes the order of `source` with the weights of `weighing`, or finds it.
pub fn sample(
    work: Work<'_>,
    out: &mut OutDir,
    source: Source<'_>,
    settings: &SampleSettings,
    weighing: Weighing,
) -> Result<Sampled> {
    let Source { members, origin, by_cluster, tokens, scores } = source;
    let request = Request::new(StageName::Sample, ORDER_VERSION);
    let (request, mut warnings) = match origin {
        Origin::Stage(key) => {
            (request.from(key).parameters(settings.parameters(Parameters::new())?), Vec::new())
        }
        Origin::Stages { first, joined, warnings } => {
            let mut request = request.from(first).parameters(settings.parameters(Parameters::new())?);
            for (number, key) in (1..).zip(&joined) {
                request = request.input(&format!("joined/{number}"), &key.to_string());
            }
            (request, warnings)
        }
        Origin::File { hash, parameters, warnings } => {
            (request.input(FILE_OF_LABELS, &hash).parameters(settings.parameters(parameters)?), warnings)
        }
    };
    let request = weighing.list(request);
    let decision = out.decide(&request, work.monitor)?;
    let known = (decision == Decision::Reuse).then(|| out.results().manifest().topics);
    let made = weighing.weigh(members, tokens, known, work.monitor, |members, weights| {
        let scores = scores.map(|scores| members.sort_by_score(scores, &weights)).transpose()?;
        let options = Options { weights, scores, ..settings.options.clone() };
        sampler(work, members, options, settings.length, tokens)
    })?;
    let (Weighted { sampler, topics, groups }, weighed) = (made, weighing.weighed);
    warnings.extend(sampler.warnings().iter().map(|warning| warning.said(described)));
    let mut draws = settings.draws(&sampler);
    let positions = draws.remaining();
    warnings.extend(settings.rank.filter(|_| positions == 0).map(|rank| nothing(rank, sampler.len())));
    let warnings = work.warn(warnings);
    let key = request.key();
    if decision == Decision::Reuse {
        work.reused(out, StageName::Sample);
        return Ok(Sampled { sampler, weighed, topics, tokens: by_cluster, positions, key, reused: true });
    }

    let timer = StageTimer::start();
    let begin = Event::Started { stage: Stage::Sample, total: Some(positions), unit: "positions" };
    work.monitor.emit(begin);
    let mut order = NpyWriter::<u64>::new(out.create(ORDER)?, &[positions])?;
    let mut rows = vec![0u64; BLOCK];
    let mut done = 0;
    loop {
        work.monitor.check()?;
        let drawn = draws.fill_rows(members, &mut rows);
        if drawn == 0 {
            break;
        }
        order.write(&rows[..drawn])?;
        done += drawn as u64;
        work.monitor.emit(Event::Progress { stage: Stage::Sample, done });
    }
    let facts = Facts::Sampled { positions, topics };
    let group = |cluster: u32| groups.as_ref()?.of(cluster as usize);
    // There are at most 2^32 − 1 clusters.
    let n_clusters = members.sizes().len() as u32;
    let file = out.create(EXPOSURE)?;
    let exposure = write_exposure(file, &sampler.exposure(), n_clusters, group, work.monitor)?;
    work.commit(out, &request, vec![order.finish()?, exposure], facts, warnings, timer)?;
    work.monitor.emit(Event::Finished { stage: Stage::Sample });
    drop(draws);
    Ok(Sampled { sampler, weighed, topics, tokens: by_cluster, positions, key, reused: false })
}

/// Says that a trainer gets no position of an order of `len`.
fn nothing(rank: Rank, len: u64) -> String {
    let (drop_last, rank, world_size) = (rank.drop_last(), rank.rank(), rank.world_size());
    let dropped = match drop_last && len % world_size > rank {
        true => format!(", once {} has cut it", described(Param::DropLast)),
        false => String::new(),
    };
    format!(
        "{} {rank} of {} {world_size}: order.npy is empty, because the order of {} has none for this \
         rank{dropped}",
        described(Param::Rank),
        described(Param::WorldSize),
        counted(len, "position")
    )
}

/// Settles the length of the order and makes its sampler.
fn sampler(
    work: Work<'_>,
    members: &Members,
    mut options: Options,
    length: Length,
    tokens: Option<&[Option<u32>]>,
) -> Result<Sampler> {
    options.budget = match length {
        Length::Draws(budget) => budget,
        Length::Tokens(budget) => {
            let count = |row: u64| tokens.and_then(|counts| counts[row as usize]);
            Budget::Documents(documents_for_tokens(members, &options, budget, count, work.monitor)?)
        }
    };
    Ok(Sampler::new(members.sizes(), options)?)
}
