//! Token budgets, which are turned into a number of documents by walking the order.

use std::cell::Cell;

use super::{
    Budget, Choice, Draw, Draws, MAX_BUDGET, Members, Options, Sampler, SamplerError, Strategy, Weights,
    WhenExhausted,
};
use crate::monitor::{Event, Monitor, Stage};

/// Draws or rows between two looks at the cancel flag: some milliseconds' work.
const BLOCK: usize = 1 << 17;

/// Says how many draws it takes until their token counts reach `tokens`; put that in
/// [`super::Budget::Documents`]. `options.budget` is ignored. With s2g the g2s order is walked; its reverse has
/// that length. `counts` gives the tokens of a document row, `None` where they are not known.
///
/// Far beyond the data only the last stretch is walked: at most one draw for each document, or one round. With
/// independent choice that is so from the clip on; what comes before it is walked whole. With unimax the order of
/// cluster-clip is walked: both draw about as many tokens within that length.
///
/// ```
/// use clusterclip_core::monitor::Monitor;
/// use clusterclip_core::sampler::{Members, Options, documents_for_tokens};
/// let members = Members::from_labels(&[0, 1, 1, 1, 2, 2, 2, 2, 2])?;
/// let options = Options { clip: Some(2), ..Options::default() };
/// // The order begins with rows 0 1 5: 10 + 11 + 15 tokens.
/// let draws = documents_for_tokens(&members, &options, 22, |row| Some(10 + row as u32), &Monitor::silent())?;
/// assert_eq!(draws, 3);
/// # Ok::<(), clusterclip_core::sampler::SamplerError>(())
/// ```
///
/// # Errors
/// No tokens asked for; a clustered row without a count (named, the first); all counts zero; more tokens than
/// the clip allows (named); more than 2^48 draws; options that do not go together; cancelled.
pub fn documents_for_tokens(
    members: &Members,
    options: &Options,
    tokens: u64,
    counts: impl Fn(u64) -> Option<u32>,
    monitor: &Monitor<'_>,
) -> Result<u64, SamplerError> {
    let clip = options.effective_clip()?;
    if tokens == 0 {
        return Err(SamplerError::TokensEmpty);
    }
    options.weights.check_shape(members.sizes())?;
    let most = Cell::new(0);
    let noted = |row| counts(row).inspect(|&count| most.set(count.max(most.get())));
    let missing = |row| SamplerError::TokensMissing { row };
    let totals = cluster_tokens(members, &options.weights, noted, missing, monitor)?;
    // At most 2^40 counts of 2^32.
    let total: u128 = totals.iter().sum();
    let takes_part = |&(cluster, _): &(usize, &u64)| options.weights.get(cluster) > 0.0;
    let sizes = || members.sizes().iter().enumerate().filter(takes_part);
    let documents: u64 = sizes().map(|(_, size)| size).sum();
    if documents > 0 && total == 0 {
        return Err(SamplerError::TokensAllZero { documents });
    }
    let clip_of = |cluster| options.weights.clip(cluster).or(clip).map_or(0, u128::from);
    // The draws and the tokens up to the clips.
    let limit: u128 = sizes().map(|(cluster, &size)| clip_of(cluster) * u128::from(size)).sum();
    let clipped = sizes().map(|(cluster, _)| clip_of(cluster) * totals[cluster]).sum();
    let ends = clip.is_some() && options.when_exhausted == WhenExhausted::Error;
    if ends && documents > 0 && u128::from(tokens) > clipped {
        let (strategy, clip) = (options.strategy, clip.filter(|_| !options.weights.has_clips()));
        return Err(SamplerError::TokensOverClip { tokens, limit: clipped, documents, clip, strategy });
    }
    let mut walked = options.clone();
    walked.strategy = match options.strategy {
        Strategy::SpecificToGeneral => Strategy::GeneralToSpecific,
        Strategy::Unimax => Strategy::ClusterClip,
        strategy => strategy,
    };
    // Where there is nothing to draw, the sampler says so.
    let longest = if ends { limit.clamp(1, MAX_BUDGET.into()) as u64 } else { MAX_BUDGET };
    walked.budget = Budget::Documents(longest);
    let sampler = Sampler::new(members.sizes(), walked)?;
    if u128::from(tokens) > u128::from(MAX_BUDGET) * u128::from(most.get()) {
        return Err(SamplerError::TokensOverLimit { tokens });
    }
    monitor.emit(Event::Started { stage: Stage::Sample, total: Some(tokens), unit: "tokens" });
    let walk = Walk { sampler: &sampler, members, tokens: tokens.into(), totals, counts, monitor };
    let (draws, reached) = walk.skip(total, limit, clipped)?;
    let draws = walk.walk(draws, reached)?.ok_or(SamplerError::TokensOverLimit { tokens })?;
    monitor.emit(Event::Finished { stage: Stage::Sample });
    Ok(draws)
}

