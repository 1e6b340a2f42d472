//! Token budgets, which are turned into a number of documents by walking the order.

use super::{
    Budget, Choice, Draw, Draws, MAX_BUDGET, Members, Options, Sampler, SamplerError, Strategy, WhenExhausted,
};
use crate::keys::Permutation;
use crate::monitor::{Event, Monitor, Stage};

/// Draws or rows between two looks at the cancel flag: some milliseconds' work.
const BLOCK: usize = 1 << 17;

/// Says how many draws it takes until their token counts reach `tokens`; put that in
/// [`super::Budget::Documents`]. `options.budget` is ignored. With s2g the g2s order is walked; its reverse has
/// that length. `counts` gives the tokens of a document row, `None` where they are not known.
///
/// Far beyond the data only the last stretch is walked: at most one draw for each document, or one round. With
/// independent choice that is so from the clip on; what comes before it is walked whole.
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
    let documents = members.n_documents();
    // At most 2^40 counts of 2^32.
    let (mut total, mut most) = (0u128, 0);
    for (i, row) in members.clustered_rows().enumerate() {
        let count = counts(row).ok_or(SamplerError::TokensMissing { row })?;
        total += u128::from(count);
        most = most.max(count);
        if i % BLOCK == 0 {
            monitor.check()?;
        }
    }
    if documents > 0 && total == 0 {
        return Err(SamplerError::TokensAllZero { documents });
    }
    let ends = clip.filter(|_| options.when_exhausted == WhenExhausted::Error);
    if let Some(clip) = ends {
        let limit = u128::from(clip) * total;
        if documents > 0 && u128::from(tokens) > limit {
            let strategy = options.strategy;
            return Err(SamplerError::TokensOverClip { tokens, limit, documents, clip, strategy });
        }
    }
    let mut walked = options.clone();
    if options.strategy == Strategy::SpecificToGeneral {
        walked.strategy = Strategy::GeneralToSpecific;
    }
    // Where there is nothing to draw, the sampler says so.
    let longest = ends.map_or(MAX_BUDGET, |clip| clip.saturating_mul(documents.max(1)).min(MAX_BUDGET));
    walked.budget = Budget::Documents(longest);
    let sampler = Sampler::new(members.sizes(), walked)?;
    if u128::from(tokens) > u128::from(MAX_BUDGET) * u128::from(most) {
        return Err(SamplerError::TokensOverLimit { tokens });
    }
    monitor.emit(Event::Started { stage: Stage::Sample, total: Some(tokens), unit: "tokens" });
    let walk = Walk { sampler: &sampler, members, tokens: tokens.into(), counts, monitor };
    let (draws, reached) = walk.skip(total)?;
    let draws = walk.walk(draws, reached)?.ok_or(SamplerError::TokensOverLimit { tokens })?;
    monitor.emit(Event::Finished { stage: Stage::Sample });
    Ok(draws)
}

struct Walk<'a, F> {
    sampler: &'a Sampler,
    members: &'a Members,
    tokens: u128,
    counts: F,
    monitor: &'a Monitor<'a>,
}

impl<F: Fn(u64) -> Option<u32>> Walk<'_, F> {
    fn count(&self, row: u64) -> Result<u128, SamplerError> {
        Ok((self.counts)(row).ok_or(SamplerError::TokensMissing { row })?.into())
    }

    /// Finds a position near the end that is not beyond it, and the tokens before it: under `tokens`. `total` is
    /// the sum of all counts.
    fn skip(&self, total: u128) -> Result<(u128, u128), SamplerError> {
        // Each epoch of `random`, and after the clip each pass, draws every document once more.
        let whole = (self.tokens - 1) / total;
        let by_wholes = match self.sampler.clip {
            None => self.sampler.options.strategy == Strategy::Random,
            Some(clip) => whole >= clip.into(),
        };
        if by_wholes {
            return Ok((whole * u128::from(self.sampler.layout.documents), whole * total));
        }
        match self.sampler.options.choice {
            Choice::Stratified => self.skip_rounds(),
            Choice::Independent => Ok((0, 0)),
        }
    }

    /// Skips whole rounds: after t of them a cluster has been drawn t times, or clip · size times.
    fn skip_rounds(&self) -> Result<(u128, u128), SamplerError> {
        let layout = &self.sampler.layout;
        let totals = layout.sorted.iter().map(|entry| self.first_members(entry.cluster, entry.size, |i| i));
        let totals = totals.collect::<Result<Vec<u128>, _>>()?;
        let drawn = |round: u64, size| self.sampler.clip.map_or(round, |clip| round.min(clip * size));
        // The tokens of the rounds before `round`, with those of the clusters' unfinished epochs counted by `rest`.
        let before = |round: u64, rest: &dyn Fn(usize, u64) -> Result<u128, SamplerError>| {
            self.monitor.check()?;
            let mut sum = 0;
            for (i, (entry, total)) in layout.sorted.iter().zip(&totals).enumerate() {
                let drawn = drawn(round, entry.size);
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
                let epoch = Permutation::new(key, entry.size);
                self.first_members(entry.cluster, place, |i| epoch.at(i))
            })
        };
        // The round before which the tokens are reached lies after `low`, and at `high` or before.
        let end = self.sampler.len / layout.n_clusters() + 1;
        let (mut low, mut high) = (0, self.sampler.clip.map_or(end, |clip| clip * layout.largest()));
        // An exact sum costs about as much as a draw for each document: less is walked.
        while u128::from(high - low) * u128::from(layout.n_clusters()) > layout.documents.into() {
            let middle = low + (high - low) / 2;
            let reached = before(middle, &|_, _| Ok(0))? >= self.tokens
                || (before(middle, &|i, _| Ok(totals[i]))? >= self.tokens && exact(middle)? >= self.tokens);
            if reached {
                high = middle;
            } else {
                low = middle;
            }
        }
        let draws = layout.sorted.iter().map(|entry| u128::from(drawn(low, entry.size))).sum();
        Ok((draws, exact(low)?))
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
        let repetitions = walked / self.sampler.layout.documents;
        let independent = self.sampler.options.choice == Choice::Independent;
        let counters = independent.then(|| {
            let sizes = self.members.sizes().iter().filter(|&&size| size > 0);
            sizes.map(|size| repetitions * size).collect::<Vec<_>>()
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