/// The tokens of each cluster's documents, by its index; 0 for clusters of weight 0, which take no part.
///
/// # Errors
/// What `missing` makes of the first row without a count; cancelled.
pub(super) fn cluster_tokens(
    members: &Members,
    weights: &Weights,
    counts: impl Fn(u64) -> Option<u32>,
    missing: impl Fn(u64) -> SamplerError,
    monitor: &Monitor<'_>,
) -> Result<Vec<u128>, SamplerError> {
    let mut totals = vec![0u128; members.sizes().len()];
    let mut first_missing: Option<u64> = None;
    let mut until_check = 0;
    for (cluster, total) in totals.iter_mut().enumerate().filter(|(cluster, _)| weights.get(*cluster) > 0.0) {
        for row in members.rows_of(cluster) {
            match counts(row) {
                Some(count) => *total += u128::from(count),
                None => first_missing = Some(first_missing.map_or(row, |first| first.min(row))),
            }
            if until_check == 0 {
                monitor.check()?;
                until_check = BLOCK;
            }
            until_check -= 1;
        }
    }
    first_missing.map_or(Ok(totals), |row| Err(missing(row)))
}

struct Walk<'a, F> {
    sampler: &'a Sampler,
    members: &'a Members,
    tokens: u128,
    /// The tokens of each cluster, by its index.
    totals: Vec<u128>,
    counts: F,
    monitor: &'a Monitor<'a>,
}

impl<F: Fn(u64) -> Option<u32>> Walk<'_, F> {
    fn count(&self, row: u64) -> Result<u128, SamplerError> {
        Ok((self.counts)(row).ok_or(SamplerError::TokensMissing { row })?.into())
    }

    /// Finds a position near the end that is not beyond it, and the tokens before it: under `tokens`. `total` is
    /// the sum of all counts; up to the clips there are `limit` draws of `clipped` tokens.
    fn skip(&self, total: u128, limit: u128, clipped: u128) -> Result<(u128, u128), SamplerError> {
        let sampler = self.sampler;
        // Each epoch of `random`, and after the clips each pass, draws every document once more.
        let by_wholes = match sampler.clip {
            None => (sampler.options.strategy == Strategy::Random).then_some(self.tokens - 1),
            Some(_) => (self.tokens - 1).checked_sub(clipped),
        };
        if let Some(beyond) = by_wholes {
            let whole = beyond / total;
            return Ok((limit + whole * u128::from(sampler.layout.documents), clipped + whole * total));
        }
        match sampler.options.choice {
            Choice::Stratified => self.skip_rounds(),
            Choice::Independent => Ok((0, 0)),
        }
    }

    /// Skips whole rounds.
    fn skip_rounds(&self) -> Result<(u128, u128), SamplerError> {
        let sampler = self.sampler;
        let layout = &sampler.layout;
        let totals: Vec<u128> =
            layout.sorted.iter().map(|entry| self.totals[entry.cluster as usize]).collect();
        // How often a cluster was drawn before a round, and the first round after the order or the clips.
        let drawn = |i: usize, round: u128| match &sampler.weighted {
            Some(weighted) => weighted.main.lanes[i].drawn(round),
            // At most 2^48 + 1 where there is no clip.
            None => sampler
                .clip
                .map_or(round as u64, |clip| round.min((clip * layout.sorted[i].size).into()) as u64),
        };
        let end = match (&sampler.weighted, sampler.clip) {
            (Some(weighted), _) => {
                weighted.main.round(weighted.main.draws.min(sampler.len.into()) - 1).time + 1
            }
            (None, Some(clip)) => u128::from(clip * layout.largest()),
            (None, None) => u128::from(sampler.len / layout.n_clusters() + 1),
        };
        let draws = |round| (0..totals.len()).map(|i| u128::from(drawn(i, round))).sum::<u128>();
        // The tokens of the rounds before `round`, with those of the clusters' unfinished epochs counted by `rest`.
        let before = |round, rest: &dyn Fn(usize, u64) -> Result<u128, SamplerError>| {
            self.monitor.check()?;
            let mut sum = 0;
            for (i, (entry, total)) in layout.sorted.iter().zip(&totals).enumerate() {
                let drawn = drawn(i, round);
                sum += u128::from(drawn / entry.size) * total;
                if drawn % entry.size > 0 {
                    sum += rest(i, drawn)?;
                }
            }
            Ok::<u128, SamplerError>(sum)
        };
        let exact = |round| {
            before(round, &|i, drawn| {
                let entry = &layout.sorted[i];
                let (key, place, _) = entry.pick(drawn, 0);
                self.first_members(entry.cluster, place, |i| sampler.member(key, entry.size, i))
            })
        };
        // The round before which the tokens are reached lies after `low`, and at `high` or before.
        let (mut low, mut high) = (0, end);
        // An exact sum costs about as much as a draw for each document: less is walked.
        while high - low > 1 && draws(high) - draws(low) > layout.documents.into() {
            let middle = low + (high - low) / 2;
            let reached = before(middle, &|_, _| Ok(0))? >= self.tokens
                || (before(middle, &|i, _| Ok(totals[i]))? >= self.tokens && exact(middle)? >= self.tokens);
            if reached {
                high = middle;
            } else {
                low = middle;
            }
        }
        Ok((draws(low), exact(low)?))
    }

    /// The tokens of the members `member(0)` to `member(len − 1)` of a cluster.
    fn first_members(
        &self,
        cluster: u32,
        len: u64,
        member: impl Fn(u64) -> u64,
    ) -> Result<u128, SamplerError> {
        let mut sum = 0;
        for i in 0..len {
            let draw = Draw { cluster: Some(cluster), member: member(i), repetition: 1 };
            sum += self.count(self.members.row(&draw))?;
            if i % BLOCK as u64 == 0 {
                self.monitor.check()?;
            }
        }
        Ok(sum)
    }

    /// Walks on from a position, before which `reached` tokens lie; `None` where the order ends first.
    fn walk(&self, position: u128, mut reached: u128) -> Result<Option<u64>, SamplerError> {
        let Some(mut walked) = u64::try_from(position).ok().filter(|&position| position < self.sampler.len)
        else {
            return Ok(None);
        };
        // With independent choice only whole repetitions of all documents are skipped.
        let sampler = self.sampler;
        let counters = (sampler.options.choice == Choice::Independent).then(|| {
            let passes = sampler.passes(walked);
            let repetitions = |rank| match passes.checked_sub(1) {
                Some(pass) => sampler.share(rank).clip.unwrap_or(0) + pass,
                None => 0,
            };
            let entries = sampler.layout.by_rank().into_iter();
            entries.map(|entry| repetitions(entry.rank) * entry.size).collect::<Vec<_>>()
        });
        let mut order = Draws::new(self.sampler, walked, counters.as_deref());
        let mut rows = vec![0; BLOCK];
        loop {
            self.monitor.check()?;
            // More draws than tokens are left are wanted only where counts are zero.
            let ahead = (self.tokens - reached).clamp(1 << 10, BLOCK as u128) as usize;
            let count = order.fill_rows(self.members, &mut rows[..ahead]);
            if count == 0 {
                return Ok(None);
            }
            for &row in &rows[..count] {
                reached += self.count(row)?;
                walked += 1;
                if reached >= self.tokens {
                    return Ok(Some(walked));
                }
            }
            // Under `tokens`, which is a u64.
            self.monitor.emit(Event::Progress { stage: Stage::Sample, done: reached as u64 });
        }
    }
}
